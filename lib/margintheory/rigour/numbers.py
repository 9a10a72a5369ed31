"""Exact numbers and their neighbours.

A float is a dyadic rational N · 2^e, and so is a sum or product of floats. `dyadic` takes arrays
apart into integers; `Dyadic` stores such numbers where a float has too few digits.
"""

import math
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from flint import arb
from jaxtyping import Float, Int64, Shaped

from margintheory.arrays import Numbers

PRECISION = 128  # bits of the balls, unless flint.ctx.prec asks for more
LIMB = 31  # bits


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Dyadic:
    """An array of the numbers Σ_k limbs[…, k] 2^(31k + exponent), exactly; made by `Dyadic.of`."""

    limbs: Int64[Numbers, "*shape k"]
    exponent: Numbers

    @classmethod
    def of(cls, integers: Any, exponent: int) -> "Dyadic":
        """The numbers integers · 2^exponent, for an array of Python integers of any size."""
        N: Any = np.asarray(integers, dtype=object)
        longest = max((int(entry).bit_length() for entry in N.ravel()), default=0)
        sign = np.where(N < 0, -1, 1)
        limbs = [
            (sign * (abs(N) >> LIMB * k & 2**LIMB - 1)).astype(np.int64)
            for k in range(max(1, math.ceil(longest / LIMB)))
        ]
        return cls(np.stack(limbs, axis=-1), np.asarray(exponent, np.int64))

    @property
    def integers(self) -> Shaped[np.ndarray, "*shape"]:
        """The numbers as Python integers, in units of 2^exponent."""
        parts = [self.limbs[..., k].astype(object) << LIMB * k for k in range(self.limbs.shape[-1])]
        return np.asarray(sum(parts), dtype=object)

    @property
    def floats(self) -> Float[np.ndarray, "*shape"]:
        """The nearest floats, ±∞ beyond the greatest."""
        e = int(self.exponent)
        N = self.integers
        return np.reshape([_nearest(int(entry), e) for entry in N.ravel()], N.shape)

    @property
    def shares(self) -> Float[np.ndarray, "*shape"]:
        """The numbers over the sum of their absolute values, in floats."""
        N = self.integers
        return np.asarray(N / np.abs(N).sum(), dtype=float)


def dyadic(
    values: Float[np.ndarray, "*shape"] | Dyadic,
) -> tuple[Shaped[np.ndarray, "*shape"], int]:
    """Python integers N and an exponent e with values = N · 2^e, exactly.

    Raises ValueError for floats that are not finite.
    """
    if isinstance(values, Dyadic):
        return values.integers, int(values.exponent)
    if not np.isfinite(values).all():
        raise ValueError("only finite floats are dyadic numbers, but some are infinite or NaN.")
    mantissa, exponent = np.frexp(values)
    used = exponent[mantissa != 0]
    least = int(used.min()) if used.size else 0
    shift = np.where(mantissa != 0, exponent - least, 0)
    integers = (mantissa * 2.0**53).astype(np.int64).astype(object) * 2 ** shift.astype(object)
    return integers, least - 53


def _nearest(N: int, e: int) -> float:
    """The float nearest to N · 2^e."""
    try:
        return float(N << e) if e >= 0 else N / (1 << -e)
    except OverflowError:
        return math.inf if N > 0 else -math.inf


def below(ball: arb) -> float:
    """The greatest float that is not greater than any number of the ball, at 53 bits or more.

    It is −∞ for a ball that is not a number, since that may be any.
    """
    value = float(ball.lower())
    if math.isnan(value):
        return -math.inf
    return value if arb(value) <= ball else math.nextafter(value, -math.inf)


def above(ball: arb) -> float:
    """The least float that is not less than any number of the ball; ∞ for one that is not one."""
    value = float(ball.upper())
    if math.isnan(value):
        return math.inf
    return value if arb(value) >= ball else math.nextafter(value, math.inf)
