"""The ℓ1-SVM in the plane: measures and duals, found in floats and in many digits.

Columns (atoms u with a sign) are generated: a linear programme over finitely many atoms gives a
measure and a p, the arrangement of S¹ gives the exact maximum over u for that p, and the arcs where
it exceeds the programme's value give the next atoms. Newton's method, which moves the atoms, saves
most of the rounds.
"""

import math

import numpy as np
from flint import ctx
from jaxtyping import Float, Shaped

from margintheory import rigour
from margintheory.l1svm.programme import linear_programme
from margintheory.refinement.objectives import Linear
from margintheory.refinement.plane import optimum
from margintheory.refinement.vertex import lighter
from margintheory.rigour import Certificate, Dyadic
from margintheory.rigour.digits import ONE, full, leading, power
from margintheory.sphere import plane
from margintheory.sphere.measures import gradients, merge
from margintheory.sphere.plane import Arcs, Summits, in_plane

SPARE = 160  # bits of the vertex step beyond three times those of tol
ROUNDS = 8  # of programmes; where these fail the digits of refinement cost less than more of them
TINY = 1e-13  # a margin, relative to the data, below which floats do not search
PATIENCE = 2  # programmes after which the bracket is no narrower
NEWTON_STEPS = 6  # evaluations after each programme


def search(
    X: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"], tol: float
) -> tuple[Float[np.ndarray, "m d"], Float[np.ndarray, " m"], Float[np.ndarray, " n"]]:
    """Atoms, weights and dual whose bounds in floats are within a factor 1 + tol, if it can."""
    d, arcs = X.shape[1], Arcs.of(in_plane(X))
    X = arcs.X
    atoms, signs = plane.ends(arcs)
    lower, upper, stalled = -np.inf, np.inf, 0
    best, dual = (np.eye(1, 2), np.ones(1)), np.full(len(y), 1 / len(y))
    for _ in range(ROUNDS):
        V = gradients(X, y, atoms, signs)
        solution = linear_programme(V / np.clip(upper, 1e-12, 1))
        if solution is None or (solution[1] @ V).max() <= TINY:  # float64 is exhausted
            break
        a, p = solution
        gamma = (p @ V).max()
        if gamma <= 0:
            break
        before = upper - lower
        keep = (a > 0) | (p @ V > 0.8 * gamma)
        nu = p / gamma
        u, w = merge(X, atoms[a > 0], (signs * a)[a > 0] / gamma)
        pool = [np.column_stack([atoms, signs])[keep]]
        for step in range(NEWTON_STEPS):
            summits = plane.summits(arcs, y * nu)
            greatest = summits.value.max() / nu.sum()
            least = (y * (np.maximum(X @ u.T, 0) @ w)).min() / np.abs(w).sum()
            if least > lower:
                lower, best = least, (u, w)
            if greatest < upper:
                upper, dual = greatest, nu / nu.sum()
            if upper - lower <= tol * upper:
                return best[0][:, :d], best[1], dual
            if step == 0 or greatest == upper:  # where p broke the programme's value
                new = summits.value / nu.sum() > lower
                pool.append(np.column_stack([summits.u[new], summits.sign[new]]))
            u, w, nu = _newton_step(arcs, y, u, w, nu, summits)
            if not w.any() or not nu.any():
                break
        stalled = 0 if upper - lower < before else stalled + 1
        if stalled == PATIENCE:
            break
        columns = np.unique(np.concatenate(pool), axis=0)
        atoms, signs = columns[:, :2], columns[:, 2]
    return best[0][:, :d], best[1], dual


def _newton_step(arcs: Arcs, y, atoms, weights, nu, summits: Summits):
    """A step towards V a = 1 on the points with ν_i > 0 and Vᵀν = 1 on the arcs with atoms.

    The atom of an arc moves with ν, to the summit of ±F on the arc. Points and atoms whose weight
    would turn negative are dropped.
    """
    points, a = nu > 0, np.abs(weights)
    arc = plane.arc_of(arcs, atoms) + np.where(weights > 0, 0, len(arcs.starts))
    active = Summits(*(field[arc] for field in summits))
    V = gradients(arcs.X[points], y[points], active.u, active.sign)
    T = plane.curvatures(arcs.X[points], y[points], active)
    K = np.block([[(T * a) @ T.T, V], [V.T, np.zeros((len(a), len(a)))]])
    residual = np.concatenate([1 - V @ a, 1 - V.T @ nu[points]])
    if not (np.isfinite(K).all() and np.isfinite(residual).all()):  # float64 is exhausted
        return atoms, 0 * weights, nu
    change_nu, change_a = np.split(np.linalg.lstsq(K, residual)[0], [points.sum()])
    a, nu = np.maximum(a + change_a, 0), nu.copy()
    nu[points] = np.maximum(nu[points] + change_nu, 0)
    return active.u[a > 0], (active.sign * a)[a > 0], nu


def refined(
    X: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"], tol: float
) -> Certificate | None:
    """A pair as close as tol, by an interior point method of many digits.

    Of the points on one ray, which have one label, only the nearest matters.
    """
    N, _ = rigour.dyadic(X)
    nearest: dict[tuple[int, ...], tuple[int, int]] = {}
    for i, row in enumerate(N):
        length = math.gcd(*row)
        ray = tuple(row // length)
        nearest[ray] = min(nearest.get(ray, (length, i)), (length, i))
    rows = sorted(i for _, i in nearest.values())
    found = optimum(in_plane(X[rows]), y[rows], Linear(full(len(rows), ONE), True), tol)
    if found is None:
        return None
    atoms, weights = found.atoms.integers[:, : X.shape[1]], found.weights
    if len(atoms) > len(rows):
        atoms, weights = _few(N[rows], atoms, weights, tol)
    dual = np.zeros(len(X), object)
    dual[rows] = found.dual.integers
    return Certificate(
        Dyadic.of(atoms, int(found.atoms.exponent)),
        weights,
        Dyadic.of(dual, int(found.dual.exponent)),
    )


def _few(N: Shaped[np.ndarray, "n d"], atoms: Shaped[np.ndarray, "m d"], weights: Dyadic, tol):
    """At most n of the atoms, with weights whose scores are nearly the same (Lemma B.1)."""
    bits = SPARE - 3 * math.floor(math.log2(tol))
    with ctx.workprec(bits + 64):
        w = lighter(N, atoms, weights.integers, power(-bits))
        kept = np.asarray(w > 0, bool)
        return atoms[kept], leading(w[kept] * np.sign(weights.integers[kept]), bits)
