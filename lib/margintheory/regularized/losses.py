"""The two losses: what the solver needs of them, in floats and in balls."""

from typing import NamedTuple

import numpy as np
from flint import arb, arf
from jaxtyping import Float

from margintheory.refinement.objectives import DualOfLogistic, DualOfSquared
from margintheory.rigour.digits import rounded


class Logistic(NamedTuple):
    """ℓ_i(z) = ln(1 + e^{−z}), z_i = y_i f(x_i), with dual value Ent(p_i), 0 ≤ p_i ≤ 1."""

    signs: Float[np.ndarray, " n"]

    @property
    def size(self):
        """The greatest target."""
        return 1.0

    def at_zero(self):
        """p at Θ = 0."""
        return np.full(len(self.signs), 0.5)

    def over(self, unit: float):
        """The same loss for targets in other units."""
        return self

    def subset(self, rows):
        return Logistic(self.signs[rows])

    def objective(self, weight: arf):
        """Its part in the dual problem, over λ."""
        return DualOfLogistic(weight)

    def values(self, z):
        return np.logaddexp(0, -z)

    def dual_values(self, p):
        return -(p * np.log(p) + (1 - p) * np.log1p(-p))

    def fitted(self, p):
        """The z whose p this is, ln(1/p − 1)."""
        return np.log1p(-p) - np.log(p)

    def flatness(self, p):
        """−dp/dz."""
        return p * (1 - p)

    def moved(self, p, dp):
        """p + dp, kept in (0, 1)."""
        change = dp / p
        after = p * np.where(change > 0, 1 + change, np.exp(np.minimum(change, 0)))
        return np.clip(after, 1e-40, (1 + p) / 2)

    def in_balls(self, z: list[arb]) -> list[arb]:
        return [(-z_i).exp().log1p() for z_i in z]

    def dual_in_balls(self, p: list[arb]) -> list[arb]:
        return [entropy(p_i) for p_i in p]


class Squared(NamedTuple):
    """ℓ_i(z) = (z − y_i)², z_i = f(x_i), with dual value p_i y_i − p_i²/4."""

    y: Float[np.ndarray, " n"]

    @property
    def signs(self):
        return np.ones(len(self.y))

    @property
    def size(self):
        return np.abs(self.y).max() or 1.0

    def at_zero(self):
        return 2 * self.y

    def over(self, unit: float):
        return Squared(self.y / unit)

    def subset(self, rows):
        return Squared(self.y[rows])

    def objective(self, weight: arf):
        return DualOfSquared(rounded(self.y), weight)

    def values(self, z):
        return (z - self.y) ** 2

    def dual_values(self, p):
        return p * self.y - p**2 / 4

    def fitted(self, p):
        return self.y - p / 2

    def flatness(self, p):
        return np.full(len(p), 2.0)

    def moved(self, p, dp):
        return p + dp

    def in_balls(self, z: list[arb]) -> list[arb]:
        residuals = [z_i - arb(y_i) for z_i, y_i in zip(z, self.y, strict=True)]
        return [r * r for r in residuals]  # r**2 is nan for a ball around 0

    def dual_in_balls(self, p: list[arb]) -> list[arb]:
        return [p_i * (arb(y_i) - p_i / 4) for p_i, y_i in zip(p, self.y, strict=True)]


Loss = Logistic | Squared


def entropy(p: arb) -> arb:
    """Ent(p) = −p ln p − (1 − p) ln(1 − p), and 0 at both ends."""
    if p == 0 or p == 1:
        return arb(0)
    return -p * p.log() - (1 - p) * (-p).log1p()
