"""The ℓ1-SVM over the continuous sphere: equation (4.2), its dual, and Lemma B.1's sparse optimum.

    γ_ℓ1 = max_{‖α‖₁ ≤ 1} min_i y_i ∫ relu(u·x_i) dα(u)
         = min_{p ∈ Δ} max_u |Σ_i p_i y_i relu(u·x_i)|

Columns (atoms u with a sign) are generated: a linear programme over finitely many atoms gives a
measure and a p, the arrangement of S¹ gives the exact maximum over u for that p, and the arcs
where it exceeds the programme's value give the next atoms. Newton's method, which moves the atoms,
saves most of the rounds. Either side is a bound whatever the floating-point solver did; both are
evaluated in exact arithmetic on what is returned.
"""

import functools
import math
from dataclasses import dataclass, field
from fractions import Fraction

import jax
import numpy as np
from flint import arb, ctx
from jaxtyping import ArrayLike, Float
from scipy.optimize import linprog

from margintheory import sphere, validate

ROUNDS = 60
NEWTON_STEPS = 6  # evaluations after each programme


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class L1Margin:
    """A certified bracket lower ≤ γ_ℓ1 ≤ upper and the pair that proves it.

    The measure Σ_j weights_j δ_{atoms_j} has margin at least `lower`; `dual`, on the simplex, has
    maximum at most `upper`. `status` is "optimal", or says why the bracket did not close, or that
    the data are not separable.
    """

    lower: float
    upper: float
    atoms: Float[np.ndarray, "m 2"]
    weights: Float[np.ndarray, " m"]
    dual: Float[np.ndarray, " n"]
    status: str = field(metadata={"static": True})


def max_margin(
    X: Float[ArrayLike, "n d"], y: Float[ArrayLike, " n"], *, tol: float = 1e-9
) -> L1Margin:
    """γ_ℓ1 of the binary training set, for d ≤ 2, to relative accuracy `tol` (equation 4.2).

    Raises ValueError for d > 2, labels other than ±1, or tol ≤ 0.
    """
    X, y = validate.binary_training_set(X, y)
    plane, tol = sphere.planar(X), validate.positive(tol, "tol")
    p = _dependency(plane, y)
    if p is not None:
        rows = ", ".join(str(i) for i in np.flatnonzero(p))
        nothing = np.eye(1, X.shape[1]), np.zeros(1)
        return L1Margin(0.0, 0.0, *nothing, p, f"not separable: rows {rows}")
    scale = 2.0 ** np.round(np.log2(np.abs(X).max()))  # γ(cX) = cγ(X), exactly for a power of two
    atoms, weights, p = _column_generation(plane / scale, y, tol / 4)
    atoms, weights = sphere.merge(X, atoms[:, : X.shape[1]], weights)
    weights = weights / np.abs(weights).sum() * (1 - 2.0**-50)
    lower = max(sphere.below(lower_bound(X, y, atoms, weights)), 0.0)
    upper = sphere.above(upper_bound(X, y, p))
    closed = upper - lower <= tol * lower
    status = "optimal" if closed else f"gap not closed: between {lower:.17g} and {upper:.17g}"
    return L1Margin(lower, upper, atoms, weights, p, status)


def lower_bound(
    X: Float[ArrayLike, "n d"],
    y: Float[ArrayLike, " n"],
    atoms: Float[ArrayLike, "m d"],
    weights: Float[ArrayLike, " m"],
) -> arb:
    """min_i y_i ⟨α, φ(x_i)⟩ / ‖α‖₁ ≤ γ_ℓ1 for α = Σ_j weights_j δ_{atoms_j}, in ball arithmetic.

    The floats are taken as they are: the margins are exact rationals, and an atom of length
    ‖u_j‖ ≠ 1 counts as mass |weights_j| ‖u_j‖. Raises ValueError if the measure is zero.
    """
    X, y = validate.binary_training_set(X, y)
    N, n_exponent = sphere.dyadic(X)
    U, _ = sphere.dyadic(validate.points(atoms, "atoms"))
    W, _ = sphere.dyadic(validate.finite_array(weights, "weights", ndim=1))
    if U.shape != (len(W), N.shape[1]):
        raise ValueError(f"atoms must have shape {(len(W), N.shape[1])}, got {U.shape}.")
    margins = y.astype(int) * (np.maximum(N @ U.T, 0) @ W)
    with ctx.workprec(sphere.PRECISION):
        lengths = [arb(int(square)).sqrt() for square in (U**2).sum(axis=1)]
        norm = sum((abs(int(w)) * length for w, length in zip(W, lengths, strict=True)), arb(0))
        if norm == 0:
            raise ValueError("the measure is zero; give at least one nonzero weight and atom.")
        return arb(int(margins.min())) / norm * arb(2) ** n_exponent  # of U and W they cancel


def upper_bound(
    X: Float[ArrayLike, "n d"], y: Float[ArrayLike, " n"], p: Float[ArrayLike, " n"]
) -> arb:
    """max_u |Σ_i p_i y_i relu(u·x_i)| / Σ_i p_i ≥ γ_ℓ1 for any p ≥ 0, in ball arithmetic (d ≤ 2).

    Raises ValueError if p has a negative entry, or none that is positive.
    """
    X, y = validate.binary_training_set(X, y)
    p = validate.finite_array(p, "p", ndim=1)
    if p.shape != y.shape or p.min() < 0 or p.max() == 0:
        raise ValueError("p must have one entry for each row of X, none negative and not all zero.")
    P, exponent = sphere.dyadic(p)
    with ctx.workprec(sphere.PRECISION):
        total = arb(int(P.sum())) * arb(2) ** exponent
        return sphere.max_abs(sphere.arrange(X), p * y) / total


def _column_generation(
    X: Float[np.ndarray, "n 2"], y: Float[np.ndarray, " n"], tol: float
) -> tuple[Float[np.ndarray, "m 2"], Float[np.ndarray, " m"], Float[np.ndarray, " n"]]:
    """Atoms, weights and dual whose bounds in floats are within a factor 1 + tol, if it can."""
    arcs = sphere.arrange(X)
    atoms, signs = sphere.ends(arcs)
    lower, upper = -np.inf, np.inf
    for _ in range(ROUNDS):
        V = sphere.gradients(X, y, atoms, signs)
        solution = _linear_programme(V / np.clip(upper, 1e-12, 1))
        if solution is None:  # so small a margin that float64 is exhausted
            break
        a, p = solution
        gamma = (p @ V).max()
        keep = (a > 0) | (p @ V > 0.8 * gamma)
        nu = p / gamma
        u, w = sphere.merge(X, atoms[a > 0], (signs * a)[a > 0] / gamma)
        pool = [np.column_stack([atoms, signs])[keep]]
        for step in range(NEWTON_STEPS):
            summits = sphere.summits(arcs, y * nu)
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


def _linear_programme(
    V: Float[np.ndarray, "n m"],
) -> tuple[Float[np.ndarray, " m"], Float[np.ndarray, " n"]] | None:
    """The a ∈ Δ with greatest min_i (Va)_i, and the p ∈ Δ with least max_j (Vᵀp)_j, by HiGHS."""
    n, m = V.shape
    result = linprog(
        np.append(np.zeros(m), -1.0),
        A_ub=np.column_stack([-V, np.ones(n)]),
        b_ub=np.zeros(n),
        A_eq=np.append(np.ones(m), 0.0)[None],
        b_eq=[1.0],
        bounds=[(0, None)] * m + [(None, None)],
        method="highs-ds",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    if result.x is None:
        return None
    a, p = np.maximum(result.x[:m], 0), np.maximum(-result.ineqlin.marginals, 0)
    return a / a.sum(), p / p.sum()


def _newton_step(arcs: sphere.Arrangement, y, atoms, weights, nu, summits: sphere.Summits):
    """A step towards V a = 1 on the points with ν_i > 0 and Vᵀν = 1 on the arcs with atoms.

    The atom of an arc moves with ν, to the summit of ±F on the arc. Points and atoms whose weight
    would turn negative are dropped.
    """
    points, a = nu > 0, np.abs(weights)
    arc = sphere.arc_of(arcs, atoms) + np.where(weights > 0, 0, len(arcs.starts))
    active = sphere.Summits(*(field[arc] for field in summits))
    V = sphere.gradients(arcs.X[points], y[points], active.u, active.sign)
    T = sphere.curvatures(arcs.X[points], y[points], active)
    K = np.block([[(T * a) @ T.T, V], [V.T, np.zeros((len(a), len(a)))]])
    residual = np.concatenate([1 - V @ a, 1 - V.T @ nu[points]])
    change_nu, change_a = np.split(np.linalg.lstsq(K, residual)[0], [points.sum()])
    a, nu = np.maximum(a + change_a, 0), nu.copy()
    nu[points] = np.maximum(nu[points] + change_nu, 0)
    return active.u[a > 0], (active.sign * a)[a > 0], nu


def _dependency(
    X: Float[np.ndarray, "n 2"], y: Float[np.ndarray, " n"]
) -> Float[np.ndarray, " n"] | None:
    """The p ∈ Δ with Σ_i p_i y_i relu(u·x_i) = 0 for every u, if there is one: then γ_ℓ1 = 0.

    Each line's kink must cancel. Either a row is zero, or two rows on one ray have opposite
    labels, or rows opposite to each other have opposite labels, so that together they are linear,
    on three lines whose directions y_i x_i have 0 in their convex hull. Decided in integers, p is
    exact but for its conversion to floats.
    """
    N, _ = sphere.dyadic(X)
    length = [math.gcd(*row) for row in N]
    on_ray: dict[tuple[int, int], int] = {}
    for i, (row, g) in enumerate(zip(N, length, strict=True)):
        if g == 0:
            return _simplex({i: Fraction(1)}, len(y))
        j = on_ray.setdefault(tuple(row // g), i)
        if y[i] != y[j]:
            return _simplex({i: Fraction(1, g), j: Fraction(1, length[j])}, len(y))
    linear = [
        ray for ray, i in on_ray.items() if y[i] > 0 and y[on_ray.get((-ray[0], -ray[1]), i)] < 0
    ]
    p = {}
    for ray, weight in _positive_combination(linear):
        for i in on_ray[ray], on_ray[-ray[0], -ray[1]]:
            p[i] = Fraction(weight, length[i])
    return _simplex(p, len(y)) if p else None


def _positive_combination(rays):
    """Three of the rays, of which no two are opposite, with positive weights that sum to zero."""

    def cross(p, q):
        return p[0] * q[1] - p[1] * q[0]

    if len(rays) < 3:
        return []
    first, *others = rays
    left = [ray for ray in others if cross(first, ray) > 0]
    right = [ray for ray in others if cross(first, ray) < 0]
    if not left or not right:
        return []
    last_left = functools.reduce(lambda p, q: q if cross(p, q) > 0 else p, left)
    last_right = functools.reduce(lambda p, q: q if cross(p, q) < 0 else p, right)
    if cross(last_left, last_right) <= 0:
        return []
    return [
        (first, cross(last_left, last_right)),
        (last_left, cross(last_right, first)),
        (last_right, cross(first, last_left)),
    ]


def _simplex(p: dict[int, Fraction], n: int) -> Float[np.ndarray, " n"]:
    total = sum(p.values())
    return np.array([float(p[i] / total) if i in p else 0.0 for i in range(n)])
