"""Sampled evidence: exact finite-sample bounds for a probability or an expectation."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta, binomtest

from refutable.card import Evidence, Title
from refutable.inputs import count, real, vector
from refutable.intervals import LIKELY, against_bound, bound, level, tightened
from refutable.relations import AtLeast, AtMost, ordered, rounded_down, with_bound
from refutable.verdict import Control, Finding, establish

Outcomes: TypeAlias = Callable[[Any], Any] | AtMost | AtLeast | ArrayLike

AT_ONCE = 4096  # draws in one batch


def sampled(
    claim: str,
    draw: Outcomes,
    *,
    control: Control | Sequence[Control],
    checks: str,
    at_least: float | None = None,
    at_most: float | None = None,
    within: tuple[float, float] | None = None,
    part: str | None = None,
    samples: int = 10_000,
    confidence: float = 0.99,
    seed: int = 0,
    loose: str | None = None,
) -> Evidence:
    """A probability or an expectation is `at_least`, or `at_most`, a number.

    `draw(key)` is one outcome, traceable by JAX and independent for independent keys; or `draw` is
    an array of independent outcomes.

    - A relation `AtMost(left, right)` is the event that it holds, which has probability `at_least`
      a number. The check knows by which factor the bound on the right could be tightened.
    - A boolean is an event, and the statement is about its probability.
    - A real outcome must lie in the interval `within`, and the statement is about its expectation.

    Probabilities are bounded as by Clopper and Pearson, expectations by Maurer and Pontil's
    empirical Bernstein bound. Both are valid for every number of samples; each is wrong with
    probability at most 1 − confidence. The claim holds if the bound proves it, and a control is
    rejected if the bound proves it false. `loose` says why less than half of the bound is reached,
    if so.

    Raises `ClaimRefuted` (refuted, or not shown: more samples may decide), `ControlNotRejected`,
    and `ValueError` for an empty or non-finite sample, outcomes outside `within`, or real outcomes
    that are all the same.
    """
    title = Title(claim, part, "sampled", checks)
    check = partial(
        sample, samples=count(samples, "samples"), confidence=level(confidence), seed=seed
    )
    statement = {"draw": draw, "at_least": at_least, "at_most": at_most, "within": within}
    tighten = partial(with_tighter_bound, samples=samples, seed=seed)
    return establish(title, check, statement, control, tighten=tighten, loose=loose)


def with_tighter_bound(
    factor: float,
    draw: Outcomes,
    at_least: float | None,
    at_most: float | None,
    within: tuple[float, float] | None,
    *,
    samples: int,
    seed: int,
) -> dict[str, Any]:
    """The statement with its bound times the factor: that of the relation, or of the mean.

    For a likely event it is the probability with which it may fail that shrinks.
    """
    outcomes = drawn(draw, samples, seed)
    if isinstance(outcomes, AtMost | AtLeast):
        return {"draw": with_bound(outcomes, factor)}
    if outcomes.dtype == bool and at_least is not None and at_least > LIKELY:
        return {"draw": outcomes, "at_least": 1 - (1 - at_least) * factor}
    return {"draw": outcomes, **tightened(factor, at_least, at_most)}


def sample(
    draw: Outcomes,
    at_least: float | None,
    at_most: float | None,
    within: tuple[float, float] | None,
    *,
    samples: int,
    confidence: float,
    seed: int,
) -> Finding:
    """Whether the confidence bounds of the mean outcome prove the statement, or its negation."""
    claimed = bound(at_least, at_most)
    outcomes = drawn(draw, samples, seed)
    known = f"each at {100 * confidence:g} % confidence"
    summary = f"holds at {100 * confidence:g} % confidence in {{}} draws"
    if isinstance(outcomes, AtMost | AtLeast):
        return of_relation(outcomes, claimed, confidence, summary, known)
    if outcomes.dtype == bool:
        if within is not None:
            raise ValueError("an event needs no interval `within`; its outcomes are booleans.")
        interval = clopper_pearson(outcomes, confidence)
    else:
        if len(outcomes) > 1 and np.ptp(outcomes) == 0:
            raise ValueError(
                f"all {len(outcomes)} outcomes are {outcomes[0]:g}: one outcome copied is no "
                "sample; draw from the key."
            )
        interval = empirical_bernstein(outcomes, within, confidence)
    gaps = outcomes - claimed.right if at_most is None else claimed.right - outcomes
    return against_bound(
        float(outcomes.mean()),
        interval,
        claimed,
        event=outcomes.dtype == bool,
        summary=summary.format(len(outcomes)),
        known=known,
        instances=len(outcomes),
        gaps=gaps,
    )


def of_relation(
    outcomes: AtMost | AtLeast,
    claimed: AtMost | AtLeast,
    confidence: float,
    summary: str,
    known: str,
) -> Finding:
    """Whether the relation holds with the probability claimed, and how much of its bound it needs.

    A bound times a factor f holds where the share of the bound is at most f, so the tightness is
    the largest f for which that is shown to be less probable than claimed.
    """
    if isinstance(claimed, AtMost):
        raise ValueError("a relation that is drawn holds with probability `at_least` a number.")
    smaller, larger = ordered(outcomes)
    found = against_bound(
        float((smaller <= larger).mean()),
        clopper_pearson(smaller <= larger, confidence),
        claimed,
        event=True,
        summary=summary.format(len(smaller)),
        known=known,
        instances=len(smaller),
        gaps=larger - smaller,
    )
    if found.verdict != "holds":
        return found
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.sort(np.where(smaller > 0, smaller / larger, 0))
    happened = np.arange(len(shares))  # where the factor is just below that share
    probable = beta.ppf(confidence, happened + 1, len(shares) - happened)  # at most
    refuted = shares[probable < claimed.right]
    return replace(
        found,
        tightness=rounded_down(float(refuted[-1])) if refuted.size else 0.0,
        larger=isinstance(outcomes, AtLeast),
        where=f"the {100 * claimed.right:g} % quantile of {len(shares)} draws",
    )


def drawn(draw: Outcomes, samples: int, seed: int) -> Any:
    """The outcomes: a relation between vectors, booleans, or finite real numbers."""
    if callable(draw):
        import jax  # only a traceable draw needs it

        keys = jax.random.split(jax.random.key(seed), samples)
        draw = jax.jit(partial(jax.lax.map, draw, batch_size=min(AT_ONCE, samples)))(keys)
    if isinstance(draw, AtMost | AtLeast):
        sides = np.broadcast_arrays(*map(np.asarray, draw))
        return type(draw)(*(vector(side, "a side of the draws") for side in sides))
    outcomes = np.asarray(draw)
    if outcomes.dtype == bool and outcomes.ndim == 1 and outcomes.size:
        return outcomes
    return vector(outcomes, "the outcomes of the draws")


def clopper_pearson(events: NDArray, confidence: float) -> tuple[float, float]:
    """A lower and an upper bound of the events' probability, each valid at the confidence."""
    happened, n = int(events.sum()), len(events)
    at_least = binomtest(happened, n, alternative="greater").proportion_ci(confidence, "exact")
    at_most = binomtest(happened, n, alternative="less").proportion_ci(confidence, "exact")
    return float(at_least.low), float(at_most.high)


def empirical_bernstein(
    outcomes: NDArray, within: tuple[float, float] | None, confidence: float
) -> tuple[float, float]:
    """A lower and an upper bound of the expectation, each valid at the confidence.

    Maurer and Pontil (2009), Theorem 4: the mean of n independent variables in an interval of
    length 1 with sample variance V is off by at most √(2V ln(2/δ)/n) + 7 ln(2/δ)/(3(n − 1)).
    """
    if within is None:
        raise ValueError("give the interval `within` which a real outcome never leaves.")
    low, high = real(within[0], "within[0]"), real(within[1], "within[1]")
    if outcomes.min() < low or outcomes.max() > high:
        raise ValueError(
            f"outcomes range over [{outcomes.min():g}, {outcomes.max():g}], which is not within "
            f"[{low:g}, {high:g}]; the bound needs an interval that they never leave."
        )
    n = count(len(outcomes), "the number of draws", least=2)
    log = math.log(2 / (1 - confidence))
    deviation = math.sqrt(2 * outcomes.var(ddof=1) * log / n)
    deviation += 7 * (high - low) * log / (3 * (n - 1))
    return float(outcomes.mean() - deviation), float(outcomes.mean() + deviation)
