"""The maximum of |F| on the circle S¹, exactly, by the arcs into which data cut it.

For points x_1, …, x_n of the plane the lines u·x_i = 0 cut S¹ into arcs. On one arc the active set
{i : u·x_i > 0} does not change, so F(u) = Σ_i w_i relu(u·x_i) is there the linear function u·c with
c = Σ_{i active} w_i x_i, and its maximum is |c| if c points into the arc, an end of the arc
otherwise. Floats are dyadic rationals: sorting the lines, the vectors c and max F² are exact in
integer arithmetic, and one square root in ball arithmetic is the only rounding.
"""

import functools
import itertools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from flint import arb, ctx, fmpq
from jaxtyping import Float, Int, Shaped

from margintheory import validate
from margintheory.arrays import ArrayLike
from margintheory.rigour import PRECISION, Dyadic, dyadic
from margintheory.sphere.answer import EXACT, Greatest

UNEVEN = 0.1271  # by how much of its width a cut through an arc is off


@dataclass(frozen=True)
class Arcs:
    """S¹ cut into 2K arcs by the K distinct lines x_i^⊥; made by `arrange` or `Arcs.of`.

    Going round counterclockwise, arc k runs from `starts[k]` to `starts[k + 1]`, and arc K + k is
    antipodal to arc k. Point i changes at `starts[line[i]]`: there it becomes active (`turn[i]` =
    +1) or inactive (−1), and at the antipode the reverse. `exact_X` · 2^`exponent` = `X` and
    `exact_starts` are the same in integers.
    """

    X: Float[np.ndarray, "n 2"]
    starts: Float[np.ndarray, "arcs 2"]
    line: Int[np.ndarray, " n"]
    turn: Int[np.ndarray, " n"]
    exact_X: Shaped[np.ndarray, "n 2"]
    exact_starts: Shaped[np.ndarray, "arcs 2"]
    exponent: int

    @classmethod
    def of(cls, X: Float[np.ndarray, "n 2"]) -> "Arcs":
        """`arrange` for finite points of the plane."""
        exact_X, exponent = dyadic(X)
        turn = np.where((X[:, 0] < 0) | ((X[:, 0] == 0) & (X[:, 1] > 0)), 1, -1)
        turn[~X.any(axis=1)] = 0
        changes, exact_changes = _changes(X, turn), _changes(exact_X, turn)
        line, first = _rank_by_angle(changes, exact_changes)
        half, exact_half = changes[first] / _norm(changes[first])[:, None], exact_changes[first]
        starts, exact = np.concatenate([half, -half]), np.concatenate([exact_half, -exact_half])
        return cls(X, starts, line, turn, exact_X, exact, exponent)

    def greatest(self, w: Dyadic) -> Greatest:
        """max_u |F(u)|."""
        return Greatest(max_abs(self, w), EXACT)

    @property
    def spread(self) -> int:
        """The bits from the shortest to the longest point, and from the shortest arc to 1."""
        squares = [int(square).bit_length() for square in (self.exact_X**2).sum(axis=1)]
        starts = self.exact_starts
        sines = [
            int(a[0] * b[1] - a[1] * b[0]).bit_length() - int((a @ a) * (b @ b)).bit_length() // 2
            for a, b in zip(starts, np.roll(starts, -1, axis=0), strict=True)
        ]
        return (max(squares) - min(squares)) // 2 + max(0, -min(sines))


def planar(X: ArrayLike) -> Float[np.ndarray, "n 2"]:
    """Points of the plane; points of the line get a second coordinate 0.

    Raises ValueError for points in more than two dimensions.
    """
    X = validate.concrete_points(X)
    if X.shape[1] > 2:
        raise ValueError(f"only d ≤ 2 is exact here, but X has d = {X.shape[1]} columns.")
    return in_plane(X)


def in_plane(X: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n 2"]:
    """`planar` for finite points in at most two dimensions."""
    return np.pad(X, ((0, 0), (0, 2 - X.shape[1])))


def arrange(X: ArrayLike) -> Arcs:
    """The arrangement of S¹ by the rows of X; collinear rows share a line.

    A zero row has no line and never acts: it gets the line through e_1 and `turn` 0. Raises
    ValueError for points in more than two dimensions.
    """
    return Arcs.of(planar(X))


def arrange_finely(X: Float[np.ndarray, "n 2"]) -> Arcs:
    """The same with points after those of X that leave no arc wider than π/4."""
    return Arcs.of(np.vstack([X, _between(Arcs.of(X))]))


def _between(arcs: Arcs) -> Float[np.ndarray, "m 2"]:
    """Points whose lines cut the wide arcs, about as long as the others.

    They cut them unevenly: where data have symmetries, their axes pass through the best atoms, and
    a path of many digits stalls where a summit and an end of an arc coincide.
    """
    starts = arcs.starts
    angles = np.arctan2(starts[:, 1], starts[:, 0])[: len(starts) // 2]
    size = 2.0 ** (np.frexp(np.abs(arcs.X).max())[1] - 1)
    points = [np.zeros((0, 2))]
    for start, stop in zip(angles, np.append(angles[1:], angles[0] + np.pi), strict=True):
        parts = max(1, math.ceil((stop - start) / ((1 - UNEVEN) * np.pi / 4)))
        new = start + (stop - start) * (np.arange(1, parts) + UNEVEN) / parts
        points.append(size * np.stack([-np.sin(new), np.cos(new)], axis=1))
    return np.vstack(points)


def _changes(
    X: Shaped[np.ndarray, "n 2"], turn: Int[np.ndarray, " n"]
) -> Shaped[np.ndarray, "n 2"]:
    """The direction of x_i^⊥ with angle in [0, π)."""
    changes = np.stack([X[:, 1], -X[:, 0]], axis=1) * turn[:, None]
    changes[turn == 0] = (1, 0)
    return changes


def _norm(u: Float[np.ndarray, "m 2"]) -> Float[np.ndarray, " m"]:
    return np.hypot(u[:, 0], u[:, 1])


def _cross(p: Shaped[np.ndarray, "m 2"], q: Shaped[np.ndarray, "m 2"]) -> Shaped[np.ndarray, " m"]:
    return p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]


def _rank_by_angle(
    directions: Float[np.ndarray, "n 2"], exact: Shaped[np.ndarray, "n 2"]
) -> tuple[Int[np.ndarray, " n"], list[int]]:
    """Exact rank by angle in [0, π), equal angles sharing a rank; and one index for each rank."""
    rows = exact.tolist()

    def compare(i: int, j: int) -> int:
        (a, b), (c, d) = rows[i], rows[j]
        return (a * d < b * c) - (a * d > b * c)

    guess = np.argsort(np.arctan2(directions[:, 1], directions[:, 0])).tolist()
    order = sorted(guess, key=functools.cmp_to_key(compare))  # linear time where the guess is right
    first = order[:1] + [j for i, j in itertools.pairwise(order) if compare(i, j)]
    is_first = np.isin(order, first)
    rank = np.empty(len(order), dtype=int)
    rank[order] = np.cumsum(is_first) - 1
    return rank, first


def arc_vectors(arcs: Arcs, terms: Shaped[np.ndarray, "n 2"]) -> Shaped[np.ndarray, "arcs 2"]:
    """c_k = Σ terms_i over the points i that are active on arc k, by updates from arc to arc.

    In floats or, if `terms` are Python integers, exactly.
    """
    updates = np.zeros_like(terms, shape=(len(arcs.starts) // 2, 2))
    np.add.at(updates, arcs.line, arcs.turn[:, None] * terms)
    half = terms[arcs.turn < 0].sum(axis=0) + np.cumsum(updates, axis=0)
    return np.concatenate([half, terms[arcs.turn != 0].sum(axis=0) - half])


def _stops(starts: Shaped[np.ndarray, "arcs 2"]) -> Shaped[np.ndarray, "arcs 2"]:
    """The other ends of the arcs."""
    return np.concatenate([starts[1:], starts[:1]])


def _inside(starts, stops, c):
    """Whether c ≠ 0 lies in the closed cone of its arc."""
    return (_cross(starts, c) >= 0) & (_cross(c, stops) >= 0) & (c != 0).any(axis=1)


class Summits(NamedTuple):
    """Where F is greatest on each arc and then, with `sign` −1, where −F is.

    `value` is that maximum of ±F, attained at the unit vector `u`. As a function of the weights it
    is convex; `curvature` is 1/|c| if the maximum lies inside the arc, and 0 at an end.
    """

    u: Float[np.ndarray, "m 2"]
    sign: Float[np.ndarray, " m"]
    value: Float[np.ndarray, " m"]
    curvature: Float[np.ndarray, " m"]


def summits(arcs: Arcs, w: Float[np.ndarray, " n"]) -> Summits:
    """The maxima of ±F, F(u) = Σ_i w_i relu(u·x_i), over the arcs, in floats."""
    validate.concrete(w, "w")
    c = arc_vectors(arcs, w[:, None] * arcs.X)
    sign = np.repeat([1.0, -1.0], len(c))
    c = np.concatenate([c, -c])
    starts, stops = np.tile(arcs.starts, (2, 1)), np.tile(_stops(arcs.starts), (2, 1))
    inside = _inside(starts, stops, c)
    start_is_better = (c * (starts - stops)).sum(axis=1) >= 0
    norm = np.where(inside, _norm(c), 1.0)
    at_end = np.where(start_is_better[:, None], starts, stops)
    u = np.where(inside[:, None], c / norm[:, None], at_end)
    return Summits(u, sign, (u * c).sum(axis=1), inside / norm)


def ends(arcs: Arcs) -> tuple[Float[np.ndarray, "m 2"], Float[np.ndarray, " m"]]:
    """The ends of the arcs and eight directions more, so that no gap is wide, with both signs."""
    angles = np.arange(8) * np.pi / 4
    compass = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    u = np.concatenate([arcs.starts, compass])
    return np.concatenate([u, u]), np.repeat([1.0, -1.0], len(u))


def arc_of(arcs: Arcs, u: Float[np.ndarray, "m 2"]) -> Int[np.ndarray, " m"]:
    """The index of the arc that each direction lies on."""
    angle = np.arctan2(u[:, 1], u[:, 0]) % (2 * np.pi)
    starts = np.arctan2(arcs.starts[:, 1], arcs.starts[:, 0]) % (2 * np.pi)
    return np.searchsorted(starts, angle, side="right") - 1


def curvatures(
    X: Float[np.ndarray, "n 2"], y: Float[np.ndarray, " n"], summits: Summits
) -> Float[np.ndarray, "n m"]:
    """Columns T_j such that T_j T_jᵀ is the Hessian in ν of summit j for the weights w = νy."""
    tangent = np.stack([-summits.u[:, 1], summits.u[:, 0]], axis=1)
    active = X @ summits.u.T > 0
    return y[:, None] * active * (X @ tangent.T) * np.sqrt(summits.curvature)


def max_abs(arcs: Arcs, w: Float[np.ndarray, " n"] | Dyadic) -> arb:
    """max_{u ∈ S¹} |Σ_i w_i relu(u·x_i)| for the numbers w and X as they are, in a ball.

    The square of the maximum is found as a rational number; its root is the only rounding.
    """
    validate.concrete(w, "w")
    weights, exponent = dyadic(w)
    c = arc_vectors(arcs, weights[:, None] * arcs.exact_X)
    starts = arcs.exact_starts
    at_starts = [
        fmpq(int(value**2), int(length))
        for value, length in zip((c * starts).sum(1), (starts**2).sum(1), strict=True)
    ]
    inside = _inside(starts, _stops(starts), c) | _inside(starts, _stops(starts), -c)
    at_summits = [fmpq(int(square)) for square in (c[inside] ** 2).sum(1)]
    with ctx.workprec(max(PRECISION, ctx.prec)):
        return arb(max(at_starts + at_summits)).sqrt() * arb(2) ** (exponent + arcs.exponent)
