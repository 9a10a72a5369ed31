"""The ℓ1-SVM and the least interpolant where the arrangement is written down, to any accuracy.

A signed measure acts on the points as one vector z for each closed face and sign, z in the cone of
the face, and weighs Σ‖z‖. Only few faces matter. `rigour.cones` solves the problem over some of
them, with the inequalities of those facets that its vectors would cross; the exact arrangement says
on which other faces |F| exceeds its bound; these are added until the exact bracket is closed.

Floats only choose the first faces. What is returned is dyadic, and its bracket exact.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from flint import arb, arf, ctx, fmpq
from jaxtyping import Float, Int, Shaped

from margintheory import rigour
from margintheory.refinement.vertex import vertex
from margintheory.rigour import Certificate, Dyadic, cones
from margintheory.rigour.digits import in_units, middle, power, rounded
from margintheory.sphere import faces
from margintheory.sphere.faces import Summit

ROUNDS = 40
SPARE = 33  # bits that the products of the path have beyond those of the tolerance
MOST = 4096  # bits
ROUGH = 1e-8  # the products to which floats follow the central path
FAR = 1e-3  # an atom found so far from these keeps its own face
NEAR = 1e-5  # summits so close to the maximum of |F| are added
BESIDE = 1e-2  # and with a face the inequalities so close to equality at its summit

Faces = dict[tuple[bytes, int], set[int]]  # signs on a face, sign of its vector: facets


class VectorMeasure(NamedTuple):
    """Σ_j side_j ‖z_j‖ δ at the directions of the integer vectors z_j."""

    z: Shaped[np.ndarray, "m d"]
    side: Shaped[np.ndarray, " m"]

    @classmethod
    def of(cls, U: Shaped[np.ndarray, "m d"], W: Shaped[np.ndarray, " m"]) -> "VectorMeasure":
        """The measure of integer atoms and weights, in some unit."""
        return cls(abs(W)[:, None] * U, np.where(W < 0, -1, 1).astype(object))

    def alive(self) -> "VectorMeasure":
        """Without vectors that are zero."""
        used = np.asarray(self.z.any(axis=1), dtype=bool)
        return VectorMeasure(self.z[used], self.side[used])

    def norm(self) -> arb:
        return sum(rigour.lengths(self.z), arb(0))

    def at(self, N: Shaped[np.ndarray, "n d"]) -> Shaped[np.ndarray, " n"]:
        """∫ relu(u·N_i) dα(u), in integers."""
        return np.maximum(N @ self.z.T, 0) @ self.side


class Programme(NamedTuple):
    """min ‖α‖₁ where y_i ∫ relu(u·N_i) dα(u) ≥ b_i, or = b_i if `free`; N is `exact_X`."""

    arrangement: faces.Faces
    y: Shaped[np.ndarray, " n"]
    b: list[fmpq]
    free: bool


class Bracket(NamedTuple):
    """lower ≤ ‖α‖₁ ≤ upper, and the weights W of the rows and measure that prove it."""

    lower: arb
    upper: arb
    W: Shaped[np.ndarray, " n"]
    measure: VectorMeasure

    def gap(self) -> float:
        """The relative width, rounded up."""
        return rigour.above(1 - self.lower / self.upper)

    def narrowed(self, other: "Bracket") -> "Bracket":
        """The better of both at either end."""
        below = other if other.lower > self.lower else self
        above = other if other.upper < self.upper else self
        return Bracket(below.lower, above.upper, below.W, above.measure)


def margin(
    cut: faces.Faces, y: Float[np.ndarray, " n"], pair: Certificate, tol: float
) -> Certificate:
    """A pair that brackets γ_ℓ1 to relative accuracy `tol`, from one that floats have found.

    A measure of least norm with margin 1 has the norm 1/γ_ℓ1.
    """
    N, labels = cut.exact_X, y.astype(int).astype(object)

    def norm(measure: VectorMeasure) -> arb:
        least = int((labels * measure.at(N)).min())
        return measure.norm() / least if least > 0 else arb.pos_inf()

    programme = Programme(cut, labels, [fmpq(1)] * len(y), False)
    start = VectorMeasure.of(pair.atoms.integers, pair.weights.integers)
    found = closed(programme, start, pair.dual.integers, norm, tol)
    parts = found.measure.z, found.measure.side, found.W
    return Certificate(*(Dyadic.of(part, 0) for part in parts))


def closed(
    programme: Programme,
    measure: VectorMeasure,
    W: Shaped[np.ndarray, " n"],
    norm: Callable[[VectorMeasure], arb],
    tol: float,
) -> Bracket:
    """The narrowest bracket met, of relative width at most `tol` unless rounds run out.

    `norm(measure)` bounds ‖α‖₁ from above. A round that brings no new face or facet has missed for
    want of faces of the measure that was found, or of digits: the next has those, or twice as many.
    """
    arrangement, digits = programme.arrangement, math.ceil(-math.log2(tol)) + SPARE
    with ctx.workprec(_bits(tol)):
        best, top = _bracket(programme, W, measure, norm)
    chosen: Faces = {}
    found = list(zip(measure.z, measure.side, strict=True))
    _add(chosen, arrangement, ((s.u, s.side) for s in top))
    _add(chosen, arrangement, [found[j] for j in _far(measure, top)])
    for _ in range(ROUNDS):
        with ctx.workprec(96 + 5 * digits // 2):
            W, measure, new = _solved(programme, chosen, best, digits)
            bracket, top = _bracket(programme, W, measure, norm)
            best = best.narrowed(bracket)
            if best.gap() <= tol or digits > MOST:
                break
        new |= _add(chosen, arrangement, ((s.u, s.side) for s in top))
        new = new or _add(chosen, arrangement, found)
        digits *= 1 if new else 2
    return best


def _bits(tol: float) -> int:
    """A precision at which the bracket can be told from a narrower one."""
    return rigour.PRECISION + math.ceil(max(0, -math.log2(tol)))


def _bracket(programme: Programme, W, measure: VectorMeasure, norm) -> tuple[Bracket, list[Summit]]:
    """The bracket that a dual and a measure prove, and the summits of |F| for that dual."""
    top = summits(programme.arrangement, programme.y * W)
    value = sum((int(w) * b for w, b in zip(W, programme.b, strict=True)), fmpq(0))
    return Bracket(arb(value) / greatest(top), norm(measure), W, measure), top


def summits(arrangement: faces.Faces, W: Shaped[np.ndarray, " n"]) -> list[Summit]:
    """Where |F| is greatest or nearly so, for integer weights, exactly."""
    w = faces.scaled(W)
    F = np.abs(faces.summits(arrangement, w)[1])
    near = np.union1d(np.flatnonzero((1 - NEAR) * F.max() <= F), faces.shortlist(arrangement, W))
    found = [faces.summit(arrangement, W, k) for k in near]
    return [s for s in found if s.side]


def greatest(found: list[Summit]) -> arb:
    """max |F|."""
    return arb(max((s.square for s in found), default=fmpq(0))).sqrt()


def _add(chosen: Faces, arrangement: faces.Faces, directions: Iterable) -> bool:
    """Adds the faces in which the directions lie; whether one is new."""
    before = len(chosen)
    for u, side in directions:
        chosen.setdefault((faces.sign(arrangement.exact_X @ u).tobytes(), int(side)), set())
    return len(chosen) > before


def _far(measure: VectorMeasure, top: list[Summit]) -> Int[np.ndarray, " k"]:
    """The atoms that are not almost at a summit of their sign."""
    there = np.array([[*rigour.unit(faces.scaled(s.u)), s.side] for s in top])
    pairs = zip(measure.z, measure.side, strict=True)
    atoms = np.array([[*rigour.unit(faces.scaled(z)), side] for z, side in pairs])
    distance = np.abs(atoms[:, None] - there).max(axis=2).min(axis=1)
    return np.flatnonzero(distance > FAR)


def _cross(chosen: Faces, N, z, matters) -> bool:
    """Adds the facets that vectors which matter cross; whether one is new."""
    new = False
    for (key, _), facets, u, alive in zip(chosen, chosen.values(), z, matters, strict=True):
        if alive:
            crossed = np.flatnonzero(np.frombuffer(key, np.int8) * faces.sign(N @ u) < 0)
            new |= not facets.issuperset(crossed)
            facets |= set(crossed)
    return new


def _solved(programme: Programme, chosen: Faces, best: Bracket, digits: int):
    """The dual and the measure over the chosen faces, and whether their facets grew.

    Divided by powers of two, points have length about 1, and the least norm and ν are about 1.
    """
    N = programme.arrangement.exact_X
    longest = [int(abs(row).max()).bit_length() for row in N]
    unit = np.array([power(k) for k in longest], dtype=object)
    value = sum((int(w) * b for w, b in zip(best.W, programme.b, strict=True)), fmpq(0))
    nu = rounded(best.W) * unit * middle(best.lower / arb(value))
    size = best.upper if best.upper.is_finite() else best.lower
    b = rounded(programme.b) / unit / middle(size)
    exact = _cones(programme, chosen, b, unit, nu.astype(float))
    b, G, E = (values.astype(float) for values in exact[:3])
    rough = cones.Cones(b, G, E, exact.owner, exact.free)
    start = cones.follow(rough, _start(rough, nu.astype(float)), ROUGH)
    x = cones.follow(exact, cones.Iterate(*map(rounded, start)), 2.0**-digits)
    p = cones.directions(exact, x)
    w = vertex((exact.G * p).sum(axis=2), x.a, power(SPARE // 2 - digits))
    measure = VectorMeasure(
        in_units(w[:, None] * p, -ctx.prec), np.array([side for _, side in chosen], object)
    )
    new = _cross(chosen, N, measure.z, x.a > x.T)
    return in_units(x.nu / unit * power(max(longest)), -ctx.prec), measure.alive(), new


def _cones(programme: Programme, chosen: Faces, b, unit, nu) -> cones.Cones:
    N = programme.arrangement.exact_X
    G, E, owner = list[Any](), list[Any](), list[int]()
    flats: dict[bytes, Shaped[np.ndarray, "n d"]] = {}
    for j, ((key, side), facets) in enumerate(chosen.items()):
        sign = np.frombuffer(key, np.int8)
        zero = sign == 0
        if zero.tobytes() not in flats:
            Q, q = faces.projector(N[zero])
            flats[zero.tobytes()] = rounded(N @ Q) / (unit * q)[:, None]
        X = flats[zero.tobytes()]
        G.append(X * (side * programme.y * (sign > 0))[:, None])
        walls = X * sign[:, None]
        facets |= _beside(walls.astype(float), nu @ G[-1].astype(float))
        E += [walls[i] / _length(walls[i]) for i in sorted(facets)]
        owner += [j] * len(facets)
    rows = np.array(E, dtype=object).reshape(-1, N.shape[1])
    return cones.Cones(b, np.stack(G, axis=1), rows, np.array(owner, int), programme.free)


def _beside(walls: Float[np.ndarray, "n d"], c: Float[np.ndarray, " d"]) -> set[int]:
    """The inequalities that are equations or nearly so where u·c is greatest on the face: a guess.

    One after the other, those that are most violated become equations.
    """
    length = np.linalg.norm(walls, axis=1)
    used = np.flatnonzero(length)
    E, tight, p = walls[used] / length[used, None], list[int](), c
    for _ in range(len(c)):
        if len(used) == 0 or not (E @ p).min() < -BESIDE * np.linalg.norm(p):
            break
        tight.append(int(np.argmin(E @ p)))
        p = c - np.linalg.pinv(E[tight]) @ (E[tight] @ c)
    return set(used[tight]) | set(used[E @ p < BESIDE * np.linalg.norm(p)])


def _start(over: cones.Cones, nu) -> cones.Iterate:
    """A point from which to follow the central path."""
    n, m, _ = over.G.shape
    q = len(over.E)
    if not over.free:
        nu = np.maximum(nu, 0.1 * nu.mean())
    S, t = np.full(0 if over.free else n, 0.1), np.full(q, 0.1)
    return cones.Iterate(nu, S, np.full(m, 1 / m), np.full(m, 0.5), t, t / m)


def _length(v) -> arf:
    """A power of two, about the length of v."""
    return power(int(math.frexp(float(max(abs(v))))[1]))
