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
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

import jax
import numpy as np
from flint import arb, ctx
from jaxtyping import Float

from margintheory import (
    branching,
    faces,
    interior,
    l1search,
    refine_space,
    rigour,
    spectral,
    sphere,
    validate,
)
from margintheory.arrays import ArrayLike, Reals
from margintheory.circle import ONE, full
from margintheory.l1search import linear_programme
from margintheory.rigour import Dyadic
from margintheory.rigour.certificate import Certificate
from margintheory.status import Status

ROUNDS = 12  # of programmes in the plane; more do not help where these fail
FLOATS = 1e-12  # the least tol that a search in floats tries to meet
TINY = 1e-13  # a margin, relative to the data, below which floats do not search
NEWTON_STEPS = 6  # evaluations after each programme
ENUMERABLE = 10**6  # about how many faces, times n, are written down


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class L1Margin:
    """A certified bracket lower ≤ γ_ℓ1 ≤ upper and the pair that proves it.

    `certificate` is the pair in exact numbers: a measure with margin at least `lower` times its
    norm, and a dual with maximum at most `upper` times its sum; `lower_bound` and `upper_bound`
    evaluate them to as many digits as `flint.ctx.prec` asks for. `atoms` and `weights`, of total
    mass 1, and `dual`, on the simplex, are the same in floats. If the data are not separable, the
    rows where `dual` is not zero contradict each other.

    `proof` says how the maximum of the dual was bounded: "exact
    arrangement" and "dependency" (it is 0) give its value, "branch and bound" does to seven digits
    unless it ran out of its budget, and "spectral bound" may lie anywhere above it.
    """

    lower: float
    upper: float
    atoms: Float[np.ndarray, "m d"]
    weights: Float[np.ndarray, " m"]
    dual: Float[np.ndarray, " n"]
    certificate: Certificate
    status: Status = field(metadata={"static": True})
    proof: str = field(metadata={"static": True})


def max_margin(
    X: Reals[ArrayLike, "n d"], y: Reals[ArrayLike, " n"], *, tol: float = 1e-9
) -> L1Margin:
    """γ_ℓ1 of the binary training set in a rigorous bracket (equation 4.2).

    The bracket closes to any relative accuracy `tol` where the arrangement is written down: for
    d ≤ 2, for d = 3 and n ≤ 100, for d = 4 and n ≤ 31, and so on (n^d ≤ 10⁶), unless directions of
    rows are closer than 1e-16 or so to each other; for tol ≤ 1e-17 its ends are then the floats
    beside γ_ℓ1, the same on every machine. Where floats miss it, an interior point method of many
    digits goes on. For larger data the measure and p come from a search of fixed length, and
    `upper` is the better of two bounds of p's maximum. Raises ValueError for labels other than ±1,
    or tol ≤ 0.
    """
    X, y = validate.binary_training_set(X, y)
    tol = validate.positive(tol, "tol")
    p = _dependency(X, y)
    if p is not None:
        nothing = np.eye(1, X.shape[1]), np.zeros(1)
        exact = replace(Certificate.of(*nothing, p.shares), dual=p)
        return L1Margin(0.0, 0.0, *nothing, p.shares, exact, Status.NOT_SEPARABLE, "dependency")
    arrangement = _arrangement(X)
    margins = []
    for pair in _pairs(arrangement, X, y, tol):
        margins.append(_bracket(arrangement, X, y, pair, tol))
        if margins[-1].status == Status.OPTIMAL:
            return margins[-1]
    return min(margins, key=lambda margin: margin.upper - margin.lower)


def _pairs(arrangement, X, y, tol: float) -> Iterator[Certificate]:
    """Measures and duals, found in floats and then, where the arrangement is exact, beyond them."""
    planar = isinstance(arrangement, sphere.Arrangement)
    found = [] if planar and tol < FLOATS else _search(arrangement, X, y, tol)
    yield from found
    if isinstance(arrangement, faces.Faces):
        yield _in_space(arrangement, X, y, found[0], tol)
    for accuracy in (tol / 4, tol * 2.0**-20, tol * 2.0**-60) if planar else ():
        if (pair := _in_the_plane(X, y, accuracy)) is None:
            return
        yield pair


def _bracket(
    arrangement: sphere.Arrangement | faces.Faces | None, X, y, exact: Certificate, tol: float
) -> L1Margin:
    """The bracket that a measure and a dual prove, in balls that are as precise as tol needs."""
    with ctx.workprec(rigour.PRECISION - 2 * math.floor(math.log2(tol))):
        below = lower_bound(X, y, exact.atoms, exact.weights).max(arb(0))
        above, proof = _upper(arrangement, X, y, exact.dual)
        closed = above - below <= arb(tol) * below
        lower, upper = rigour.below(below), rigour.above(above)
    status = Status.OPTIMAL if closed else Status.OPEN
    atoms, weights, p = (part.floats for part in (exact.atoms, exact.weights, exact.dual))
    if not math.isclose(np.abs(weights).sum(), 1.0):  # numbers beyond floats, in units of their own
        atoms, weights, p = rigour.unit(atoms), exact.weights.shares, exact.dual.shares
    return L1Margin(lower, upper, atoms, weights, p, exact, status, proof)


def lower_bound(
    X: Reals[ArrayLike, "n d"],
    y: Reals[ArrayLike, " n"],
    atoms: Reals[ArrayLike, "m d"] | Dyadic,
    weights: Reals[ArrayLike, " m"] | Dyadic,
) -> arb:
    """min_i y_i ⟨α, φ(x_i)⟩ / ‖α‖₁ ≤ γ_ℓ1 for α = Σ_j weights_j δ_{atoms_j}, in ball arithmetic.

    The numbers are taken as they are: the margins are exact rationals, and an atom of length
    ‖u_j‖ ≠ 1 counts as mass |weights_j| ‖u_j‖. Raises ValueError if the measure is zero.
    """
    X, y = validate.binary_training_set(X, y)
    N, n_exponent = rigour.dyadic(X)
    U, _ = _exact(atoms, "atoms", 2)
    W, _ = _exact(weights, "weights", 1)
    if U.shape != (len(W), N.shape[1]):
        raise ValueError(f"atoms must have shape {(len(W), N.shape[1])}, got {U.shape}.")
    margins = y.astype(int) * (np.maximum(N @ U.T, 0) @ W)
    with ctx.workprec(max(rigour.PRECISION, ctx.prec)):
        lengths = [arb(int(square)).sqrt() for square in (U**2).sum(axis=1)]
        norm = sum((abs(int(w)) * length for w, length in zip(W, lengths, strict=True)), arb(0))
        if norm == 0:
            raise ValueError("the measure is zero; give at least one nonzero weight and atom.")
        return arb(int(margins.min())) / norm * arb(2) ** n_exponent  # of U and W they cancel


def upper_bound(
    X: Reals[ArrayLike, "n d"], y: Reals[ArrayLike, " n"], p: Reals[ArrayLike, " n"] | Dyadic
) -> arb:
    """max_u |Σ_i p_i y_i relu(u·x_i)| / Σ_i p_i ≥ γ_ℓ1 for any p ≥ 0, in ball arithmetic.

    Exact, but for one square root, where `max_margin` proves "exact arrangement"; otherwise a ball
    around a bound of the maximum. Raises ValueError if p has a negative entry, or none that is
    positive.
    """
    X, y = validate.binary_training_set(X, y)
    P, exponent = _exact(p, "p", 1)
    if P.shape != y.shape or P.min() < 0 or P.max() == 0:
        raise ValueError("p must have one entry for each row of X, none negative and not all zero.")
    return _upper(_arrangement(X), X, y, Dyadic.of(P, exponent))[0]


def _exact(values, name: str, ndim: int):
    """Integers and an exponent, for floats or exact numbers."""
    return rigour.dyadic(
        values if isinstance(values, Dyadic) else validate.finite_array(values, name, ndim)
    )


def _upper(arrangement, X, y, p: Dyadic) -> tuple[arb, str]:
    """max_u |Σ_i p_i y_i relu(u·x_i)| / Σ_i p_i, or a bound of it, and what proves it."""
    P, exponent = rigour.dyadic(p)
    with ctx.workprec(max(rigour.PRECISION, ctx.prec)):
        greatest, proof = _greatest(arrangement, X, Dyadic.of(P * y.astype(int), exponent))
        return greatest / (arb(int(P.sum())) * arb(2) ** exponent), proof


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
    arrangement: sphere.Arrangement | faces.Faces | None, X: Float[np.ndarray, "n d"], w: Dyadic
) -> tuple[arb, str]:
    """max_u |Σ_i w_i relu(u·x_i)| or a bound of it, and what proves it."""
    if isinstance(arrangement, sphere.Arrangement):
        return sphere.max_abs(arrangement, w), "exact arrangement"
    if isinstance(arrangement, faces.Faces):
        return faces.max_abs(arrangement, w), "exact arrangement"
    weights, (N, e) = w.floats, rigour.dyadic(w)
    M, f = rigour.dyadic(weights)
    if (N * 2 ** (e - min(e, f)) != M * 2 ** (f - min(e, f))).any():
        raise ValueError("in so many dimensions a bound needs weights that are floats; round them.")
    by_eigenvalues, by_branching = spectral.max_abs(X, weights), branching.max_abs(X, weights)
    if by_branching <= by_eigenvalues:
        return by_branching, "branch and bound"
    return by_eigenvalues, "spectral bound"


def _in_the_plane(
    X: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"], tol: float
) -> Certificate | None:
    """A pair as close as tol, by an interior point method of many digits.

    Of the points on one ray, which have one label, only the nearest matters.
    """
    used = X.any(axis=0)
    N, _ = rigour.dyadic(X)
    nearest: dict[tuple[int, ...], tuple[int, int]] = {}
    for i, row in enumerate(N):
        length = math.gcd(*row)
        ray = tuple(row // length)
        nearest[ray] = min(nearest.get(ray, (length, i)), (length, i))
    rows = sorted(i for _, i in nearest.values())
    Z = sphere.planar(X[rows][:, used])
    found = interior.optimum(Z, y[rows], interior.Linear(full(len(rows), ONE), True), tol)
    if found is None:
        return None
    atoms, dual = np.zeros((len(found.weights.limbs), X.shape[1]), object), np.zeros(len(X), object)
    atoms[:, used], dual[rows] = found.atoms.integers[:, : used.sum()], found.dual.integers
    return Certificate(
        Dyadic.of(atoms, int(found.atoms.exponent)),
        found.weights,
        Dyadic.of(dual, int(found.dual.exponent)),
    )


def _in_space(
    arrangement: faces.Faces,
    X: Float[np.ndarray, "n d"],
    y: Float[np.ndarray, " n"],
    found: Certificate,
    tol: float,
) -> Certificate:
    """A pair as close as tol, by an interior point method over the faces that matter."""
    used = X.any(axis=0)
    atoms, weights, p = found.atoms.floats[:, used], found.weights.floats, found.dual.floats
    bracket = refine_space.margin(arrangement, y, atoms, weights, p, tol / 4)
    z = np.zeros((len(bracket.measure.z), X.shape[1]), object)
    z[:, used] = bracket.measure.z
    return Certificate(Dyadic.of(z, 0), Dyadic.of(bracket.measure.side, 0), Dyadic.of(bracket.W, 0))


def _search(
    arrangement: sphere.Arrangement | faces.Faces | None,
    X: Float[np.ndarray, "n d"],
    y: Float[np.ndarray, " n"],
    tol: float,
) -> list[Certificate]:
    """Pairs that were found in floats: one measure, and candidates for the dual."""
    scale = np.frexp(np.abs(X).max())[1]  # γ(cX) = cγ(X), exactly for a power of two
    Z = np.ldexp(_used(X), -scale)
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
    atoms, weights = sphere.merge(X, atoms, weights)
    if not len(weights):  # nothing that acts on the points was found
        atoms, weights = np.eye(X.shape[1])[used][:1], np.ones(1)
    weights = weights / np.abs(weights).sum() * (1 - 2.0**-50)
    return [Certificate.of(atoms, weights, p) for p in duals]


def _column_generation(
    X: Float[np.ndarray, "n 2"], y: Float[np.ndarray, " n"], tol: float
) -> tuple[Float[np.ndarray, "m 2"], Float[np.ndarray, " m"], Float[np.ndarray, " n"]]:
    """Atoms, weights and dual whose bounds in floats are within a factor 1 + tol, if it can."""
    arcs = sphere.arrange(X)
    atoms, signs = sphere.ends(arcs)
    lower, upper = -np.inf, np.inf
    best, dual = (np.eye(1, 2), np.ones(1)), np.full(len(y), 1 / len(y))
    for _ in range(ROUNDS):
        V = sphere.gradients(X, y, atoms, signs)
        solution = linear_programme(V / np.clip(upper, 1e-12, 1))
        if solution is None or (solution[1] @ V).max() <= TINY:  # float64 is exhausted
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
    if not (np.isfinite(K).all() and np.isfinite(residual).all()):  # float64 is exhausted
        return atoms, 0 * weights, nu
    change_nu, change_a = np.split(np.linalg.lstsq(K, residual)[0], [points.sum()])
    a, nu = np.maximum(a + change_a, 0), nu.copy()
    nu[points] = np.maximum(nu[points] + change_nu, 0)
    return active.u[a > 0], (active.sign * a)[a > 0], nu


def _dependency(X: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"]) -> Dyadic | None:
    """A p ≥ 0 with Σ_i p_i y_i relu(u·x_i) = 0 for every u, if there is one: then γ_ℓ1 = 0.

    Each hyperplane's kink must cancel. Either a row is zero, or two rows on one ray have opposite
    labels, or rows opposite to each other have opposite labels, so that together they are linear,
    on lines whose directions y_i x_i have 0 in their convex hull. Decided in integers, and p holds
    such.
    """
    N, _ = rigour.dyadic(X)
    length = [math.gcd(*row) for row in N]
    on_ray: dict[tuple[int, ...], int] = {}
    for i, (row, g) in enumerate(zip(N, length, strict=True)):
        if g == 0:
            return _whole({i: Fraction(1)}, len(y))
        j = on_ray.setdefault(tuple(row // g), i)
        if y[i] != y[j]:
            return _whole({i: Fraction(1, g), j: Fraction(1, length[j])}, len(y))
    linear = [
        ray
        for ray, i in on_ray.items()
        if y[i] > 0 and y[on_ray.get(tuple(-c for c in ray), i)] < 0
    ]
    p = {}
    for ray, weight in _positive_combination(linear):
        for i in on_ray[ray], on_ray[tuple(-c for c in ray)]:
            p[i] = weight / length[i]
    return _whole(p, len(y)) if p else None


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


def _whole(p: dict[int, Fraction], n: int) -> Dyadic:
    """The fractions times their common denominator."""
    factor = math.lcm(*(share.denominator for share in p.values()))
    return Dyadic.of([int(p.get(i, 0) * factor) for i in range(n)], 0)
