"""The features of Example 5.2 in ball arithmetic, with two derivatives, on boxes over the sphere.

Φ_i = (w/2)(p + q) with p = u·x_i and q = √(p² + s²‖θ‖²), θ = (w, u). Up to its length every θ ≠ 0
lies on a face of the cube [−1, 1]^D, and there a box needs no angles. Functions on the sphere enter
as homogeneous functions divided by a power of ‖θ‖.
"""

import functools
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flint import arb, arb_mat

from margintheory import validate
from margintheory.arrays import ArrayLike, Reals
from margintheory.flow.problems import nonnegative, spread
from margintheory.rigour import boxes, dot

Vector = list[arb]


@dataclass(frozen=True)
class Unit:
    """One Φ_i: the point with a 0 in front, (0, x_i), and the smoothing s > 0."""

    x: Vector
    s: arb

    def value(self, theta: Vector) -> arb:
        """Φ_i(θ)."""
        return theta[0] * (dot(self.x, theta) + self._root(theta)) / 2

    def gradient(self, theta: Vector) -> Vector:
        """∇Φ_i = (p + q)/2 e_w + (w/2)(x + ∇q)."""
        p, q, slope = self._parts(theta)
        first = theta[0] / 2
        return [first * m + (p + q) / 2 * (j == 0) for j, m in enumerate(slope)]

    def hessian(self, theta: Vector) -> list[Vector]:
        """D²Φ_i = sym(e_w (x + ∇q)ᵀ) + (w/2) D²q, where
        q³ D²q = s² (‖θ‖² x xᵀ − p (x θᵀ + θ xᵀ) − s² θ θᵀ + q²)."""
        p, q, slope = self._parts(theta)
        square, s2, x = dot(theta, theta), self.s * self.s, self.x
        scale = theta[0] * s2 / (q * q * q)

        def entry(j, k):
            bend = square * (x[j] * x[k]) - p * (x[j] * theta[k] + x[k] * theta[j])
            bend += q * q * (j == k) - s2 * theta[j] * theta[k]
            return (slope[j] * (k == 0) + slope[k] * (j == 0) + scale * bend) / 2

        return [[entry(j, k) for k in range(len(theta))] for j in range(len(theta))]

    def _root(self, theta):
        p = dot(self.x, theta)
        return (p * p + self.s * self.s * dot(theta, theta)).sqrt()

    def _parts(self, theta):
        """p, q and x + ∇q, where q ∇q = p x + s² θ."""
        p, q = dot(self.x, theta), self._root(theta)
        return (
            p,
            q,
            [x + (p * x + self.s * self.s * t) / q for x, t in zip(self.x, theta, strict=True)],
        )


def units(X: Reals[ArrayLike, "n d"], smoothing: float) -> list[Unit]:
    """The features of `problems.two_layer`, for the floats as they are.

    Raises ValueError for a smoothing of 0: the relu is not differentiable.
    """
    X = validate.concrete_points(X)
    s = float(nonnegative(smoothing, "smoothing"))
    if s == 0:
        raise ValueError("a relu (smoothing = 0) is not differentiable; give a smoothing > 0.")
    return [Unit([arb(0), *map(arb, row)], arb(s)) for row in X.tolist()]


def combine(weights: Vector, vectors: Sequence[Vector]) -> Vector:
    """Σ_i weights_i vectors_i."""
    return [dot(weights, list(entries)) for entries in zip(*vectors, strict=True)]


def norm_bound(rows: Sequence[Vector]) -> arb:
    """An upper bound of the spectral norm of every matrix in the balls: ‖M‖ ≤ ‖C‖ + ‖M − C‖_F.

    For the centres C, ‖C‖² ≤ (tr Aᵖ)^{1/p} with A = CᵀC and p = 2¹⁶, exact to 5 digits.
    """
    C = arb_mat([[entry.mid() for entry in row] for row in rows])
    radii = [entry.rad() for row in rows for entry in row]
    A = C.transpose() * C
    for _ in range(16):
        A = A * A
    return (A.trace().abs_upper().root(2**17) + dot(radii, radii).abs_upper().sqrt()).upper()


def second_order(
    value: Callable[[Vector], arb],
    gradient: Callable[[Vector], Vector],
    hessian: Callable[[Vector], list[Vector]],
) -> Callable[[Vector], arb]:
    """An enclosure of a function on a box by Taylor's formula about the centre of the box."""

    def enclosure(box: Vector) -> arb:
        centre = [side.mid() for side in box]
        offset = [side - c for side, c in zip(box, centre, strict=True)]
        bend = sum(
            offset[j] * offset[k] * second
            for j, row in enumerate(hessian(box))
            for k, second in enumerate(row)
        )
        return value(centre) + dot(gradient(centre), offset) + bend / 2

    return enclosure


def minimum_on_sphere(f: Callable[[Vector], arb], D: int, rtol: float) -> arb:
    """A lower bound of the least value of f on the faces of [−1, 1]^D.

    It is within rtol of the minimum of each face: cap f from above where larger values are of no
    interest, or their faces are searched as finely.
    """

    def on_face(sides, axis, sign):
        return f([*sides[:axis], arb(sign), *sides[axis:]])

    lower = []
    for axis, sign in itertools.product(range(D), (1, -1)):
        face = functools.partial(on_face, axis=axis, sign=sign)
        lower.append(boxes.minimum(face, [(-1.0, 1.0)] * (D - 1), rtol=rtol).lower)
    return functools.reduce(arb.min, lower)


def supremum_on_sphere(F: Callable[[Vector], arb], D: int, rtol: float) -> arb:
    """An upper bound of F > 0 on the faces of [−1, 1]^D, within rtol of the supremum."""
    seen = [F(list(map(arb, row))) for row in spread(64 * D, D).tolist()]
    known = functools.reduce(arb.max, seen).lower()
    return -minimum_on_sphere(lambda theta: arb.min(-F(theta), -known), D, rtol)
