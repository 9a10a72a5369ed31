"""Measures and duals that may close the bracket of γ_ℓ1: first from floats, then in many digits."""

import math
from collections.abc import Iterator

import numpy as np
from jaxtyping import Float

from margintheory import rigour, sphere
from margintheory.l1svm import plane, space
from margintheory.refinement import plane as refined_plane
from margintheory.refinement import space as refined_space
from margintheory.refinement.objectives import Linear
from margintheory.rigour import Certificate, Dyadic
from margintheory.rigour.digits import ONE, full
from margintheory.sphere import Arcs, Cut, Faces, spectral

FLOATS = 1e-12  # the least tol that a search in floats tries to meet


def pairs(cut: Cut, X, y, tol: float) -> Iterator[Certificate]:
    """Measures and duals, found in floats and then, where the arrangement is exact, beyond them."""
    planar = isinstance(cut, Arcs)
    found = [] if planar and tol < FLOATS else _in_floats(cut, X, y, tol)
    yield from found
    if isinstance(cut, Faces):
        yield _in_space(cut, X, y, found[0], tol)
    for accuracy in (tol / 4, tol * 2.0**-20, tol * 2.0**-60) if planar else ():
        if (pair := _in_the_plane(X, y, accuracy)) is None:
            return
        yield pair


def _in_floats(
    cut: Cut, X: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"], tol: float
) -> list[Certificate]:
    """Pairs that were found in floats: one measure, and candidates for the dual."""
    used = X.any(axis=0)
    scale = np.frexp(np.abs(X).max())[1]  # γ(cX) = cγ(X), exactly for a power of two
    Z = np.ldexp(X[:, used], -scale)
    if isinstance(cut, Arcs):
        found, weights, *duals = plane.search(sphere.planar(Z), y, tol / 4)
    elif isinstance(cut, Faces):
        found, weights, *duals = space.with_faces(cut, y, tol / 4)
    else:
        p = spectral.least(Z, y)
        found, weights, dual = space.by_ascent(Z, y, p, tol / 2)
        duals = [p] if np.array_equal(dual, p) else [dual, p]
    atoms = np.zeros((len(found), X.shape[1]))
    atoms[:, used] = found[:, : used.sum()]
    atoms, weights = sphere.merge(X, atoms, weights)
    if not len(weights):  # nothing that acts on the points was found
        atoms, weights = np.eye(X.shape[1])[used][:1], np.ones(1)
    weights = weights / np.abs(weights).sum() * (1 - 2.0**-50)
    return [Certificate.of(atoms, weights, p) for p in duals]


def _in_the_plane(
    X: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"], tol: float
) -> Certificate | None:
    """A pair as close as tol, by an interior point method of many digits.

    Of the points on one ray, which have one label, only the nearest matters.
    """
    used = X.any(axis=0)
    N, _ = rigour.dyadic(X)
    nearest: dict[tuple[int, ...], tuple[int, int]] = {}
    for i, row in enumerate(N):
        length = math.gcd(*row)
        ray = tuple(row // length)
        nearest[ray] = min(nearest.get(ray, (length, i)), (length, i))
    rows = sorted(i for _, i in nearest.values())
    Z = sphere.planar(X[rows][:, used])
    found = refined_plane.optimum(Z, y[rows], Linear(full(len(rows), ONE), True), tol)
    if found is None:
        return None
    atoms, dual = np.zeros((len(found.weights.limbs), X.shape[1]), object), np.zeros(len(X), object)
    atoms[:, used], dual[rows] = found.atoms.integers[:, : used.sum()], found.dual.integers
    return Certificate(
        Dyadic.of(atoms, int(found.atoms.exponent)),
        found.weights,
        Dyadic.of(dual, int(found.dual.exponent)),
    )


def _in_space(
    cut: Faces,
    X: Float[np.ndarray, "n d"],
    y: Float[np.ndarray, " n"],
    found: Certificate,
    tol: float,
) -> Certificate:
    """A pair as close as tol, by an interior point method over the faces that matter."""
    used = X.any(axis=0)
    atoms, weights, p = found.atoms.floats[:, used], found.weights.floats, found.dual.floats
    bracket = refined_space.margin(cut, y, atoms, weights, p, tol / 4)
    z = np.zeros((len(bracket.measure.z), X.shape[1]), object)
    z[:, used] = bracket.measure.z
    return Certificate(Dyadic.of(z, 0), Dyadic.of(bracket.measure.side, 0), Dyadic.of(bracket.W, 0))
