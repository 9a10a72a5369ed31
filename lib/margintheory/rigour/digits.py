"""Floats of many digits: `flint.arf`, with as many bits as `flint.ctx.prec` says, in object arrays.

Nothing about them is certified; what is computed with them is rounded to a `Dyadic` in the end, and
that is evaluated exactly.
"""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from flint import arb, arf
from jaxtyping import Shaped

from margintheory.rigour.numbers import Dyadic

Arfs = Shaped[np.ndarray, "..."]  # of arf
ZERO: Any = arf(0)
HALF: Any = arf(0.5)
ONE: Any = arf(1)


def _elementwise(f: Callable[[Any], arf]) -> Callable[[Any], Any]:
    return np.frompyfunc(f, 1, 1)


def middle(ball: arb) -> arf:
    """The midpoint of a ball."""
    return arf(ball.mid().man_exp())


rounded = _elementwise(arf)  # of integers, floats and fractions
root = _elementwise(lambda v: middle(arb(v).sqrt()))
log = _elementwise(lambda v: middle(arb(v).log()))
log1m = _elementwise(lambda v: middle((-arb(v)).log1p()))
exp = _elementwise(lambda v: middle(arb(v).exp()))


def power(k: int) -> arf:
    """2^k."""
    return arf((1, k))


def order(number: arf | arb) -> int:
    """The k with 2^(k−1) ≤ |number| < 2^k, for an exact number that is not 0."""
    mantissa, exponent = number.man_exp()
    return int(exponent) + int(mantissa).bit_length()


def full(shape: int | tuple[int, ...], value=ZERO) -> Arfs:
    """An array of one number."""
    return np.full(shape, value, dtype=object)


def total(values: Iterable):
    """Their sum."""
    return sum(values, ZERO)


def in_units(values: Arfs, exponent: int) -> Shaped[np.ndarray, "..."]:
    """The numbers over 2^exponent, rounded down to integers; also exact balls."""

    def integer(value: arf | arb) -> int:
        m, e = (int(part) for part in value.man_exp())
        return m << e - exponent if e >= exponent else m >> exponent - e

    return np.array([integer(v) for v in values.ravel()], dtype=object).reshape(values.shape)


def leading(values: Arfs, bits: int) -> Dyadic:
    """Each number with so many of its leading bits."""
    parts = []
    for value in values.ravel():
        mantissa, exponent = (int(part) for part in value.man_exp())
        excess = max(0, mantissa.bit_length() - bits)
        parts.append((mantissa >> excess, exponent + excess))
    least = min((exponent for mantissa, exponent in parts if mantissa), default=0)
    integers = [mantissa << exponent - least if mantissa else 0 for mantissa, exponent in parts]
    return Dyadic.of(np.array(integers, dtype=object).reshape(values.shape), least)
