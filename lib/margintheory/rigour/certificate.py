"""The pair that proves a bracket, in exact numbers."""

from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import Float

from margintheory.rigour.numbers import Dyadic, dyadic


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Certificate:
    """A measure Σ_j weights_j δ_{atoms_j} and a dual vector, as dyadic rationals.

    Atoms are directions of any length: in a norm ‖α‖₁ one counts as |weights_j| ‖atoms_j‖.
    """

    atoms: Dyadic
    weights: Dyadic
    dual: Dyadic

    @classmethod
    def of(
        cls,
        atoms: Float[np.ndarray, "m d"],
        weights: Float[np.ndarray, " m"],
        dual: Float[np.ndarray, " n"],
    ) -> "Certificate":
        """The floats as they are."""
        return cls(*(Dyadic.of(*dyadic(values)) for values in (atoms, weights, dual)))
