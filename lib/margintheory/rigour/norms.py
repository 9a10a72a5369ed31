"""Euclidean lengths of float vectors at any scale.

The square of an entry below 1e-154 underflows and that of one above 1e154 overflows. Where squares
come near that, the vector is first divided by a power of two, which is exact.
"""

import numpy as np
from jaxtyping import Float

from margintheory.arrays import Numbers

SAFE = 2.0**400  # lengths from 1/SAFE to SAFE have harmless squares


def norm(X: Float[np.ndarray, "*shape d"]) -> Numbers:
    """‖x‖ of the vectors along the last axis, in the shape of the others, at every scale.

    The relative error is at most (d + 4) 2⁻⁵⁴, or the absolute one 2⁻¹⁰⁷⁴ where the length is
    below the normal floats. It is 0 only for zero vectors, and inf only beyond the greatest float.
    """
    _, length, exponent = _scaled(X)
    return np.ldexp(length, exponent)


def unit(X: Float[np.ndarray, "*shape d"]) -> Float[np.ndarray, "*shape d"]:
    """x/‖x‖ for the vectors along the last axis, to (d + 6) 2⁻⁵⁴; zero vectors stay zero."""
    scaled, length, _ = _scaled(X)
    return scaled / np.where(length > 0, length, 1.0)[..., None]


def _scaled(X):
    """The vectors divided by powers of two where that is needed, their lengths, the exponents."""
    exponent = 0
    with np.errstate(over="ignore", under="ignore"):
        length = np.linalg.norm(X, axis=-1)
    unsafe = ~((length >= 1 / SAFE) & (length <= SAFE))
    if unsafe.any():
        exponent = np.where(unsafe, np.frexp(np.abs(X).max(axis=-1))[1], 0)
        X = np.ldexp(X, -exponent[..., None])
        length = np.linalg.norm(X, axis=-1)
    return X, length, exponent
