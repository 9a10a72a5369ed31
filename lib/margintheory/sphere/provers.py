"""The greatest |F(u)| on the unit sphere, F(u) = Σ_i w_i relu(u·x_i): who answers, and by what.

Where the hyperplanes x_i^⊥ can be written down, `plane` or `faces` gives the maximum itself.
Elsewhere each of `BOUNDS` gives a number that the maximum does not exceed, and the least counts. A
new prover is a file with a `max_abs` of points and weights, and a line in `BOUNDS`.
"""

from typing import NamedTuple, TypeAlias

import numpy as np
from flint import arb
from jaxtyping import Float

from margintheory import rigour
from margintheory.rigour import Dyadic
from margintheory.sphere import branching, faces, plane, spectral
from margintheory.sphere.faces import Faces
from margintheory.sphere.plane import Arcs

ENUMERABLE = 10**6  # about how many faces, times n, are written down
EXACT = "exact arrangement"
BOUNDS = {"spectral bound": spectral.max_abs, "branch and bound": branching.max_abs}


class Unwritten(NamedTuple):
    """Points whose arrangement is too much to write down."""

    X: Float[np.ndarray, "n d"]


Cut: TypeAlias = Arcs | Faces | Unwritten


class Greatest(NamedTuple):
    """max_u |F(u)|, or a number that is not less, in a ball, and what proves it."""

    value: arb
    proof: str


def cut(X: Float[np.ndarray, "n d"]) -> Cut:
    """How the hyperplanes x_i^⊥ cut the sphere."""
    used = X[:, X.any(axis=0)] if X.any() else X[:, :1]  # a coordinate that is 0 changes nothing
    n, d = used.shape
    if d <= 2:
        return plane.arrange(used)
    return faces.enumerate_faces(used) if n ** min(n, d) <= ENUMERABLE else Unwritten(X)


def greatest(cut: Cut, w: Dyadic) -> Greatest:
    """The greatest |F| for the numbers w as they are.

    Raises ValueError where there are only bounds, which take floats, and w are none.
    """
    if isinstance(cut, Arcs):
        return Greatest(plane.max_abs(cut, w), EXACT)
    if isinstance(cut, Faces):
        return Greatest(faces.max_abs(cut, w), EXACT)
    weights = _floats(w)
    best, *others = (Greatest(bound(cut.X, weights), name) for name, bound in BOUNDS.items())
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
