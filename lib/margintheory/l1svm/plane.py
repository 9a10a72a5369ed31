"""Where to look for the ℓ1-SVM in the plane: measures and duals, found in floats.

Columns (atoms u with a sign) are generated: a linear programme over finitely many atoms gives a
measure and a p, the arrangement of S¹ gives the exact maximum over u for that p, and the arcs where
it exceeds the programme's value give the next atoms. Newton's method, which moves the atoms, saves
most of the rounds.
"""

import numpy as np
from jaxtyping import Float

from margintheory.l1svm.programme import linear_programme
from margintheory.sphere import plane
from margintheory.sphere.plane import Arcs, Summits

ROUNDS = 12  # of programmes; more do not help where these fail
TINY = 1e-13  # a margin, relative to the data, below which floats do not search
NEWTON_STEPS = 6  # evaluations after each programme


def search(
    X: Float[np.ndarray, "n 2"], y: Float[np.ndarray, " n"], tol: float
) -> tuple[Float[np.ndarray, "m 2"], Float[np.ndarray, " m"], Float[np.ndarray, " n"]]:
    """Atoms, weights and dual whose bounds in floats are within a factor 1 + tol, if it can."""
    arcs = plane.arrange(X)
    atoms, signs = plane.ends(arcs)
    lower, upper = -np.inf, np.inf
    best, dual = (np.eye(1, 2), np.ones(1)), np.full(len(y), 1 / len(y))
    for _ in range(ROUNDS):
        V = plane.gradients(X, y, atoms, signs)
        solution = linear_programme(V / np.clip(upper, 1e-12, 1))
        if solution is None or (solution[1] @ V).max() <= TINY:  # float64 is exhausted
            break
        a, p = solution
        gamma = (p @ V).max()
        if gamma <= 0:
            break
        keep = (a > 0) | (p @ V > 0.8 * gamma)
        nu = p / gamma
        u, w = plane.merge(X, atoms[a > 0], (signs * a)[a > 0] / gamma)
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
                return *best, dual
            if step == 0 or greatest == upper:  # where p broke the programme's value
                new = summits.value / nu.sum() > lower
                pool.append(np.column_stack([summits.u[new], summits.sign[new]]))
            u, w, nu = _newton_step(arcs, y, u, w, nu, summits)
            if not w.any() or not nu.any():
                break
        columns = np.unique(np.concatenate(pool), axis=0)
        atoms, signs = columns[:, :2], columns[:, 2]
    return *best, dual


def _newton_step(arcs: Arcs, y, atoms, weights, nu, summits: Summits):
    """A step towards V a = 1 on the points with ν_i > 0 and Vᵀν = 1 on the arcs with atoms.

    The atom of an arc moves with ν, to the summit of ±F on the arc. Points and atoms whose weight
    would turn negative are dropped.
    """
    points, a = nu > 0, np.abs(weights)
    arc = plane.arc_of(arcs, atoms) + np.where(weights > 0, 0, len(arcs.starts))
    active = Summits(*(field[arc] for field in summits))
    V = plane.gradients(arcs.X[points], y[points], active.u, active.sign)
    T = plane.curvatures(arcs.X[points], y[points], active)
    K = np.block([[(T * a) @ T.T, V], [V.T, np.zeros((len(a), len(a)))]])
    residual = np.concatenate([1 - V @ a, 1 - V.T @ nu[points]])
    if not (np.isfinite(K).all() and np.isfinite(residual).all()):  # float64 is exhausted
        return atoms, 0 * weights, nu
    change_nu, change_a = np.split(np.linalg.lstsq(K, residual)[0], [points.sum()])
    a, nu = np.maximum(a + change_a, 0), nu.copy()
    nu[points] = np.maximum(nu[points] + change_nu, 0)
    return active.u[a > 0], (active.sign * a)[a > 0], nu
