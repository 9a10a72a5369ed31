"""γ_ℓ2 for a kernel matrix, of floats or of balls."""

from flint import arb_mat

from margintheory import validate
from margintheory.arrays import ArrayLike, Reals
from margintheory.l2svm.balls import in_balls
from margintheory.l2svm.certificate import L2Margin
from margintheory.l2svm.floats import in_floats


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
    tol = validate.positive(tol, "tol")
    if isinstance(K, arb_mat):
        return in_balls(K, validate.binary_labels(y, K.nrows()), tol)
    return in_floats(K, y, tol)
