"""What may enter a check: finite real numbers. Anything else is a `ValueError` that says so."""

import math
from typing import Any

import numpy as np


def real(value: Any, name: str) -> float:
    """The float nearest to a finite real number."""
    try:
        if isinstance(value, str | bytes | bool | np.bool):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} must be a real number, got {value!r}.") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, got {number}.")
    return number


def positive(value: Any, name: str) -> float:
    """A finite number greater than zero."""
    number = real(value, name)
    if number <= 0:
        raise ValueError(f"{name} must be positive, got {number:g}.")
    return number


def count(value: Any, name: str, least: int = 1) -> int:
    """A whole number that is at least `least`."""
    number = real(value, name)
    if number != math.floor(number) or number < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, got {value}.")
    return int(value)


def vector(values: Any, name: str) -> np.ndarray:
    """Finite real numbers in a row, at least one, as float64."""
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "iuf":
            raise TypeError(f"its entries are {array.dtype}")
        array = array.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be an array of real numbers: {error}.") from None
    if array.ndim != 1 or not array.size:
        raise ValueError(f"{name} must be a non-empty vector, got shape {array.shape}.")
    if not np.isfinite(array).all():
        i = int(np.flatnonzero(~np.isfinite(array))[0])
        raise ValueError(f"{name} must be finite, but entry {i} is {array[i]}.")
    return array
