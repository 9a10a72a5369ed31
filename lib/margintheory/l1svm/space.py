"""Where to look for the ℓ1-SVM beyond the plane: measures and duals, found in floats.

Columns are generated, and their price is exact where the faces are written down. In high dimension
the first atoms come from the descent of a wide network, and the new ones from ascent on the sphere.
"""

import numpy as np
from jaxtyping import Float

from margintheory.l1svm.descent import ascend, descend
from margintheory.l1svm.generation import Found, both_signs, generate, random
from margintheory.l1svm.newton import ON_FLAT, Points
from margintheory.rigour import unit
from margintheory.sphere import branching, faces

ROUNDS = 40  # with an exact maximum over u
FEW_ROUNDS = 8  # without, twice
DIRECTIONS = 4096  # random ones, of which those with the greatest F ascend
STARTS = 64  # neurons that descend; atoms and random directions that ascend


def with_faces(cut: faces.Faces, y: Float[np.ndarray, " n"], tol: float) -> Found:
    """Atoms, weights and p whose bounds in floats are within a factor 1 + tol, if it can."""
    X = cut.X

    def price(w, _):
        return faces.summits(cut, w)

    start = both_signs(random(8 * len(y), X.shape[1]))
    uniform = np.full(len(y), 1 / len(y))
    return generate(Points.of(X, y), start, uniform, price, ROUNDS, tol)


def by_ascent(
    X: Float[np.ndarray, "n d"],
    y: Float[np.ndarray, " n"],
    p: Float[np.ndarray, " n"],
    tol: float,
) -> Found:
    """Atoms, weights and a dual found by descent and ascent, starting from a good p.

    Ascent may miss the maximum: half-way, branch and bound gives the best directions it knows. The
    longest points should have length about 1.
    """
    points, draws = Points.of(X, y), _between(X, DIRECTIONS)
    features = np.maximum(draws @ X.T, 0)

    def price(w, atoms):
        v = w / np.abs(w).max()
        F, known, u = features @ v, np.resize(atoms, (STARTS, X.shape[1])), []
        for sign in (1, -1):
            best = draws[np.argsort(-sign * F)[:STARTS]]
            u += [ascend(X, sign * v, np.concatenate([known, best])), best]
        u = np.concatenate(u)
        u = unit(u[u.any(axis=1)])
        return u, np.maximum(u @ X.T, 0) @ w

    w, U = (np.asarray(side) for side in descend(X, y, draws[:STARTS]))
    alive = U.any(axis=1) & (w != 0) & np.isfinite(np.column_stack([w, U])).all(axis=1)
    atoms, signs = both_signs(draws[:1])  # lest none is alive
    start = np.vstack([unit(U[alive]), atoms]), np.append(w[alive], signs)
    found = generate(points, start, p, price, FEW_ROUNDS, tol)
    missed = [branching.signed_max(X, sign * y * found.dual)[1] for sign in (1, -1)]
    start = np.vstack([found.atoms, *missed]), np.append(found.weights, [1.0, -1.0])
    return generate(points, start, found.dual, price, FEW_ROUNDS, tol)


def _between(X: Float[np.ndarray, "n d"], m: int) -> Float[np.ndarray, "m d"]:
    """Random unit vectors u for which u·x_i/|x_i| takes either sign, wherever the points lie.

    u = (Σ_i x_i x_iᵀ/|x_i|²)^{−1/2} z with z Gaussian: u·x has equal variance in all directions
    that the points span. Far from the origin, most uniform u have all points on one side.
    """
    _, S, R = np.linalg.svd(unit(X), full_matrices=False)
    return unit(random(m, X.shape[1]) @ (R.T / np.maximum(S, ON_FLAT * S[0])) @ R)
