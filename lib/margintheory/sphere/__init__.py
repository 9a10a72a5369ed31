"""The unit sphere and one question on it: how great is |F(u)|, F(u) = Σ_i w_i relu(u·x_i)?

`measure`    the surface measure
`measures`   measures of finitely many atoms
`cut`        the door: how data cut the sphere, the greatest |F| and its proof
`plane`      exactly on the circle, arc by arc
`faces`      exactly in space, face by face
`bounds`     bounded in any dimension, by the better of
`branching`  by cones
`spectral`   by eigenvalues
`circle`     F on the circle in many digits
"""

from margintheory.sphere import spectral
from margintheory.sphere.answer import Greatest
from margintheory.sphere.bounds import Unwritten
from margintheory.sphere.cut import Cut, cut_by
from margintheory.sphere.faces import Faces
from margintheory.sphere.measure import cap_measure, cap_measure_ball, uniform, volume
from margintheory.sphere.measures import merge
from margintheory.sphere.plane import Arcs, arrange, max_abs, planar, summits

__all__ = [
    "Arcs",
    "Cut",
    "Faces",
    "Greatest",
    "Unwritten",
    "arrange",
    "cap_measure",
    "cap_measure_ball",
    "cut_by",
    "max_abs",
    "merge",
    "planar",
    "spectral",
    "summits",
    "uniform",
    "volume",
]
