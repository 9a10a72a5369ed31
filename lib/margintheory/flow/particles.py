"""The perturbed gradient flow (5.2) with particles, and its corrected discrete form (E.21).

∂_t ρ = −∇·(v_ρ ρ) − σρ + σU. A particle keeps its identity: θ' = v_ρ(θ) and mass' = −σ mass. The
source σU is a pulse in the middle of each interval of time: equal masses at directions that are
spread evenly over the sphere and turned at random. Between the pulses the flow is solved by RK4, so
the error is of second order in the interval. All arrays have their final size from the start; a
particle that is not yet born waits at θ = 0 with mass 0.
"""

import functools
import math
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from margintheory import validate
from margintheory.arrays import ArrayLike, Reals
from margintheory.flow.problems import (
    Atoms,
    Problem,
    away_from_zero,
    measure,
    nonnegative,
    objective,
    positive,
    spread,
    variation,
)
from margintheory.flow.stepping import (
    RECORDED,
    Records,
    follow,
    refuse_overshoot,
    runge_kutta,
)

QUADRATURE = {2: 512, 3: 4096}  # nodes for ∫g dU in ℝ², ℝ³; as many as in ℝ³ beyond


@functools.partial(
    jax.tree_util.register_dataclass,
    data_fields=[*RECORDED, "mass", "theta", "masses"],
    meta_fields=["start", "births", "every"],
)
@dataclass(frozen=True)
class Trajectory(Records):
    """ρ_t at the `times` (T,), and at every `every`-th of them the atoms themselves.

    `objective` L, `second_moment` W², `dissipation` D, `mean_variation` ∫g dρ,
    `uniform_variation` ∫g dU, `mass` ρ(ℝ^D), all (T,); `mean_features` a (T, k).
    `balance` (T,) is L_t − L_0 − ∫ of the right side of Lemma E.7, where the source enters as the
    pulses that were really injected, each with the change of L that it caused.
    `courant` is the greatest step·‖v(θ)‖/‖θ‖ met on the way.
    """

    mass: Float[Array, "*batch T"]
    theta: Float[Array, "*batch S m D"]
    masses: Float[Array, "*batch S m"]
    start: int
    births: int
    every: int

    @property
    def snapshot_times(self) -> Float[Array, "*batch S"]:
        """The times at which the atoms are stored."""
        return self.times[..., :: self.every]

    def measure(self, i: int) -> Atoms:
        """ρ at `snapshot_times[i]`: the particles born until then."""
        i = range(self.theta.shape[-3])[i]
        born = self.start + self.births * self.every * i
        return Atoms(self.theta[..., i, :born, :], self.masses[..., i, :born])


def evolve(
    problem: Problem,
    rho0: Atoms,
    *,
    sigma: Reals[ArrayLike, ""],
    time: float,
    step: float = 0.02,
    intervals: int = 60,
    births: int = 32,
    snapshots: int | None = None,
    seed: int = 0,
) -> Trajectory:
    """The flow (5.2) from ρ_0 up to `time`, recorded at the ends of `intervals` equal intervals.

    In the middle of each interval `births` particles appear. RK4 steps are the longest that divide
    half an interval and do not exceed `step`. The atoms are stored `snapshots` times (default: at
    the end of every interval) and at the start. `vmap` over σ, ρ_0, `seed` or the data of the
    problem gives the trajectories of a loop.

    Raises ValueError for negative σ or masses, numbers that are not finite, a problem that is not
    2-homogeneous, `snapshots` that do not divide `intervals`, and a step that is too large for the
    speed of the particles.
    """
    rho0, noise, seed = measure(rho0), nonnegative(sigma, "sigma"), _seed(seed)
    problem.homogeneous(rho0.theta.shape[1])
    time, step = validate.positive(time, "time"), validate.positive(step, "step")
    intervals, births = validate.count(intervals, "intervals"), validate.count(births, "births", 0)
    snapshots = validate.count(intervals if snapshots is None else snapshots, "snapshots")
    if intervals % snapshots:
        raise ValueError(f"{snapshots} snapshots do not divide {intervals} intervals evenly.")
    half = math.ceil(time / intervals / 2 / step * (1 - 1e-12))
    trajectory = _evolve(problem, rho0, noise, time, seed, intervals, half, births, snapshots)
    return _resolved(trajectory, time / intervals / 2 / half)


def push_forward(
    problem: Problem,
    rho0: Atoms,
    *,
    sigma: Reals[ArrayLike, ""],
    eta: Reals[ArrayLike, ""],
    steps: int,
    births: int = 8,
    snapshots: int = 1,
    seed: int = 0,
) -> Trajectory:
    """Theorem E.21 as corrected: ρⁿ⁺¹ = (1 − ησ)(id + ηv)_# ρⁿ + ησU, n < `steps`.

    U is replaced by `births` atoms, spread evenly and turned at random in each step. Recorded at
    every step; the atoms are stored `snapshots` times and at the start. `balance` is L_n − L_0
    − η Σ (right side of E.7), which is of first order in η.

    Raises ValueError for negative σ or masses, η ≤ 0, ησ > 1, numbers that are not finite, a
    problem that is not 2-homogeneous, `snapshots` that do not divide `steps`, and an η that is too
    large for the speed.
    """
    rho0, noise, h = measure(rho0), nonnegative(sigma, "sigma"), positive(eta, "eta")
    problem.homogeneous(rho0.theta.shape[1])
    seed = _seed(seed)
    steps, births = validate.count(steps, "steps"), validate.count(births, "births")
    if validate.count(snapshots, "snapshots") and steps % snapshots:
        raise ValueError(f"{snapshots} snapshots do not divide {steps} steps evenly.")
    if not isinstance(noise * h, jax.core.Tracer) and noise * h > 1:
        raise ValueError(f"eta·sigma = {noise * h:g} exceeds 1: masses would become negative.")
    return _resolved(_push_forward(problem, rho0, noise, h, seed, steps, births, snapshots), h)


def _resolved(trajectory, step):
    """The trajectory, unless its step was too large."""
    refuse_overshoot(
        trajectory.courant,
        "particles",
        step,
        lambda c: f"step·max‖v‖/‖θ‖ reached {c:.2g}; choose a step below {step / c / 4:.2g}",
    )
    return trajectory


def _seed(seed):
    """The seed of a `jax.random.key`; `vmap` may trace it."""
    return seed if isinstance(seed, jax.core.Tracer) else validate.count(seed, "seed", 0) % 2**32


# ---------------------------------------------------------------------------------------------
# Rates at one measure
# ---------------------------------------------------------------------------------------------


def _rates(problem, theta, mass):
    """v at the atoms, and a, L, ∫g dρ and D, from one pass through Φ and one pass back.

    Here and below θ: (D, m) has a particle in each column, so that a coordinate is contiguous.
    """
    nonzero, theta = _away_from_zero(theta)
    mass = mass * nonzero
    features, pull = jax.vjp(jax.vmap(problem.Phi, in_axes=1, out_axes=1), theta)
    potential, pull_potential = jax.vjp(jax.vmap(problem.V, in_axes=1), theta)
    a, V = features @ mass, potential @ mass
    r = jax.grad(problem.R)(a)
    (slope,) = pull(jnp.broadcast_to(r[:, None], features.shape))
    (potential_slope,) = pull_potential(jnp.ones_like(mass))
    v = -(slope + potential_slope) * nonzero[None]
    return v, dict(
        mean_features=a,
        objective=problem.R(a) + V,
        mean_variation=a @ r + V,
        dissipation=jnp.sum(v**2, axis=0) @ mass,
    )


def _away_from_zero(theta):
    nonzero, rows = away_from_zero(theta.T)
    return nonzero, rows.T


def _objective(problem, theta, mass):
    return objective(problem, Atoms(theta.T, mass))


def _record(problem, step, state):
    """What a trajectory says about one measure."""
    theta, mass, explained = state
    v, rates = _rates(problem, theta, mass)
    nodes = spread(QUADRATURE.get(len(theta), QUADRATURE[3]), len(theta))
    g = variation(problem, Atoms(theta.T, mass), nodes)
    squares = jnp.sum(theta**2, axis=0)
    fastest = jnp.max(jnp.sum(v**2, axis=0) / jnp.where(squares > 0, squares, 1.0))
    return rates | dict(
        uniform_variation=jnp.mean(g),
        second_moment=squares @ mass,
        mass=mass.sum(),
        balance=rates["objective"] - explained,
        courant=step * jnp.sqrt(fastest),
    )


# ---------------------------------------------------------------------------------------------
# Continuous time
# ---------------------------------------------------------------------------------------------


@functools.partial(jax.jit, static_argnames=("intervals", "births", "snapshots"))
def _evolve(problem, rho0, sigma, time, seed, intervals, half, births, snapshots):
    length, start = time / intervals, len(rho0.mass)
    h = length / 2 / half
    each = -jnp.expm1(-sigma * length) * jnp.exp(sigma * length / 2) / max(births, 1)

    def advance(theta, mass, explained):
        """One step for θ' = v and L' = −σ∫g dρ − D; the decay of the masses is exact."""

        def rates(elapsed, state):
            v, rate = _rates(problem, state[0], mass * jnp.exp(-sigma * elapsed))
            return v, -sigma * rate["mean_variation"] - rate["dissipation"]

        theta, explained = runge_kutta(rates, (theta, explained), h)
        return theta, mass * jnp.exp(-sigma * h), explained

    def pulse(i, theta, mass, explained):
        before = _objective(problem, theta, mass)
        theta, mass = _inject(theta, mass, seed, i, start, births, each)
        return theta, mass, explained + _objective(problem, theta, mass) - before

    def interval(state, i):
        def one(n, state):
            if births:
                state = jax.lax.cond(n == half, pulse, lambda _, *state: state, i, *state)
            return advance(*state)

        return jax.lax.fori_loop(0, 2 * half, one, state)

    record = functools.partial(_record, problem, h)
    return _run(problem, rho0, interval, record, length, intervals, births, snapshots)


def _run(problem, rho0, move, record, length, count, births, snapshots):
    """The trajectory of `count` moves, each of which bears `births` particles."""
    room = count * births
    theta = jnp.pad(rho0.theta.T, ((0, 0), (0, room)))
    mass = jnp.pad(rho0.mass, (0, room))
    state = theta, mass, _objective(problem, theta, mass)
    series, (theta, mass, _) = follow(move, record, state, count, snapshots)
    series["courant"] = jnp.max(series["courant"])
    times = length * jnp.arange(count + 1)
    meta = dict(start=len(rho0.mass), births=births, every=count // snapshots)
    return Trajectory(times=times, **series, theta=theta.mT, masses=mass, **meta)


def _inject(theta, mass, seed, i, start, births, each):
    """The i-th pulse: evenly spread directions, turned by the i-th random rotation."""
    key = jax.random.fold_in(jax.random.key(seed), i)
    directions = spread(births, len(theta)) @ jax.random.orthogonal(key, len(theta))
    slot = start + i * births
    theta = jax.lax.dynamic_update_slice(theta, directions.T, (0, slot))
    return theta, jax.lax.dynamic_update_slice(mass, jnp.full(births, each), (slot,))


# ---------------------------------------------------------------------------------------------
# Discrete time
# ---------------------------------------------------------------------------------------------


@functools.partial(jax.jit, static_argnames=("steps", "births", "snapshots"))
def _push_forward(problem, rho0, sigma, eta, seed, steps, births, snapshots):
    record = functools.partial(_record, problem, eta)

    def step(state, n):
        theta, mass, explained = state
        now, (v, _) = record(state), _rates(problem, theta, mass)
        source = sigma * (now["uniform_variation"] - now["mean_variation"])
        theta, mass = theta + eta * v, (1 - eta * sigma) * mass
        theta, mass = _inject(theta, mass, seed, n, len(rho0.mass), births, eta * sigma / births)
        return theta, mass, explained + eta * (source - now["dissipation"])

    return _run(problem, rho0, step, record, eta, steps, births, snapshots)
