"""Newton's method for a measure and a dual in space: the atom of a face moves with the dual."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from margintheory.l1svm.directions import ON_FLAT
from margintheory.l1svm.programme import Measure, margin
from margintheory.rigour import norms

STEPS = 6  # after each programme


def _vanishing(X, atoms) -> Bool[np.ndarray, "m n"]:
    """Which points an atom is orthogonal to."""
    return np.abs(atoms @ X.T) <= ON_FLAT * norms.norm(X)


def merged(X, atoms, weights) -> Measure:
    """The measure with the atoms of one sign and one face replaced by a single atom.

    Unlike `sphere.merge` it keeps an atom on a flat apart from those beside it, for `newton`.
    """
    zero = _vanishing(X, atoms)
    pattern = np.column_stack([(atoms @ X.T > 0) & ~zero, zero, weights > 0])
    _, first, group = np.unique(pattern, axis=0, return_index=True, return_inverse=True)
    total = np.zeros((len(first), X.shape[1]))
    np.add.at(total, group, np.abs(weights)[:, None] * atoms)
    norm = norms.norm(total)
    alive = norm > 0
    return norms.unit(total[alive]), (np.sign(weights[first]) * norm)[alive]


class _Supports(NamedTuple):
    """The faces on which atoms sit: active points, projector onto the flat, sign, mass."""

    active: Bool[np.ndarray, "m n"]
    projector: Float[np.ndarray, "m d d"]
    sign: Float[np.ndarray, " m"]
    mass: Float[np.ndarray, " m"]


def _supports(X, measure: Measure) -> _Supports:
    atoms, weights = measure
    zero = _vanishing(X, atoms)
    projector = np.array([np.eye(X.shape[1]) - np.linalg.pinv(X[z]) @ X[z] for z in zero])
    return _Supports((atoms @ X.T > 0) & ~zero, projector, np.sign(weights), np.abs(weights))


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # then the step is not taken
def newton(X, y, measure: Measure, nu):
    """Newton's method for V a = 1 on the points with ν_i > 0 and Vᵀν = 1.

    The atom of a face moves with ν to where ±F is greatest on its flat. Returns the best measure
    that was met, the last ν, and the columns (u, sign) of the last atoms.
    """
    s, best = _supports(X, measure), measure
    moved = np.column_stack([measure[0], s.sign])
    for _ in range(STEPS):
        c = s.sign[:, None] * np.einsum("jkl,jl->jk", s.projector, (s.active * (y * nu)) @ X)
        length = norms.norm(c)
        alive = (s.mass > 0) & (length > 0.1)  # at the solution the length is 1
        if not alive.any():
            break
        s = _Supports(*(field[alive] for field in s))
        u = norms.unit(c[alive])
        moved = np.column_stack([u, s.sign])
        best = max(best, (u, s.sign * s.mass), key=lambda m: margin(X, y, m))
        change = _newton_step(X, y, s, u, length[alive], nu)
        if change is None:  # float64 is exhausted
            break
        after, mass = change
        s = s._replace(mass=mass)
        if not after.any():
            break
        nu = after
    return best, nu, moved


def _newton_step(X, y, s: _Supports, u, length, nu):
    """New ν and masses; points and atoms whose weight would turn negative get 0.

    The Hessian in ν of the greatest value |P_L c| on the flat of atom j is T_j T_jᵀ. Rows are
    divided by |x_i|, and ν_i multiplied, so that short points count as much as long ones.
    """
    points = nu > 0
    rho = norms.norm(X[points])
    active = (y[points] / rho)[:, None] * s.active.T[points]
    V = active * (X[points] @ u.T) * s.sign
    tangent = s.projector - np.einsum("jk,jl->jkl", u, u)
    T = np.einsum("ij,ik,jkl->ijl", active, X[points], tangent)
    T = (T * np.sqrt(s.mass / length)[:, None]).reshape(len(V), -1)
    K = np.block([[T @ T.T, V], [V.T, np.zeros((len(u), len(u)))]])
    residual = np.concatenate([1 / rho - V @ s.mass, 1 - V.T @ (nu[points] * rho)])
    if not (np.isfinite(K).all() and np.isfinite(residual).all()):
        return None
    try:
        change = np.linalg.lstsq(K, residual)[0]
    except np.linalg.LinAlgError:
        return None
    nu = nu.copy()
    nu[points] = np.maximum(nu[points] + change[: len(V)] / rho, 0)
    return nu, np.maximum(s.mass + change[len(V) :], 0)
