"""The interpolant of least 1-norm in exact arithmetic: what is found, completed and proved.

A measure that nearly interpolates is completed by directions whose features span everything, and
the weights are solved for in balls. The weak duality of `interpolation` gives the other end.
"""

import itertools
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from flint import arb, arb_mat, arf, ctx, fmpq, nmod_mat
from jaxtyping import Float, Int, Shaped

from margintheory import rigour, sphere
from margintheory.interpolation import search
from margintheory.refinement import plane, space
from margintheory.refinement.objectives import Linear
from margintheory.refinement.vertex import lighter
from margintheory.rigour import Dyadic
from margintheory.rigour.digits import middle
from margintheory.sphere.plane import in_plane

PRIME = 2**63 - 25
PLENTY = 4096  # bits
SPARE = 33  # bits of a pair in the plane beyond the tolerance
FLOATS = 1e-9  # relative accuracy that is asked of floats, at most


def exact(value: float) -> fmpq:
    """The float as a fraction."""
    return fmpq(*float(value).as_integer_ratio())


def quotient(a: fmpq, b: fmpq) -> float:
    """a/b, rounded."""
    return int((a / b).p) / int((a / b).q)


def unit_floats(atoms: Shaped[np.ndarray, "m d"]) -> Float[np.ndarray, "m d"]:
    """The directions of integer vectors."""
    bits = [int(abs(u).max()).bit_length() for u in atoms]
    return rigour.unit(
        np.array([Dyadic.of(u, -k).floats for u, k in zip(atoms, bits, strict=True)])
    )


def normalised(
    X: Float[np.ndarray, "n d"],
) -> tuple[Float[np.ndarray, "n d"], Int[np.ndarray, " n"]]:
    """Rows Z_i of length about 1 and exponents with X_i = Z_i 2^{k_i}, exactly.

    Raises ValueError where Z_i has entries that no float can hold.
    """
    exponents = np.frexp(np.abs(X).max(axis=1))[1].astype(int)
    Z = np.ldexp(X, -exponents[:, None])
    inexact = np.flatnonzero((np.ldexp(Z, exponents[:, None]) != X).any(axis=1))
    if inexact.size:
        raise ValueError(
            f"the entries of row {inexact[0]} of X span more orders of magnitude than floats do; "
            "set those that are negligible to 0."
        )
    return Z, exponents


class Instance(NamedTuple):
    """Rows Z_i = X_i/2^{k_i} = N_i 2^e of length about 1, and the targets of the N_i, exactly."""

    Z: Float[np.ndarray, "n d"]
    N: Shaped[np.ndarray, "n d"]
    e: int
    targets: list[fmpq]
    exponents: Int[np.ndarray, " n"]
    cut: sphere.Cut

    @classmethod
    def of(cls, X: Float[np.ndarray, "n d"], y: Float[np.ndarray, " n"]) -> "Instance":
        Z, exponents = normalised(X)
        N, e = rigour.dyadic(Z)
        units = [fmpq(2) ** int(k + e) for k in exponents]
        targets = [exact(t) / unit for t, unit in zip(y, units, strict=True)]
        return cls(Z, N, e, targets, exponents, sphere.cut_by(Z))

    def value(self, W: Shaped[np.ndarray, " n"]) -> arb:
        """Σ_i W_i y_i."""
        return arb(sum((int(w) * t for w, t in zip(W, self.targets, strict=True)), fmpq(0)))

    def lower(self, W: Shaped[np.ndarray, " n"]) -> arb:
        """Wᵀy / max |F| for the weights W of the rows N."""
        if isinstance(
            self.cut, sphere.Unwritten
        ):  # these bounds are for floats, and any dual will do
            W, exponent = rigour.dyadic(np.array([int(w) / int(abs(W).max()) for w in W]))
            dual = Dyadic.of(W, exponent)
        else:
            dual = Dyadic.of(W, 0)
        greatest = self.cut.greatest(dual).value / arb(2) ** int(dual.exponent + self.e)
        if greatest == 0:
            return self.value(W) * arb.pos_inf() if self.value(W) != 0 else arb(0)
        return self.value(W) / greatest


class Pair(NamedTuple):
    """A bracket, the atoms with the weights that interpolate, and the dual of the rows N."""

    lower: arb
    atoms: Shaped[np.ndarray, "m d"]
    weights: list[arb]
    upper: arb
    W: Shaped[np.ndarray, " n"]

    def closed(self, tol: float) -> bool:
        """Whether the exact bracket has relative width at most `tol`."""
        with ctx.workprec(rigour.PRECISION + math.ceil(max(0, -math.log2(tol)))):
            return rigour.above(1 - self.lower / self.upper) <= tol


def searched(problem: Instance, tol: float) -> Pair:
    """The best that floats find."""
    Z, size = problem.Z, max(abs(t) for t in problem.targets)
    y = np.array([quotient(t, size) for t in problem.targets])
    atoms, duals = search.search(problem.cut, Z, y, max(tol, FLOATS))
    i = int(np.argmax(np.abs(y) / np.linalg.norm(Z, axis=1)))  # |y_i| ≤ ‖x_i‖ ‖α‖₁
    candidates = [
        rigour.dyadic(nu)[0] for nu in [*duals, np.sign(y[i]) * np.eye(len(y))[i]] if nu.any()
    ]
    with ctx.workprec(rigour.PRECISION):
        lower, W = max(
            ((problem.lower(w), w) for w in candidates), key=lambda bound: bound[0].mid()
        )
        atoms, weights, upper = _interpolating(problem, rigour.dyadic(atoms)[0], 1e-18)
    return Pair(lower, atoms, weights, upper, W)


def refined(problem: Instance, found: Pair, tol: float) -> Pair:
    """The bracket closed in many digits."""
    if isinstance(problem.cut, sphere.Arcs):
        found = _in_the_plane(problem, found, tol)
        if found.closed(tol):
            return found
        problem = problem._replace(cut=sphere.Faces.of(problem.Z))
    assert isinstance(problem.cut, sphere.Faces)
    side = np.array([1 if w > 0 else -1 for w in found.weights], object)
    measure = space.VectorMeasure(found.atoms, side)
    ones = np.ones(len(side), int).astype(object)

    def norm(measure: space.VectorMeasure) -> arb:
        return _interpolating(problem, measure.z, tol)[2]

    programme = space.Programme(problem.cut, ones, problem.targets, True)
    closed = space.closed(programme, measure, found.W, norm, tol)
    return Pair(closed.lower, *_interpolating(problem, closed.measure.z, tol), closed.W)


def _in_the_plane(problem: Instance, found: Pair, tol: float) -> Pair:
    """The same by the interior point method of the circle."""
    n, d = problem.Z.shape
    size = max(abs(t) for t in problem.targets)
    with ctx.workprec(PLENTY):
        beta = np.array([middle(arb(t / size)) for t in problem.targets], dtype=object)
    linear = Linear(beta, False)
    pair = plane.optimum(in_plane(problem.Z), np.ones(n), linear, tol * 2.0**-SPARE)
    if pair is None:
        return found
    W, atoms, masses = (part.integers for part in (pair.dual, pair.atoms, pair.weights))
    with ctx.workprec(rigour.PRECISION + math.ceil(-3 * math.log2(tol))):
        nothing = arf(tol * 2.0 ** (-SPARE // 2))
        kept = lighter(problem.N, atoms[:, :d], masses, nothing)
        interpolant = _interpolating(problem, atoms[np.asarray(kept > 0, bool), :d], tol)
        return Pair(problem.lower(W), *interpolant, W)


def _interpolating(
    problem: Instance, atoms: Shaped[np.ndarray, "m d"], tol: float
) -> tuple[Shaped[np.ndarray, "n d"], list[arb], arb]:
    """n atoms, as many as can be among those given, the weights that interpolate, and their norm.

    The norm has relative accuracy `tol`/2¹⁰.
    """
    atoms, bits = _independent(problem, atoms), max(ctx.prec, rigour.PRECISION)
    features = np.maximum(problem.N @ atoms.T, 0)
    while True:
        with ctx.workprec(bits):
            B = arb_mat([[arb(int(v)) for v in row] for row in features])
            try:
                weights = B.solve(arb_mat([[arb(t)] for t in problem.targets])).entries()
            except ZeroDivisionError:
                weights = [arb.nan()] * len(atoms)
            norm = rigour.total_variation(atoms, weights)
            if norm.rel_accuracy_bits() >= 10 - math.log2(tol):
                return atoms, weights, norm
        bits *= 2


def _independent(problem: Instance, atoms: Shaped[np.ndarray, "m d"]) -> Shaped[np.ndarray, "n d"]:
    """n atoms with independent features: the first of those given, and others as they are needed.

    Features that are independent modulo a prime are independent.
    """
    candidates, n, more = atoms, len(problem.N), _others(problem, atoms)
    while True:
        features = np.maximum(problem.N @ candidates.T, 0) % PRIME
        T, rank = nmod_mat(features.tolist(), PRIME).rref()
        if rank == n:
            pivots = [next(k for k in range(T.ncols()) if T[i, k] != 0) for i in range(n)]
            return _levelled(candidates[pivots])
        candidates = np.concatenate([candidates, next(more)])


def _others(problem: Instance, atoms) -> Iterator[Shaped[np.ndarray, "k d"]]:
    """Directions that complete the atoms well in floats, then such as span everything."""
    spare = search.spare(problem.Z)
    order = search.complements(problem.Z, unit_floats(atoms), spare)
    yield rigour.dyadic(order)[0]
    for seed in itertools.count():
        yield _kinks(problem.N, seed)


def _levelled(atoms: Shaped[np.ndarray, "m d"]) -> Shaped[np.ndarray, "m d"]:
    """The directions in vectors of about one length."""
    bits = [int(abs(u).max()).bit_length() for u in atoms]
    return np.array([u << max(bits) - k for u, k in zip(atoms, bits, strict=True)], dtype=object)


def _kinks(N: Shaped[np.ndarray, "n d"], seed: int) -> Shaped[np.ndarray, "m d"]:
    """Directions whose features span those of all: q ⊥ x_i and beside it for each i.

    Σ_i ν_i relu(u·x_i) = 0 at q and q ± εx_i, where no other x_k·u changes its sign, says that the
    kinks at x_i^⊥ cancel; for all i, that the sum is linear, and it is 0 at a basis. For almost all
    draws q is on no other hyperplane.
    """
    v = np.random.default_rng(seed).integers(-(2**30), 2**30, N.shape).astype(object)
    square, along = (N * N).sum(axis=1)[:, None], (N * v).sum(axis=1)[:, None]
    q = square * v - along * N
    dots, there = abs(q @ N.T), abs(N @ N.T)
    steps = [
        [b // a for a, b in zip(*rows, strict=True) if a] for rows in zip(dots, there, strict=True)
    ]
    q = q * np.array([1 + max(step, default=0) for step in steps], dtype=object)[:, None]
    return np.concatenate([q, q + N, q - N])
