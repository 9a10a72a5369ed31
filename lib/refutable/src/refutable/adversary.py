"""Attacked evidence: an adversary descends on the slack over a family of instances.

Many starts move down the gradient of their slack at once, and are projected back into the family
after each step. Every other start takes spectral steps, which are fast where the slack is smooth;
the others take Adam's, of decaying length, which get along with kinks. In every round half of the
starts are fresh and half set out near the smallest slacks so far, nearer from round to round.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Bool, Float, Int, Key

from refutable.card import Evidence, Title, shown, two_digits
from refutable.inputs import count, positive
from refutable.verdict import Control, Finding, Verdict, establish

Instance: TypeAlias = Any  # a pytree of arrays
Slack: TypeAlias = Callable[[Instance], Float[Array, ""]]

ROUNDOFF = 1e-9  # of the typical |slack|
CLEARLY = 10  # tolerances below zero
FIRST_STEP, LAST_STEP = 0.5, 1e-4  # in units of the family's spread
SHORT = 1e-6  # so too: how far down the slope the projection is asked what it lets through
NEARER = 0.1  # from round to round


@dataclass(frozen=True)
class Family:
    """The instances of a claim: how to draw one, and how to return to the family after a step.

    `sample(key)` is a pytree of arrays. The adversary moves its real entries, each array in
    proportion to its spread over the samples, so give the logarithm of what ranges over orders of
    magnitude. Whole numbers, and entries that are the same in every sample, stay as drawn.
    `project(instance)` is the member of the family nearest to the instance, or near to it. Both
    must be traceable by JAX.
    """

    sample: Callable[[Key[Array, ""]], Instance]
    project: Callable[[Instance], Instance] = lambda instance: instance


def attacked(
    claim: str,
    slack: Slack,
    family: Family,
    *,
    control: Control | Sequence[Control],
    checks: str,
    part: str | None = None,
    tol: float | None = None,
    starts: int = 256,
    steps: int = 150,
    rounds: int = 4,
    seed: int = 0,
) -> Evidence:
    """The adversary found no instance of the family with a negative slack.

    `slack(instance)` is a real number, traceable and differentiable by JAX. `tol` is what may be
    put down to roundoff; by default it is 1e-9 of the median |slack| over random instances, which
    suits a slack of one order of magnitude throughout the family. Give it for an equality, whose
    slack is roundoff everywhere. The claim holds if no slack is below −tol. It is refuted, and a
    control is rejected, by a slack below −10 tol.

    Raises `ClaimRefuted`, `ControlNotRejected`, and `ValueError` if an instance or its slack is not
    finite, or nothing in the family can move.
    """
    title = Title(claim, part, "attacked", checks)
    check = partial(
        attack,
        tol=None if tol is None else positive(tol, "tol"),
        starts=count(starts, "starts", least=2),
        steps=count(steps, "steps"),
        rounds=count(rounds, "rounds"),
        seed=seed,
    )
    return establish(title, check, {"slack": slack, "family": family}, control)


def attack(
    slack: Slack,
    family: Family,
    *,
    tol: float | None,
    starts: int,
    steps: int,
    rounds: int,
    seed: int,
) -> Finding:
    """Whether the smallest slack that the adversary meets is negative beyond roundoff."""
    keys = jax.random.split(jax.random.key(seed), starts + rounds * (starts // 2))
    problem, instance = in_coordinates(slack, family)
    noises = np.random.default_rng(seed).normal(size=(rounds, starts, len(problem.real)))
    samples = np.asarray(plainly(jax.vmap(problem.sample))(keys))
    if not np.isfinite(samples).all():
        raise ValueError("a sample of the family is not finite.")
    spread = spreads(problem, samples)
    if not spread.any():
        raise ValueError("the family is empty: its samples are all one instance.")
    met, typical = search(problem, samples, noises, spread, steps)
    if met.faulty:
        fault = shown(instance(met.fault))
        raise ValueError(f"the slack or the instance is not finite at {fault}.")
    worst = instance(met.bests[met.lows.argmin()])
    smallest = float(met.lows.min())
    tolerance = ROUNDOFF * typical if tol is None else tol
    value = "0" if abs(smallest) <= tolerance else two_digits(smallest)
    evaluations = starts * steps * rounds
    return Finding(
        verdict=verdict(smallest, tolerance),
        summary=f"no counterexample among {evaluations} instances",
        detail=f"slack {value} (tolerance {two_digits(tolerance)}) at {shown(worst)}",
        instances=evaluations,
        slack=value,
        where=shown(worst),
        tolerance=two_digits(tolerance),
        worst=worst,
    )


def verdict(smallest: float, tolerance: float) -> Verdict:
    """What the smallest slack says if errors up to the tolerance may be roundoff."""
    if smallest >= -tolerance:
        return "holds"
    return "fails" if smallest < -CLEARLY * tolerance else "undecided"


class Problem(NamedTuple):
    """The slack and the family in coordinates: an instance is a vector of length D."""

    slack: Callable[[Float[Array, " D"]], Float[Array, ""]]
    sample: Callable[[Key[Array, ""]], Float[Array, " D"]]
    project: Callable[[Float[Array, " D"]], Float[Array, " D"]]
    real: Bool[np.ndarray, " D"]  # whether the entry is a real number
    leaf: Int[np.ndarray, " D"]  # the array that the entry is from


def in_coordinates(slack: Slack, family: Family) -> tuple[Problem, Callable]:
    """The problem in coordinates, and the map from coordinates back to an instance."""
    example = jax.eval_shape(lambda: family.project(family.sample(jax.random.key(0))))
    leaves = jax.tree.leaves(example)
    sizes = [leaf.size for leaf in leaves]
    real = [jnp.issubdtype(leaf.dtype, jnp.floating) for leaf in leaves]
    if not any(size and moves for size, moves in zip(sizes, real, strict=True)):
        raise ValueError("the family is empty: its instances have no real entry that could move.")
    value = jax.eval_shape(slack, example)
    if getattr(value, "shape", None) != () or not jnp.issubdtype(value.dtype, jnp.floating):
        raise ValueError(f"the slack of an instance must be one real number, got {value}.")
    _, instance = ravel_pytree(
        jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), example)
    )
    problem = Problem(
        slack=lambda v: slack(instance(v)),
        sample=lambda key: ravel_pytree(family.project(family.sample(key)))[0],
        project=lambda v: ravel_pytree(family.project(instance(v)))[0],
        real=np.repeat(real, sizes),
        leaf=np.repeat(np.arange(len(leaves)), sizes),
    )
    return problem, instance


# What is compiled for one search takes longer to optimise than the search takes.
plainly = partial(jax.jit, compiler_options={"xla_backend_optimization_level": 0})


class Met(NamedTuple):
    """The lowest slack that each start has met and where, and the first faulty instance."""

    lows: Float[Array, " starts"]
    bests: Float[Array, "starts D"]
    faulty: Bool[Array, ""]
    fault: Float[Array, " D"]


def search(
    problem: Problem,
    samples: Float[np.ndarray, "k D"],
    noises: Float[np.ndarray, "rounds starts D"],
    spread: Float[np.ndarray, " D"],
    steps: int,
) -> tuple[Met, float]:
    """What the adversary met in all rounds, and the median |slack| of the first fresh starts."""
    rounds, starts, _ = noises.shape
    half = starts // 2
    descent = plainly(partial(descend, problem, jnp.asarray(spread), steps))
    nothing = (np.full(starts, np.inf), samples[:starts], False, samples[0])
    met = Met(*map(jnp.asarray, nothing))
    typical = []
    for fresh, noise, distance in zip(
        np.split(samples[starts:], rounds), noises, NEARER ** np.arange(rounds), strict=True
    ):
        lowest = met.bests[np.argsort(met.lows)[: starts - half]]
        near = lowest + distance * spread * noise[half:]
        reach = np.where(np.arange(starts) < half, 1, distance)[:, None]
        met, slacks = jax.device_get(descent(met, np.concatenate([fresh, near]), reach, noise))
        typical.append(np.median(np.abs(slacks[:half])))
    return met, float(typical[0])


def spreads(problem: Problem, samples: Float[np.ndarray, "k D"]) -> Float[np.ndarray, " D"]:
    """One length for each array: the standard deviation of its entries; 0 for what must not move.

    One, since a projection on a ball or a sphere is the nearest point only in equal units.
    """
    moves = problem.real & (np.ptp(samples, axis=0) > 0)
    total = np.bincount(problem.leaf, np.where(moves, samples.var(axis=0), 0))
    number = np.bincount(problem.leaf, moves)
    return np.where(moves, np.sqrt(total / np.maximum(number, 1))[problem.leaf], 0)


def noted(met: Met, point: Float[Array, "starts D"], slack: Float[Array, " starts"]) -> Met:
    """What was met, after looking at the slack of each start where it now is."""
    finite = jnp.isfinite(slack) & jnp.isfinite(point).all(axis=1)
    lower = finite & (slack < met.lows)
    return Met(
        lows=jnp.where(lower, slack, met.lows),
        bests=jnp.where(lower[:, None], point, met.bests),
        faulty=met.faulty | ~finite.all(),
        fault=jnp.where(met.faulty, met.fault, point[jnp.argmin(finite)]),
    )


class Walk(NamedTuple):
    """The starts on their way: where they are, where they were, and Adam's two moments."""

    point: Float[Array, "starts D"]
    past: Float[Array, "starts D"]
    past_slope: Float[Array, "starts D"]
    mean: Float[Array, "starts D"]
    square: Float[Array, "starts D"]


def descend(
    problem: Problem,
    spread: Float[Array, " D"],
    steps: int,
    met: Met,
    point: Float[Array, "starts D"],
    reach: Float[Array, "starts 1"],
    noise: Float[Array, "starts D"],
) -> tuple[Met, Float[Array, " starts"]]:
    """What was met after the starts have taken their steps from `point`, and their slacks there."""
    project = jax.vmap(problem.project)
    point = project(point)
    slack_and_slope = jax.vmap(jax.value_and_grad(problem.slack))
    spectral = (jnp.arange(len(point)) % 2 == 0)[:, None]
    spread = spread[None]
    moves, unit = spread > 0, jnp.where(spread > 0, spread, 1)

    def step(state, now):
        (walk, met), (time, size) = state, now
        slack, slope = slack_and_slope(walk.point)
        met = noted(met, walk.point, slack)
        slope = usable(jnp.where(moves, slope, 0), jnp.where(moves, noise, 0))
        slope = spread * let_through(project, walk.point, slope, spread)
        mean, square, steady = adam(walk, slope, time)
        shift, change = (walk.point - walk.past) / unit, slope - walk.past_slope
        quick = barzilai_borwein(shift, change, slope, time, FIRST_STEP * reach)
        move = jnp.where(spectral, quick, size * reach * steady)
        after = project(walk.point + spread * move)
        return (Walk(after, walk.point, slope, mean, square), met), slack

    still = jnp.zeros_like(point)
    path = (jnp.arange(1, steps + 1), jnp.geomspace(FIRST_STEP, LAST_STEP, steps))
    (_, met), slacks = jax.lax.scan(step, (Walk(point, point, still, still, still), met), path)
    return met, slacks[0]


def usable(
    slope: Float[Array, "starts D"], noise: Float[Array, "starts D"]
) -> Float[Array, "starts D"]:
    """The slope, or the noise where there is none: on a plateau, or where it is not finite."""
    largest = jnp.abs(slope).max(axis=1, keepdims=True)
    return jnp.where(jnp.isfinite(largest) & (largest > 0), slope, noise)


def let_through(
    project: Callable,
    point: Float[Array, "starts D"],
    slope: Float[Array, "starts D"],
    spread: Array,
) -> Float[Array, "starts D"]:
    """The part of the slope that the projection lets through; 0 at a constrained minimum.

    It is the projection's derivative a little down the slope: beyond the boundary, if there is one.
    """
    ahead = point - SHORT * spread * normalised(spread * slope)
    _, remains = jax.jvp(project, (ahead,), (slope,))
    return jnp.where(jnp.isfinite(remains), remains, slope)


def adam(walk: Walk, slope: Float[Array, "starts D"], time: Array):
    """Adam's moments after one more slope, and its step, of length about 1 in each coordinate."""
    downhill = -normalised(slope)
    mean = 0.9 * walk.mean + 0.1 * downhill
    square = 0.99 * walk.square + 0.01 * downhill**2
    steady = mean / (1 - 0.9**time) / (jnp.sqrt(square / (1 - 0.99**time)) + 1e-12)
    return mean, square, steady


def barzilai_borwein(
    shift: Float[Array, "starts D"],
    change: Float[Array, "starts D"],
    slope: Float[Array, "starts D"],
    time: Array,
    reach: Float[Array, "starts 1"],
) -> Float[Array, "starts D"]:
    """The spectral step, the long one and the short one by turns, no longer than the reach.

    `change` is that of the slope over the last `shift`. Without positive curvature the step is a
    tenth of the reach in each coordinate.
    """
    curvature = (shift * change).sum(axis=1, keepdims=True)
    long = (shift * shift).sum(axis=1, keepdims=True) / curvature
    short = curvature / (change * change).sum(axis=1, keepdims=True)
    step = jnp.where(time % 2 == 0, long, short) * length(slope)
    longest = reach * math.sqrt(slope.shape[1])
    curved = jnp.isfinite(step) & (step > 0)
    return -normalised(slope) * jnp.where(curved, jnp.minimum(step, longest), longest / 10)


def length(rows: Float[Array, "starts D"]) -> Float[Array, "starts 1"]:
    """The Euclidean norm of each row, also where its square would underflow."""
    largest = jnp.abs(rows).max(axis=1, keepdims=True)
    moderate = rows / jnp.where(largest > 0, largest, 1)
    return largest * jnp.linalg.norm(moderate, axis=1, keepdims=True)


def normalised(rows: Float[Array, "starts D"]) -> Float[Array, "starts D"]:
    """Each row divided by its length; a row of zeros stays."""
    size = length(rows)
    return rows / jnp.where(size > 0, size, 1)
