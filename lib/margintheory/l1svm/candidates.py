"""Measures and duals that may close the bracket of γ_ℓ1: first from floats, then in many digits."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float

from margintheory.l1svm import plane, space
from margintheory.refinement import space as refinement
from margintheory.rigour import Certificate
from margintheory.sphere import Arcs, Cut, Faces, spectral
from margintheory.sphere.measures import merge

FLOATS = 1e-12  # the least tol that a search in floats tries to meet


def pairs(cut: Cut, X, y, tol: float) -> Iterator[Certificate]:
    """Measures and duals, found in floats and then, where the arrangement is exact, beyond them."""
    beyond = isinstance(cut, Arcs) and tol < FLOATS
    found = [] if beyond else _in_floats(cut, X, y, tol)
    yield from found
    if isinstance(cut, Arcs):
        for accuracy in (tol / 4, tol * 2.0**-20, tol * 2.0**-60):
            if (pair := plane.refined(X, y, accuracy)) is None:
                break
            yield pair
        found = found or _in_floats(cut, X, y, FLOATS)
        cut = Faces.of(X)  # where atoms sit at ends of arcs, the method of space does better
    if isinstance(cut, Faces):
        yield refinement.margin(cut, y, found[0], tol / 4)


def _in_floats(
    cut: Cut, X: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"], tol: float
) -> list[Certificate]:
    """Pairs that were found in floats: one measure, and candidates for the dual."""
    scale = np.frexp(np.abs(X).max())[1]  # γ(cX) = cγ(X), exactly for a power of two
    Z = np.ldexp(X, -scale)
    if isinstance(cut, Arcs):
        atoms, weights, *duals = plane.search(Z, y, tol / 4)
    elif isinstance(cut, Faces):
        atoms, weights, *duals = space.with_faces(cut, y, tol / 4)
    else:
        p = spectral.least(Z, y)
        atoms, weights, dual = space.by_ascent(Z, y, p, tol / 2)
        duals = [p] if np.array_equal(dual, p) else [dual, p]
    atoms, weights = merge(X, atoms, weights)
    if not len(weights):  # nothing that acts on the points was found
        atoms, weights = np.eye(1, X.shape[1]), np.ones(1)
    weights = weights / np.abs(weights).sum() * (1 - 2.0**-50)
    return [Certificate.of(atoms, weights, p) for p in duals]
