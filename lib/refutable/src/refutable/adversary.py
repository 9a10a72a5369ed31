"""Attacked evidence: an adversary looks for a counterexample in a family of instances.

It descends on the gap between the two sides of the claim, in proportion to their size, from many
starts at once and with several seeds. In every round half of the starts are fresh and half set out
near the smallest gaps so far, nearer from round to round.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Bool, Float, Int, Key

from refutable.card import Evidence, Title, two_digits
from refutable.descent import descend
from refutable.inputs import count, positive
from refutable.relations import AtLeast, AtMost, Equal, Relation, ordered, rounded_down, with_bound
from refutable.verdict import Control, Finding, Verdict, establish

Instance: TypeAlias = Any  # a pytree of arrays
Claim: TypeAlias = Callable[[Instance], Any]

ROUNDOFF = 1e-9  # of the typical size of the sides
CLEARLY = 10  # tolerances below zero
LARGEST_TOLERANCE = 1e-3  # of the typical size of the sides
FLOOR = 1e-3  # so too: sides below it are near zero, and their ratio says nothing
NEARER = 0.1  # from round to round
HIT = 1e-2  # relative error of the largest share that was met
LOOKED_AT = 256  # random instances, to see what is typical


@dataclass(frozen=True)
class Family:
    """The instances of a claim: how to draw one, and how to return to the family after a step.

    `sample(key)` is a pytree of arrays. The adversary moves its real entries, each array in
    proportion to its spread over the samples, so give the logarithm of what ranges over orders of
    magnitude. Whole numbers, and entries that are the same in every sample, stay as drawn.
    `project(instance)` is the member of the family nearest to the instance, or near to it. `where`
    is the hypothesis of the claim: instances at which it is false are passed through, not looked
    at. All must be traceable by JAX.
    """

    sample: Callable[[Key[Array, ""]], Instance]
    project: Callable[[Instance], Instance] = lambda instance: instance
    where: Callable[[Instance], Any] = lambda instance: True


def attacked(
    claim: str,
    statement: Claim,
    family: Family,
    *,
    control: Control | Sequence[Control],
    checks: str,
    part: str | None = None,
    tol: float | None = None,
    starts: int = 256,
    steps: int = 150,
    rounds: int = 4,
    seeds: int = 3,
    loose: str | None = None,
) -> Evidence:
    """The adversary found no instance of the family at which the claim is false.

    `statement(instance)` is a relation, `AtMost(left, right)`, `AtLeast(left, right)` or
    `Equal(left, right)`, between real numbers, traceable and differentiable by JAX. The adversary
    lowers the gap between the sides in proportion to their size. `tol` is the violation that may be
    put down to roundoff; by default it is 1e-9 of the median size of the sides over random
    instances. The claim holds if no gap is below −tol with any of the seeds. It is refuted, and a
    control is rejected, by a gap below −10 tol, a control with each of the seeds. A number in place
    of a relation is a slack, claimed to be >= 0, which says nothing of a bound.

    The tightness is the largest share of the bound that was met, with the seed that met the least.
    `loose` says why it is below one half, if it is.

    Raises `ClaimRefuted`, `ControlNotRejected`, and `ValueError` if an instance or a side is not
    finite, the slope is zero everywhere, so that nothing is attacked, the projection does not stay
    where it led, the hypothesis never holds, or the tolerance is not small against the sides.
    """
    title = Title(claim, part, "attacked", checks)
    check = partial(
        attack,
        tol=None if tol is None else positive(tol, "tol"),
        starts=count(starts, "starts", least=2),
        steps=count(steps, "steps"),
        rounds=count(rounds, "rounds"),
        seeds=count(seeds, "seeds"),
    )
    whole = {"statement": statement, "family": family}
    return establish(title, check, whole, control, tighten=tighten, loose=loose)


def tighten(factor: float, statement: Claim, family: Family) -> dict[str, Claim]:
    """The claim with its bound times the factor, at every instance."""
    return {"statement": lambda instance: with_bound(statement(instance), factor)}


def attack(
    statement: Claim,
    family: Family,
    *,
    tol: float | None,
    starts: int,
    steps: int,
    rounds: int,
    seeds: int,
) -> Finding:
    """Whether the smallest gap that the adversary meets is negative beyond roundoff."""
    problem, instance = in_coordinates(statement, family)
    typical, spread, gaps = look_around(problem, instance)
    tolerance = ROUNDOFF * typical if tol is None else tol
    if tolerance > LARGEST_TOLERANCE * typical:
        raise ValueError(
            f"a tolerance of {two_digits(tolerance)} is not small against the sides, which are "
            f"about {two_digits(typical)}; lower it a thousandfold below that."
        )
    effort = {"starts": starts, "steps": steps, "rounds": rounds}
    search = searcher(problem, spread, typical, tolerance, **effort)
    found = []
    for seed in range(seeds):
        met = search(seed)
        if met.faulty:
            fault = shown(instance(met.fault))
            raise ValueError(f"a side or the instance is not finite at {fault}.")
        found.append(met)
        if verdict(lowest(found[0])[0], tolerance) != verdict(lowest(met)[0], tolerance):
            break  # one seed finds what another does not
    smallest, worst = min((lowest(met) for met in found), key=lambda pair: pair[0])
    verdicts = {verdict(lowest(met)[0], tolerance) for met in found}
    share, sharpest = min((highest(met) for met in found), key=lambda pair: pair[0])
    evaluations = starts * steps * rounds * seeds
    value = "0" if abs(smallest) <= tolerance else two_digits(smallest)
    with_all = "" if len(verdicts) == 1 else ", with one seed and not with another"
    place = shown(instance(worst))
    measured = problem.form is not None
    return Finding(
        verdict=verdicts.pop() if len(verdicts) == 1 else "undecided",
        summary=f"no counterexample among {evaluations} instances",
        detail=f"gap {value} (tolerance {two_digits(tolerance)}) at {place}{with_all}",
        instances=evaluations,
        tightness=rounded_down(share, HIT) if measured else None,
        larger=problem.form is AtLeast,
        where=shown(instance(sharpest)) if measured else place,
        tolerance=two_digits(tolerance),
        gaps=gaps if measured else [],
        worst=instance(worst),
    )


def verdict(smallest: float, tolerance: float) -> Verdict:
    """What the smallest gap says if errors up to the tolerance may be roundoff."""
    if smallest >= -tolerance:
        return "holds"
    return "fails" if smallest < -CLEARLY * tolerance else "undecided"


class Seen(NamedTuple):
    """An instance: the gap between the sides, the size of the larger one, the smaller one's share.

    The gap is >= 0 where the claim holds; without sides there is neither size nor share.
    """

    gap: Float[Array, "*starts"]
    size: Float[Array, "*starts"]
    share: Float[Array, "*starts"]
    applies: Bool[Array, "*starts"]


class Problem(NamedTuple):
    """The claim and the family in coordinates: an instance is a vector of length D."""

    look: Callable[[Float[Array, " D"]], Seen]
    varying: Callable[[Float[Array, " D"]], Float[Array, ""]]  # what has a slope under attack
    sample: Callable[[Key[Array, ""]], Float[Array, " D"]]
    project: Callable[[Float[Array, " D"]], Float[Array, " D"]]
    real: Bool[np.ndarray, " D"]  # whether the entry is a real number
    leaf: Int[np.ndarray, " D"]  # the array that the entry is from
    form: type[Relation] | None  # of the claim; none for a slack


def in_coordinates(statement: Claim, family: Family) -> tuple[Problem, Callable]:
    """The problem in coordinates, and the map from coordinates back to an instance."""
    example = jax.eval_shape(lambda: family.project(family.sample(jax.random.key(0))))
    leaves = jax.tree.leaves(example)
    sizes = [leaf.size for leaf in leaves]
    real = [jnp.issubdtype(leaf.dtype, jnp.floating) for leaf in leaves]
    if not any(size and moves for size, moves in zip(sizes, real, strict=True)):
        raise ValueError("the family is empty: its instances have no real entry that could move.")
    value = jax.eval_shape(statement, example)
    for side in jax.tree.leaves(value):
        if getattr(side, "shape", None) != () or not jnp.issubdtype(side.dtype, jnp.floating):
            raise ValueError(f"each side of the claim must be one real number, got {side}.")
        if side.dtype != jnp.float64:
            raise ValueError("an attack needs float64: jax.config.update('jax_enable_x64', True).")
    _, instance = ravel_pytree(
        jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), example)
    )
    problem = Problem(
        look=lambda v: seen(statement(instance(v)), family.where(instance(v))),
        varying=lambda v: varying(statement(instance(v))),
        sample=lambda key: ravel_pytree(family.project(family.sample(key)))[0],
        project=lambda v: ravel_pytree(family.project(instance(v)))[0],
        real=np.repeat(real, sizes),
        leaf=np.repeat(np.arange(len(leaves)), sizes),
        form=type(value) if isinstance(value, AtMost | AtLeast | Equal) else None,
    )
    return problem, instance


def varying(claim: Any) -> Any:
    """What changes with the instance where a claim is attacked.

    It is the difference of the sides, or a slack; the sides of an equality change together.
    """
    if isinstance(claim, Equal):
        return claim.left + claim.right
    return claim.right - claim.left if isinstance(claim, AtMost | AtLeast) else claim


def seen(claim: Any, applies: Any) -> Seen:
    """The gap, size and share of a relation, or of a slack."""
    applies = jnp.asarray(applies)
    if not isinstance(claim, AtMost | AtLeast | Equal):
        return Seen(claim, jnp.abs(claim), jnp.zeros_like(claim), applies)
    smaller, larger = ordered(claim)
    size = jnp.maximum(jnp.abs(smaller), jnp.abs(larger))
    if isinstance(claim, Equal):
        return Seen(-jnp.abs(larger - smaller), size, jnp.ones_like(size), applies)
    below, above = (
        jnp.where(smaller > 0, smaller, -larger),
        jnp.where(smaller > 0, larger, -smaller),
    )
    bites = (smaller > 0) | (larger < 0)
    share = jnp.where(bites, below / jnp.where(bites, above, 1), 0)
    return Seen(larger - smaller, size, jax.lax.stop_gradient(share), applies)


# What is compiled for one search takes longer to optimise than the search takes.
plainly = partial(jax.jit, compiler_options={"xla_backend_optimization_level": 0})


def look_around(
    problem: Problem, instance: Callable
) -> tuple[float, Float[np.ndarray, " D"], list[float]]:
    """The typical size of the sides, how far instances spread, and the gaps of random instances.

    Refuses what is no attack: nothing finite or nothing that moves, a projection that goes on
    moving, a hypothesis that never holds, no slope anywhere.
    """
    keys = jax.random.split(jax.random.key(0), LOOKED_AT)
    samples = np.asarray(plainly(jax.vmap(problem.sample))(keys))
    if not np.isfinite(samples).all():
        raise ValueError("a sample of the family is not finite.")
    spread = spreads(problem, samples)
    if not spread.any():
        raise ValueError("the family is empty: its samples are all one instance.")
    again = np.asarray(plainly(jax.vmap(problem.project))(samples))
    if (np.abs(again - samples) > 1e-6 * (spread + np.abs(samples))).any():
        raise ValueError("`project` moves what it has projected; it must lead into the family.")
    slope_and_look = jax.vmap(lambda v: (jax.grad(problem.varying)(v), problem.look(v)))
    slopes, look = jax.device_get(plainly(slope_and_look)(samples))
    if not np.isfinite(look.gap).all():
        fault = shown(instance(samples[np.argmin(np.isfinite(look.gap))]))
        raise ValueError(f"a side or the instance is not finite at {fault}.")
    if not look.applies.any():
        raise ValueError(f"the hypothesis holds at none of {LOOKED_AT} random instances.")
    if not np.any(slopes[:, spread > 0]):
        raise ValueError(
            "the claim has no slope at any instance, so nothing would be attacked; draw instances "
            "and call it sampled."
        )
    return float(np.median(look.size[look.applies])), spread, look.gap.tolist()


def spreads(problem: Problem, samples: Float[np.ndarray, "k D"]) -> Float[np.ndarray, " D"]:
    """One length for each array: the standard deviation of its entries; 0 for what must not move.

    One, since a projection on a ball or a sphere is the nearest point only in equal units.
    """
    moves = problem.real & (np.ptp(samples, axis=0) > 0)
    total = np.bincount(problem.leaf, np.where(moves, samples.var(axis=0), 0))
    number = np.bincount(problem.leaf, moves)
    return np.where(moves, np.sqrt(total / np.maximum(number, 1))[problem.leaf], 0)


class Met(NamedTuple):
    """What each start has met: the lowest objective and the gap there, the largest share, a fault.

    `bests` and `tops` are the instances with the lowest objective and with the largest share.
    """

    lows: Float[Array, " starts"]
    gaps: Float[Array, " starts"]
    bests: Float[Array, "starts D"]
    shares: Float[Array, " starts"]
    tops: Float[Array, "starts D"]
    faulty: Bool[Array, ""]
    fault: Float[Array, " D"]


def lowest(met: Met) -> tuple[float, np.ndarray]:
    """The smallest gap, and the instance that has it."""
    i = np.argmin(met.gaps)
    return float(met.gaps[i]), np.asarray(met.bests[i])


def highest(met: Met) -> tuple[float, np.ndarray]:
    """The largest share of the bound, and the instance that reaches it."""
    i = np.argmax(met.shares)
    return float(met.shares[i]), np.asarray(met.tops[i])


def searcher(
    problem: Problem,
    spread: Float[np.ndarray, " D"],
    typical: float,
    tolerance: float,
    *,
    starts: int,
    steps: int,
    rounds: int,
) -> Callable[[int], Met]:
    """The search with a seed, compiled once for all seeds."""

    def objective(v):
        look = problem.look(v)
        size = 1 if problem.form is None else look.size + FLOOR * typical
        return look.gap / size, look

    def noted(met, point, value, look):
        finite = jnp.isfinite(value) & jnp.isfinite(point).all(axis=1)
        lower = finite & look.applies & (value < met.lows)
        sizeable = look.applies & (look.size > FLOOR * typical)
        nearer = finite & sizeable & (look.gap >= -tolerance) & (look.share > met.shares)
        return Met(
            lows=jnp.where(lower, value, met.lows),
            gaps=jnp.where(lower, look.gap, met.gaps),
            bests=jnp.where(lower[:, None], point, met.bests),
            shares=jnp.where(nearer, look.share, met.shares),
            tops=jnp.where(nearer[:, None], point, met.tops),
            faulty=met.faulty | ~finite.all(),
            fault=jnp.where(met.faulty, met.fault, point[jnp.argmin(finite)]),
        )

    descent = plainly(
        partial(descend, objective, problem.project, noted, jnp.asarray(spread), steps)
    )
    draw = plainly(jax.vmap(problem.sample))
    half = starts // 2

    def search(seed: int) -> Met:
        keys = jax.random.split(jax.random.key(seed), starts + rounds * half)
        samples = np.asarray(draw(keys))
        noises = np.random.default_rng(seed).normal(size=(rounds, starts, len(spread)))
        infinite, none = np.full(starts, np.inf), np.zeros(starts)
        first = (infinite, infinite, samples[:starts], none, samples[:starts], False, samples[0])
        met = Met(*map(jnp.asarray, first))
        batches = np.split(samples[starts:], rounds)
        for fresh, noise, distance in zip(
            batches, noises, NEARER ** np.arange(rounds), strict=True
        ):
            near = met.bests[np.argsort(met.lows)[: starts - half]]
            near = near + distance * spread * noise[half:]
            reach = np.where(np.arange(starts) < half, 1, distance)[:, None]
            met = jax.device_get(descent(met, np.concatenate([fresh, near]), reach, noise))
            if met.faulty or verdict(lowest(met)[0], tolerance) == "fails":
                break
        return met

    return search


def shown(instance: Instance) -> str:
    """A pytree of arrays as text: the names and the first entries of its leaves."""
    leaves, _ = jax.tree_util.tree_flatten_with_path(instance)
    return ", ".join(
        " = ".join(filter(None, [jax.tree_util.keystr(path, simple=True, separator="."), entries]))
        for path, leaf in leaves
        for entries in [_entries(np.asarray(leaf))]
    )


def _entries(leaf: np.ndarray, most: int = 6) -> str:
    numbers = [two_digits(x) if leaf.dtype.kind == "f" else str(x) for x in leaf.ravel()[:most]]
    if leaf.ndim == 0:
        return numbers[0]
    return f"[{', '.join(numbers)}{', …' if leaf.size > most else ''}]"
