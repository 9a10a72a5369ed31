"""The bracket of γ_ℓ2 that a p proves, in balls, and what a solver says of it."""

import functools
from dataclasses import dataclass

import jax
import numpy as np
from flint import arb, arb_mat, ctx
from jaxtyping import Float

from margintheory import rigour, validate
from margintheory.arrays import ArrayLike, Reals
from margintheory.rigour import Dyadic
from margintheory.status import Status


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


def bracket(
    K: arb_mat, y: Reals[ArrayLike, " n"], p: Reals[ArrayLike, " n"] | Dyadic
) -> tuple[arb, arb]:
    """The two sides of min_i (Qp)_i / √(pᵀQp) ≤ γ_ℓ2 ≤ √(pᵀQp)/Σp for any p ≥ 0, in balls.

    `K` encloses the exact kernel matrix, as `kernels.relu_kernel_ball` does. The first side is 0
    unless it is positive for certain. The precision is 128 bits or `flint.ctx.prec`, if that is
    greater. Raises ValueError if p has a negative entry or is zero.
    """
    y = validate.binary_labels(y, K.nrows())
    N, exponent = validate.exact(p, "p", 1)
    if N.shape != y.shape or (N < 0).any() or not N.any():
        raise ValueError("p must have one non-negative weight for each label, not all zero.")
    with ctx.workprec(max(rigour.PRECISION, ctx.prec)):
        weights, signs = rigour.of_integers(N, exponent), y.astype(int).tolist()
        signed = arb_mat([[w * sign] for w, sign in zip(weights, signs, strict=True)])
        margins = [q * sign for q, sign in zip((K * signed).entries(), signs, strict=True)]
        square = sum((q * w for q, w in zip(margins, weights, strict=True)), start=arb(0))
        norm = square.nonnegative_part().sqrt()
        worst = functools.reduce(arb.min, margins)
        (total,) = rigour.of_integers([N.sum()], exponent)
        return worst / norm if worst > 0 else arb(0), norm / total


def status(lower, upper, invisible, tol):
    """Margins whose square is at most `invisible` cannot be told from zero."""
    if upper - lower <= tol * upper:
        return Status.OPTIMAL
    return Status.UNRESOLVED if lower == 0 and upper**2 <= invisible else Status.OPEN
