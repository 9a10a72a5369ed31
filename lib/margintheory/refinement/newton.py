"""The Newton step of the problems in the plane, for n points in O(n) operations and not O(n³).

Write F(±e_k) = ½(g_k ± e_k·c) at the ends e_k of the arcs, with g_k = Σ_i w_i |e_k·x_i| and
c = Σ_i w_i x_i. Then weights, which are second differences of F's values (`sphere.circle`), and
constraints on F join only neighbouring g_k, and c.
"""

from typing import Any

import numpy as np
from jaxtyping import Shaped

from margintheory.rigour.digits import HALF, ONE, ZERO, total
from margintheory.sphere.circle import Circle

Functional = dict[int, Any]  # the coefficients of a linear function of the unknowns


class Quadratic:
    """½ xᵀMx with a sparse symmetric M, whose rows are eliminated in their order."""

    def __init__(self, size: int):
        self.rows: list[Functional] = [{} for _ in range(size)]

    def add(self, f: Functional, weight) -> None:
        """Adds ½ weight f(x)²."""
        for i, u in f.items():
            for j, v in f.items():
                if i <= j:
                    self.rows[i][j] = self.rows[i].get(j, ZERO) + weight * u * v

    def add_product(self, f: Functional, h: Functional, weight) -> None:
        """Adds weight f(x) h(x)."""
        for i, u in f.items():
            for j, v in h.items():
                low, high = (i, j) if i < j else (j, i)
                term = weight * u * v
                entry = self.rows[low].get(high, ZERO) + term
                self.rows[low][high] = entry + term if i == j else entry

    def eliminate(self) -> None:
        """M becomes its factors L D Lᵀ, the rows of D Lᵀ."""
        for i, row in enumerate(self.rows):
            later = [(j, v) for j, v in row.items() if j > i]
            for j, v in later:
                share, target = v / row[i], self.rows[j]
                for k, u in later:
                    if k >= j:
                        target[k] = target.get(k, ZERO) - share * u

    def solve(self, b: list) -> list:
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
        return x


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
        self.ends: list[Functional] = [
            {self.g[k % circle.lines]: HALF, self.c: HALF * x, self.c + 1: HALF * y}
            for k, (x, y) in enumerate(circle.ends)
        ]
        self.rays = [self._rays(k, *sides) for k, sides in enumerate(occupied)]
        self.closures = [self._closure(axis) for axis in (0, 1)]

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

    def _closure(self, axis: int) -> Functional:
        """A coordinate of Σ_i w_i x_i − c, which is to be 0."""
        closure: Functional = {self.c + axis: -ONE}
        for normal, (left, right) in zip(self.circle.normals[:, axis], self.rays, strict=False):
            for q, sign in ((left, normal), (right, -normal)):
                _add(closure, q, sign)
        return closure

    def prepare(self, D: Shaped[np.ndarray, "2 lines"], Q: Shaped[np.ndarray, "arcs 2 2"]) -> None:
        """Factors the matrix."""
        self.M = Quadratic(self.c + 4)
        for k, rays in enumerate(self.rays):
            for side, q in enumerate(rays):
                self.M.add(q, D[side, k])
        for k, end in enumerate(self.ends):
            self.M.add(end, Q[k, 0, 0] + Q[k - 1, 1, 1])
            self.M.add_product(self.ends[k - 1], end, Q[k - 1, 0, 1])
        for axis, closure in enumerate(self.closures):
            self.M.add_product({self.c + 2 + axis: ONE}, closure, ONE)
        self.M.eliminate()

    def solve(
        self, r: Shaped[np.ndarray, "2 lines"], l: Shaped[np.ndarray, "arcs 2"]
    ) -> tuple[Shaped[np.ndarray, "2 lines"], Shaped[np.ndarray, " arcs"]]:
        """The minimiser: q on the rays, and F at the ends."""
        b: Functional = {}
        for k, rays in enumerate(self.rays):
            for side, q in enumerate(rays):
                _add(b, q, r[side, k])
        for k, end in enumerate(self.ends):
            _add(b, end, -l[k, 0] - l[k - 1, 1])
        x = self.M.solve([b.get(i, ZERO) for i in range(self.c + 4)])
        totals = np.array([[_at(q, x) for q in rays] for rays in self.rays], dtype=object).T
        return totals, np.array([_at(end, x) for end in self.ends], dtype=object)


def _add(b: dict[int, Any], f: Functional, weight) -> None:
    """Adds weight f to another linear function."""
    for i, v in f.items():
        b[i] = b.get(i, ZERO) + weight * v


def _at(f: Functional, x: list):
    return total(v * x[i] for i, v in f.items())
