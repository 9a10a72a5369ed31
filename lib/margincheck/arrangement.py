"""The greatest |F(u)| over the unit sphere for F(u) = Σ_i w_i max(0, u·x_i), exactly.

The hyperplanes x_i^⊥ cut the space into cells. On the cell where the points of A have u·x_i > 0,
F(u) = u·c with c = Σ_{i in A} w_i x_i. There |F| is greatest at ±c/‖c‖, if the closed cell contains
one of these, and otherwise on its boundary, in some x_i^⊥. On such a hyperplane F does not change
if all points are projected onto it: the same problem with one dimension less. And every cell has a
facet, which is a cell of that smaller arrangement: so the cells are found on the way back.
"""

import math
from fractions import Fraction

from margincheck.enclosures import Interval, root, total
from margincheck.reading import Matrix, Vector

Rows = list[list[int]]
MOST = 400_000  # faces that are visited, or about so many: a minute or two


def dot(u, v):
    return sum(a * b for a, b in zip(u, v, strict=True))


def whole(X: Matrix) -> tuple[Rows, Fraction]:
    """Integers N and a unit with X = N · unit."""
    bottom = math.lcm(*(entry.denominator for row in X for entry in row))
    N = [[int(entry * bottom) for entry in row] for row in X]
    common = math.gcd(*(entry for row in N for entry in row)) or 1
    return [[entry // common for entry in row] for row in N], Fraction(common, bottom)


def vanishes(X: Matrix, w: Vector) -> bool:
    """Whether Σ_i w_i max(0, u·x_i) = 0 for every u.

    As max(0, z) = ½z + ½|z|, and the |u·x_i| of different lines are independent of each other and
    of all linear functions, it is so if Σ_i w_i x_i = 0 and the w_i ‖x_i‖ of each line sum to 0.
    """
    N, _ = whole(X)
    lines: dict[tuple[int, ...], Fraction] = {}
    for row, weight in zip(N, w, strict=True):
        length = math.gcd(*row) or 1
        ray = tuple(entry // length for entry in row)
        line = max(ray, tuple(-entry for entry in ray))
        lines[line] = lines.get(line, Fraction(0)) + weight * length * any(row)
    return not any(lines.values()) and not any(dot(w, column) for column in zip(*N, strict=True))


def greatest(X: Matrix, w: Vector, bits: int) -> Interval:
    """max_u |Σ_i w_i max(0, u·x_i)| over unit vectors u, exact but for a root.

    Where faces are too many to visit, the triangle inequality's Σ_i |w_i| ‖x_i‖ stands for it,
    which is not less.
    """
    if vanishes(X, w):
        return Interval.of(0)
    acting = [i for i, row in enumerate(X) if w[i] and any(row)]
    N, unit = whole([X[i] for i in acting])
    (W,), weight_unit = whole([[w[i] for i in acting]])
    n, rank = len(N), min(len(N), sum(map(any, zip(*N, strict=True))))
    if 2**rank * math.comb(n, rank - 1) > MOST:
        return total([root(w[i] ** 2 * dot(X[i], X[i]), bits) for i in acting])
    return root(_Cells(W).greatest_square(N) * (unit * weight_unit) ** 2, bits)


class _Cells:
    """The cells of the arrangement of some rows, and of what it cuts out of each flat."""

    def __init__(self, weights: list[int]):
        self.weights, self.square = weights, Fraction(0)
        self.known: dict[int, set[int]] = {}

    def greatest_square(self, rows: Rows) -> Fraction:
        self.explore(rows, Fraction(1))
        return self.square

    def explore(self, rows: Rows, scale: Fraction) -> set[int]:
        """The cells, as sets of bits of the rows that are positive there; looks at F on each.

        The rows are `scale` times the projections of the points onto a flat.
        """
        on = [i for i, row in enumerate(rows) if any(row)]
        flat = sum(1 << i for i in on)
        if flat not in self.known:
            self.known[flat] = self._beside_facets(rows, scale, on)
            self._look(rows, scale, on, self.known[flat])
        return self.known[flat]

    def _beside_facets(self, rows: Rows, scale: Fraction, on: list[int]) -> set[int]:
        """On both sides of every facet there is a cell; without hyperplanes there is only one."""
        cells, seen = set() if on else {0}, set()
        for i in on:
            if i in seen:
                continue
            square, along = dot(rows[i], rows[i]), [dot(row, rows[i]) for row in rows]
            projected = [
                [square * a - product * b for a, b in zip(row, rows[i], strict=True)]
                for row, product in zip(rows, along, strict=True)
            ]
            parallel = [j for j in on if not any(projected[j])]
            seen.update(parallel)
            ahead = sum(1 << j for j in parallel if along[j] > 0)
            behind = sum(1 << j for j in parallel if along[j] < 0)
            common = math.gcd(*(entry for row in projected for entry in row)) or 1
            projected = [[entry // common for entry in row] for row in projected]
            for facet in self.explore(projected, scale * square / common):
                cells |= {facet | ahead, facet | behind}
        return cells

    def _look(self, rows: Rows, scale: Fraction, on: list[int], cells: set[int]) -> None:
        """Whether |F| is greater at ±c than anywhere before, if one of these is in the cell."""
        terms = [[weight * a for a in row] for weight, row in zip(self.weights, rows, strict=True)]
        best = self.square * scale**2
        for active in cells:
            c = [
                sum(column)
                for column in zip(*(terms[i] for i in on if active >> i & 1), strict=True)
            ]
            square = dot(c, c)
            if square > best:
                sides = [dot(c, rows[i]) * (1 if active >> i & 1 else -1) for i in on]
                if min(sides) >= 0 or max(sides) <= 0:
                    best = Fraction(square)
        self.square = best / scale**2
