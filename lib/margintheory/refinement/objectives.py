"""What the problems in the plane maximise: concave sums Σ_i b_i(ν_i), in `rigour.digits`."""

from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from flint import arf

from margintheory.rigour.digits import HALF, ONE, ZERO, Arfs, exp, full, log, log1m, order, total

FALL = arf(4)  # the most that ln p falls in one step


@runtime_checkable
class Objective(Protocol):
    """Σ_i b_i(ν_i), concave. Where `bounded`, ν_i ≥ 0 is a constraint."""

    @property
    def bounded(self) -> bool: ...

    @property
    def digits(self) -> int:
        """The bits that the equations need beyond those of the value."""

    @property
    def smallness(self) -> int:
        """The bits by which ν exceeds 1 where the data cannot be fitted."""

    @property
    def distance(self) -> int:
        """The bits of the gap to start with, relative to the value."""

    def start(self, length: Arfs) -> Arfs:
        """A ν to start from; a smaller multiple serves as well."""

    def value(self, nu: Arfs) -> arf:
        """Σ_i b_i(ν_i)."""

    def slope(self, nu: Arfs) -> Arfs:
        """b_i'."""

    def flatness(self, nu: Arfs) -> Arfs:
        """−b_i''."""

    def moved(self, nu: Arfs, change: Arfs) -> Arfs:
        """ν + change, kept in the domain."""


class Linear(NamedTuple):
    """b_i(ν) = β_i ν."""

    beta: Arfs
    bounded: bool
    digits: int = 0
    smallness: int = 0
    distance: int = 13

    def start(self, length):
        return np.where(self.beta >= ZERO, ONE, -ONE) / length

    def value(self, nu):
        return self.beta @ nu

    def slope(self, nu):
        return self.beta

    def flatness(self, nu):
        return full(len(nu))

    def moved(self, nu, change):
        return nu + change


class DualOfSquared(NamedTuple):
    """b_i(ν) = (p y_i − p²/4)/(nλ) at p = 2nλν; `weight` is nλ."""

    y: Arfs
    weight: arf
    bounded: bool = False
    distance: int = 3

    @property
    def smallness(self):
        return max(0, -order(self.weight))

    @property
    def digits(self):
        """The squared residual, over λ, counts in the value."""
        return max(0, -order(self.weight))

    def start(self, length):
        return self.y / self.weight

    def value(self, nu):
        return (2 * self.y - self.weight * nu) @ nu

    def slope(self, nu):
        return 2 * (self.y - self.weight * nu)

    def flatness(self, nu):
        return full(len(nu), 2 * self.weight)

    def moved(self, nu, change):
        return nu + change


class DualOfLogistic(NamedTuple):
    """b_i(ν) = Ent(p)/(nλ) at p = 2nλν in (0, 1); `weight` is nλ."""

    weight: arf
    bounded: bool = False
    digits: int = 0
    distance: int = 3

    @property
    def smallness(self):
        return max(0, -order(self.weight))

    def start(self, length):
        return full(len(length), HALF / (2 * self.weight))

    def value(self, nu):
        p = 2 * self.weight * nu
        return -(total(p * log(p)) + total((1 - p) * log1m(p))) / self.weight

    def slope(self, nu):
        p = 2 * self.weight * nu
        return 2 * (log1m(p) - log(p))

    def flatness(self, nu):
        p = 2 * self.weight * nu
        return 4 * self.weight / (p * (1 - p))

    def moved(self, nu, change):
        """Geometrically where ν falls, and at most half-way to 1."""
        fall = np.where(change < ZERO, change / nu, ZERO)
        fallen = nu * exp(np.where(fall < -FALL, -FALL, fall))
        after = np.where(change < ZERO, fallen, nu + change)
        most = (nu + 1 / (2 * self.weight)) / 2
        return np.where(after < most, after, most)
