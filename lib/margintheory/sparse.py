"""Fewer atoms, the same scores on the data: the support-reducing walk of Lemma B.1.

A measure with more than n atoms has dependent columns v(u_j) = (relu(u_j·x_i))_i. Mass moved along
a dependency changes no score, and in one of the two directions no mass is gained; the walk ends
where an atom has lost all of its mass. Numbers are taken as they are and all arithmetic is exact,
so that a column is dependent or it is not.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

from margintheory import validate
from margintheory.arrays import ArrayLike, Reals
from margintheory.networks import TwoLayer, from_measure, to_measure


def walk(V: ArrayLike, alpha: ArrayLike) -> list[list[Fraction]]:
    """The signed weights α after each step of the walk, from the given ones to the last.

    `V: (n, m)` has the column v(u_j) of each atom and `alpha: (m,)` its weight; entries are floats,
    integers or fractions, and none is rounded. In each step at least one more weight becomes zero,
    none changes its sign, Vα stays the same, and ‖α‖₁ does not grow. The last weights have
    independent columns, so at most n are not zero. If the weights are positive and V has a row of
    ones, ‖α‖₁ stays the same too, and this is Carathéodory's theorem. Raises ValueError unless V
    has one column for each weight.
    """
    columns = validate.rounded_array(V, "V", ndim=2).shape[1]
    weights = len(validate.rounded_array(alpha, "alpha", ndim=1))
    if columns != weights:
        raise ValueError(f"V has {columns} columns but alpha {weights} weights; they must match.")
    # as objects, since an array of floats and long integers would round the integers
    rows = np.asarray(V, dtype=object).tolist()
    signed = [_exact(value) for value in np.asarray(alpha, dtype=object).tolist()]
    signs = [-1 if weight < 0 else 1 for weight in signed]
    matrix = [[sign * _exact(v) for sign, v in zip(signs, row, strict=True)] for row in rows]
    path = [[abs(weight) for weight in signed]]
    while (masses := _step(matrix, path[-1])) is not None:
        path.append(masses)
    return [
        [Fraction(int(s * a.p), int(a.q)) for s, a in zip(signs, step, strict=True)]
        for step in path
    ]


def pruned(net: TwoLayer, X: Reals[ArrayLike, "n d"]) -> TwoLayer:
    """A network of at most n neurons with the same scores on X and no larger norm (Lemma B.1).

    Both hold up to the rounding of the features relu(u_j·x_i) to floats. The neurons that are left
    are neurons of `net`, balanced and rescaled. Raises ValueError if X is not in the dimension of
    the network.
    """
    X = validate.concrete_points(X)
    if X.shape[1] != net.U.shape[1]:
        raise ValueError(f"the network takes {net.U.shape[1]} inputs, X has {X.shape[1]} columns.")
    validate.concrete(net.U, "net")
    weights, atoms = map(np.asarray, to_measure(net))
    last = np.array(walk(np.maximum(X @ atoms.T, 0), weights)[-1], dtype=float)
    kept = last != 0 if last.any() else np.arange(len(last)) == 0  # a network has a neuron
    return from_measure(last[kept], atoms[kept])


def _step(V: Sequence[Sequence[fmpq]], a: Sequence[fmpq]) -> list[fmpq] | None:
    """Masses a' = a + tc ≥ 0 with Vc = 0, Σc ≤ 0 and a zero more; None if there is no such c."""
    alive = [j for j, mass in enumerate(a) if mass != 0]
    c = _dependency([[row[j] for j in alive] for row in V])
    if c is None:
        return None
    if sum(c) > 0:
        c = [-entry for entry in c]
    t = min(a[j] / -entry for j, entry in zip(alive, c, strict=True) if entry < 0)
    after = list(a)
    for j, entry in zip(alive, c, strict=True):
        after[j] += t * entry
    return after


def _dependency(V: Sequence[Sequence[fmpq]]) -> list[fmpq] | None:
    """A nonzero c with Vc = 0: the first column that depends on those before it, less these."""
    n, m = len(V), len(V[0])
    R, rank = fmpq_mat(n, m, [entry for row in V for entry in row]).rref()
    if rank == m:
        return None
    pivots = [next(j for j in range(m) if R[i, j] != 0) for i in range(rank)]
    first = next(j for j in range(m) if j not in pivots)
    c = [fmpq(0)] * m
    c[first] = fmpq(-1)
    for i, j in enumerate(pivots):
        c[j] = R[i, first]
    return c


def _exact(value: Any) -> fmpq:
    """The rational number that a float, an integer or a fraction is."""
    number = value.item() if isinstance(value, np.generic) else value
    try:
        return fmpq(*number.as_integer_ratio())
    except AttributeError:
        raise ValueError(f"give floats, integers or fractions, not {value!r}.") from None
