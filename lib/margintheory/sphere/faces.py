"""The arrangement that data cut out of the sphere in any dimension, and the exact maximum of |F|.

The hyperplanes x_i^⊥ cut ℝ^d into the relative interiors of cones, the faces. A face is its sign
vector (sign u·x_i)_i: the active points, and the points that vanish on the flat L which the face
spans. There F(u) = Σ_i w_i relu(u·x_i) is the linear function u·c with c = Σ_{i active} w_i x_i.
The maximum of |F| on the sphere lies in one face, inside, so there u = ±P_L c/|P_L c|. Floats are
dyadic rationals, so faces and candidates are exact; points need not be in general position.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from flint import arb, ctx, fmpq, fmpq_mat, fmpz_mat
from jaxtyping import Bool, Float, Int, Int8, Shaped

from margintheory import validate
from margintheory.arrays import ArrayLike, Reals
from margintheory.rigour import PRECISION, Dyadic, dyadic, norm, unit
from margintheory.sphere.answer import EXACT, Greatest

BLOCK = 1024


@dataclass(frozen=True)
class Faces:
    """The faces of the arrangement on which not all rows of X vanish; made by `enumerate_faces`.

    On face k the points `active[k]` have u·x_i > 0, and the face spans the flat `flat[k]`, onto
    which `projectors[flat[k]]` projects; `exact_projectors` are the same as integers over one
    integer. The points are `exact_X` · 2^`exponent`; `X` is in floats, scaled so that none is long.
    """

    X: Float[np.ndarray, "n d"]
    active: Bool[np.ndarray, "m n"]
    flat: Int[np.ndarray, " m"]
    projectors: Float[np.ndarray, "f d d"]
    exact_X: Shaped[np.ndarray, "n d"]
    exponent: int
    exact_projectors: list[tuple[Shaped[np.ndarray, "d d"], int]]

    @classmethod
    def of(cls, X: Float[np.ndarray, "n d"]) -> "Faces":
        """`enumerate_faces` for finite points that are not all zero."""
        N, exponent = dyadic(X)
        signs = np.concatenate(_covectors(_independent_columns(N)))
        flats: dict[bytes, int] = {}
        flat = np.array([flats.setdefault(zero.tobytes(), len(flats)) for zero in signs == 0])
        exact = [projector(N[np.frombuffer(zero, bool)]) for zero in flats]
        projectors = np.array([(Q / q).astype(float) for Q, q in exact])
        return cls(scaled(N), signs > 0, flat, projectors, N, exponent, exact)

    def greatest(self, w: Dyadic) -> Greatest:
        """max_u |F(u)|."""
        return Greatest(max_abs(self, w), EXACT)


class Summit(NamedTuple):
    """A direction in integers, the sign of F there, and F²/‖u‖²."""

    u: Shaped[np.ndarray, " d"]
    side: int
    square: fmpq


def enumerate_faces(X: Reals[ArrayLike, "n d"]) -> Faces:
    """The faces of the arrangement, about 2^d n^{d−1}/(d−1)! of them; each takes n bytes.

    Raises ValueError if all points are zero.
    """
    X = validate.concrete_points(X)
    if not X.any():
        raise ValueError("all rows of X are zero; they cut nothing out of the sphere.")
    return Faces.of(X)


def _independent_columns(N: Shaped[np.ndarray, "n d"]) -> Shaped[np.ndarray, "n r"]:
    """A basis of the column space: the sign vectors of Nu depend on nothing else."""
    R, _, rank = fmpz_mat(N.tolist()).rref()
    pivots = [next(k for k in range(R.ncols()) if R[i, k] != 0) for i in range(rank)]
    return N[:, pivots]


def sign(N: Shaped[np.ndarray, "..."]) -> Int8[np.ndarray, "..."]:
    return (N > 0).astype(np.int8) - (N < 0).astype(np.int8)


def _covectors(
    N: Shaped[np.ndarray, "n r"],
) -> tuple[Int8[np.ndarray, "cells n"], Int8[np.ndarray, "others n"]]:
    """The sign vectors of the cells, and of the faces of less than full dimension.

    Each cell has a facet in some hyperplane, which is a cell of the arrangement there.
    """
    n, r = N.shape
    if r == 1:
        ray = sign(N).T
        return np.concatenate([ray, -ray]), np.zeros((0, n), np.int8)
    if r == 2:
        return _planar_covectors(N)
    on = np.asarray(N.any(axis=1))
    cells, others, seen = [], [], ~on
    for i in range(n):
        if seen[i]:
            continue
        restricted, pivot = _restrict(N, i)
        parallel = ~restricted.any(axis=1) & on
        facets, smaller = _covectors(restricted)
        for side in (1, -1):
            beside = facets.copy()
            beside[:, parallel] = side * sign(N[parallel, pivot])
            cells.append(beside)
        others += [facets, smaller]
        seen |= parallel
    return _distinct(cells), _distinct(others)


def _planar_covectors(N: Shaped[np.ndarray, "n 2"]):
    """The same in the plane, where facets are rays: all at once, for this is the innermost loop."""
    N_on = N[N.any(axis=1)]
    half = sign(N_on[:, :1] * N[:, 1] - N_on[:, 1:] * N[:, 0])
    rays = np.concatenate([half, -half])
    beside = np.tile(sign(N_on @ N.T), (2, 1)) * (rays == 0)
    return _distinct([rays + beside, rays - beside]), _distinct([rays])


def _distinct(rows: list[Int8[np.ndarray, "_ n"]]) -> Int8[np.ndarray, "k n"]:
    stacked = np.concatenate(rows)
    position = {row.tobytes(): k for k, row in enumerate(stacked)}  # much faster than a sort
    return stacked[list(position.values())]


def _restrict(N: Shaped[np.ndarray, "n r"], i: int) -> tuple[Shaped[np.ndarray, "n q"], int]:
    """The rows as linear functions on the hyperplane of row i, up to one factor.

    There the coordinate of the pivot, a nonzero entry of row i, is a function of the others. The
    sign of the factor does not matter, for with a sign vector its opposite is one.
    """
    pivot = int(np.flatnonzero(N[i])[0])
    restricted = N * N[i, pivot] - N[:, pivot, None] * N[i]
    return np.delete(restricted, pivot, axis=1), pivot


def projector(N: Shaped[np.ndarray, "k d"]) -> tuple[Shaped[np.ndarray, "d d"], int]:
    """Integers Q and q such that Q/q projects onto the vectors orthogonal to the rows of N."""
    d = N.shape[1]
    R, _, rank = fmpz_mat(len(N), d, N.ravel().tolist()).rref()
    P = fmpq_mat(d, d, [int(i == j) for i in range(d) for j in range(d)])
    M = fmpq_mat(rank, d, [R[i, k] for i in range(rank) for k in range(d)])
    P -= M.transpose() * (M * M.transpose()).solve(M)
    Q, q = P.numer_denom()
    return np.array([[int(entry) for entry in row] for row in Q.tolist()], dtype=object), int(q)


def summits(
    faces: Faces, w: Float[np.ndarray, " n"]
) -> tuple[Float[np.ndarray, "m d"], Float[np.ndarray, " m"]]:
    """Unit vectors, among them every u at which |F| is greatest, and F there, in floats.

    Rows k and m + k belong to face k: they are ±P_L c, or 0 where that vanishes. The points are
    `faces.X`.
    """
    terms = w[:, None] * faces.X
    u = unit(np.einsum("kij,kj->ki", faces.projectors[faces.flat], faces.active @ terms))
    blocks = np.array_split(u, len(u) // BLOCK + 1)  # small enough for the cache
    F = np.concatenate([np.maximum(block @ faces.X.T, 0) @ w for block in blocks])
    opposite = F - u @ terms.sum(axis=0)  # relu(−z) = relu(z) − z
    return np.concatenate([u, -u]), np.concatenate([F, opposite])


def max_abs(faces: Faces, w: Reals[ArrayLike, " n"] | Dyadic) -> arb:
    """max_{u ∈ S^{d−1}} |Σ_i w_i relu(u·x_i)| for w and X as they are, in a ball.

    Floats shortlist the summits with a bound on their rounding. The square of F at those is a
    rational number; the root of the greatest is the only rounding. Raises ValueError unless there
    is a finite weight for each point.
    """
    W, exponent = dyadic(w if isinstance(w, Dyadic) else validate.weights(w, len(faces.X)))
    squares = [summit(faces, W, k).square for k in shortlist(faces, W)]
    with ctx.workprec(max(PRECISION, ctx.prec)):
        return arb(max(squares)).sqrt() * arb(2) ** (exponent + faces.exponent)


def scaled(N: Shaped[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """The integers divided by a power of two, so that none exceeds 1, as floats."""
    return (N / 2 ** int(np.abs(N).max()).bit_length()).astype(float)


def shortlist(faces: Faces, W: Shaped[np.ndarray, " n"]) -> Int[np.ndarray, " k"]:
    """The rows of `summits` where |F| may be greatest, for weights W of any size.

    A power of two is moved from each point to its weight, so that the greatest entries of each
    point and of w are in [½, 1): R = Σ|w_i||x_i| ≥ ¼, and what underflows is far below R 2⁻⁵³. Then
    floats move P_L c by no more than ε/4 and F at a given u by no more than ε = 8d(n + d) 2⁻⁵³ R.
    At the maximum M = |P_L c| = |F|, and F has the Lipschitz constant R; so u is wrong by
    2(ε/4)/M, and |F| there is in floats not less than M − Rε/(2M) − ε, while the greatest |F| in
    floats, B, is not above M + ε. If M ≥ ε then B ≤ 2M and B(B − |F|) ≤ 2εB + Rε ≤ 4Rε, with room
    for the rounding of this line; else B² ≤ 4ε² ≤ 4Rε.
    """
    n, d = faces.X.shape
    bits = np.array([int(entry).bit_length() for entry in np.abs(faces.exact_X).max(axis=1)])
    X = np.stack([scaled(row) for row in faces.exact_X])
    w = scaled(W * 2 ** bits.astype(object))
    _, F = summits(replace(faces, X=X), w)
    R = np.abs(w) @ norm(X)
    epsilon = 4 * d * (n + d) * np.finfo(float).eps * R
    best = np.abs(F).max()
    return np.flatnonzero(np.abs(F) * best >= best**2 - 4 * R * epsilon)


def summit(faces: Faces, W: Shaped[np.ndarray, " n"], k: int) -> Summit:
    """Row k of `summits` for integer weights, exactly."""
    side, face = 1 - 2 * (k // len(faces.active)), k % len(faces.active)
    Q, _ = faces.exact_projectors[faces.flat[face]]
    u = side * (Q @ ((W * faces.active[face]) @ faces.exact_X))
    F = int(np.maximum(faces.exact_X @ u, 0) @ W)
    return Summit(u, (F > 0) - (F < 0), fmpq(F**2, max(1, int(u @ u))))
