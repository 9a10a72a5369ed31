"""The pair that proves a bracket, in exact numbers."""

from dataclasses import dataclass

import jax

from margintheory.rigour.numbers import Dyadic


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Certificate:
    """A measure Σ_j weights_j δ_{atoms_j} and a dual vector, as dyadic rationals.

    Atoms are directions of any length: in a norm ‖α‖₁ one counts as |weights_j| ‖atoms_j‖.
    """

    atoms: Dyadic
    weights: Dyadic
    dual: Dyadic
