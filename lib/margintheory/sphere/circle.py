"""Functions F(u) = Σ_i w_i relu(u·x_i) on the circle, in `rigour.digits`.

Between neighbouring lines x_i^⊥ such a function is linear, so its values at the ends e_k of the
arcs tell all of it. Where the line k is crossed its gradient jumps by the total J_k of w_i ‖x_i‖
over the points of that line, and

    J_k = F(e_{k+1})/sin_k + F(e_{k−1})/sin_{k−1} − (cot_k + cot_{k−1}) F(e_k)

with sin_k, cot_k of the angle from e_k to e_{k+1}: the weights are a second difference of the
values.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Shaped

from margintheory.rigour.digits import ONE, ZERO, Arfs, full, power, root, rounded
from margintheory.sphere.plane import Arcs


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

    def __init__(self, arcs: Arcs):
        self.lines, self.line, self.side = len(arcs.starts) // 2, arcs.line, (arcs.turn < 0) * 1
        self.length = root(rounded((arcs.exact_X**2).sum(axis=1))) * power(arcs.exponent)
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
