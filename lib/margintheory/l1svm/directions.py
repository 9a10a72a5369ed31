"""Directions to start from, in floats: random ones, and those that separate any labels."""

import numpy as np
from jaxtyping import Float

from margintheory.rigour import norms

DRAWS = 64  # from which a ridge is chosen
ON_FLAT = 1e-7  # |u·x_i|/|x_i| below which u counts as orthogonal to x_i


def random(m: int, d: int) -> Float[np.ndarray, "m d"]:
    """m unit vectors, uniform on the sphere, the same at each call."""
    return norms.unit(np.random.default_rng(0).normal(size=(m, d)))


def between(X: Float[np.ndarray, "n d"], m: int) -> Float[np.ndarray, "m d"]:
    """Random unit vectors u for which u·x_i/|x_i| takes either sign, wherever the points lie.

    u = (Σ_i x_i x_iᵀ/|x_i|²)^{−1/2} z with z Gaussian: u·x has equal variance in all directions
    that the points span. Far from the origin, most uniform u have all points on one side.
    """
    _, S, R = np.linalg.svd(norms.unit(X), full_matrices=False)
    return norms.unit(random(m, X.shape[1]) @ (R.T / np.maximum(S, ON_FLAT * S[0])) @ R)


def ridges(X: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "m d"]:
    """Unit vectors that separate any labels of points on different lines.

    If u is orthogonal to x_i then relu((u + εv)·x) − 2 relu(u·x) + relu((u − εv)·x), v = x_i/|x_i|,
    is ε|x_i| at x_i, and 0 at the other points if |u·x_j| ≥ ε|v·x_j|. Of some random u the one for
    which ε is greatest is taken.
    """
    V = norms.unit(X[X.any(axis=1)])
    draws, atoms = random(DRAWS, X.shape[1]), []
    for i, v in enumerate(V):
        across = norms.unit(draws - np.outer(draws @ v, v))
        distance = np.abs(across @ np.delete(V, i, axis=0).T)
        distance[:, distance.max(axis=0, initial=0) <= ON_FLAT] = 1  # points on the line of x_i
        least = distance.min(axis=1, initial=1)
        u, epsilon = across[least.argmax()], least.max()
        atoms += [u, u + epsilon * v, u - epsilon * v]
    return norms.unit(np.array(atoms)[np.any(atoms, axis=1)])
