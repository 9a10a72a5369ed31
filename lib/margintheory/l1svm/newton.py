"""Newton's method for a measure and a dual in space: the atom of a face moves with the dual."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from margintheory.rigour import norm, unit
from margintheory.sphere.measures import Measure

STEPS = 6  # after each programme
ON_FLAT = 1e-7  # |u·x_i|/|x_i| below which u counts as orthogonal to x_i


class Points(NamedTuple):
    """The data in floats: points, labels and lengths."""

    X: Float[np.ndarray, "n d"]
    y: Float[np.ndarray, " n"]
    length: Float[np.ndarray, " n"]

    @classmethod
    def of(cls, X: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"]) -> "Points":
        return cls(X, y, norm(X))


def _vanishing(points: Points, atoms) -> Bool[np.ndarray, "m n"]:
    """Which points an atom is orthogonal to."""
    return np.abs(atoms @ points.X.T) <= ON_FLAT * points.length


def _merged(points: Points, atoms, weights) -> Measure:
    """The measure with the atoms of one sign and one face replaced by a single atom.

    Unlike `sphere.merge` it keeps an atom on a flat apart from those beside it, for `newton`.
    """
    X, zero = points.X, _vanishing(points, atoms)
    pattern = np.column_stack([(atoms @ X.T > 0) & ~zero, zero, weights > 0])
    _, first, group = np.unique(pattern, axis=0, return_index=True, return_inverse=True)
    total = np.zeros((len(first), X.shape[1]))
    np.add.at(total, group, np.abs(weights)[:, None] * atoms)
    length = norm(total)
    alive = length > 0
    return unit(total[alive]), (np.sign(weights[first]) * length)[alive]


class _Supports(NamedTuple):
    """The faces on which atoms sit: active points, projector onto the flat, sign, mass."""

    active: Bool[np.ndarray, "m n"]
    projector: Float[np.ndarray, "m d d"]
    sign: Float[np.ndarray, " m"]
    mass: Float[np.ndarray, " m"]


def _supports(points: Points, measure: Measure) -> _Supports:
    X, (atoms, weights), zero = points.X, measure, _vanishing(points, measure[0])
    projector = np.array([np.eye(X.shape[1]) - np.linalg.pinv(X[z]) @ X[z] for z in zero])
    return _Supports((atoms @ X.T > 0) & ~zero, projector, np.sign(weights), np.abs(weights))


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # then the step is not taken
def newton(points: Points, measure: Measure, nu):
    """Newton's method for V a = 1 on the points with ν_i > 0 and Vᵀν = 1.

    The atom of a face moves with ν to where ±F is greatest on its flat. Returns the measures that
    were met, the last ν, and the columns (u, sign) of the last atoms.
    """
    (X, y, _), met = points, [_merged(points, *measure)]
    s = _supports(points, met[0])
    moved = np.column_stack([met[0][0], s.sign])
    for _ in range(STEPS):
        c = s.sign[:, None] * np.einsum("jkl,jl->jk", s.projector, (s.active * (y * nu)) @ X)
        length = norm(c)
        alive = (s.mass > 0) & (length > 0.1)  # at the solution the length is 1
        if not alive.any():
            break
        s = _Supports(*(field[alive] for field in s))
        u = unit(c[alive])
        moved = np.column_stack([u, s.sign])
        met.append((u, s.sign * s.mass))
        change = _newton_step(points, s, u, length[alive], nu)
        if change is None:  # float64 is exhausted
            break
        after, mass = change
        s = s._replace(mass=mass)
        if not after.any():
            break
        nu = after
    return met, nu, moved


def _newton_step(data: Points, s: _Supports, u, length, nu):
    """New ν and masses; points and atoms whose weight would turn negative get 0.

    The Hessian in ν of the greatest value |P_L c| on the flat of atom j is T_j T_jᵀ. Rows are
    divided by |x_i|, and ν_i multiplied, so that short points count as much as long ones.
    """
    points = nu > 0
    X, y, rho = data.X[points], data.y[points], data.length[points]
    active = (y / rho)[:, None] * s.active.T[points]
    V = active * (X @ u.T) * s.sign
    tangent = s.projector - np.einsum("jk,jl->jkl", u, u)
    T = np.einsum("ij,ik,jkl->ijl", active, X, tangent)
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
