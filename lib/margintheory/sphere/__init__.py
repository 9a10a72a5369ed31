"""The unit sphere and one question on it: how great is |F(u)|, F(u) = Σ_i w_i relu(u·x_i)?

`measure`    the surface measure
`provers`    the door: how data cut the sphere, the greatest |F| and its proof
`plane`      exactly on the circle, arc by arc
`faces`      exactly in space, face by face
`branching`  bounded in any dimension, cone by cone
`spectral`   bounded in any dimension, by eigenvalues
`circle`     F on the circle in many digits
"""

from margintheory.sphere import spectral
from margintheory.sphere.faces import Faces
from margintheory.sphere.measure import cap_measure, cap_measure_ball, uniform, volume
from margintheory.sphere.plane import Arcs, arrange, max_abs, merge, planar, summits
from margintheory.sphere.provers import Cut, Greatest, Unwritten, cut, greatest

__all__ = [
    "Arcs",
    "Cut",
    "Faces",
    "Greatest",
    "Unwritten",
    "arrange",
    "cap_measure",
    "cap_measure_ball",
    "cut",
    "greatest",
    "max_abs",
    "merge",
    "planar",
    "spectral",
    "summits",
    "uniform",
    "volume",
]
