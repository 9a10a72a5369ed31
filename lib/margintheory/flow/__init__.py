"""The perturbed Wasserstein gradient flow: Section 5 and Appendix E.

`problems` holds the objects, `particles` and `projected` the two ways to follow the flow, `duality`
the certified global minimum, `regularity` the certified constants of the assumptions and
`convergence` the times and constants of the theorems.
"""

from margintheory.flow import convergence
from margintheory.flow.duality import Optimum, optimum
from margintheory.flow.particles import Trajectory, evolve, push_forward
from margintheory.flow.problems import (
    Atoms,
    Problem,
    dissipation,
    mean_features,
    objective,
    project,
    radial,
    second_moment,
    spread,
    two_layer,
    variation,
    velocity,
)
from margintheory.flow.projected import Mesh, SphereTrajectory, evolve_on_sphere, mesh
from margintheory.flow.regularity import Constants, constants, radial_constants

__all__ = [
    "Atoms",
    "Constants",
    "Mesh",
    "Optimum",
    "Problem",
    "SphereTrajectory",
    "Trajectory",
    "constants",
    "convergence",
    "dissipation",
    "evolve",
    "evolve_on_sphere",
    "mean_features",
    "mesh",
    "objective",
    "optimum",
    "project",
    "push_forward",
    "radial",
    "radial_constants",
    "second_moment",
    "spread",
    "two_layer",
    "variation",
    "velocity",
]
