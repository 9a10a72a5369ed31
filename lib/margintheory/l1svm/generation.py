"""Column generation for the ℓ1-SVM beyond the plane, in floats.

A linear programme over finitely many atoms gives a measure and a dual p, new atoms come from where
p is violated, and Newton's method moves atoms to where they belong.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from margintheory.l1svm.directions import ridges
from margintheory.l1svm.newton import merged, newton
from margintheory.l1svm.programme import Measure, linear_programme, margin
from margintheory.sphere.plane import gradients

NEW_COLUMNS = 200  # from each pricing

Price = Callable[[Float[np.ndarray, " n"], Float[np.ndarray, "k d"]], Measure]


class Found(NamedTuple):
    """A measure Σ_j weights_j δ_{atoms_j}, and p on the simplex."""

    atoms: Float[np.ndarray, "m d"]
    weights: Float[np.ndarray, " m"]
    dual: Float[np.ndarray, " n"]


def generate(
    X, y, start: Measure, p: Float[np.ndarray, " n"], price: Price, rounds: int, tol: float
) -> Found:
    """The measure and the p with the best bounds in floats, from the atoms of `start` and p.

    `price(w, atoms)` returns unit vectors u and F(u) = Σ_i w_i relu(u·x_i) there; the greatest |F|
    counts as the maximum. Stops when that is within a factor 1 + tol of the measure's margin.
    """
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
        a = _lifted(V, a, gamma)
        separated = (V @ a).min() > 0
        duals = [p, (p + dual) / 2]  # a vertex p alone oscillates
        pool = [np.column_stack([atoms, signs])[(a > 0) | (p @ V > 0.9 * gamma)]]
        found = atoms[a > 0], (signs * a)[a > 0]
        if separated:
            found, nu, moved = newton(X, y, merged(X, found[0], found[1] / gamma), p / gamma)
            duals.append(nu / nu.max() / (nu / nu.max()).sum())
            pool.append(moved)
        elif not tried_ridges:
            pool.append(np.column_stack(both_signs(ridges(X))))
            tried_ridges = True
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


def both_signs(atoms: Float[np.ndarray, "k d"]) -> Measure:
    return np.concatenate([atoms, atoms]), np.repeat([1.0, -1.0], len(atoms))


def _lifted(V, a, gamma: float):
    """a with some mass more on the best atom of each point that stays below γ/2.

    The programme's tolerance is relative to the length of a point, which may exceed γ by far.
    """
    i = np.flatnonzero((V @ a < gamma / 2) & (V.max(axis=1) > 0))
    j = V[i].argmax(axis=1)
    a = a.copy()
    np.add.at(a, j, (gamma - V[i] @ a) / V[i, j])
    return a
