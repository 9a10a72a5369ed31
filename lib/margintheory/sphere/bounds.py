"""Where the arrangement is too much to write down: the least of several bounds of max_u |F(u)|.

Another bound is a file with a `bound` of points and weights, and a line in `BOUNDS`.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from margintheory import rigour
from margintheory.rigour import Dyadic
from margintheory.sphere import branching, spectral
from margintheory.sphere.answer import Greatest

BOUNDS = {"spectral bound": spectral.bound, "branch and bound": branching.bound}


class Unwritten(NamedTuple):
    """Points whose arrangement is not written down."""

    X: Float[np.ndarray, "n d"]

    def greatest(self, w: Dyadic) -> Greatest:
        """A bound of max_u |F(u)|. Raises ValueError for weights that are no floats."""
        weights = _floats(w)
        best, *others = (Greatest(bound(self.X, weights), name) for name, bound in BOUNDS.items())
        for other in others:
            best = other if other.value <= best.value else best
        return best


def _floats(w: Dyadic) -> Float[np.ndarray, " n"]:
    """The numbers as floats, exactly."""
    floats = w.floats
    (N, e), (M, f) = rigour.dyadic(w), rigour.dyadic(floats)
    if (N * 2 ** (e - min(e, f)) != M * 2 ** (f - min(e, f))).any():
        raise ValueError("in so many dimensions a bound needs weights that are floats; round them.")
    return floats
