"""Numbers as they are, in balls: how floats enter a certificate.

A float or an integer of any size becomes a ball of radius 0. All else is rounded outwards to the
precision of `flint.ctx`, which the caller sets.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from flint import arb, arb_mat
from jaxtyping import Float, Shaped

from margintheory.rigour.numbers import Dyadic, dyadic


def exact(value: Any) -> arb:
    """The ball of radius 0 around a float or an integer, of Python, NumPy or JAX.

    Raises ValueError for what is not finite, or no float or integer: a fraction would be rounded.
    """
    return _exact(np.asarray(value).item())


def _exact(number: Any) -> arb:
    if not (isinstance(number, (int, float)) and (ball := arb(number)).is_finite()):
        raise ValueError(f"only finite floats and integers enter a ball exactly, not {number!r}.")
    return ball


def exact_vector(values: Shaped[np.ndarray, " n"]) -> list[arb]:
    """`exact` of each entry."""
    values = np.asarray(values)
    known = values.dtype == np.float64 and np.isfinite(values).all()
    return list(map(arb if known else _exact, values.tolist()))


def exact_matrix(values: Shaped[np.ndarray, "n d"]) -> arb_mat:
    """`exact` of each entry."""
    n, d = np.shape(values)
    return arb_mat(n, d, exact_vector(np.ravel(values)))


def of_integers(N: Iterable[Any], exponent: int) -> list[arb]:
    """N_i · 2^exponent."""
    return [arb(int(entry)) * arb(2) ** exponent for entry in N]


def hull(a: float, b: float) -> arb:
    """A ball around all numbers from a to b."""
    return arb(a).union(b)


def dot(u: Sequence[arb], v: Sequence[arb]) -> arb:
    """u·v."""
    return sum((a * b for a, b in zip(u, v, strict=True)), arb(0))


def length(v: Sequence[arb]) -> arb:
    """|v|; the square of a ball around 0 is one too, and has a root once it is cut off at 0."""
    return dot(v, v).nonnegative_part().sqrt()


def lengths(vectors: Shaped[np.ndarray, "m d"]) -> list[arb]:
    """|u_j| of integer vectors, each rounded once."""
    return [arb(int(square)).sqrt() for square in (vectors**2).sum(axis=1)]


def total_variation(atoms: Shaped[np.ndarray, "m d"], weights: Iterable[Any]) -> arb:
    """Σ_j |w_j| |u_j|, for integer vectors and weights that are integers or balls."""
    return sum((abs(w) * l for w, l in zip(weights, lengths(atoms), strict=True)), arb(0))


def total(values: Float[np.ndarray, " n"] | Dyadic) -> arb:
    """The sum of the numbers: exact, then rounded once."""
    N, exponent = dyadic(values)
    return arb(int(N.sum())) * arb(2) ** exponent
