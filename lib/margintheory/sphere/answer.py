"""The answer to how great |F(u)| is on the unit sphere, F(u) = Σ_i w_i relu(u·x_i)."""

from typing import NamedTuple

from flint import arb

EXACT = "exact arrangement"


class Greatest(NamedTuple):
    """max_u |F(u)|, or a number that is not less, in a ball, and what proves it."""

    value: arb
    proof: str
