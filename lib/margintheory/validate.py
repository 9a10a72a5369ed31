"""What may enter the library: finite arrays of the right shape, labels ±1, positive parameters.

Every public function checks its input here, before any work is done, and raises `ValueError` with
what was wrong and what to do.
"""

import math
from typing import Any

import jax
import numpy as np
from jaxtyping import ArrayLike, Float


def finite_array(value: ArrayLike, name: str, ndim: int) -> np.ndarray:
    """`value` as a non-empty float64 array with `ndim` axes and finite entries.

    While JAX traces a function there are no entries yet, and only the shape is checked.
    """
    traced = isinstance(value, jax.core.Tracer)
    try:
        array: Any = value if traced else np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be a numeric array: {error}") from None
    if array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} axes, got shape {array.shape}.")
    if array.size == 0:
        raise ValueError(f"{name} is empty (shape {array.shape}).")
    if not traced and not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} must be finite, but entry {where} is {array[where]}.")
    return array


def points(X: ArrayLike, name: str = "X") -> Float[np.ndarray, "n d"]:
    """Data points as the rows of a finite matrix."""
    return finite_array(X, name, ndim=2)


def binary_training_set(
    X: ArrayLike, y: ArrayLike
) -> tuple[Float[np.ndarray, "n d"], Float[np.ndarray, " n"]]:
    """Points and their labels in {−1, +1}, one label for each row."""
    X = points(X)
    return X, binary_labels(y, len(X))


def regression_set(
    X: ArrayLike, y: ArrayLike
) -> tuple[Float[np.ndarray, "n d"], Float[np.ndarray, " n"]]:
    """Points and their real targets, one target for each row."""
    X, y = points(X), finite_array(y, "y", ndim=1)
    if len(y) != len(X):
        raise ValueError(f"there are {len(X)} examples but y has {len(y)} targets; match them.")
    return X, y


def weights(w: ArrayLike, n: int) -> Float[np.ndarray, " n"]:
    """n finite real weights."""
    w = finite_array(w, "w", ndim=1)
    if len(w) != n:
        raise ValueError(f"there are {n} points but w has {len(w)} weights; they must match.")
    return w


def binary_labels(y: ArrayLike, n: int) -> Float[np.ndarray, " n"]:
    """n labels in {−1, +1}."""
    y = finite_array(y, "y", ndim=1)
    if len(y) != n:
        raise ValueError(f"there are {n} examples but y has {len(y)} labels; they must match.")
    wrong = np.flatnonzero(np.abs(y) != 1)
    if wrong.size:
        i = wrong[0]
        raise ValueError(f"labels must be -1 or +1, but y[{i}] = {y[i]:g}; recode the labels.")
    return y


def class_labels(y: ArrayLike, n: int, classes: int) -> Float[np.ndarray, " n"]:
    """n labels in {0, …, classes − 1}, as integers."""
    y = finite_array(y, "y", ndim=1)
    if len(y) != n:
        raise ValueError(f"there are {n} examples but y has {len(y)} labels; they must match.")
    wrong = np.flatnonzero((y != np.floor(y)) | (y < 0) | (y >= classes))
    if wrong.size:
        i = wrong[0]
        raise ValueError(
            f"labels must be whole numbers in 0..{classes - 1}, but y[{i}] = {y[i]:g}."
        )
    return y.astype(np.int64)


def positive(value: float, name: str) -> float:
    """A finite number greater than zero."""
    number = real(value, name)
    if number <= 0:
        raise ValueError(f"{name} must be positive, got {number:g}.")
    return number


def real(value: float, name: str) -> float:
    """A finite real number."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a real number, got {value!r}.") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, got {number}.")
    return number


def count(value: int, name: str, least: int = 1) -> int:
    """A whole number that is at least `least`."""
    if value != int(value) or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, got {value}.")
    return int(value)
