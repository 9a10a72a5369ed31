"""γ_ℓ2 for a matrix of balls: the programme for the middle of DQD with D_ii² ≈ 1/K_ii, in more than
twice their precision.
"""

import numpy as np
from flint import arb, arb_mat, ctx
from jaxtyping import Float
from scipy.linalg import LinAlgError, cho_factor

from margintheory import rigour
from margintheory.l2svm.certificate import L2Margin, bracket, status
from margintheory.l2svm.floats import in_floats
from margintheory.l2svm.pivoting import PATIENCE, SHIFT
from margintheory.l2svm.rounding import ENTRY, INDEFINITE, UNIT
from margintheory.rigour import Dyadic
from margintheory.rigour.digits import order
from margintheory.status import Status

GUESS = 1e-10  # the relative accuracy that is asked of floats first
ROUNDS = 50  # of exchanges, and one more for each row


def in_balls(K: arb_mat, y: Float[np.ndarray, " n"], tol: float) -> L2Margin:
    """`l2svm.max_margin` for balls K and labels that were checked."""
    n = len(y)
    if K.ncols() != n:
        raise ValueError(f"K must be square, got shape {(n, K.ncols())}.")
    entries = np.array(K.tolist(), dtype=object)
    if not all(ball.is_finite() for ball in entries.ravel()):
        raise ValueError("K must be finite, but an entry is not; compute it in more digits.")
    if (doubtful := np.flatnonzero([not ball > 0 for ball in np.diag(entries)])).size:
        return _without_length(entries, doubtful[0])
    halves = [order(ball.mid()) // 2 for ball in np.diag(entries)]  # of the binary orders of K_ii
    with ctx.workprec(max(rigour.PRECISION, ctx.prec, *(ball.bits() for ball in entries.ravel()))):
        lengths = np.array([arb(2) ** half for half in halves], dtype=object)
        Q = entries / (y.astype(int) * lengths)[:, None] / (y.astype(int) * lengths)
        _refuse_asymmetric_or_indefinite(Q)
        radii = [ball.rad() for ball in Q.ravel() if not ball.is_exact()]
    bits = max(32, min((-order(radius) for radius in radii), default=rigour.PRECISION))
    with ctx.workprec(2 * bits + 64):
        shift = arb(SHIFT * n) * arb(2) ** -bits
        M = np.vectorize(arb.mid, otypes=[object])((Q + Q.T) / 2)
        M[np.diag_indices(n)] += shift
        a = _exact_pivoting(M, 1 / lengths, _guess(K, y), arb(2) ** -(bits + 32))
        dual = _on_the_simplex(a, halves, bits + 32)
        lower, upper = bracket(K, y, dual)
        invisible = 4 * shift * (np.diag(entries) @ rigour.of_integers(*rigour.dyadic(dual)))
        found = status(lower, upper, invisible, arb(tol))
        return L2Margin(max(rigour.below(lower), 0.0), rigour.above(upper), dual, found)


def _without_length(balls, i):
    """The bracket where K_ii is not positive for certain."""
    zero = balls[i, i] == 0
    if balls[i, i] < 0 or (zero and not all(ball.contains(0) for ball in balls[i])):
        raise ValueError(INDEFINITE)
    found = Status.NOT_SEPARABLE if zero else Status.UNRESOLVED
    dual = Dyadic.of(np.eye(len(balls), dtype=int)[i], 0)
    return L2Margin(0.0, rigour.above(balls[i, i].nonnegative_part().sqrt()), dual, found)


def _refuse_asymmetric_or_indefinite(Q):
    if not all(a.overlaps(b) for a, b in zip(Q.ravel(), Q.T.ravel(), strict=True)):
        raise ValueError("K must be symmetric; give the kernel matrix of one set of points.")
    floats = Q.astype(float)
    shift = (ENTRY + len(Q)) * len(Q) * UNIT * np.diag(floats)
    try:
        cho_factor(floats + np.diag(shift), lower=True)
    except LinAlgError:
        raise ValueError(INDEFINITE) from None


def _guess(K, y):
    """The support that floats find; all rows where floats cannot hold K."""
    try:
        return in_floats(np.array(K.tolist(), dtype=float), y, GUESS).dual > 0
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
    greatest = max(order(value) for value in a if value > 0)
    digits = [(value * arb(2) ** (bits - greatest)).floor().unique_fmpz() for value in a]
    N = [max(int(v), 0) << max(halves) - half for v, half in zip(digits, halves, strict=True)]
    size = sum(N).bit_length() + 8
    p = [(v << size) // sum(N) for v in N]
    p[int(np.argmax(p))] += 2**size - sum(p)
    return Dyadic.of(p, -size)
