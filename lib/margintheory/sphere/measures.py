"""Signed measures of finitely many atoms on the sphere, and what they do to points, in floats."""

import numpy as np
from jaxtyping import Float

from margintheory import validate
from margintheory.arrays import ArrayLike, Reals

Measure = tuple[Float[np.ndarray, "m d"], Float[np.ndarray, " m"]]  # atoms and weights


def gradients(
    X: Float[np.ndarray, "n d"],
    y: Float[np.ndarray, " n"],
    u: Float[np.ndarray, "m d"],
    sign: Float[np.ndarray, " m"],
) -> Float[np.ndarray, "n m"]:
    """V_ij = sign_j y_i relu(u_j·x_i), the gradient in ν of ±F at u_j for the weights w = νy."""
    return y[:, None] * np.maximum(X @ u.T, 0) * sign


def margin(X: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"], measure: Measure) -> float:
    """min_i y_i ⟨α, φ(x_i)⟩ / ‖α‖₁ in floats."""
    atoms, weights = measure
    share = weights / np.abs(weights).sum()
    return float((y * (np.maximum(X @ atoms.T, 0) @ share)).min())


def merge(
    X: Reals[ArrayLike, "n d"], atoms: Reals[ArrayLike, "m d"], weights: Reals[ArrayLike, " m"]
) -> tuple[Float[np.ndarray, "k d"], Float[np.ndarray, " k"]]:
    """The signed measure with the atoms of one sign and one active set replaced by a single atom.

    Where the active set is constant u ↦ relu(u·x_i) is linear, so Σ_j |α_j| u_j acts on the points
    as they did together, and by the triangle inequality it weighs no more. Raises ValueError if
    JAX traces an array, or if there is not one atom of X's dimension for each weight.
    """
    for value, name in ((X, "X"), (atoms, "atoms"), (weights, "weights")):
        validate.concrete(value, name)
    X, atoms, weights = (np.asarray(value, float) for value in (X, atoms, weights))
    if atoms.shape != (len(weights), X.shape[1]):
        raise ValueError(f"atoms must have shape {(len(weights), X.shape[1])}, got {atoms.shape}.")
    pattern = np.column_stack([atoms @ X.T > 0, weights > 0])
    _, first, group = np.unique(pattern, axis=0, return_index=True, return_inverse=True)
    total = np.zeros((len(first), X.shape[1]))
    np.add.at(total, group, np.abs(weights)[:, None] * atoms)
    norm = np.linalg.norm(total, axis=1)
    alive = norm > 0
    return total[alive] / norm[alive, None], (np.sign(weights[first]) * norm)[alive]
