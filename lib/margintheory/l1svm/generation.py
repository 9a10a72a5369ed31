"""Column generation for the ℓ1-SVM beyond the plane, in floats.

A linear programme over finitely many atoms gives a measure and a dual p, new atoms come from where
p is violated, and Newton's method moves atoms to where they belong.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from margintheory.l1svm.newton import ON_FLAT, Points, newton
from margintheory.l1svm.programme import lifted, linear_programme
from margintheory.rigour import unit
from margintheory.sphere.measures import Measure, gradients, margin

NEW_COLUMNS = 200  # from each pricing
DRAWS = 64  # of which a ridge is the best

Price = Callable[[Float[np.ndarray, " n"], Float[np.ndarray, "k d"]], Measure]


class Found(NamedTuple):
    """A measure Σ_j weights_j δ_{atoms_j}, and p on the simplex."""

    atoms: Float[np.ndarray, "m d"]
    weights: Float[np.ndarray, " m"]
    dual: Float[np.ndarray, " n"]


def generate(
    points: Points,
    start: Measure,
    p: Float[np.ndarray, " n"],
    price: Price,
    rounds: int,
    tol: float,
) -> Found:
    """The measure and the p with the best bounds in floats, from the atoms of `start` and p.

    `price(w, atoms)` returns unit vectors u and F(u) = Σ_i w_i relu(u·x_i) there; the greatest |F|
    counts as the maximum. Stops when that is within a factor 1 + tol of the measure's margin.
    """
    X, y, _ = points
    measure, lower = start, margin(X, y, start)
    atoms, signs = start[0], np.sign(start[1])
    upper, dual = np.abs(price(y * p, atoms)[1]).max(), p
    tried_ridges = False
    for _ in range(rounds):
        V = gradients(X, y, atoms, signs)
        solution = linear_programme(V / max(upper, np.finfo(float).tiny))
        if solution is None:  # so small a margin that float64 is exhausted
            break
        a, p = solution
        gamma = (p @ V).max()
        a = lifted(V, a, gamma)
        separated = (V @ a).min() > 0
        duals = [p, (p + dual) / 2]  # a vertex p alone oscillates
        pool = [np.column_stack([atoms, signs])[(a > 0) | (p @ V > 0.9 * gamma)]]
        found = atoms[a > 0], (signs * a)[a > 0]
        met = [found]
        if separated:
            met, nu, moved = newton(points, (found[0], found[1] / gamma), p / gamma)
            duals.append(nu / nu.max() / (nu / nu.max()).sum())
            pool.append(moved)
        elif not tried_ridges:
            pool.append(np.column_stack(both_signs(ridges(X))))
            tried_ridges = True
        found = _best(points, met)
        if margin(X, y, found) > lower:
            lower, measure = margin(X, y, found), found
        for q in duals:
            u, F = price(y * q, found[0])
            if np.abs(F).max() < upper:
                upper, dual = np.abs(F).max(), q
            new = np.argsort(-np.abs(F))[:NEW_COLUMNS]
            new = new[np.abs(F[new]) > max(lower, 0)]
            pool.append(np.column_stack([u, np.sign(F)])[new])
        if upper - lower <= tol * upper:
            break
        columns = np.unique(np.concatenate(pool), axis=0)
        atoms, signs = columns[:, :-1], columns[:, -1]
    return Found(*measure, dual)


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # of a measure beyond floats
def _best(points: Points, measures) -> Measure:
    return max(measures, key=lambda measure: margin(points.X, points.y, measure))


def both_signs(atoms: Float[np.ndarray, "k d"]) -> Measure:
    return np.concatenate([atoms, atoms]), np.repeat([1.0, -1.0], len(atoms))


def random(m: int, d: int) -> Float[np.ndarray, "m d"]:
    """m unit vectors, uniform on the sphere, the same at each call."""
    return unit(np.random.default_rng(0).normal(size=(m, d)))


def ridges(X: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "m d"]:
    """Unit vectors that separate any labels of points on different lines.

    If u is orthogonal to x_i then relu((u + εv)·x) − 2 relu(u·x) + relu((u − εv)·x), v = x_i/|x_i|,
    is ε|x_i| at x_i, and 0 at the other points if |u·x_j| ≥ ε|v·x_j|. Of some random u the one for
    which ε is greatest is taken.
    """
    V = unit(X[X.any(axis=1)])
    draws, atoms = random(DRAWS, X.shape[1]), []
    for i, v in enumerate(V):
        across = unit(draws - np.outer(draws @ v, v))
        distance = np.abs(across @ np.delete(V, i, axis=0).T)
        distance[:, distance.max(axis=0, initial=0) <= ON_FLAT] = 1  # points on the line of x_i
        least = distance.min(axis=1, initial=1)
        u, epsilon = across[least.argmax()], least.max()
        atoms += [u, u + epsilon * v, u - epsilon * v]
    return unit(np.array(atoms)[np.any(atoms, axis=1)])
