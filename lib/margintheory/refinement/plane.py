"""The margin problems in the plane to any number of digits: a primal–dual interior point method.

    maximise Σ_i b_i(ν_i)   subject to   max_u |F(u)| ≤ 1,   F(u) = Σ_i s_i ν_i relu(u·x_i),

is the dual of the ℓ1-SVM (b_i(ν) = ν, ν ≥ 0), of interpolation with the least norm (b_i(ν) = y_i ν)
and of the weakly regularised loss (b_i is minus the conjugate of the loss). The multipliers a of
the constraints are the masses of the primal measure: at the optimum b_i'(ν_i) = (Va)_i, that is
s_i Σ_j ±a_j relu(u_j·x_i), or b_i' ≤ (Va)_i where ν_i = 0 is a bound.

The constraints are the values of ±F at the ends of the arcs and, once the solution is near, the
maxima of ±F inside arcs. All lines and all arcs take part, so that nothing is guessed; `newton`
makes a step cheap. Nothing here is certified: dyadic numbers come out, and solvers evaluate them.
"""

import math
from typing import NamedTuple

import numpy as np
from flint import arf, ctx
from jaxtyping import Float, Shaped

from margintheory.refinement.newton import NewtonStep
from margintheory.refinement.objectives import Linear, Objective
from margintheory.rigour import Certificate, Dyadic
from margintheory.rigour.digits import HALF, ONE, ZERO, Arfs, full, leading, power, rounded, total
from margintheory.sphere.circle import Circle
from margintheory.sphere.plane import arrange_finely

ATTEMPTS = 3  # each with twice the bits of the last
PATIENCE = 60  # steps in which gap and infeasibility have not been halved
GUARD = 160  # bits beyond those of the result
POLISH = 3  # steps beyond the goal
NEAR = arf(0.1)  # the gap from which on arcs are constraints
NEARLY = arf(0.95)  # of 1: the maximum from which on an arc is a constraint
EARLY = arf(0.3)  # the least share of μ that one step aims at, before
BALANCE = arf(1e-6)  # of the infeasibility: the least gap that a step aims at
NINE_TENTHS, LATE = arf(0.9), arf(1e-3)  # shares of the way to the boundary, and what is left


def optimum(
    X: Float[np.ndarray, "n 2"], signs: Float[np.ndarray, " n"], objective: Objective, tol: float
) -> Certificate | None:
    """A nearly optimal pair, whose two values should agree to a relative accuracy of about tol.

    No row of X may be zero. If the precision does not suffice it is doubled, a few times; None if
    no attempt succeeds.
    """
    arcs = arrange_finely(X)
    digits, spread = math.ceil(-math.log2(tol)) + objective.digits, arcs.spread
    for attempt in range(ATTEMPTS):
        more = attempt * objective.smallness
        with ctx.workprec((GUARD + 3 * (digits + spread) << attempt) + more):
            problem = _Problem(
                Circle(arcs), signs, objective, power(objective.distance + attempt * spread)
            )
            if problem.solve(arf(tol) / 256):
                problem.polish(arf(tol) / 256)
                return problem.found(tol, digits + 4 * spread + GUARD)
    return None


class _Step(NamedTuple):
    """Changes of ν, of its slacks S, of the masses a and of their slacks T."""

    nu: Arfs
    S: Arfs
    a: Shaped[np.ndarray, "2 2 arcs"]
    T: Shaped[np.ndarray, "2 2 arcs"]


class _Problem:
    """One solve. ν has slacks S of its bounds, the masses a have slacks T of their constraints.

    Rows of a and T: first the ends of the arcs for F and −F, then the arcs, of which only some are
    `live`. A point beyond those that have signs is to have no weight: its part of the objective is
    −½ν² times a large number.
    """

    def __init__(self, circle: Circle, signs: Float[np.ndarray, " n"], objective, gap: arf):
        self.circle, self.objective, self.n = circle, objective, len(signs)
        more = len(circle.line) - self.n
        self.signs = np.append(rounded(signs.astype(object)), full(more, ONE))
        self.bounded = np.arange(self.n + more) < self.n * objective.bounded
        self.strict = power(-objective.digits)
        self.newton, self.squares = NewtonStep(circle), circle.length * circle.length
        nu = np.append(objective.start(circle.length[: self.n]), full(more))
        greatest = max(map(abs, circle.values(self.signs * nu)))
        self.nu = nu * (HALF / greatest if 2 * greatest > ONE else ONE)
        self.live = np.zeros((2, 2, 2 * circle.lines), dtype=bool)
        self.live[0] = True
        self.evaluate()
        mu = gap * self.size / int(self.live.sum())
        self.T = np.where(self.live, 1 - self.g, ONE)
        self.a = np.where(self.live, mu / self.T, ZERO)
        self.S = np.where(self.bounded, mu / np.where(self.bounded, self.nu, ONE), ZERO)

    def evaluate(self) -> None:
        """The objective, and the constraints g ≤ 1, at ν."""
        nu = self.nu[: self.n]
        self.size = abs(self.objective.value(nu))
        self.stiff = self.size * power(ctx.prec // 4) * self.squares[self.n :]
        self.slope = np.append(self.objective.slope(nu), -self.stiff * self.nu[self.n :])
        F = self.circle.values(self.signs * self.nu)
        self.summits = self.circle.summits(F)
        self.g = np.stack([np.stack([F, -F]), self.summits.value])

    def solve(self, goal: arf) -> bool:
        """Steps until gap and infeasibility meet the goal; False if they do not get there."""
        best, since = None, 0
        while since < PATIENCE:
            mu, gap, infeasible = self.errors()
            worst = max(gap, infeasible)
            if worst.is_nan() or (gap < goal and infeasible < goal * self.strict):
                return not worst.is_nan()
            since = 0 if best is None or 2 * worst < best else since + 1
            best = worst if best is None or worst < best else best
            self.advance(mu, gap, infeasible)
        return False

    def polish(self, goal: arf) -> None:
        """A few steps more, while they help: what is not of the optimum loses its mass."""
        mu, gap, infeasible = self.errors()
        least, best = gap, (self.nu, self.S, self.a, self.T)
        for _ in range(POLISH):
            self.advance(mu, gap, infeasible)
            mu, gap, infeasible = self.errors()
            if gap.is_nan():
                break
            if gap < least and infeasible < goal * self.strict:
                least, best = gap, (self.nu, self.S, self.a, self.T)
        self.nu, self.S, self.a, self.T = best
        self.evaluate()

    def errors(self) -> tuple[arf, arf, arf]:
        """μ, and the gap and the infeasibility at ν, relative to what they are errors of."""
        self.evaluate()
        products = total(self.a[self.live] * self.T[self.live]) + self.nu @ self.S
        gap = products / self.size
        mu = products / int(self.live.sum() + self.bounded.sum())
        if gap < NEAR:
            self.join(mu)
        reach = self.signs * sum(self.circle.scores(*part) for part in self.masses())  # Va
        residual = abs(self.slope + self.S - reach)
        short = residual[self.bounded] / self.slope[self.bounded]
        residual = np.append(residual * abs(self.nu) / self.size, short)
        return mu, gap, max(max(residual), max(abs(self.violation()).ravel()))

    def join(self, mu: arf) -> None:
        """Arcs whose maximum is inside, and not far from 1, become constraints."""
        new = self.summits.inside & (self.summits.value > NEARLY) & ~self.live[1]
        least = len(self.nu) * mu / total(self.a.ravel())
        slack = np.where(1 - self.summits.value > least, 1 - self.summits.value, least)
        self.T[1], self.a[1] = np.where(new, slack, self.T[1]), np.where(new, mu / slack, self.a[1])
        self.live[1] |= new

    def masses(self) -> list[tuple[Arfs, Shaped[np.ndarray, "arcs 2"]]]:
        """The four parts of the measure, with their signs, one atom on each arc."""
        circle, u = self.circle, self.summits.u
        at_ends = [(self.a[0, 0], circle.ends), (-self.a[0, 1], circle.ends)]
        return [*at_ends, (self.a[1, 0], u[0]), (-self.a[1, 1], u[1])]

    def violation(self) -> Shaped[np.ndarray, "2 2 arcs"]:
        """1 − g − T."""
        return np.where(self.live, 1 - self.g - self.T, ZERO)

    def advance(self, mu: arf, gap: arf, infeasible: arf) -> None:
        """One predictor–corrector step of Mehrotra's method."""
        self.prepare()
        affine = self.direction(-self.a * self.T, -self.nu * self.S)
        primal, dual = self.lengths(affine, ONE)
        after = total(((self.a + primal * affine.a) * (self.T + dual * affine.T))[self.live])
        after = after + (self.nu + dual * affine.nu) @ (self.S + primal * affine.S)
        share = after / (mu * int(self.live.sum() + self.bounded.sum()))
        least = max(infeasible * BALANCE / gap, EARLY if gap > NEAR else ZERO)
        target = min(max(share * share * share, least), ONE) * mu
        step = self.direction(
            np.where(self.live, target - self.a * self.T - affine.a * affine.T, ZERO),
            np.where(self.bounded, target - self.nu * self.S - affine.nu * affine.S, ZERO),
        )
        late = min(primal, dual) > NINE_TENTHS and gap < NEAR
        primal, dual = self.lengths(step, 1 - min(gap, LATE) if late else NINE_TENTHS)
        moved = self.objective.moved(self.nu[: self.n], dual * step.nu[: self.n])
        self.nu = np.append(moved, self.nu[self.n :] + dual * step.nu[self.n :])
        self.T, self.a = self.T + dual * step.T, self.a + primal * step.a
        self.S = self.S + primal * step.S

    def prepare(self) -> None:
        """The matrix of the Newton step."""
        flat = self.objective.flatness(self.nu[: self.n])
        flat = np.append(flat, self.stiff)
        D = flat + self.S / np.where(self.bounded, self.nu, ONE)
        least = self.size * power(-(ctx.prec // 4))  # where nothing curves
        self.D = np.where(D > ZERO, D, least * self.squares)
        give = self.circle.on_rays(self.squares / self.D)
        self.stiffness = np.where(give > ZERO, 1 / np.where(give > ZERO, give, ONE), ZERO)
        end = np.broadcast_to([ONE, ZERO], (*self.live[0].shape, 2))
        sign = np.array([ONE, -ONE], dtype=object)[:, None, None]
        self.slopes = np.stack([sign * end, self.summits.slope])
        bends = self.summits.bend
        Q = _outer(self.slopes, self.a / self.T).sum(axis=(0, 1))
        self.newton.prepare(self.stiffness, Q + _outer(bends, self.a[1]).sum(axis=0))

    def direction(self, products: Shaped[np.ndarray, "2 2 arcs"], bounds: Arfs) -> _Step:
        """The Newton step that changes a T by `products` and ν S by `bounds`, to first order."""
        violation, nu = self.violation(), np.where(self.bounded, self.nu, ONE)
        masses = self.a + (products - self.a * violation) / self.T
        r = self.slope + self.S + bounds / nu
        step = self.signs * self.circle.length
        drift = self.stiffness * self.circle.on_rays(step * r / self.D)
        q, F = self.newton.solve(drift, (masses[..., None] * self.slopes).sum(axis=(0, 1)))
        pull = self.circle.of_points(self.stiffness * q - drift)
        change = (r + step * pull) / self.D
        at_ends = np.stack([F, np.append(F[1:], F[:1])], axis=-1)
        T = np.where(self.live, violation - (self.slopes * at_ends).sum(axis=-1), ZERO)
        a = np.where(self.live, (products - self.a * T) / self.T, ZERO)
        return _Step(change, (bounds - self.S * change) / nu, a, T)

    def lengths(self, step: _Step, share: arf) -> tuple[arf, arf]:
        """The longest steps, at most 1, that keep a, S and ν, T positive, times the share.

        As long as all constraints are linear the two may differ.
        """
        primal = max((-step.a[self.live] / self.a[self.live]).max(), ZERO)
        dual = max((-step.T / self.T).max(), ZERO)
        if self.bounded.any():
            primal = max(primal, (-step.S[self.bounded] / self.S[self.bounded]).max())
            dual = max(dual, (-step.nu[self.bounded] / self.nu[self.bounded]).max())
        if self.live[1].any() or not isinstance(self.objective, Linear):
            primal = dual = max(primal, dual)
        return min(ONE, share / max(primal, share)), min(ONE, share / max(dual, share))

    def found(self, tol: float, bits: int) -> Certificate:
        """ν and the atoms that carry mass, rounded to so many bits."""
        mass, u = (np.concatenate(parts) for parts in zip(*self.masses(), strict=True))
        least = total(abs(mass))  # what a loss of mass is compared with
        if self.bounded.any():  # it costs each point a part of its score
            least = min((self.slope / self.circle.length)[self.bounded])
        least = least * self.strict * arf(tol) / (256 * len(mass))
        heavy = np.array(abs(mass) > least, dtype=bool)
        atoms = leading(u[heavy], bits)
        together: dict[tuple, arf] = {}
        for *atom, weight in zip(*atoms.integers.T, mass[heavy], strict=True):
            key = (*atom, weight > ZERO)
            together[key] = together.get(key, ZERO) + weight
        directions = np.array([key[:2] for key in together], dtype=object)
        weights = leading(np.array(list(together.values()), dtype=object), bits)
        dual = leading(self.nu[: self.n], bits)
        return Certificate(Dyadic.of(directions, int(atoms.exponent)), weights, dual)


def _outer(v: Shaped[np.ndarray, "*shape 2"], weight) -> Shaped[np.ndarray, "*shape 2 2"]:
    return weight[..., None, None] * v[..., :, None] * v[..., None, :]
