"""The perturbed flow (5.2) with particles: `flow.evolve` against a straightforward JAX program.

The straightforward program keeps the formulas of the paper: every interval ends with particles
drawn at random from U, and each velocity is automatic differentiation of L in the positions,
divided by the masses, in a compiled RK4 step that a Python loop calls. "plain, our births" is the
same program with the births of `flow.evolve`: evenly spread, in the middle of the interval. What is
left between it and ours is one pass through Φ for a[ρ], v, L and the energy balance, coordinates
that are contiguous, and a loop inside XLA.

All follow Section 7's instance through its escape, t ≤ 12 at σ = 10⁻²; the error is the greatest
|L − L_ref| at ten times, L_ref from the projected equation on 512, 1,024 and 2,048 cells,
extrapolated. A particle step is one particle alive in one RK4 step. The ratio at equal accuracy is
the shortest time of a peer among its runs with an error ≤ ε over ours, after compilation; the
error of a run is the median over seeds.

On a machine that others use as well, set OMP_NUM_THREADS=1.
"""

import argparse
import functools
import statistics
import time

import jax
import jax.numpy as jnp
import numpy as np

from margintheory import flow

SIGMA, TIME, RECORDS = 1e-2, 12.0, 10
X, Y = np.array([[1.0], [0.6], [-1.0], [-0.5]]), np.array([1.0, 1.0, -1.0, -1.0])
PROBLEM = flow.two_layer(X, Y, lam=0.05, smoothing=0.3)


def on_arc(m):
    """m atoms on the arc of angles [0.4, 1.2]."""
    angle = 0.4 + 0.8 * (np.arange(m) + 0.5) / m
    return flow.Atoms(np.stack([np.cos(angle), np.sin(angle)], axis=1), np.full(m, 1 / m))


def reference():
    """L at the ten times, to about 5e-5."""
    L = []
    for cells in (512, 1024, 2048):
        width = 2 * np.pi / cells
        low = np.arange(cells) * width
        overlap = np.minimum(low + width, 1.2) - np.maximum(low, 0.4)
        start = flow.Atoms(flow.mesh(cells, 2).centres, np.clip(overlap, 0, None) / 0.8)
        run = flow.evolve_on_sphere(
            PROBLEM, start, cells=cells, sigma=SIGMA, time=TIME, step=1.2 / cells, records=RECORDS
        )
        L.append(np.asarray(run.objective))
    coarse, fine = 2 * L[1] - L[0], 2 * L[2] - L[1]
    return fine + (fine - coarse) / 3


def ours(start, step, intervals, births, seed):
    run = flow.evolve(
        PROBLEM, start, sigma=SIGMA, time=TIME, step=step, intervals=intervals, births=births,
        snapshots=1, seed=seed,
    )  # fmt: skip
    return np.asarray(run.objective)[:: intervals // RECORDS]


@jax.jit
def plain_step(theta, mass, h):
    def loss(theta, mass):
        a = mass @ jax.vmap(PROBLEM.Phi)(theta)
        return PROBLEM.R(a) + mass @ jax.vmap(PROBLEM.V)(theta)

    def velocity(theta, mass):
        return -jax.grad(loss)(theta, mass) / jnp.where(mass > 0, mass, 1.0)[:, None]

    decay = jnp.exp(-SIGMA * h / 2)
    v1 = velocity(theta, mass)
    v2 = velocity(theta + h / 2 * v1, mass * decay)
    v3 = velocity(theta + h / 2 * v2, mass * decay)
    v4 = velocity(theta + h * v3, mass * decay**2)
    return theta + h / 6 * (v1 + 2 * v2 + 2 * v3 + v4), mass * decay**2


@functools.partial(jax.jit, static_argnames=("births", "even"))
def plain_birth(theta, mass, key, slot, total, births, even):
    new = jax.random.normal(key, (births, 2))
    if even:
        new = flow.spread(births, 2) @ jax.random.orthogonal(key, 2)
    new = new / jnp.linalg.norm(new, axis=1, keepdims=True)
    return (
        jax.lax.dynamic_update_slice(theta, new, (slot, 0)),
        jax.lax.dynamic_update_slice(mass, jnp.full(births, total / births), (slot,)),
    )


def plain(start, step, intervals, births, seed, even=False):
    """Arrays of the final size, so that a step is compiled once; the unborn wait at e_1."""
    room = intervals * births
    theta = jnp.concatenate([start.theta, jnp.tile(jnp.eye(1, 2), (room, 1))])
    mass = jnp.pad(start.mass, (0, room))
    length = TIME / intervals
    steps = int(np.ceil(length / 2 / step - 1e-9))
    total = -np.expm1(-SIGMA * length) * (np.exp(SIGMA * length / 2) if even else 1)
    L = [flow.objective(PROBLEM, start)]
    for i in range(intervals):
        for n in range(2 * steps):
            theta, mass = plain_step(theta, mass, length / 2 / steps)
            if n + 1 == (steps if even else 2 * steps):
                key = jax.random.fold_in(jax.random.key(seed), i)
                slot = len(start.mass) + i * births
                theta, mass = plain_birth(theta, mass, key, slot, total, births, even)
        if (i + 1) % (intervals // RECORDS) == 0:
            L.append(flow.objective(PROBLEM, (theta, mass)))
    return np.array(L)


def alive(m, step, intervals, births):
    """Particle steps of a run: those alive, summed over the steps."""
    steps = 2 * int(np.ceil(TIME / intervals / 2 / step - 1e-9))
    return steps * intervals * (m + births * intervals / 2)


def measured(program, L, repeats, intervals, births, m=100, step=0.2):
    """Median error over seeds, shortest time, and particle steps a second."""
    errors, seconds = [], []
    for seed in range(repeats + 1):
        begun = time.perf_counter()
        errors.append(np.abs(program(on_arc(m), step, intervals, births, seed) - L).max())
        seconds.append(time.perf_counter() - begun)
    best = min(seconds[1:])  # the first run compiles
    return statistics.median(errors), best, alive(m, step, intervals, births) / best


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=3, help="runs besides the first (default 3)")
    parser.add_argument("--targets", type=float, nargs="+", default=[6e-2, 3e-2, 3e-3, 1e-3])
    arguments = parser.parse_args()
    L = reference()
    even = [(30, 8), (30, 16), (60, 16), (120, 16)]
    programs = {
        "ours": (ours, even),
        "plain, our births": (functools.partial(plain, even=True), even[1:]),
        "plain": (plain, [(60, 32), (120, 64), (240, 64)]),
    }
    runs = {}
    print("program            intervals  births   error     seconds   particle steps/s")
    for name, (program, grid) in programs.items():
        found = [measured(program, L, arguments.repeats, *case) for case in grid]
        runs[name] = found
        for (intervals, births), (error, seconds, rate) in zip(grid, found, strict=True):
            print(
                f"{name:18} {intervals:9} {births:7}   {error:.1e}   {seconds:7.3f}   {rate:9.2e}"
            )
    for target in arguments.targets:
        best = {
            name: min((seconds for error, seconds, _ in found if error <= target), default=np.nan)
            for name, found in runs.items()
        }
        ratios = [f"{name} {best[name] / best['ours']:.1f}" for name in list(runs)[1:]]
        print(f"error ≤ {target:g}: time over ours: {', '.join(ratios)}  (nan: not reached)")


if __name__ == "__main__":
    main()
