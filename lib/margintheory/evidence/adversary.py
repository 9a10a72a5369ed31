"""Attacked evidence: an adversary descends on the slack over a family of instances.

Many starts move at once. Each takes Adam steps of decaying length along the negative gradient of
its slack and is projected back into the family after each of them. In later rounds half of the
starts are fresh and half set out close to the smallest slacks so far.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, Key, PyTree

from margintheory.evidence.card import Evidence, Title, shown, two_digits
from margintheory.evidence.verdict import Control, Finding, establish
from margintheory.validate import count, positive

Instance: TypeAlias = PyTree[Array]

ROUNDOFF = 1e-9  # of the median |slack|
CLEARLY = 10  # tolerances
FIRST_STEP, LAST_STEP = 0.5, 1e-4  # in units of the family's spread
CLOSER = 0.1  # from round to round


@dataclass(frozen=True)
class Family:
    """The instances of a claim: how to draw one, and how to return to the family after a step.

    `sample(key)` is a pytree of arrays. Its real entries are moved by the adversary, with steps in
    proportion to their spread over the samples (so give the logarithm of what ranges over orders of
    magnitude); whole numbers, and entries that are the same in each sample, stay as drawn.
    `project(instance)` is a member of the family near the instance. Both can be traced by JAX.
    """

    sample: Callable[[Key[Array, ""]], Instance]
    project: Callable[[Instance], Instance] = lambda instance: instance


def attacked(
    claim: str,
    slack: Callable[[Instance], Float[Array, ""]],
    family: Family,
    *,
    control: Control | Iterable[Control],
    checks: str,
    part: str | None = None,
    tol: float | None = None,
    starts: int = 256,
    steps: int = 100,
    rounds: int = 3,
    seed: int = 0,
) -> Evidence:
    """The adversary found no instance of the family with a negative slack.

    `slack` maps an instance to a real number and can be traced and differentiated by JAX. `tol` is
    what may be put down to roundoff: by default 1e-9 of the median |slack| of the random starts,
    which suits a slack of one order of magnitude over the family. The claim holds if no slack is
    below −tol; it is refuted, and a control is rejected, by a slack below −10 tol.

    Raises `ClaimRefuted`, `ControlNotRejected`, and `ValueError` if an instance or its slack is
    not finite or the family has nothing to move.
    """
    title = Title(claim, part, "attacked", checks)
    check = partial(
        attack,
        tol=None if tol is None else positive(tol, "tol"),
        starts=count(starts, "starts", least=4),
        steps=count(steps, "steps", least=2),
        rounds=count(rounds, "rounds"),
        seed=seed,
    )
    return establish(title, check, {"slack": slack, "family": family}, control)


def attack(
    slack: Callable[[Instance], Float[Array, ""]],
    family: Family,
    *,
    tol: float | None,
    starts: int,
    steps: int,
    rounds: int,
    seed: int,
) -> Finding:
    """Whether the smallest slack that the adversary finds is negative beyond roundoff."""
    key = jax.random.key(seed)
    flat, vector = flattened(slack, family, key)
    search = jax.jit(partial(descend, flat, starts=starts, steps=steps, rounds=rounds))
    smallest, worst, median, faulty, fault = jax.device_get(search(key))
    instances = starts * steps * rounds
    if faulty:
        where = shown(vector(fault))
        raise ValueError(f"the slack, or the instance, is not finite at {where}.")
    tolerance = ROUNDOFF * median if tol is None else tol
    where, instance = shown(vector(worst)), vector(worst)
    value = "0" if abs(smallest) <= tolerance else two_digits(smallest)
    return Finding(
        verdict=verdict(smallest, tolerance),
        summary=f"no counterexample among {instances} instances",
        detail=f"smallest slack {value} (tolerance {two_digits(tolerance)}) at {where}",
        instances=instances,
        slack=value,
        where=where,
        tolerance=two_digits(tolerance),
        worst=instance,
    )
