"""γ_ℓ2 for a matrix of floats, whose entries are uncertain by as much as they were rounded."""

import math
from typing import Any

import numpy as np
from jaxtyping import Float

from margintheory import validate
from margintheory.arrays import ArrayLike, Reals
from margintheory.l2svm.certificate import L2Margin, status
from margintheory.l2svm.pivoting import candidates
from margintheory.l2svm.rounding import ENTRY, INDEFINITE, UNIT, product, rounding
from margintheory.status import Status

SPREAD = 1000  # binary orders of magnitude that the diagonal of a float matrix may span


def in_floats(K: Reals[ArrayLike, "n n"], y: Reals[ArrayLike, " n"], tol: float) -> L2Margin:
    """`l2svm.max_margin` for floats K."""
    K, exponent = _symmetric(K)
    y = validate.binary_labels(y, len(K))
    scale = np.sqrt(np.diag(K))
    if not scale.all():
        return L2Margin(0.0, 0.0, np.eye(len(K))[np.argmin(scale)], Status.NOT_SEPARABLE)
    Q = y[:, None] * K * y
    best = 0.0, math.inf, np.full(len(K), 1 / len(K))
    for a in candidates(Q, scale):
        p = a / math.fsum(a)
        lower, upper = rounded_bracket(Q, scale, p)
        if best[1] - best[0] >= upper - lower:
            best = lower, upper, p
        if upper - lower <= tol * upper:
            break
    lower, upper, p = best
    found = status(lower, upper, 4 * math.fsum(p * rounding(scale, p)), tol)
    return L2Margin(math.ldexp(lower, exponent), math.ldexp(upper, exponent), p, found)


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
        raise ValueError(INDEFINITE)
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
        raise ValueError(INDEFINITE)
    np.abs(np.subtract(K, K.T, out=work), out=work)
    if (work > 2 * ENTRY * UNIT * largest).any():
        raise ValueError("K must be symmetric; give the kernel matrix of one set of points.")
    return np.add(K, K.T, out=work) / 2, exponent


def rounded_bracket(Q, scale, p):
    """The bracket of γ_ℓ2 that p proves, in floats rounded outward."""
    margins, error = product(Q, p), rounding(scale, p)
    square, total = math.fsum(p * margins) + math.fsum(p * error), math.fsum(p)
    if square <= 0:
        raise ValueError(INDEFINITE)
    norm = math.sqrt(square)
    worst = max(0.0, float(np.min(margins - error)))
    return worst / norm * (1 - 4 * UNIT), norm / total * (1 + 4 * UNIT)
