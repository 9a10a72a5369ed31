"""How an adversary moves: many starts at once, down the slope and back into the family.

Every other start takes spectral steps, which are fast where the objective is smooth; the others
take Adam's, of decaying length, which get along with kinks.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

FIRST_STEP, LAST_STEP = 0.5, 1e-4  # in units of the family's spread
SHORT = 1e-6  # so too: how far down the slope the projection is asked what it lets through


class Walk(NamedTuple):
    """The starts on their way: where they are, where they were, and Adam's two moments."""

    point: Float[Array, "starts D"]
    past: Float[Array, "starts D"]
    past_slope: Float[Array, "starts D"]
    mean: Float[Array, "starts D"]
    square: Float[Array, "starts D"]


def descend(
    objective: Callable[[Float[Array, " D"]], tuple[Float[Array, ""], Any]],
    project: Callable[[Float[Array, " D"]], Float[Array, " D"]],
    note: Callable[[Any, Float[Array, "starts D"], Float[Array, " starts"], Any], Any],
    spread: Float[Array, " D"],
    steps: int,
    met: Any,
    point: Float[Array, "starts D"],
    reach: Float[Array, "starts 1"],
    noise: Float[Array, "starts D"],
) -> Any:
    """What was met after the starts have taken their steps from `point`.

    `objective` is the number to minimise and what else is to be noted of an instance, and `note`
    adds what the starts look at to what was met.
    """
    project = jax.vmap(project)
    point = project(point)
    value_and_slope = jax.vmap(jax.value_and_grad(objective, has_aux=True))
    spectral = (jnp.arange(len(point)) % 2 == 0)[:, None]
    spread = spread[None]
    moves, unit = spread > 0, jnp.where(spread > 0, spread, 1)

    def step(state, now):
        (walk, met), (time, size) = state, now
        (value, seen), slope = value_and_slope(walk.point)
        met = note(met, walk.point, value, seen)
        slope = usable(jnp.where(moves, slope, 0), jnp.where(moves, noise, 0))
        slope = spread * let_through(project, walk.point, slope, spread)
        mean, square, steady = adam(walk, slope, time)
        shift, change = (walk.point - walk.past) / unit, slope - walk.past_slope
        quick = barzilai_borwein(shift, change, slope, time, FIRST_STEP * reach)
        move = jnp.where(spectral, quick, size * reach * steady)
        after = project(walk.point + spread * move)
        return (Walk(after, walk.point, slope, mean, square), met), None

    still = jnp.zeros_like(point)
    path = (jnp.arange(1, steps + 1), jnp.geomspace(FIRST_STEP, LAST_STEP, steps))
    (_, met), _ = jax.lax.scan(step, (Walk(point, point, still, still, still), met), path)
    return met


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
