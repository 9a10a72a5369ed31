"""The ℓ1-SVM over the continuous sphere: equation (4.2), its dual, and Lemma B.1's sparse optimum.

    γ_ℓ1 = max_{‖α‖₁ ≤ 1} min_i y_i ∫ relu(u·x_i) dα(u)
         = min_{p ∈ Δ} max_u |Σ_i p_i y_i relu(u·x_i)|

Any measure gives a lower bound and any p an upper bound, whatever the floating-point solver did;
both are evaluated in exact arithmetic on what is returned. The maximum over u is itself exact where
the arrangement of the hyperplanes x_i^⊥ can be written down (`sphere` in the plane, `faces` beyond
it); otherwise it is bounded from above (`branching`, `spectral`).

In the plane columns (atoms u with a sign) are generated: a linear programme over finitely many
atoms gives a measure and a p, the arrangement of S¹ gives the exact maximum over u for that p, and
the arcs where it exceeds the programme's value give the next atoms. Newton's method, which moves
the atoms, saves most of the rounds. Beyond the plane `l1search` does the like.
"""

import math
from dataclasses import dataclass, field
from fractions import Fraction

import jax
import numpy as np
from flint import arb, ctx
from jaxtyping import ArrayLike, Float

from margintheory import branching, faces, l1search, rigour, spectral, sphere, validate
from margintheory.l1search import linear_programme

ROUNDS = 60
NEWTON_STEPS = 6  # evaluations after each programme
ENUMERABLE = 10**6  # about how many faces, times n, are written down


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class L1Margin:
    """A certified bracket lower ≤ γ_ℓ1 ≤ upper and the pair that proves it.

    The measure Σ_j weights_j δ_{atoms_j} has margin at least `lower`; `dual`, on the simplex, has
    maximum at most `upper`. `status` is "optimal", or says why the bracket did not close, or that
    the data are not separable. `proof` says how the maximum of `dual` was bounded: "exact
    arrangement" and "dependency" (it is 0) give its value, "branch and bound" does to seven digits
    unless it ran out of its budget, and "spectral bound" may lie anywhere above it.
    """

    lower: float
    upper: float
    atoms: Float[np.ndarray, "m d"]
    weights: Float[np.ndarray, " m"]
    dual: Float[np.ndarray, " n"]
    status: str = field(metadata={"static": True})
    proof: str = field(metadata={"static": True})


def max_margin(
    X: Float[ArrayLike, "n d"], y: Float[ArrayLike, " n"], *, tol: float = 1e-9
) -> L1Margin:
    """γ_ℓ1 of the binary training set in a rigorous bracket (equation 4.2).

    The bracket closes to relative accuracy `tol` where the arrangement is exact: for d ≤ 2, for
    d = 3 and n ≤ 100, for d = 4 and n ≤ 31, and so on (n^d ≤ 10⁶). For larger data the measure
    and p come from a search of fixed length, and `upper` is the better of two bounds of p's
    maximum. Raises ValueError for labels other than ±1, or tol ≤ 0.
    """
    X, y = validate.binary_training_set(X, y)
    tol = validate.positive(tol, "tol")
    p = _dependency(X, y)
    if p is not None:
        rows = ", ".join(str(i) for i in np.flatnonzero(p))
        nothing = np.eye(1, X.shape[1]), np.zeros(1)
        return L1Margin(0.0, 0.0, *nothing, p, f"not separable: rows {rows}", "dependency")
    arrangement = _arrangement(X)
    found, weights, duals = _search(arrangement, X, y, tol)
    atoms, weights = sphere.merge(X, found, weights)
    weights = weights / np.abs(weights).sum() * (1 - 2.0**-50)
    lower = max(rigour.below(lower_bound(X, y, atoms, weights)), 0.0)
    proved = [(*_greatest(arrangement, X, p * y), p) for p in duals]
    upper, proof, p = min(
        ((rigour.above(ball / _sum(p)), proof, p) for ball, proof, p in proved),
        key=lambda bound: bound[0],
    )
    closed = upper - lower <= tol * lower
    status = "optimal" if closed else f"gap not closed: between {lower:.17g} and {upper:.17g}"
    return L1Margin(lower, upper, atoms, weights, p, status, proof)


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
    N, n_exponent = rigour.dyadic(X)
    U, _ = rigour.dyadic(validate.points(atoms, "atoms"))
    W, _ = rigour.dyadic(validate.finite_array(weights, "weights", ndim=1))
    if U.shape != (len(W), N.shape[1]):
        raise ValueError(f"atoms must have shape {(len(W), N.shape[1])}, got {U.shape}.")
    margins = y.astype(int) * (np.maximum(N @ U.T, 0) @ W)
    with ctx.workprec(rigour.PRECISION):
        lengths = [arb(int(square)).sqrt() for square in (U**2).sum(axis=1)]
        norm = sum((abs(int(w)) * length for w, length in zip(W, lengths, strict=True)), arb(0))
        if norm == 0:
            raise ValueError("the measure is zero; give at least one nonzero weight and atom.")
        return arb(int(margins.min())) / norm * arb(2) ** n_exponent  # of U and W they cancel


def upper_bound(
    X: Float[ArrayLike, "n d"], y: Float[ArrayLike, " n"], p: Float[ArrayLike, " n"]
) -> arb:
    """max_u |Σ_i p_i y_i relu(u·x_i)| / Σ_i p_i ≥ γ_ℓ1 for any p ≥ 0, in ball arithmetic.

    Exact, but for one square root, where `max_margin` proves "exact arrangement"; otherwise a ball
    around a bound of the maximum. Raises ValueError if p has a negative entry, or none that is
    positive.
    """
    X, y = validate.binary_training_set(X, y)
    p = validate.finite_array(p, "p", ndim=1)
    if p.shape != y.shape or p.min() < 0 or p.max() == 0:
        raise ValueError("p must have one entry for each row of X, none negative and not all zero.")
    with ctx.workprec(rigour.PRECISION):
        return _greatest(_arrangement(X), X, p * y)[0] / _sum(p)


def _used(X: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n k"]:
    """X without the coordinates that are always 0, which change nothing; at least one is kept."""
    return X[:, X.any(axis=0)] if X.any() else X[:, :1]


def _arrangement(X: Float[np.ndarray, "n d"]) -> sphere.Arrangement | faces.Faces | None:
    """How the hyperplanes x_i^⊥ cut the sphere; None if that is too much to write down."""
    X = _used(X)
    n, d = X.shape
    if d <= 2:
        return sphere.arrange(X)
    return faces.enumerate_faces(X) if n ** min(n, d) <= ENUMERABLE else None


def _greatest(
    arrangement: sphere.Arrangement | faces.Faces | None,
    X: Float[np.ndarray, "n d"],
    w: Float[np.ndarray, " n"],
) -> tuple[arb, str]:
    """max_u |Σ_i w_i relu(u·x_i)| or a bound of it, and what proves it."""
    if isinstance(arrangement, sphere.Arrangement):
        return sphere.max_abs(arrangement, w), "exact arrangement"
    if isinstance(arrangement, faces.Faces):
        return faces.max_abs(arrangement, w), "exact arrangement"
    by_eigenvalues, by_branching = spectral.max_abs(X, w), branching.max_abs(X, w)
    if by_branching <= by_eigenvalues:
        return by_branching, "branch and bound"
    return by_eigenvalues, "spectral bound"


def _sum(p: Float[np.ndarray, " n"]) -> arb:
    P, exponent = rigour.dyadic(p)
    with ctx.workprec(rigour.PRECISION):
        return arb(int(P.sum())) * arb(2) ** exponent


def _search(
    arrangement: sphere.Arrangement | faces.Faces | None,
    X: Float[np.ndarray, "n d"],
    y: Float[np.ndarray, " n"],
    tol: float,
) -> tuple[Float[np.ndarray, "m d"], Float[np.ndarray, " m"], list[Float[np.ndarray, " n"]]]:
    """Atoms, weights and candidates for the dual, in floats."""
    scale = 2.0 ** np.round(np.log2(np.abs(X).max()))  # γ(cX) = cγ(X), exactly for a power of two
    Z = _used(X) / scale
    if isinstance(arrangement, sphere.Arrangement):
        found, weights, *duals = _column_generation(sphere.planar(Z), y, tol / 4)
    elif isinstance(arrangement, faces.Faces):
        found, weights, *duals = l1search.with_faces(arrangement, y, tol / 4)
    else:
        p = spectral.least(Z, y)
        found, weights, dual = l1search.by_ascent(Z, y, p, tol / 2)
        duals = [p] if np.array_equal(dual, p) else [dual, p]
    atoms, used = np.zeros((len(found), X.shape[1])), X.any(axis=0)
    atoms[:, used] = found[:, : used.sum()]
    return atoms, weights, duals


def _column_generation(
    X: Float[np.ndarray, "n 2"], y: Float[np.ndarray, " n"], tol: float
) -> tuple[Float[np.ndarray, "m 2"], Float[np.ndarray, " m"], Float[np.ndarray, " n"]]:
    """Atoms, weights and dual whose bounds in floats are within a factor 1 + tol, if it can."""
    arcs = sphere.arrange(X)
    atoms, signs = sphere.ends(arcs)
    lower, upper = -np.inf, np.inf
    for _ in range(ROUNDS):
        V = sphere.gradients(X, y, atoms, signs)
        solution = linear_programme(V / np.clip(upper, 1e-12, 1))
        if solution is None:  # so small a margin that float64 is exhausted
            break
        a, p = solution
        gamma = (p @ V).max()
        if gamma <= 0:
            break
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
    X: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"]
) -> Float[np.ndarray, " n"] | None:
    """The p ∈ Δ with Σ_i p_i y_i relu(u·x_i) = 0 for every u, if there is one: then γ_ℓ1 = 0.

    Each hyperplane's kink must cancel. Either a row is zero, or two rows on one ray have opposite
    labels, or rows opposite to each other have opposite labels, so that together they are linear,
    on lines whose directions y_i x_i have 0 in their convex hull. Decided in integers, p is exact
    but for its conversion to floats.
    """
    N, _ = rigour.dyadic(X)
    length = [math.gcd(*row) for row in N]
    on_ray: dict[tuple[int, ...], int] = {}
    for i, (row, g) in enumerate(zip(N, length, strict=True)):
        if g == 0:
            return _simplex({i: Fraction(1)}, len(y))
        j = on_ray.setdefault(tuple(row // g), i)
        if y[i] != y[j]:
            return _simplex({i: Fraction(1, g), j: Fraction(1, length[j])}, len(y))
    linear = [
        ray
        for ray, i in on_ray.items()
        if y[i] > 0 and y[on_ray.get(tuple(-c for c in ray), i)] < 0
    ]
    p = {}
    for ray, weight in _positive_combination(linear):
        for i in on_ray[ray], on_ray[tuple(-c for c in ray)]:
            p[i] = weight / length[i]
    return _simplex(p, len(y)) if p else None


def _positive_combination(rays: list[tuple[int, ...]]) -> list[tuple[tuple[int, ...], Fraction]]:
    """At most d + 1 of the rays, with positive weights that sum to zero; none if there are none.

    Phase one of the simplex method in fractions, with Bland's rule, for Σ_k λ_k (r_k, 1) = (0, 1).
    """
    if not rays:
        return []
    T = [[Fraction(c) for c in row] + [Fraction(0)] for row in zip(*rays, strict=True)]
    T.append([Fraction(1)] * (len(rays) + 1))
    basis = [len(rays) + i for i in range(len(T))]  # an artificial variable for each equation
    while True:
        excess = [
            sum((T[i][j] for i, k in enumerate(basis) if k >= len(rays)), Fraction(0))
            for j in range(len(rays) + 1)
        ]
        entering = next((j for j in range(len(rays)) if j not in basis and excess[j] > 0), None)
        if entering is None:
            break
        ratios = [
            (row[-1] / row[entering], basis[i], i) for i, row in enumerate(T) if row[entering] > 0
        ]
        leaving = min(ratios)[2]
        pivot = [c / T[leaving][entering] for c in T[leaving]]
        T = [[c - row[entering] * q for c, q in zip(row, pivot, strict=True)] for row in T]
        T[leaving], basis[leaving] = pivot, entering
    if excess[-1] > 0:
        return []
    return [
        (rays[k], row[-1]) for k, row in zip(basis, T, strict=True) if k < len(rays) and row[-1] > 0
    ]


def _simplex(p: dict[int, Fraction], n: int) -> Float[np.ndarray, " n"]:
    total = sum(p.values())
    return np.array([float(p[i] / total) if i in p else 0.0 for i in range(n)])
