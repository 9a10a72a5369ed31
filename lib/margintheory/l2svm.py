"""The margin γ_ℓ2 of the kernel machine: equation (4.3) and Lemma 4.2.

With K the kernel matrix (divided by κ, as `kernels.relu_kernel` is) and Q = K ∘ yyᵀ,

    γ_ℓ2 = max {min_i y_i⟨α, φ(x_i)⟩ : √κ‖α‖₂ ≤ 1},    γ_ℓ2² = min {pᵀQp : p on the simplex},

and every p on the simplex brackets it: min_i (Qp)_i / √(pᵀQp) ≤ γ_ℓ2 ≤ √(pᵀQp). The left side is
the margin of the unit α ∝ Σ_i p_i y_i φ(x_i); both sides agree at the optimal p.
"""

import functools
import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass

import jax
import numpy as np
from flint import arb, arb_mat, ctx
from jaxtyping import ArrayLike, Bool, Float
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from margintheory import rigour, validate

UNIT = 2.0**-53  # the unit roundoff u of float64
ENTRY = 16  # an entry of K is trusted to this many times u √(K_ii K_jj)
SHIFT = 4  # the solver adds this many times n u K_ii to the diagonal, so that singular K factorise
PATIENCE = 6  # exchanges of signs in a row that may fail to lower the number of wrong ones
_INDEFINITE = (
    "K is not positive semidefinite (an eigenvalue is negative beyond rounding); "
    "compute the kernel in float64, or add a multiple of the identity."
)


@functools.partial(
    jax.tree_util.register_dataclass,
    data_fields=["lower", "upper", "dual"],
    meta_fields=["status"],
)
@dataclass(frozen=True)
class L2Margin:
    """A bracket `lower` ≤ γ_ℓ2 ≤ `upper` and the p on the simplex, `dual: (n,)`, that proves it.

    It is rigorous for the margin of every positive semidefinite matrix whose entries are within
    16 u √(K_ii K_jj) of the given floats K, u = 2^−53: both ends are moved outward by a bound on
    the rounding errors of their evaluation in float64 and on this uncertainty of K. The exact
    kernel matrix of the data is such a matrix; the given floats themselves usually are not quite.

    `status` is "optimal" if upper − lower ≤ tol·upper, "not separable: …" if γ_ℓ2 cannot be told
    from zero, and "gap not closed: …" otherwise, as it must be where γ_ℓ2² is so small that this
    uncertainty of K matters.
    """

    lower: float
    upper: float
    dual: Float[np.ndarray, " n"]
    status: str


def max_margin(
    K: Float[ArrayLike, "n n"], y: Float[ArrayLike, " n"], *, tol: float = 1e-10
) -> L2Margin:
    """γ_ℓ2 for the kernel matrix K and labels y in {−1, +1}: equation (4.3).

    A few Cholesky factorisations; duplicated, collinear and non-separable points are allowed.
    Raises ValueError for an empty, non-square, non-symmetric or non-finite K, for one with an
    eigenvalue that is negative beyond rounding, for wrong labels and for tol ≤ 0.
    """
    K = _symmetric(K)
    y, tol = validate.binary_labels(y, len(K)), validate.positive(tol, "tol")
    scale = np.sqrt(np.diag(K))
    if not scale.all():
        i = int(np.argmin(scale))
        return L2Margin(0.0, 0.0, np.eye(len(K))[i], f"not separable: row {i} of K is zero")
    Q = y[:, None] * K * y
    best = 0.0, math.inf, np.full(len(K), 1 / len(K))
    for a in _candidates(Q, scale):
        p = a / math.fsum(a)
        lower, upper = _rounded_bracket(Q, scale, p)
        if best[1] - best[0] >= upper - lower:
            best = lower, upper, p
        if upper - lower <= tol * upper:
            break
    return L2Margin(*best, _status(Q, scale, *best, tol))


def bracket(K: arb_mat, y: Float[ArrayLike, " n"], p: Float[ArrayLike, " n"]) -> tuple[arb, arb]:
    """The two sides of min_i (Qp)_i / √(pᵀQp) ≤ γ_ℓ2 ≤ √(pᵀQp)/Σp for any floats p ≥ 0, in balls.

    `K` encloses the exact kernel matrix, as `kernels.relu_kernel_ball` does. The first side is 0
    unless it is positive for certain. Raises ValueError if p has a negative entry or is zero.
    """
    y = validate.binary_labels(y, K.nrows())
    p = validate.finite_array(p, "p", ndim=1)
    if len(p) != len(y) or (p < 0).any() or not p.any():
        raise ValueError("p must have one non-negative weight for each label, not all zero.")
    with ctx.workprec(rigour.PRECISION):
        signed = arb_mat([[arb(weight * label)] for weight, label in zip(p, y, strict=True)])
        margins = [q * label for q, label in zip((K * signed).entries(), y, strict=True)]
        square = sum((q * weight for q, weight in zip(margins, p, strict=True)), start=arb(0))
        norm = square.nonnegative_part().sqrt()
        worst = functools.reduce(arb.min, margins)
        return worst / norm if worst > 0 else arb(0), norm / sum(map(arb, p), start=arb(0))


def _symmetric(K: ArrayLike) -> Float[np.ndarray, "n n"]:
    """K with its rounding-level asymmetry removed and a diagonal that is not negative."""
    K = validate.finite_array(K, "K", ndim=2)
    if K.shape[0] != K.shape[1]:
        raise ValueError(f"K must be square, got shape {K.shape}.")
    if (np.diag(K) < 0).any():
        raise ValueError(_INDEFINITE)
    largest = np.sqrt(np.diag(K))[:, None] * np.sqrt(np.diag(K))
    if (np.abs(K - K.T) > 2 * ENTRY * UNIT * largest).any():
        raise ValueError("K must be symmetric; give the kernel matrix of one set of points.")
    if (np.abs(K) > (1 + 2 * ENTRY * UNIT) * largest).any():
        raise ValueError(_INDEFINITE)
    return (K + K.T) / 2


# ---------------------------------------------------------------------------------------------
# The certificate
# ---------------------------------------------------------------------------------------------


def _product(Q, p):
    """Qp for symmetric Q, summed pairwise so that few roundings meet in one sum."""
    terms = p[:, None] * Q
    while len(terms) > 1:
        half = (len(terms) + 1) // 2
        terms[: len(terms) - half] += terms[half:]
        terms = terms[:half]
    return terms[0]


def _rounding(scale, p):
    """A bound on the error of each entry of `_product(Q, p)`, including the uncertainty of Q.

    One product and ⌈log₂ n⌉ sums with |Q_ij| ≤ √(Q_ii Q_jj); the 8 covers the bound's own rounding
    and the few scalar operations that follow.
    """
    depth = 1 + math.ceil(math.log2(len(p)))
    return (depth + ENTRY + 8) * UNIT * scale * (scale @ p)


def _rounded_bracket(Q, scale, p):
    """The bracket of γ_ℓ2 that p proves, in floats rounded outward."""
    margins, error = _product(Q, p), _rounding(scale, p)
    square, total = math.fsum(p * margins) + math.fsum(p * error), math.fsum(p)
    if square <= 0:
        raise ValueError(_INDEFINITE)
    norm = math.sqrt(square)
    worst = max(0.0, float(np.min(margins - error)))
    return worst / norm * (1 - 4 * UNIT), norm / total * (1 + 4 * UNIT)


def _status(Q, scale, lower, upper, p, tol):
    if upper - lower <= tol * upper:
        return "optimal"
    if lower == 0 and upper**2 <= 4 * math.fsum(p * _rounding(scale, p)):
        return "not separable: the margin is zero to the accuracy of K"
    return f"gap not closed: {(upper - lower) / upper:.0e} of the margin is left"


# ---------------------------------------------------------------------------------------------
# The solver: min ½ aᵀMa − 1ᵀa over a ≥ 0, whose solution is p up to its length
# ---------------------------------------------------------------------------------------------


def _candidates(Q, scale) -> Iterator[Float[np.ndarray, " n"]]:
    """Points a ≥ 0, the last of which is optimal up to rounding.

    Block principal pivoting takes few steps where many points are support vectors, and may wander
    where few are and K is nearly singular. Then the active-set method, which cannot, starts anew.
    """
    M = Q + np.diag(SHIFT * len(Q) * UNIT * scale**2)
    solved = yield from _block_pivoting(M, scale)
    if not solved:
        yield from _active_set(M, scale)


def _block_pivoting(M, scale) -> Generator[Float[np.ndarray, " n"], None, bool]:
    """Solve on a guessed support and exchange all indices of wrong sign, as long as that helps.

    Returns whether no wrong sign is left.
    """
    support, fewest, patience = np.ones(len(M), bool), len(M) + 1, PATIENCE
    while patience > 0:
        a = _solve_on(M, support)
        yield np.maximum(a, 0)
        wrong = np.where(support, a < 0, _violated(M, scale, a))
        if not wrong.any():
            return True
        patience = PATIENCE if wrong.sum() < fewest else patience - 1
        fewest = min(fewest, wrong.sum())
        support ^= wrong
    return False


def _active_set(M, scale) -> Iterator[Float[np.ndarray, " n"]]:
    """Lawson and Hanson's method: admit the most violated index, retreat from wrong signs.

    At each a the objective is −½ Σa, and it falls: no support comes back. Rounding ends the method
    where Σa no longer grows.
    """
    support, a = np.zeros(len(M), bool), np.zeros(len(M))
    while (violated := _violated(M, scale, a)).any():
        support[np.argmin(np.where(violated, (_product(M, a) - 1) / scale, np.inf))] = True
        before, a = a, _retreat(M, a, support)
        if math.fsum(a) <= math.fsum(before):
            return
        yield a


def _retreat(M, a, support):
    """The solution on the support, which loses the indices that reach zero on the way there."""
    while True:
        z = _solve_on(M, support)
        falling = support & (z < 0)
        if not falling.any():
            return z
        shares = np.where(falling, a, np.inf) / np.where(falling, a - z, 1.0)
        a = a + shares.min() * (z - a)
        support &= shares > shares.min()
        a[~support] = 0


def _solve_on(M, support):
    """The a with (Ma)_i = 1 on the support and a_i = 0 off it."""
    a = np.zeros(len(M))
    chosen = np.flatnonzero(support)
    block = M[np.ix_(chosen, chosen)]
    try:
        factor = cho_factor(block, lower=True, overwrite_a=True, check_finite=False)
    except LinAlgError:
        raise ValueError(_INDEFINITE) from None
    a[chosen] = cho_solve(factor, np.ones(len(chosen)), check_finite=False)
    return a


def _violated(M, scale, a) -> Bool[np.ndarray, " n"]:
    """Where (Ma)_i < 1 beyond rounding."""
    return _product(M, a) - 1 < -_rounding(scale, np.abs(a))
