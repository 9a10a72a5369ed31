"""What may enter the library: finite arrays of the right shape, labels ±1, positive parameters.

Every public function checks its input here, before any work is done, and raises `ValueError` with
what was wrong and what to do. Nothing is changed on the way in: an entry that float64 cannot hold
is refused, and so is every input while JAX's 64-bit mode is off.
"""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int64, Shaped

from margintheory.arrays import ArrayLike, Numbers
from margintheory.rigour.numbers import Dyadic, dyadic


def finite_array(value: Any, name: str, ndim: int) -> Shaped[Numbers, "..."]:
    """`value` as a non-empty float64 array with `ndim` axes and finite entries, none rounded.

    While JAX traces a function there are no entries yet, and only the shape is checked.
    """
    if isinstance(value, jax.core.Tracer):
        _in_64_bits()
        return _shaped(value, name, ndim)
    raw = _numbers(value, name)
    array = _rounded(raw, name, ndim)
    changed = _changed(raw, array)
    if changed.any():
        i = _first(changed)
        raise ValueError(
            f"{name} has the entry {raw[i]} at {i}, which float64 rounds to {array[i]!r}; "
            f"round it yourself, for example by np.asarray({name}, float)."
        )
    return array


def rounded_array(value: ArrayLike, name: str, ndim: int) -> np.ndarray:
    """The same with entries, such as fractions, rounded to float64; not for traced arrays."""
    return _rounded(_numbers(value, name), name, ndim)


def _rounded(raw, name, ndim):
    try:
        array = raw.astype(np.float64, copy=False)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be a numeric array: {error}") from None
    array = _shaped(array, name, ndim)
    if not np.isfinite(array).all():
        i = _first(~np.isfinite(array))
        raise ValueError(f"{name} must be finite, but entry {i} is {array[i]}.")
    return array


def _in_64_bits():
    if not jax.config.jax_enable_x64:
        raise ValueError(
            "JAX's 64-bit mode was turned off after margintheory was imported, but everything here "
            "is float64; turn it on again: jax.config.update('jax_enable_x64', True)."
        )


def _numbers(value: Any, name: str) -> np.ndarray:
    """`value` as an array of real numbers of any type, unchanged."""
    _in_64_bits()
    concrete(value, name)
    if hasattr(value, "todense"):
        raise ValueError(f"{name} is sparse; give a dense array: {name}.toarray().")
    rows = value if isinstance(value, list | tuple) else [value]
    if any(np.ma.is_masked(row) for row in rows):
        raise ValueError(f"{name} has masked entries; fill them or drop their rows first.")
    try:
        raw = np.asarray(value, dtype=object if rows is value else None)
    except jax.errors.TracerArrayConversionError:
        raise ValueError(f"{name} holds traced entries; make it an array by jnp.stack.") from None
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"{name} must be a numeric array: {error}") from None
    if raw.dtype.kind not in "biufcO" and not jnp.issubdtype(raw.dtype, jnp.floating):
        raise ValueError(f"{name} must be a numeric array, but its entries are {raw.dtype}.")
    for entry in raw.ravel() if raw.dtype == object else ():
        _real_entry(entry, name)
    if jnp.issubdtype(raw.dtype, jnp.complexfloating):
        raise ValueError(f"{name} is complex; give real numbers, for example {name}.real.")
    return raw


def _real_entry(entry, name):
    if isinstance(entry, complex | np.complexfloating):
        raise ValueError(f"{name} is complex; give real numbers, for example {name}.real.")
    if isinstance(entry, list | tuple | np.ndarray) and np.ndim(entry):
        raise ValueError(f"{name} has rows of different lengths; give a rectangular array.")
    if entry is None or isinstance(entry, str | bytes):
        raise ValueError(f"{name} must be a numeric array, but one entry is {entry!r}.")


def _shaped(array: Any, name: str, ndim: int) -> Any:
    if array.ndim != ndim:
        column = ndim == 1 and array.ndim == 2 and 1 in array.shape
        remedy = f"; flatten it: {name}.ravel()" if column else ""
        raise ValueError(f"{name} must have {ndim} axes, got shape {array.shape}{remedy}.")
    if array.size == 0:
        raise ValueError(f"{name} is empty (shape {array.shape}).")
    return array


def _changed(raw, array):
    """Where a conversion to float64 changed the number; Python compares these types exactly."""
    if raw.dtype.kind in "iu":
        changed = np.zeros(raw.shape, bool)
        large = np.abs(array) >= 2.0**53
        changed[large] = raw[large].astype(object) != array[large].astype(object)
        return changed
    exact = raw.dtype != object and raw.dtype.itemsize <= 8
    return np.zeros(raw.shape, bool) if exact else np.asarray(raw != array, bool)


def _first(mask):
    return tuple(int(i) for i in np.argwhere(mask)[0])


def concrete(value: Any, name: str) -> None:
    """Refuses arrays that JAX is tracing: certificates are computed from numbers."""
    if isinstance(value, jax.core.Tracer):
        raise ValueError(
            f"{name} is traced by jit, vmap or grad, but this function works on concrete arrays; "
            "call it outside, in a loop instead of vmap (see `help(margintheory)` for those that "
            "can be traced)."
        )


def points(X: Any, name: str = "X") -> Shaped[Numbers, "n d"]:
    """Data points as the rows of a finite matrix."""
    return finite_array(X, name, ndim=2)


def concrete_points(X: Any, name: str = "X") -> Float[np.ndarray, "n d"]:
    """`points` for a function that JAX cannot trace."""
    concrete(X, name)
    return points(X, name)


def binary_training_set(
    X: ArrayLike, y: ArrayLike
) -> tuple[Float[np.ndarray, "n d"], Float[np.ndarray, " n"]]:
    """Points and their labels in {−1, +1}, one label for each row; concrete arrays."""
    X = concrete_points(X)
    return X, binary_labels(y, len(X))


def regression_set(
    X: ArrayLike, y: ArrayLike
) -> tuple[Float[np.ndarray, "n d"], Float[np.ndarray, " n"]]:
    """Points and their real targets, one target for each row; concrete arrays."""
    concrete(y, "y")
    X, y = concrete_points(X), finite_array(y, "y", ndim=1)
    if len(y) != len(X):
        raise ValueError(f"there are {len(X)} examples but y has {len(y)} targets; match them.")
    return X, y


def exact(
    values: ArrayLike | Dyadic, name: str, ndim: int
) -> tuple[Shaped[np.ndarray, "..."], int]:
    """Finite floats, or numbers of more digits, as integers and an exponent; concrete."""
    if isinstance(values, Dyadic):
        return dyadic(values)
    concrete(values, name)
    return dyadic(finite_array(values, name, ndim))


def weights(w: ArrayLike, n: int) -> Float[np.ndarray, " n"]:
    """n finite real weights, concrete."""
    concrete(w, "w")
    w = finite_array(w, "w", ndim=1)
    if len(w) != n:
        raise ValueError(f"there are {n} points but w has {len(w)} weights; they must match.")
    return w


def binary_labels(y: ArrayLike, n: int) -> Float[np.ndarray, " n"]:
    """n labels in {−1, +1}, concrete."""
    concrete(y, "y")
    labels = finite_array(y, "y", ndim=1)
    if len(labels) != n:
        raise ValueError(f"there are {n} examples but y has {len(labels)} labels; they must match.")
    wrong = np.flatnonzero(np.abs(labels) != 1)
    if wrong.size:
        i = wrong[0]
        raise ValueError(f"labels must be -1 or +1, but y[{i}] = {labels[i]:g}; recode the labels.")
    if np.asarray(y).dtype == bool:
        raise ValueError("labels must be -1 or +1, but y is boolean; recode it: np.where(y, 1, -1)")
    return labels


def class_labels(y: ArrayLike, n: int, classes: int) -> Int64[np.ndarray, " n"]:
    """n labels in {0, …, classes − 1}, as integers; concrete."""
    concrete(y, "y")
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


def positive(value: Any, name: str) -> float:
    """A finite number greater than zero."""
    number = real(value, name)
    if number <= 0:
        raise ValueError(f"{name} must be positive, got {number:g}.")
    return number


def real(value: Any, name: str) -> float:
    """The float nearest to a finite real number."""
    _in_64_bits()
    concrete(value, name)
    try:
        if isinstance(value, str | bytes | bool | np.bool):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} must be a real number, got {value!r}.") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, got {number}.")
    return number


def count(value: Any, name: str, least: int = 1) -> int:
    """A whole number that is at least `least`."""
    number = real(value, name)
    if number != math.floor(number) or number < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, got {value}.")
    return int(value)
