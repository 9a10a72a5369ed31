"""Interpolants of least norm: (D.3), (D.4), Theorem D.5 and Claim D.12, in certified brackets.

`norms`   the two least norms, and when there is an interpolant
`exact`   what is found, completed and proved in exact arithmetic
`search`  where to look, in floats
"""

from margintheory.interpolation.norms import (
    L1Interpolant,
    L2Interpolant,
    dependence,
    l1_norm_lower,
    min_l1_norm,
    min_l2_norm,
)

__all__ = [
    "L1Interpolant",
    "L2Interpolant",
    "dependence",
    "l1_norm_lower",
    "min_l1_norm",
    "min_l2_norm",
]
