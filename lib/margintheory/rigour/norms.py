"""Euclidean lengths of float vectors at any scale.

The square of an entry below 1e-154 underflows and that of one above 1e154 overflows. Divided by a
power of two first, which is exact, the greatest entry of each vector is about 1.
"""

import numpy as np
from jaxtyping import Float


def norm(X: Float[np.ndarray, "*shape d"]) -> Float[np.ndarray, "*shape"]:
    """‖x‖ of the vectors along the last axis, to a few units in the last place at every scale.

    It is 0 only for zero vectors, and inf only where the length exceeds the greatest float.
    """
    scaled, exponent = _scaled(X)
    return np.ldexp(np.linalg.norm(scaled, axis=-1), exponent)


def unit(X: Float[np.ndarray, "*shape d"]) -> Float[np.ndarray, "*shape d"]:
    """x/‖x‖ for the vectors along the last axis; zero vectors stay zero."""
    scaled, _ = _scaled(X)
    length = np.linalg.norm(scaled, axis=-1, keepdims=True)
    return scaled / np.where(length > 0, length, 1.0)


def _scaled(X):
    """The vectors with their greatest entries in [1/2, 1), and the exponents taken out."""
    exponent = np.frexp(np.abs(X).max(axis=-1))[1]
    return np.ldexp(X, -exponent[..., None]), exponent
