"""The pair that proves a bracket, in exact numbers."""

from dataclasses import dataclass, field

import jax
import numpy as np
from jaxtyping import Float

from margintheory.rigour.numbers import Dyadic, dyadic
from margintheory.status import Status


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


@dataclass(frozen=True)
class Bracketed:
    """A number between two floats, and the pair that proves it in floats and as it is."""

    lower: float
    upper: float
    atoms: Float[np.ndarray, "m d"]
    weights: Float[np.ndarray, " m"]
    dual: Float[np.ndarray, " n"]
    certificate: Certificate
    status: Status = field(metadata={"static": True})
