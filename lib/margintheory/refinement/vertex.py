"""A measure on few atoms: a vertex of the polyhedron of those that act on the points alike."""

import numpy as np
from flint import arb, arb_mat, arf
from jaxtyping import Float, Shaped

from margintheory.rigour.digits import middle, power, rounded

CLEAR = 1e-8  # the least pivot, relative to the first, that floats can tell from 0


def vertex(U, a, nothing: arf) -> Shaped[np.ndarray, " m"]:
    """w ≥ 0 with U w = U a and Σw ≤ Σa, of which no more are positive than U has rows.

    A vertex of that polyhedron, by elimination and one simplex step for each column outside the
    basis. What is left when no pivot exceeds `nothing` counts as 0, so that columns which differ by
    no more than the errors of the path are one.
    """
    T, w = U.copy(), a.copy()
    rows, basis = list[int](), list[int]()
    while True:
        left = np.setdiff1d(np.arange(len(T)), rows)
        outside = np.setdiff1d(np.arange(len(w)), basis)
        rest = T[np.ix_(left, outside)]
        if not rest.size or not (size := abs(rest).max()) > nothing:
            break
        i, k = _pivots((rest / size).astype(float))
        _eliminate(T, left[i], outside[k], np.delete(outside, k))
        rows, basis = [*rows, *left[i]], [*basis, *outside[k]]
    T = T[rows]  # the columns in terms of the basis
    for position, j in enumerate(outside):
        up = 1 if T[:, j].sum() > 1 else -1  # where Σw falls
        limits = [(w[basis[r]] / (up * t), r) for r, t in enumerate(T[:, j]) if up * t > nothing]
        length, r = min(limits + ([(w[j], -1)] if up < 0 else []))
        w[basis] = w[basis] - up * length * T[:, j]
        w[j] = w[j] + up * length
        if r < 0:
            w[j] = 0 * length
        else:
            w[basis[r]], basis[r] = 0 * length, j
            _exchange(T, r, j, outside[position + 1 :])
    return w * (w > 0)


def lighter(N, atoms, masses, nothing: arf) -> Shaped[np.ndarray, " m"]:
    """The |masses| of signed atoms, moved to a vertex where the scores at the points N are kept."""
    features = np.maximum(N @ atoms.T, 0) * np.sign(masses)
    units = [power(-int(abs(row).max()).bit_length()) for row in features]
    return vertex(
        rounded(features) * np.array(units, dtype=object)[:, None], rounded(abs(masses)), nothing
    )


def _pivots(S: Float[np.ndarray, "n m"]) -> tuple[list[int], list[int]]:
    """Rows and columns of the pivots of complete pivoting, as long as floats are clear."""
    S, first = S.copy(), np.abs(S).max()
    rows, columns = list[int](), list[int]()
    for _ in range(min(S.shape)):
        i, k = (int(j) for j in np.unravel_index(np.argmax(np.abs(S)), S.shape))
        if not abs(S[i, k]) > CLEAR * first:
            break
        rows.append(i)
        columns.append(k)
        S -= np.outer(S[:, k] / S[i, k], S[i])
        S[i], S[:, k] = 0, 0
    return rows, columns


def _eliminate(T, rows, basis, columns) -> None:
    """The columns of the basis become the unit vectors of rows; only `columns` are still needed."""
    others = np.setdiff1d(np.arange(len(T)), rows)
    block, below = _matrix(T[np.ix_(rows, basis)]), _matrix(T[np.ix_(others, basis)])
    right = block.solve(_matrix(T[np.ix_(rows, columns)]))
    T[np.ix_(rows, columns)] = _middles(right)
    T[np.ix_(others, columns)] -= _middles(below * right)


def _matrix(values: Shaped[np.ndarray, "n m"]) -> arb_mat:
    n, m = values.shape
    return arb_mat(n, m, [arb(v) for v in values.ravel()])


def _middles(M: arb_mat) -> Shaped[np.ndarray, "n m"]:
    return np.array([middle(v) for v in M.entries()], object).reshape(M.nrows(), M.ncols())


def _exchange(T, r: int, k: int, columns) -> None:
    """Column k becomes the unit vector of row r; only these columns are still needed."""
    row = T[r, columns] / T[r, k]
    others = np.flatnonzero(np.arange(len(T)) != r)
    T[np.ix_(others, columns)] -= T[others, k, None] * row
    T[r, columns] = row
