"""Interpolants of least norm: (D.3), (D.4), Theorem D.5 and Claim D.12.

    ‖α_ℓ1‖₁ = min {‖α‖₁ : ⟨α, φ(x_i)⟩ = y_i} = max {νᵀy : max_u |Σ_i ν_i relu(u·x_i)| ≤ 1},
    κ‖α_ℓ2‖₂² = min {κ‖α‖₂² : ⟨α, φ(x_i)⟩ = y_i} = yᵀK⁻¹y,   K_ij = E relu(u·x_i) relu(u·x_j).

Every ν and every interpolating measure bracket the first number. `search` finds both
in floats; the measure needs only to be moved by as much as to meet the data exactly. Where that
does not close the bracket and the arrangement is written down, `refinement.space` does.

Both problems do not change when a row and its target are divided by one number: every row gets
length about 1, exactly, so that no scale is too large or too small.

The features of n points are independent unless points repeat, share a ray or are antipodal in a
dependent way. That is decided exactly: relu(z) = ½z + ½|z|, and |u·x| for different lines are
independent of each other and of all linear functions.
"""

import math
from dataclasses import dataclass, replace

import jax
import numpy as np
from flint import arb, arb_mat, ctx, fmpq, fmpq_mat
from jaxtyping import Float, Int, Shaped

from margintheory import kernels, rigour, sphere, validate
from margintheory.arrays import ArrayLike, Reals
from margintheory.interpolation.exact import (
    Instance,
    Pair,
    exact,
    normalised,
    quotient,
    refined,
    searched,
    unit_floats,
)
from margintheory.rigour import Bracketed, Certificate, Dyadic
from margintheory.rigour.digits import in_units, order
from margintheory.status import Status

DIGITS = 128, 256, 512, 1024, 2048, 4096, 8192, 16384  # bits that are tried for K⁻¹


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class L1Interpolant(Bracketed):
    """A certified bracket lower ≤ ‖α_ℓ1‖₁ ≤ upper and the pair that proves it.

    Some measure on the `atoms` interpolates exactly and has norm at most `upper`; `weights` are its
    masses rounded to floats. `dual` ν has max_u |Σ_i ν_i relu(u·x_i)| ≤ 1 and νᵀy = lower, both up
    to rounding. `certificate` holds both in many digits: its atoms and its dual, up to a factor,
    prove the bracket exactly. If no interpolant exists both ends are infinite, the measure is zero,
    and Σ_i ν_i φ(x_i) = 0 although νᵀy ≠ 0.
    """


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class L2Interpolant:
    """A certified bracket lower ≤ √κ ‖α_ℓ2‖₂ = √(yᵀK⁻¹y) ≤ upper and the coefficients K⁻¹y.

    The interpolant is f(x) = Σ_i coefficients_i K(x_i, x), `kernels.relu_kernel(X_new, X) @
    coefficients`.
    """

    lower: float
    upper: float
    coefficients: Float[np.ndarray, " n"]


# ---------------------------------------------------------------------------------------------
# When can the data be interpolated?
# ---------------------------------------------------------------------------------------------


def dependence(X: Reals[ArrayLike, "n d"]) -> dict[int, dict[int, fmpq]]:
    """For each row j whose feature is a combination of earlier ones, φ(x_j) = Σ_i c_i φ(x_i).

    Returns {j: {i: c_i}} in exact fractions; it is empty if and only if K is invertible
    (Claim D.12). A row 0 is the empty combination. Raises ValueError if X is not finite.
    """
    X = validate.concrete_points(X)
    N, _ = rigour.dyadic(X)
    divisor = [math.gcd(*row) for row in N]
    line = [_up_to_sign(row // max(g, 1)) for row, g in zip(N, divisor, strict=True)]
    shared = [i for i in range(len(X)) if divisor[i] == 0 or line.count(line[i]) > 1]
    if not shared:  # an |u·x_i| of its own makes each feature independent of the others
        return {}
    lines = sorted({line[i] for i in shared if divisor[i]})
    even = [[divisor[i] * (line[i] == other) for i in shared] for other in lines]
    T, rank = fmpq_mat([*N[shared].T.tolist(), *even]).rref()
    pivots = [next(k for k in range(T.ncols()) if T[row, k] != 0) for row in range(rank)]
    return {
        shared[k]: {shared[p]: T[row, k] for row, p in enumerate(pivots) if T[row, k] != 0}
        for k in range(len(shared))
        if k not in pivots
    }


def _up_to_sign(ray) -> tuple[int, ...]:
    """The ray or its opposite, the same for both."""
    ray = tuple(ray)
    return max(ray, tuple(-c for c in ray))


# ---------------------------------------------------------------------------------------------
# The minimum 1-norm
# ---------------------------------------------------------------------------------------------


def min_l1_norm(
    X: Reals[ArrayLike, "n d"], y: Reals[ArrayLike, " n"], *, tol: float = 1e-9
) -> L1Interpolant:
    """The least total variation of a measure on S^{d−1} that interpolates (equation D.3).

    The bracket is rigorous. It closes to relative accuracy `tol`, however small, where the
    arrangement is written down (d ≤ 2, or n^d ≤ 10⁶), unless directions of points in space, or of
    opposite points in the plane, are as close as 1e-14; the last digits come from exact refinement.
    For larger data the measure comes from a search of fixed length and the maximum in `lower` is
    bounded as in `l1svm`, so that `lower` may be far below. At most n atoms (Lemma B.1). Raises
    ValueError for data that are not finite, tol ≤ 0, or a norm or dual beyond the range of floats.
    """
    X, y = validate.regression_set(X, y)
    tol = validate.positive(tol, "tol")
    combinations = dependence(X)
    for j, combination in combinations.items():
        if not _agree(y, j, combination):
            return _infeasible(X, j, combination)
    if not y.any():
        zeros = np.zeros(len(X))
        return _nothing(X, 0.0, zeros, Dyadic.of(*rigour.dyadic(zeros)), Status.OPTIMAL)
    rows = np.setdiff1d(np.arange(len(X)), list(combinations))
    problem = Instance.of(X[rows][:, X.any(axis=0)], y[rows])
    found = searched(problem, tol)
    if not found.closed(tol) and not isinstance(problem.cut, sphere.Unwritten):
        found = refined(problem, found, tol)
    return _result(X, rows, problem, found, tol)


def l1_norm_lower(
    X: Reals[ArrayLike, "n d"], y: Reals[ArrayLike, " n"], nu: Reals[ArrayLike, " n"]
) -> float:
    """νᵀy / max_u |Σ_i ν_i relu(u·x_i)| ≤ ‖α_ℓ1‖₁ for any ν ≠ 0, rounded down.

    The maximum is exact for d ≤ 2 and where `l1svm.upper_bound` is; otherwise bounded from above,
    after entries of ν that are below the range of floats beside the greatest are set to 0. It is
    ±∞ if the maximum is 0 and νᵀy is not: then nothing interpolates. Raises ValueError for ν = 0.
    """
    X, y = validate.regression_set(X, y)
    validate.concrete(nu, "nu")
    nu = validate.finite_array(nu, "nu", ndim=1)
    if nu.shape != y.shape or not nu.any():
        raise ValueError("nu must have one entry for each row of X, not all of them zero.")
    problem = Instance.of(X, y)
    W = rigour.dyadic(nu)[0] * _powers(problem.exponents - problem.exponents.min())
    with ctx.workprec(rigour.PRECISION):
        return rigour.below(problem.lower(W))


def _result(X, rows, problem: Instance, found: Pair, tol: float) -> L1Interpolant:
    """What was found, for the rows and columns of X, exactly and in floats."""
    bits = rigour.PRECISION + math.ceil(max(0, -math.log2(tol)))
    with ctx.workprec(bits):
        lower, upper = rigour.below(found.lower), rigour.above(found.upper)
        scale = found.lower / problem.value(found.W)
        shift = problem.exponents + problem.e
        nu = [int(w) * scale / arb(2) ** int(k) for w, k in zip(found.W, shift, strict=True)]
        lengths = rigour.lengths(found.atoms)
        masses = _floats([w * l for w, l in zip(found.weights, lengths, strict=True)])
    dual, atoms = np.zeros(len(X)), np.zeros((len(masses), X.shape[1]), dtype=object)
    dual[rows], atoms[:, X.any(axis=0)] = _floats(nu), found.atoms
    if not (np.isfinite([upper, *masses, *dual]).all() and lower > 0):
        raise ValueError(
            "the least norm or its dual is beyond the range of floats; divide the targets, or "
            "multiply rows and their targets alike, by a power of ten."
        )
    exact_dual = np.zeros(len(X), dtype=object)
    exact_dual[rows] = found.W * _powers(shift.max() - shift)
    certificate = Certificate(
        Dyadic.of(atoms, 0), _dyadic(found.weights, bits), Dyadic.of(exact_dual, -int(shift.max()))
    )
    directions = unit_floats(atoms)
    status = Status.OPTIMAL if found.closed(tol) else Status.OPEN
    return L1Interpolant(lower, upper, directions, masses, dual, certificate, status)


def _powers(exponents: Int[np.ndarray, " n"]) -> Shaped[np.ndarray, " n"]:
    """2^k in Python integers."""
    return np.array([1 << int(k) for k in exponents], dtype=object)


def _dyadic(values: list[arb], bits: int) -> Dyadic:
    """Balls rounded to so many bits of the greatest."""
    middles = np.array([v.mid() for v in values], dtype=object)
    exponent = max(order(v) for v in middles if v != 0) - bits
    return Dyadic.of(in_units(middles, exponent), exponent)


def _agree(y, j: int, combination: dict[int, fmpq]) -> bool:
    """Whether row j has the target that the rows of its combination give it."""
    return sum((c * exact(y[i]) for i, c in combination.items()), fmpq(0)) == exact(y[j])


def _infeasible(X, j: int, combination: dict[int, fmpq]) -> L1Interpolant:
    """The proof that no measure interpolates: row j contradicts the rows of the combination."""
    nu = {j: fmpq(-1), **combination}
    greatest = max(abs(c) for c in nu.values())
    factor = math.lcm(*(int(c.q) for c in nu.values()))
    dual, whole = np.zeros(len(X)), np.zeros(len(X), dtype=object)
    for i, c in nu.items():  # the rows are where it is not 0
        dual[i] = quotient(c, greatest) or math.copysign(5e-324, c)
        whole[i] = int((c * factor).p)
    return _nothing(X, math.inf, dual, Dyadic.of(whole, 0), Status.INFEASIBLE)


def _nothing(X, norm: float, nu, exact_nu: Dyadic, status: Status) -> L1Interpolant:
    """A result with the zero measure."""
    atom, weight = np.eye(1, X.shape[1]), np.zeros(1)
    certificate = replace(Certificate.of(atom, weight, nu), dual=exact_nu)
    return L1Interpolant(norm, norm, atom, weight, nu, certificate, status)


# ---------------------------------------------------------------------------------------------
# The minimum 2-norm
# ---------------------------------------------------------------------------------------------


def min_l2_norm(X: Reals[ArrayLike, "n d"], y: Reals[ArrayLike, " n"]) -> L2Interpolant:
    """The least √κ‖α‖₂ of an interpolating α ∈ L²(S^{d−1}) (equation D.4, Claim D.12).

    A row whose feature is a combination of earlier ones is left out, with coefficient 0, if its
    target agrees with theirs. Raises ValueError, with the rows, if it does not, and for a norm or
    coefficients beyond the range of floats.
    """
    X, y = validate.regression_set(X, y)
    combinations = dependence(X)
    for j, combination in combinations.items():
        if not _agree(y, j, combination):
            names = ", ".join(str(i) for i in sorted([j, *combination]))
            raise ValueError(
                f"no interpolant exists: the features of rows {names} are dependent (a zero row, "
                "points on one ray, or antipodal pairs on dependent lines), and their targets do "
                "not agree; drop one of them."
            )
    coefficients = np.zeros(len(X))
    if not y.any():
        return L2Interpolant(0.0, 0.0, coefficients)
    rows = np.setdiff1d(np.arange(len(X)), list(combinations))
    Z, exponents = normalised(X[rows])
    units = [arb(2) ** int(k) for k in exponents]
    target = arb_mat([[arb(t) / unit] for t, unit in zip(y[rows], units, strict=True)])
    c, square = _solved(Z, target)
    with ctx.workprec(rigour.PRECISION):
        norm = square.sqrt()
        coefficients[rows] = _floats([c_i / unit for c_i, unit in zip(c, units, strict=True)])
    lower, upper = rigour.below(norm), rigour.above(norm)
    if not (np.isfinite([upper, *coefficients]).all() and lower > 0):
        raise ValueError(
            "the least norm or a coefficient is beyond the range of floats; divide the targets, or "
            "multiply rows and their targets alike, by a power of ten."
        )
    return L2Interpolant(lower, upper, coefficients)


def _solved(Z: Float[np.ndarray, "n d"], target: arb_mat) -> tuple[list[arb], arb]:
    """K⁻¹y and yᵀK⁻¹y in balls, which are narrow once there are digits enough."""
    for bits in DIGITS:
        with ctx.workprec(bits):
            try:
                c = kernels.relu_kernel_ball(Z).solve(target)
            except ZeroDivisionError:
                continue
            square = (c.transpose() * target)[0, 0]
            if square > 0 and square.rel_accuracy_bits() > 60:
                return c.entries(), square
    raise ValueError("rows of X so nearly coincide that K cannot be inverted; drop one of them.")


def _floats(balls: list[arb]) -> Float[np.ndarray, " n"]:
    return np.array([float(ball.mid()) for ball in balls])
