"""The Newton step of the problems in the plane, for n points in O(n) operations and not O(n³).

Write F(±e_k) = ½(g_k ± e_k·c) at the ends e_k of the arcs, with g_k = Σ_i w_i |e_k·x_i| and
c = Σ_i w_i x_i. Then weights, which are second differences of F's values (`sphere.circle`), and
constraints on F join only neighbouring g_k, and c.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Shaped

from margintheory.rigour.digits import HALF, ONE, ZERO, Arfs, full, total
from margintheory.sphere.circle import Circle

Functional = dict[int, Any]  # the coefficients of a linear function of the unknowns


class Functionals:
    """Linear functions f_0, f_1, … of the unknowns, as a sparse matrix."""

    def __init__(self, functions: Sequence[Functional], size: int):
        self.shape = len(functions), size
        entries = [(k, i, v) for k, f in enumerate(functions) for i, v in f.items()]
        self.k, self.i, self.v = map(np.array, zip(*entries, strict=True))

    def at(self, x: Arfs) -> Arfs:
        """The values f_k(x)."""
        values = full(self.shape[0])
        np.add.at(values, self.k, self.v * x[self.i])
        return values

    def combined(self, weights: Arfs) -> Arfs:
        """The coefficients of Σ_k weight_k f_k."""
        coefficients = full(self.shape[1])
        np.add.at(coefficients, self.i, self.v * weights[self.k])
        return coefficients


class Quadratic:
    """½ Σ_k weight_k f_k(x) h_k(x) = ½ xᵀMx with a sparse M, whose rows are eliminated in order."""

    def __init__(self, products: Sequence[tuple[Functional, Functional]], size: int):
        entries: list[dict[tuple[int, int], Any]] = []  # of M's upper triangle, for each weight
        for f, h in products:
            entry: dict[tuple[int, int], Any] = defaultdict(lambda: ZERO)
            for i, u in f.items():
                for j, v in h.items():
                    entry[min(i, j), max(i, j)] += u * v if i == j else HALF * u * v
            entries.append(entry)
        self.size, self.places = size, list(dict.fromkeys(ij for entry in entries for ij in entry))
        number = {ij: place for place, ij in enumerate(self.places)}
        self.entries = Functionals(
            [{number[ij]: v for ij, v in entry.items()} for entry in entries], len(number)
        )

    def eliminate(self, weights: Arfs) -> None:
        """M = L D Lᵀ for these weights: the rows of D Lᵀ."""
        self.rows: list[Functional] = [{} for _ in range(self.size)]
        for (i, j), v in zip(self.places, self.entries.combined(weights), strict=True):
            self.rows[i][j] = v
        for i, row in enumerate(self.rows):
            later = [(j, v) for j, v in row.items() if j > i]
            for j, v in later:
                share, target = v / row[i], self.rows[j]
                for k, u in later:
                    if k >= j:
                        target[k] = target.get(k, ZERO) - share * u

    def solve(self, b: Arfs) -> Arfs:
        """The x with Mx = b, after `eliminate`."""
        x = list(b)
        for i, row in enumerate(self.rows):
            share = x[i] / row[i]
            for j, v in row.items():
                if j > i:
                    x[j] = x[j] - v * share
        for i in reversed(range(len(x))):
            row = self.rows[i]
            x[i] = (x[i] - total(v * x[j] for j, v in row.items() if j > i)) / row[i]
        return np.array(x, dtype=object)


class NewtonStep:
    """Minimises ½ Σ_rays D q² − r q + Σ_arcs (½ fᵀQf + lᵀf) over the functions F on a circle.

    q is the total of w_i ‖x_i‖ on a ray, f the pair of F's values at the ends of an arc. The
    unknowns are g_k and, where a line has points on both rays, q of the right one; then c, and the
    two multipliers of c = Σ_i w_i x_i.
    """

    def __init__(self, circle: Circle):
        self.circle = circle
        occupied = np.zeros((circle.lines, 2), dtype=bool)
        occupied[circle.line, circle.side] = True
        self.g = [k + int(occupied[:k].all(axis=1).sum()) for k in range(circle.lines)]
        self.c = circle.lines + int(occupied.all(axis=1).sum())
        ends: list[Functional] = [
            {self.g[k % circle.lines]: HALF, self.c: HALF * x, self.c + 1: HALF * y}
            for k, (x, y) in enumerate(circle.ends)
        ]
        rays = [self._rays(k, *sides) for k, sides in enumerate(occupied)]
        squares = [*(left for left, _ in rays), *(right for _, right in rays), *ends]
        size = self.c + 4
        self.functions = Functionals(squares, size)
        neighbours = zip([ends[-1], *ends], ends, strict=False)
        closures = [({self.c + 2 + axis: ONE}, self._closure(rays, axis)) for axis in (0, 1)]
        self.M = Quadratic([*zip(squares, squares, strict=True), *neighbours, *closures], size)

    def _rays(self, k: int, left, right) -> tuple[Functional, Functional]:
        """q on the two rays of line k; {} where no point is."""
        sin, cos, lines = self.circle.sin, self.circle.cos, self.circle.lines
        jump: Functional = {}
        cot = cos[k] / sin[k] + cos[k - 1] / sin[k - 1]
        for m, v in ((k + 1, ONE / sin[k]), (k - 1, ONE / sin[k - 1]), (k, -cot)):
            g = self.g[m % lines]
            jump[g] = jump.get(g, ZERO) + HALF * v
        if not (left and right):
            return (jump, {}) if left else ({}, jump)
        own = self.g[k] + 1
        return {**jump, own: -ONE}, {own: ONE}

    def _closure(self, rays: list[tuple[Functional, Functional]], axis: int) -> Functional:
        """A coordinate of Σ_i w_i x_i − c, which is to be 0."""
        closure: Functional = defaultdict(lambda: ZERO, {self.c + axis: -ONE})
        for normal, (left, right) in zip(self.circle.normals[:, axis], rays, strict=False):
            for q, sign in ((left, normal), (right, -normal)):
                for i, v in q.items():
                    closure[i] += v * sign
        return closure

    def prepare(self, D: Shaped[np.ndarray, "2 lines"], Q: Shaped[np.ndarray, "arcs 2 2"]) -> None:
        """Factors the matrix."""
        before = np.roll(Q, 1, axis=0)
        squares, neighbours = Q[:, 0, 0] + before[:, 1, 1], 2 * before[:, 0, 1]
        self.M.eliminate(np.concatenate([*D, squares, neighbours, full(2, 2 * ONE)]))

    def solve(
        self, r: Shaped[np.ndarray, "2 lines"], l: Shaped[np.ndarray, "arcs 2"]
    ) -> tuple[Shaped[np.ndarray, "2 lines"], Shaped[np.ndarray, " arcs"]]:
        """The minimiser: q on the rays, and F at the ends."""
        at_ends = -l[:, 0] - np.roll(l[:, 1], 1)
        x = self.M.solve(self.functions.combined(np.concatenate([*r, at_ends])))
        values, lines = self.functions.at(x), self.circle.lines
        return values[: 2 * lines].reshape(2, lines), values[2 * lines :]
