"""Sampled evidence: exact finite-sample bounds for a probability or an expectation."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

import jax
import numpy as np
from jaxtyping import Array, Bool, Float, Key, Shaped
from numpy.typing import ArrayLike
from scipy.stats import binomtest

from refutable.card import Evidence, Title
from refutable.inputs import count, real, vector
from refutable.intervals import against_bound, level
from refutable.verdict import Control, Finding, establish

Outcomes: TypeAlias = Callable[[Key[Array, ""]], Shaped[Array, ""]] | ArrayLike

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
) -> Evidence:
    """A probability or an expectation is `at_least`, or `at_most`, a number.

    `draw(key)` is one outcome, traceable by JAX and independent for independent keys; or `draw` is
    an array of independent outcomes. A boolean outcome is an event, and the statement is about its
    probability (Clopper and Pearson's bound). A real outcome must lie in the interval `within`, and
    the statement is about its expectation (Maurer and Pontil's empirical Bernstein bound). Both
    bounds are valid for every number of samples; each is wrong with probability at most
    1 − confidence. The claim holds if the bound proves it, and a control is rejected if the bound
    proves it false.

    Raises `ClaimRefuted` (refuted, or not shown: more samples may decide), `ControlNotRejected`,
    and `ValueError` for an empty or non-finite sample or outcomes outside `within`.
    """
    title = Title(claim, part, "sampled", checks)
    check = partial(
        sample, samples=count(samples, "samples"), confidence=level(confidence), seed=seed
    )
    statement = {"draw": draw, "at_least": at_least, "at_most": at_most, "within": within}
    return establish(title, check, statement, control)


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
    outcomes = drawn(draw, samples, seed)
    if outcomes.dtype == bool:
        if within is not None:
            raise ValueError("an event needs no interval `within`; its outcomes are booleans.")
        lower, upper = clopper_pearson(outcomes, confidence)
    else:
        if within is None:
            raise ValueError("give the interval `within` which a real outcome never leaves.")
        lower, upper = empirical_bernstein(outcomes, within, confidence)
    percent = f"{100 * confidence:g} % confidence"
    return against_bound(
        float(outcomes.mean()),
        (lower, upper),
        at_least=at_least,
        at_most=at_most,
        summary=f"holds at {percent} in {len(outcomes)} draws",
        known=f"each at {percent}",
        instances=len(outcomes),
    )


def drawn(draw: Outcomes, samples: int, seed: int) -> Shaped[np.ndarray, " n"]:
    """The outcomes: booleans, or finite real numbers."""
    if callable(draw):
        keys = jax.random.split(jax.random.key(seed), samples)
        outcomes = jax.jit(partial(jax.lax.map, draw, batch_size=min(AT_ONCE, samples)))(keys)
    else:
        outcomes = draw
    outcomes = np.asarray(outcomes)
    if outcomes.dtype == bool and outcomes.ndim == 1 and outcomes.size:
        return outcomes
    return vector(outcomes, "the outcomes of the draws")


def clopper_pearson(events: Bool[np.ndarray, " n"], confidence: float) -> tuple[float, float]:
    """A lower and an upper bound of the events' probability, each valid at the confidence."""
    happened, n = int(events.sum()), len(events)
    at_least = binomtest(happened, n, alternative="greater").proportion_ci(confidence, "exact")
    at_most = binomtest(happened, n, alternative="less").proportion_ci(confidence, "exact")
    return float(at_least.low), float(at_most.high)


def empirical_bernstein(
    outcomes: Float[np.ndarray, " n"], within: tuple[float, float], confidence: float
) -> tuple[float, float]:
    """A lower and an upper bound of the expectation, each valid at the confidence.

    Maurer and Pontil (2009), Theorem 4: the mean of n independent variables in an interval of
    length 1 with sample variance V is off by at most √(2V ln(2/δ)/n) + 7 ln(2/δ)/(3(n − 1)).
    """
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
