"""A primal–dual interior point in many digits: the least total length of vectors in cones.

    min Σ_j ‖z_j‖  subject to  Σ_j G_j z_j = b (or ≥ b),  E_j z_j ≥ 0,
    max bᵀν        subject to  p_j = G_jᵀν + E_jᵀt_j,  ‖p_j‖ ≤ 1,  t_j ≥ 0 (and ν ≥ 0).

With z_j = a_j p_j, slacks T_j = ½(1 − ‖p_j‖²), R_j = E_j z_j and S = Σ_j G_j z_j − b, the optimum
has a_j T_j = 0, R t = 0 and S ν = 0; along the central path these products are μ. Newton's method
follows it with Mehrotra's corrections, in arrays of floats or, as far as the digits of `flint.ctx`
allow, of `arf`. Nothing here is certified; whoever calls evaluates the result exactly.
"""

import math
from typing import NamedTuple

import numpy as np
from flint import arb, arb_mat, arf, ctx
from jaxtyping import Int, Shaped

from margintheory.rigour.digits import middle

RIDGE = 1e-13
PATIENCE = 8  # steps without progress
NEGLIGIBLE = 0.1  # an error of a slack, in parts of it, that is put right at once
LEAST = 1e-10  # to which part of itself μ falls in a step
TO_THE_WALL = 0.99  # how much of the way to where a variable would turn negative


class Cones(NamedTuple):
    """b, G_j, and the rows of all E_j with the j to which they belong.

    If `free`, the constraints are equations and ν may have any sign.
    """

    b: Shaped[np.ndarray, " n"]
    G: Shaped[np.ndarray, "n m d"]
    E: Shaped[np.ndarray, "q d"]
    owner: Int[np.ndarray, " q"]
    free: bool


class Iterate(NamedTuple):
    """ν, S; a, T; t, R. If ν is free there is no S, and its array is empty."""

    nu: Shaped[np.ndarray, " n"]
    S: Shaped[np.ndarray, " n_or_0"]
    a: Shaped[np.ndarray, " m"]
    T: Shaped[np.ndarray, " m"]
    t: Shaped[np.ndarray, " q"]
    R: Shaped[np.ndarray, " q"]

    def pairs(self, free: bool):
        """The positive variables in two arrays, of which the products vanish at the optimum."""
        left = [self.a, self.t] if free else [self.nu, self.a, self.t]
        return np.concatenate(left), np.concatenate([self.S, self.T, self.R])


def follow(cones: Cones, start: Iterate, mu: float) -> Iterate:
    """The iterate with the least products and residuals, from `start` until both are at most μ.

    It stops short of μ where the digits of `flint.ctx` are exhausted.
    """
    x, best, least, since = start, start, math.inf, 0
    with np.errstate(all="ignore"):
        while since <= PATIENCE and least > mu:
            try:
                step, reached = _step(cones, x)
            except (ZeroDivisionError, np.linalg.LinAlgError):
                break
            since += 1
            if reached < least / 2:
                best, least, since = x, reached, 0
            x = step
    return best


def directions(cones: Cones, x: Iterate) -> Shaped[np.ndarray, "m d"]:
    """p_j = G_jᵀν + E_jᵀt_j."""
    return _transposed(cones.G, x.nu) + _sums(cones, x.t[:, None] * cones.E)


def _step(cones: Cones, x: Iterate) -> tuple[Iterate, float]:
    """Mehrotra's step, and the greater of mean product and residuals before it.

    The residual of S is in parts of the greatest b_i.
    """
    system = _System(cones, x)
    x = system.x
    left, right = x.pairs(cones.free)
    mean = (left * right).sum() / len(left)
    zero = Iterate(*(0 * v for v in x))
    straight = system.solve(0.0, zero)
    length = _length(cones, x, straight)
    sides = zip((left, right), straight.pairs(cones.free), strict=True)
    ahead_left, ahead_right = (v + length * dv for v, dv in sides)
    ahead = (ahead_left * ahead_right).sum() / len(left)
    sigma = min(1.0, max(float(ahead / mean), LEAST)) ** 3
    d = system.solve(mean * max(sigma, LEAST), straight)
    alpha = min(1.0, max(TO_THE_WALL, 1 - float(mean) ** 0.5 - LEAST) * _length(cones, x, d))
    new = Iterate(*(v + alpha * dv for v, dv in zip(x, d, strict=True)))
    return new, max(float(mean), system.residual)


def _length(cones: Cones, x: Iterate, d: Iterate) -> float:
    """The greatest step, at most 1 / TO_THE_WALL, along which nothing turns negative."""
    walls = [
        float(-v / dv)
        for side, change in zip(x.pairs(cones.free), d.pairs(cones.free), strict=True)
        for v, dv in zip(side, change, strict=True)
        if dv < 0
    ]
    return min([1 / TO_THE_WALL, *walls])


class _System:
    """The equations of a Newton step, reduced to a positive definite matrix in Δν."""

    def __init__(self, cones: Cones, x: Iterate):
        n, m, d = cones.G.shape
        self.p = directions(cones, x)
        self.square = (self.p * self.p).sum(axis=1)
        z = x.a[:, None] * self.p
        excess, T = _applied(cones.G, z) - cones.b, (1 - self.square) / 2
        R = (cones.E * z[cones.owner]).sum(axis=1)
        x = x._replace(T=_nearby(x.T, T), R=_nearby(x.R, R))
        if not cones.free:
            x = x._replace(S=_nearby(x.S, excess))
        self.cones, self.x = cones, x
        self.rho, self.r_t = T - x.T, R - x.R
        self.r_nu = excess if cones.free else excess - x.S
        parts = self.rho, self.r_t, self.r_nu / abs(cones.b).max()
        self.residual = max((abs(float(v)) for v in np.concatenate(parts)), default=0.0)
        pp = self.p[:, :, None] * self.p[:, None, :] / (x.T + self.square)[:, None, None]
        inverse = (np.eye(d, dtype=int) - pp) / x.a[:, None, None]
        self.W = x.t / x.R
        EE = cones.E[:, :, None] * cones.E[:, None, :] * self.W[:, None, None]
        self.K = _inverses(inverse + _sums(cones, EE))
        KG = (self.K[:, None] * cones.G.transpose(1, 0, 2)[:, :, None, :]).sum(axis=3)
        diagonal = 0 * x.nu if cones.free else x.S / x.nu
        KG = KG.transpose(0, 2, 1).reshape(m * d, n)
        self.matrix = _normal(cones.G.reshape(n, m * d), KG, diagonal)

    def solve(self, mu: arf | float, ahead: Iterate) -> Iterate:
        """The Newton step for products μ, corrected by the products of the changes `ahead`."""
        cones, x, p = self.cones, self.x, self.p
        dp = directions(cones, ahead)
        dz = ahead.a[:, None] * dp
        rho = self.rho - (dp * dp).sum(axis=1) / 2
        r_nu = self.r_nu + _applied(cones.G, dz)
        r_t = self.r_t + (cones.E * dz[cones.owner]).sum(axis=1)
        c_a, c_t = mu - x.a * x.T - ahead.a * ahead.T, mu - x.t * x.R - ahead.t * ahead.R
        h = c_t / x.t - r_t
        kappa = (c_a - x.a * rho) / (x.a * (x.T + self.square))
        force = kappa[:, None] * p + _sums(cones, (self.W * h)[:, None] * cones.E)
        rhs = -r_nu - _applied(cones.G, (self.K * force[:, None]).sum(axis=2))
        if not cones.free:
            c_nu = mu - x.nu * x.S - ahead.nu * ahead.S
            rhs = rhs + c_nu / x.nu
        d_nu = _solution(self.matrix, rhs)
        force = force + _transposed(cones.G, d_nu)
        d_z = (self.K * force[:, None]).sum(axis=2)
        d_t = self.W * (h - (cones.E * d_z[cones.owner]).sum(axis=1))
        d_p = _transposed(cones.G, d_nu) + _sums(cones, d_t[:, None] * cones.E)
        d_T = rho - (p * d_p).sum(axis=1)
        d_a = (c_a - x.a * d_T) / x.T
        d_S = x.S if cones.free else (c_nu - x.S * d_nu) / x.nu
        return Iterate(d_nu, d_S, d_a, d_T, d_t, (c_t - x.R * d_t) / x.t)


def _nearby(slack, true):
    """The true slacks where those of the iterate are smaller, or but for a small part right."""
    return np.where(true > (1 - NEGLIGIBLE) * slack, true, slack)


def _applied(G, z):
    """Σ_j G_j z_j."""
    return G.reshape(len(G), -1) @ z.ravel()


def _transposed(G, nu):
    """G_jᵀν for all j."""
    return np.tensordot(nu, G, axes=1)


def _sums(cones: Cones, terms):
    """For each j the sum of the terms of its rows of E."""
    total = np.zeros((cones.G.shape[1], *terms.shape[1:]), terms.dtype)
    np.add.at(total, cones.owner, terms)
    return total


def _inverses(K):
    """The inverses of positive definite matrices, by elimination in all of them at once."""
    d = K.shape[1]
    A = np.concatenate([K, np.broadcast_to(np.eye(d, dtype=int), K.shape)], axis=2)
    for k in range(d):
        A[:, k] = A[:, k] / A[:, k, k, None]
        for i in range(d):
            if i != k:
                A[:, i] = A[:, i] - A[:, i, k, None] * A[:, k]
    return A[:, :, d:]


def _normal(G, KG, diagonal):
    """G (KG) + diag, as an array of floats or a matrix of balls, never singular."""
    if G.dtype == float:
        return G @ KG + np.diag(diagonal + RIDGE)
    balls, ridge = _matrix(G) * _matrix(KG), arb(2) ** (-4 * ctx.prec // 5)
    for i, entry in enumerate(diagonal):
        balls[i, i] += arb(entry.man_exp()) + ridge
    return balls


def _solution(A, rhs):
    if rhs.dtype == float:
        return np.linalg.solve(A, rhs)
    solved = A.solve(_matrix(rhs[:, None]), algorithm="approx").entries()
    return np.array([middle(x) for x in solved], dtype=object)


def _matrix(A) -> arb_mat:
    rows, columns = A.shape
    return arb_mat(rows, columns, A.ravel().tolist())
