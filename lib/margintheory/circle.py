"""Functions F(u) = Σ_i w_i relu(u·x_i) on the circle, in floating point of any precision.

Between neighbouring lines x_i^⊥ such a function is linear, so its values at the ends e_k of the
arcs tell all of it. Where the line k is crossed its gradient jumps by the total J_k of w_i ‖x_i‖
over the points of that line, and

    J_k = F(e_{k+1})/sin_k + F(e_{k−1})/sin_{k−1} − (cot_k + cot_{k−1}) F(e_k)

with sin_k, cot_k of the angle from e_k to e_{k+1}: the weights are a second difference of the
values. Write F(±e_k) = ½(g_k ± e_k·c) with g_k = Σ_i w_i |e_k·x_i| and c = Σ_i w_i x_i. Then
weights and constraints on F join only neighbouring g_k, and c, so that a Newton step for n points
costs O(n) operations and not O(n³).

Numbers are `flint.arf` in object arrays: floats with as many bits as `flint.ctx.prec` says.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from flint import arb, arf
from jaxtyping import Shaped

from margintheory import sphere

Arfs = Shaped[np.ndarray, "..."]  # of arf
Functional = dict[int, Any]  # the coefficients of a linear function of the unknowns
ZERO: Any = arf(0)
HALF: Any = arf(0.5)
ONE: Any = arf(1)

rounded = np.frompyfunc(lambda v: arf(int(v)) if isinstance(v, int) else arf(float(v)), 1, 1)
root = np.frompyfunc(lambda v: arf(arb(v).sqrt().mid().man_exp()), 1, 1)


def full(shape: int | tuple[int, ...], value=ZERO) -> Arfs:
    """An array of one number."""
    return np.full(shape, value, dtype=object)


def total(values: Iterable):
    """Their sum."""
    return sum(values, ZERO)


class ArcMaxima(NamedTuple):
    """The maxima of F, and in the second row of −F, over the arcs, as functions of F's values.

    `value` has the derivatives `slope` in the values of F at the two ends of its arc, and the
    second derivative `bend` `bend`ᵀ, which is 0 unless the maximum is `inside` the arc; `u` is
    where it is.
    """

    value: Shaped[np.ndarray, "2 arcs"]
    slope: Shaped[np.ndarray, "2 arcs 2"]
    bend: Shaped[np.ndarray, "2 arcs 2"]
    inside: Shaped[np.ndarray, "2 arcs"]
    u: Shaped[np.ndarray, "2 arcs 2"]


class Circle:
    """The arrangement of S¹ by nonzero points that lie on at least two lines.

    Point i has the length `length[i]` and lies on the ray at a right angle to the left of
    `ends[line[i]]`, or on the opposite ray where `side[i]` is 1. Arc k runs from `ends[k]` to
    `ends[k + 1]`.
    """

    def __init__(self, arcs: sphere.Arrangement):
        self.lines, self.line, self.side = len(arcs.starts) // 2, arcs.line, (arcs.turn < 0) * 1
        self.length = root(rounded((arcs.exact_X**2).sum(axis=1))) * arf((1, arcs.exponent))
        starts = arcs.exact_starts
        lengths = root(rounded((starts**2).sum(axis=1)))
        self.ends = rounded(starts) / lengths[:, None]
        self.normals = _turned(self.ends)
        across = starts[:, 0] * _next(starts)[:, 1] - starts[:, 1] * _next(starts)[:, 0]
        self.sin = rounded(across) / (lengths * _next(lengths))
        self.cos = (self.ends * _next(self.ends)).sum(axis=1)

    def on_rays(self, values: Arfs) -> Shaped[np.ndarray, "2 lines"]:
        """The sums of a value of each point over the rays on the two sides of each line."""
        sums = full((2, self.lines))
        np.add.at(sums, (self.side, self.line), values)
        return sums

    def of_points(self, values: Shaped[np.ndarray, "2 lines"]) -> Arfs:
        """To each point the value of its ray."""
        return values[self.side, self.line]

    def values(self, w: Arfs) -> Shaped[np.ndarray, " arcs"]:
        """F at the ends, for the weights w of the points."""
        left, right = self.on_rays(w * self.length)[:, :, None] * self.normals[: self.lines]
        half = -right.sum(axis=0) + np.cumsum(left + right, axis=0)
        c = np.concatenate([half, (left - right).sum(axis=0) - half])
        return (c * self.ends).sum(axis=1)

    def scores(self, masses: Arfs, u: Shaped[np.ndarray, "arcs 2"]) -> Arfs:
        """Σ_k relu(u_k·x_i) masses_k, for u_k on arc k, at the points x_i."""
        moments = masses[:, None] * u
        sums = np.concatenate([full((1, 2)), np.cumsum(np.tile(moments, (2, 1)), axis=0)])
        ahead = sums[self.lines : 3 * self.lines] - sums[: 2 * self.lines]  # over half a circle
        on_rays = (ahead * self.normals).sum(axis=1).reshape(2, self.lines)
        return self.length * self.of_points(on_rays)

    def summits(self, F: Shaped[np.ndarray, " arcs"]) -> ArcMaxima:
        """The maxima over the arcs of ±F, for its values at the ends."""
        a, b = np.stack([F, -F]), np.stack([_next(F), -_next(F)])
        along, across = a - self.cos * b, b - self.cos * a  # the gradient c, from its two sides
        inside = np.array((along > 0) & (across > 0), dtype=bool)
        length = np.where(inside, root(np.where(inside, a * along + b * across, ONE)), ONE)
        value = np.where(inside, length / self.sin, np.where(a >= b, a, b))
        sign = np.array([[ONE], [-ONE]], dtype=object)
        at_first = np.where(a >= b, ONE, ZERO)
        first = sign * np.where(inside, along / (self.sin * length), at_first)
        second = sign * np.where(inside, across / (self.sin * length), ONE - at_first)
        strength = np.where(inside, root(self.sin / length) / length, ZERO)
        slope, bend = np.stack([first, second], -1), np.stack([-b * strength, a * strength], -1)
        c = b[..., None] * self.normals - a[..., None] * _next(self.normals)
        at_end = np.where((a >= b)[..., None], self.ends, _next(self.ends))
        u = np.where(inside[..., None], c / length[..., None], at_end)
        return ArcMaxima(value, slope, bend, inside, u)


def _turned(v: Shaped[np.ndarray, "m 2"]) -> Shaped[np.ndarray, "m 2"]:
    """By a right angle to the left."""
    return np.stack([-v[:, 1], v[:, 0]], axis=1)


def _next(values: Shaped[np.ndarray, "arcs ..."]) -> Shaped[np.ndarray, "arcs ..."]:
    """What belongs to the other ends of the arcs."""
    return np.concatenate([values[1:], values[:1]])


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
