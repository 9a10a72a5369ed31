"""How data cut the sphere: the door to all that is known of |F(u)|, F(u) = Σ_i w_i relu(u·x_i).

Each kind of cut answers `greatest(w)` with a number and its proof. The arcs of the circle and the
faces in space give max_u |F(u)| itself.
"""

from typing import TypeAlias

import numpy as np
from jaxtyping import Float

from margintheory.sphere.bounds import Unwritten
from margintheory.sphere.faces import Faces
from margintheory.sphere.plane import Arcs, in_plane

ENUMERABLE = 10**6  # about how many faces, times n, are written down

Cut: TypeAlias = Arcs | Faces | Unwritten


def cut_by(X: Float[np.ndarray, "n d"]) -> Cut:
    """How the hyperplanes x_i^⊥ of finite points cut the sphere."""
    X = X[:, X.any(axis=0)]  # a coordinate that is 0 changes nothing
    n, d = X.shape
    if d <= 2:
        return Arcs.of(in_plane(X))
    return Faces.of(X) if n ** min(n, d) <= ENUMERABLE else Unwritten(X)
