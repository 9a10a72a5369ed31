"""The numbers that a formula takes: floats, arrays, JAX tracers or balls, all in one arithmetic.

A float next to a ball becomes a ball before anything is computed with it, so that no rounding
error escapes. What lies outside the domain of a formula for certain is refused. A ball that
reaches beyond the domain passes, and so do a NaN in an array (where a curve leaves its domain) and
what JAX traces.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flint import arb

from margintheory import validate
from margintheory.arrays import ArrayLike


def alike(**values: ArrayLike | arb) -> tuple[Any, ...]:
    """The values as balls if one of them is a ball, as float64 arrays of JAX otherwise.

    Raises ValueError for what is not real, and for a single NaN.
    """
    balls = any(isinstance(value, arb) for value in values.values())
    return tuple((_ball if balls else _array)(value, name) for name, value in values.items())


def array(value: Any, name: str, ndim: int) -> jax.Array:
    """A finite array with `ndim` axes, for what is trained or differentiated.

    Floating arrays of JAX keep their type and stay on their device; only their shape is checked.
    """
    floating = isinstance(value, jax.Array) and jnp.issubdtype(value.dtype, jnp.floating)
    if floating and value.ndim == ndim and value.size:
        return value
    return jnp.asarray(validate.finite_array(value, name, ndim))


def positive(**numbers: Any) -> None:
    """Raises ValueError for a number that is not positive."""
    for name, x in numbers.items():
        refuse(x <= 0, f"{name} must be positive, got {x}.")


def at_least(least: float, **numbers: Any) -> None:
    """Raises ValueError for a number below `least`."""
    for name, x in numbers.items():
        refuse(x < least, f"{name} must be at least {least}, got {x}.")


def refuse(outside: Any, message: str) -> None:
    """Raises ValueError if a number is `outside`, unless JAX traces it."""
    if not isinstance(outside, jax.core.Tracer) and np.any(outside):
        raise ValueError(message)


def _array(value, name):
    if isinstance(value, jax.core.Tracer):
        return value
    floats = _floats(value, name)
    if floats.ndim == 0 and np.isnan(floats):
        raise ValueError(f"{name} is not a number (NaN).")
    return jnp.asarray(floats)


def _ball(value, name):
    if isinstance(value, arb):
        ball = value
    elif np.ndim(value) == 0:
        ball = arb(float(_floats(value, name)))
    else:
        raise ValueError(f"{name} must be one number next to balls, got shape {np.shape(value)}.")
    if ball.is_nan():
        raise ValueError(f"{name} is not a number (NaN).")
    return ball


def _floats(value, name):
    """`value` as float64, in which NaN may stand for what is undefined."""
    try:
        wrong = np.ma.isMaskedArray(value) or np.asarray(value).dtype.kind not in "biufO"
        if not wrong:
            return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        pass
    raise ValueError(f"{name} must be real: a number, an array or a flint.arb ball, got {value!r}.")
