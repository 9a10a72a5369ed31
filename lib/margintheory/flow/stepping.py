"""Time: one step of Runge and Kutta, and a run that keeps records on its way."""

from collections.abc import Callable
from dataclasses import dataclass, fields

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

NODES = jnp.array([0.0, 0.5, 0.5, 1.0])
WEIGHTS = jnp.array([1.0, 2.0, 2.0, 1.0]) / 6


@dataclass(frozen=True)
class Records:
    """What both flows say at their `times`; the trajectories explain the names."""

    times: Float[Array, "*batch T"]
    objective: Float[Array, "*batch T"]
    second_moment: Float[Array, "*batch T"]
    dissipation: Float[Array, "*batch T"]
    mean_variation: Float[Array, "*batch T"]
    uniform_variation: Float[Array, "*batch T"]
    mean_features: Float[Array, "*batch T k"]
    balance: Float[Array, "*batch T"]
    courant: Float[Array, "*batch"]


RECORDED = tuple(field.name for field in fields(Records))


def refuse_overshoot(courant, what: str, step, explanation: Callable[[float], str]) -> None:
    """Raises ValueError if a step was too large, which cannot be told while JAX traces.

    `what` overflowed if the Courant number is not finite; otherwise the explanation says by how
    much the step is too large.
    """
    if isinstance(courant, jax.core.Tracer) or courant <= 1:
        return
    overflow = f"the {what} overflow at a step of {step:.2g}"
    why = explanation(float(courant)) if jnp.isfinite(courant) else overflow
    raise ValueError(f"the step is too large: {why}.")


def runge_kutta(rates, state, h):
    """The classical step of order four for state' = rates(elapsed time, state)."""

    def stage(carry, node_weight):
        slope, total = carry
        node, weight = node_weight
        slope = rates(node * h, _along(state, node * h, slope))
        return (slope, _along(total, weight * h, slope)), None

    (_, total), _ = jax.lax.scan(
        stage, (jax.tree.map(jnp.zeros_like, state), state), (NODES, WEIGHTS)
    )
    return total


def _along(state, h, slope):
    return jax.tree.map(lambda x, k: x + h * k, state, slope)


def follow(move, record, state, count, snapshots):
    """`move(state, i)` for i < `count`: the records of all count + 1 states, and some states.

    The states are those at the start and after each `snapshots`-th part of the moves.
    """

    def one(state, i):
        return move(state, i), record(state)

    def part(state, i):
        after, records = jax.lax.scan(one, state, i)
        return after, (records, state)

    final, (records, states) = jax.lax.scan(part, state, jnp.arange(count).reshape(snapshots, -1))
    records = jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:]), records)
    return _append(records, record(final)), _append(states, final)


def _append(series, last):
    return jax.tree.map(lambda xs, x: jnp.concatenate([xs, x[None]]), series, last)
