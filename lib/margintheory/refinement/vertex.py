"""A measure on few atoms: a vertex of the polyhedron of those that act on the points alike."""

import numpy as np
from flint import arf
from jaxtyping import Shaped

from margintheory.rigour.digits import power, rounded


def vertex(U, a, nothing: arf) -> Shaped[np.ndarray, " m"]:
    """w ≥ 0 with U w = U a and Σw ≤ Σa, of which no more are positive than U has rows.

    A vertex of that polyhedron, by elimination with complete pivoting and one simplex step for each
    column outside the basis. A pivot must exceed `nothing`, so that columns which differ by no more
    than the errors of the path are one.
    """
    T, w = U.copy(), a.copy()
    rows, basis = list[int](), list[int]()
    outside = np.arange(len(w))
    for _ in range(min(T.shape)):
        left = np.setdiff1d(np.arange(len(T)), rows)
        size = abs(T[np.ix_(left, outside)])
        row, k = (int(i) for i in np.unravel_index(np.argmax(size), size.shape))
        if not size[row, k] > nothing:
            break
        rows.append(int(left[row]))
        basis.append(int(outside[k]))
        outside = np.delete(outside, k)
        _pivot(T, rows[-1], basis[-1], outside)
    for position, j in enumerate(map(int, outside)):
        T_j = T[rows, j]  # column j in terms of the basis
        up = 1 if T_j.sum() > 1 else -1  # where Σw falls
        limits = [(w[basis[r]] / (up * t), r) for r, t in enumerate(T_j) if up * t > nothing]
        length, r = min(limits + ([(w[j], -1)] if up < 0 else []))
        w[basis] = w[basis] - up * length * T_j
        w[j] = w[j] + up * length
        if r < 0:
            w[j] = 0 * length
        else:
            w[basis[r]], basis[r] = 0 * length, j
            _pivot(T, rows[r], j, outside[position + 1 :])
    return w * (w > 0)


def lighter(N, atoms, masses, nothing: arf) -> Shaped[np.ndarray, " m"]:
    """The |masses| of signed atoms, moved to a vertex where the scores at the points N are kept."""
    features = np.maximum(N @ atoms.T, 0) * np.sign(masses)
    units = [power(-int(abs(row).max()).bit_length()) for row in features]
    return vertex(
        rounded(features) * np.array(units, dtype=object)[:, None], rounded(abs(masses)), nothing
    )


def _pivot(T, r: int, k: int, columns) -> None:
    """Column k becomes the unit vector of row r; only these columns are still needed."""
    row = T[r, columns] / T[r, k]
    others = np.flatnonzero(np.arange(len(T)) != r)
    T[np.ix_(others, columns)] -= T[others, k, None] * row
    T[r, columns] = row
