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
from typing import Any

import jax
import numpy as np
from flint import arb, arb_mat, ctx
from jaxtyping import Bool, Float
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from margintheory import kernels, rigour, validate
from margintheory.arrays import ArrayLike, Reals
from margintheory.rigour import Dyadic
from margintheory.status import Status

UNIT = 2.0**-53  # the unit roundoff u of float64
ENTRY = kernels.ERROR  # an entry of K is trusted to this many times u √(K_ii K_jj)
SHIFT = 4  # the solver adds this many times n u K_ii to the diagonal, so that singular K factorise
PATIENCE = 6  # exchanges of signs in a row that may fail to lower the number of wrong ones
ROUNDS = 50  # of exchanges in balls, and one more for each row
SPREAD = 1000  # binary orders of magnitude that the diagonal of a float matrix may span
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

    For a matrix of balls it holds for every positive semidefinite matrix in them, `dual` is exact,
    and `bracket(K, y, dual)` has the digits that the two floats cannot hold.

    For floats K it holds for every positive semidefinite matrix whose entries are within
    `ENTRY` u √(K_ii K_jj) of them, u = 2^−53: both ends are moved outward by a bound on the
    rounding errors of their evaluation in float64 and on this uncertainty of K. By
    `kernels.ERROR` the exact kernel matrix of the data is such a matrix, whatever their dimension;
    the given floats themselves usually are not quite.

    `status` is OPTIMAL if upper − lower ≤ tol·upper, NOT_SEPARABLE if a diagonal entry is 0,
    UNRESOLVED if γ_ℓ2 cannot be told from zero with this uncertainty, and OPEN otherwise, as it
    must be where γ_ℓ2² is so small that the uncertainty matters.
    """

    lower: float
    upper: float
    dual: Float[np.ndarray, " n"] | Dyadic
    status: Status


def max_margin(
    K: Reals[ArrayLike, "n n"] | arb_mat, y: Reals[ArrayLike, " n"], *, tol: float = 1e-10
) -> L2Margin:
    """γ_ℓ2 for the kernel matrix K and labels y in {−1, +1}: equation (4.3).

    For floats, a few Cholesky factorisations; duplicated, collinear and non-separable points are
    allowed. The bracket closes to `tol` where it is well above n ENTRY u max_i K_ii / γ_ℓ2².

    For balls, as `kernels.relu_kernel_ball(X)` returns them, the search goes on in more than twice
    their precision, and the bracket closes to `tol` where it is well above n 2^−p max_i K_ii/γ_ℓ2²
    for balls of p bits. The usual 128 are enough for 1e-25 unless the margin is tiny; if γ_ℓ2 > 0,
    some p is enough for any `tol`: `with flint.ctx.workprec(p): K = kernels.relu_kernel_ball(X)`.
    A few solutions of linear equations in such numbers, a second for n = 200.

    Raises ValueError for an empty, non-square, non-symmetric or non-finite K, for one with an
    eigenvalue that is negative beyond rounding, for floats with a diagonal that spans more than 300
    orders of magnitude, for wrong labels and for tol ≤ 0.
    """
    if isinstance(K, arb_mat):
        return _max_margin_in_balls(K, validate.binary_labels(y, K.nrows()), tol)
    K, exponent = _symmetric(K)
    y, tol = validate.binary_labels(y, len(K)), validate.positive(tol, "tol")
    scale = np.sqrt(np.diag(K))
    if not scale.all():
        return L2Margin(0.0, 0.0, np.eye(len(K))[np.argmin(scale)], Status.NOT_SEPARABLE)
    Q = y[:, None] * K * y
    best = 0.0, math.inf, np.full(len(K), 1 / len(K))
    for a in _candidates(Q, scale):
        p = a / math.fsum(a)
        lower, upper = _rounded_bracket(Q, scale, p)
        if best[1] - best[0] >= upper - lower:
            best = lower, upper, p
        if upper - lower <= tol * upper:
            break
    lower, upper, p = best
    status = _status(lower, upper, 4 * math.fsum(p * _rounding(scale, p)), tol)
    return L2Margin(math.ldexp(lower, exponent), math.ldexp(upper, exponent), p, status)


def bracket(
    K: arb_mat, y: Reals[ArrayLike, " n"], p: Reals[ArrayLike, " n"] | Dyadic
) -> tuple[arb, arb]:
    """The two sides of min_i (Qp)_i / √(pᵀQp) ≤ γ_ℓ2 ≤ √(pᵀQp)/Σp for any p ≥ 0, in balls.

    `K` encloses the exact kernel matrix, as `kernels.relu_kernel_ball` does. The first side is 0
    unless it is positive for certain. The precision is 128 bits or `flint.ctx.prec`, if that is
    greater. Raises ValueError if p has a negative entry or is zero.
    """
    y = validate.binary_labels(y, K.nrows())
    N, exponent = rigour.dyadic(p if isinstance(p, Dyadic) else validate.finite_array(p, "p", 1))
    if N.shape != y.shape or (N < 0).any() or not N.any():
        raise ValueError("p must have one non-negative weight for each label, not all zero.")
    with ctx.workprec(max(rigour.PRECISION, ctx.prec)):
        weights, signs = _balls(N, exponent), y.astype(int).tolist()
        signed = arb_mat([[w * sign] for w, sign in zip(weights, signs, strict=True)])
        margins = [q * sign for q, sign in zip((K * signed).entries(), signs, strict=True)]
        square = sum((q * w for q, w in zip(margins, weights, strict=True)), start=arb(0))
        norm = square.nonnegative_part().sqrt()
        worst = functools.reduce(arb.min, margins)
        return worst / norm if worst > 0 else arb(0), norm / _balls([N.sum()], exponent)[0]


def _balls(N, exponent):
    return [arb(int(weight)) * arb(2) ** exponent for weight in N]


def _symmetric(K: Any) -> tuple[Float[np.ndarray, "n n"], int]:
    """K without its rounding-level asymmetry, its least positive K_ii in [1, 4), and γ's exponent.

    The power of two that is taken out, twice the exponent, changes no digit.
    """
    validate.concrete(K, "K")
    K = validate.finite_array(K, "K", ndim=2)
    if K.shape[0] != K.shape[1]:
        raise ValueError(f"K must be square, got shape {K.shape}.")
    diagonal = np.diag(K)
    if (diagonal < 0).any():
        raise ValueError(_INDEFINITE)
    orders = np.frexp(diagonal[diagonal > 0])[1].tolist() or [1]
    exponent = (min(orders) - 1) // 2
    if max(orders) - min(orders) > SPREAD:
        raise ValueError(
            "the diagonal of K spans more than 300 orders of magnitude; give the kernel in balls "
            "(kernels.relu_kernel_ball), or rescale its rows."
        )
    with np.errstate(over="ignore"):
        K = K * 2.0**-exponent
        K *= 2.0**-exponent
    scale, work = np.sqrt(np.diag(K)), np.abs(K)
    largest = np.outer(scale, scale) * (1 + 2 * ENTRY * UNIT)
    if (work > largest).any():
        raise ValueError(_INDEFINITE)
    np.abs(np.subtract(K, K.T, out=work), out=work)
    if (work > 2 * ENTRY * UNIT * largest).any():
        raise ValueError("K must be symmetric; give the kernel matrix of one set of points.")
    return np.add(K, K.T, out=work) / 2, exponent


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


def _status(lower, upper, invisible, tol):
    """Margins whose square is at most `invisible` cannot be told from zero."""
    if upper - lower <= tol * upper:
        return Status.OPTIMAL
    return Status.UNRESOLVED if lower == 0 and upper**2 <= invisible else Status.OPEN


# ---------------------------------------------------------------------------------------------
# The solver: min ½ aᵀMa − 1ᵀa over a ≥ 0, whose solution is p up to its length
# ---------------------------------------------------------------------------------------------


def _candidates(Q, scale) -> Iterator[Float[np.ndarray, " n"]]:
    """Points a ≥ 0, the last of which is optimal up to rounding.

    Block principal pivoting takes few steps where many points are support vectors, and may wander
    where few are and K is nearly singular. Then the active-set method, which cannot, starts anew.
    Where Cholesky fails, all is done again with a shift that no rounding of K and of Cholesky's
    method can outweigh for a positive semidefinite matrix.
    """
    for shift in (SHIFT, ENTRY + len(Q)):
        M = Q + np.diag(shift * len(Q) * UNIT * scale**2)
        try:
            solved = yield from _block_pivoting(M, scale)
            if not solved:
                yield from _active_set(M, scale)
            return
        except LinAlgError:
            continue
    raise ValueError(_INDEFINITE)


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
    factor = cho_factor(block, lower=True, overwrite_a=True, check_finite=False)
    a[chosen] = cho_solve(factor, np.ones(len(chosen)), check_finite=False)
    return a


def _violated(M, scale, a) -> Bool[np.ndarray, " n"]:
    """Where (Ma)_i < 1 beyond rounding."""
    return _product(M, a) - 1 < -_rounding(scale, np.abs(a))


# ---------------------------------------------------------------------------------------------
# Balls: the same programme for the middle of DQD with D_ii² ≈ 1/K_ii, in twice their precision
# ---------------------------------------------------------------------------------------------


def _max_margin_in_balls(K, y, tol):
    tol, n = validate.positive(tol, "tol"), len(y)
    if K.ncols() != n:
        raise ValueError(f"K must be square, got shape {(n, K.ncols())}.")
    balls = np.array(K.tolist(), dtype=object)
    if not all(ball.is_finite() for ball in balls.ravel()):
        raise ValueError("K must be finite, but an entry is not; compute it in more digits.")
    if (doubtful := np.flatnonzero([not ball > 0 for ball in np.diag(balls)])).size:
        return _without_length(balls, doubtful[0])
    halves = [_order(ball.mid()) // 2 for ball in np.diag(balls)]  # of the binary orders of K_ii
    with ctx.workprec(max(rigour.PRECISION, ctx.prec, *(ball.bits() for ball in balls.ravel()))):
        lengths = np.array([arb(2) ** half for half in halves], dtype=object)
        Q = balls / (y.astype(int) * lengths)[:, None] / (y.astype(int) * lengths)
        _refuse_asymmetric_or_indefinite(Q)
        radii = [ball.rad() for ball in Q.ravel() if not ball.is_exact()]
    bits = max(32, min((-_order(radius) for radius in radii), default=rigour.PRECISION))
    with ctx.workprec(2 * bits + 64):
        shift = arb(SHIFT * n) * arb(2) ** -bits
        M = np.vectorize(arb.mid, otypes=[object])((Q + Q.T) / 2)
        M[np.diag_indices(n)] += shift
        a = _exact_pivoting(M, 1 / lengths, _guess(K, y), arb(2) ** -(bits + 32))
        dual = _on_the_simplex(a, halves, bits + 32)
        lower, upper = bracket(K, y, dual)
        invisible = 4 * shift * (np.diag(balls) @ _balls(*rigour.dyadic(dual)))
        status = _status(lower, upper, invisible, arb(tol))
        return L2Margin(max(rigour.below(lower), 0.0), rigour.above(upper), dual, status)


def _order(number):
    """The k with 2^(k−1) ≤ |number| < 2^k, for an exact number that is not 0."""
    mantissa, exponent = number.man_exp()
    return int(exponent) + int(mantissa).bit_length()


def _without_length(balls, i):
    """The bracket where K_ii is not positive for certain."""
    zero = balls[i, i] == 0
    if balls[i, i] < 0 or (zero and not all(ball.contains(0) for ball in balls[i])):
        raise ValueError(_INDEFINITE)
    status = Status.NOT_SEPARABLE if zero else Status.UNRESOLVED
    dual = Dyadic.of(np.eye(len(balls), dtype=int)[i], 0)
    return L2Margin(0.0, rigour.above(balls[i, i].nonnegative_part().sqrt()), dual, status)


def _refuse_asymmetric_or_indefinite(Q):
    if not all(a.overlaps(b) for a, b in zip(Q.ravel(), Q.T.ravel(), strict=True)):
        raise ValueError("K must be symmetric; give the kernel matrix of one set of points.")
    floats = Q.astype(float)
    shift = (ENTRY + len(Q)) * len(Q) * UNIT * np.diag(floats)
    try:
        cho_factor(floats + np.diag(shift), lower=True)
    except LinAlgError:
        raise ValueError(_INDEFINITE) from None


def _guess(K, y):
    """The support that floats find; all rows where floats cannot hold K."""
    try:
        return max_margin(np.array(K.tolist(), dtype=float), y).dual > 0
    except ValueError:
        return np.ones(len(y), bool)


def _exact_pivoting(M, target, support, slack):
    """The a ≥ 0 with Ma ≥ target, and equality where a > 0: signs are certain at this precision.

    Wrong ones are exchanged all at once as long as that helps and then one by one, the last first
    (Murty's rule), which ends for every positive definite M. A few rounds are the rule.
    """
    matrix, fewest, patience = arb_mat(M.tolist()), len(M) + 1, PATIENCE
    for _ in range(ROUNDS + len(M)):
        a = _solve_exactly_on(M, target, support)
        product = matrix * arb_mat([[value] for value in a])
        missing = target - np.array(product.entries(), dtype=object)
        wrong = np.where(support, a < 0, missing > slack * sum(map(abs, a)))
        if not wrong.any():
            return a
        patience = PATIENCE if wrong.sum() < fewest else patience - 1
        fewest = min(fewest, wrong.sum())
        exchanged = np.flatnonzero(wrong)[0 if patience > 0 else -1 :]
        support[exchanged] ^= True
    raise ValueError(
        "K is not positive semidefinite to its own precision, or the search of the support did not "
        "end; compute the kernel by kernels.relu_kernel_ball, in more digits."
    )


def _solve_exactly_on(M, target, support):
    """The a with (Ma)_i = target_i on the support and a_i = 0 off it, to nearly all its digits."""
    a = np.array([arb(0)] * len(M), dtype=object)
    if support.any():
        block = arb_mat(M[np.ix_(support, support)].tolist())
        side = arb_mat(target[support, None].tolist())
        a[support] = block.solve(side, algorithm="approx").entries()
    return a


def _on_the_simplex(a, halves, bits):
    """p ∝ a_i 2^−halves_i, a to `bits` binary digits below its greatest entry; their sum is 1."""
    greatest = max(_order(value) for value in a if value > 0)
    digits = [(value * arb(2) ** (bits - greatest)).floor().unique_fmpz() for value in a]
    N = [max(int(v), 0) << max(halves) - half for v, half in zip(digits, halves, strict=True)]
    size = sum(N).bit_length() + 8
    p = [(v << size) // sum(N) for v in N]
    p[int(np.argmax(p))] += 2**size - sum(p)
    return Dyadic.of(p, -size)
