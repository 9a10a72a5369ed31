"""Observed evidence: an experiment of the paper, run again, shows an effect."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import ttest_1samp

from refutable.card import Evidence, Title
from refutable.inputs import count, vector
from refutable.intervals import against_bound, bound, level, tightened
from refutable.relations import AtLeast, AtMost, ordered, rounded_down, with_bound
from refutable.verdict import Control, Finding, establish

Trials: TypeAlias = AtMost | AtLeast | ArrayLike

LEAST_TRIALS = 8
FACTORS = np.arange(99, 0, -1) / 100


@dataclass(frozen=True)
class Plan:
    """What is declared before an experiment is run: its seeds, and how many claims they will test.

    No seed may be among those on which the claims were found, `explored`. All claims hold together
    with the `confidence`: each is tested at 1 − (1 − confidence)/claims.
    """

    seeds: Iterable[int]
    claims: int
    explored: Iterable[int] = ()
    confidence: float = 0.95

    def __post_init__(self):
        object.__setattr__(self, "seeds", tuple(self.seeds))
        object.__setattr__(self, "explored", tuple(self.explored))
        count(self.claims, "claims")
        level(self.confidence)
        count(len(set(self.seeds)), "the number of different seeds", least=LEAST_TRIALS)
        if seen := sorted(set(self.seeds) & set(self.explored)):
            raise ValueError(f"the claims were found on the seeds {seen}; test them on others.")

    @property
    def level(self) -> float:
        """The confidence of each claim."""
        return 1 - (1 - self.confidence) / self.claims


def observed(
    claim: str,
    trials: Trials,
    *,
    control: Control | Sequence[Control],
    checks: str,
    at_least: float | None = None,
    at_most: float | None = None,
    part: str | None = None,
    plan: Plan | None = None,
    confidence: float = 0.95,
    loose: str | None = None,
) -> Evidence:
    """The mean over independent trials is seen to be `at_least`, or `at_most`, a number.

    `trials` holds one number for each trial; or it is a relation, `AtMost(left, right)` or
    `AtLeast(left, right)`, of which one or both sides hold one number for each trial, and which is
    claimed of their means. The effect is seen if Student's confidence band of the mean difference
    lies on the claimed side; the band takes the mean to be normally distributed, which nothing here
    proves. A control is rejected if its band lies on the other side. With a `plan`, there is one
    trial for each of its seeds and the confidence is that of the plan.

    Raises `ClaimRefuted`, `ControlNotRejected`, and `ValueError` for trials that are fewer than
    eight or than planned, not finite, or all equal, which give no band.
    """
    title = Title(claim, part, "observed", checks)
    planned = None if plan is None else len(tuple(plan.seeds))
    check = partial(
        see, planned=planned, confidence=level(confidence) if plan is None else plan.level
    )
    statement = {"trials": trials, "at_least": at_least, "at_most": at_most}
    return establish(title, check, statement, control, tighten=tighten, loose=loose)


def tighten(
    factor: float, trials: Trials, at_least: float | None, at_most: float | None
) -> dict[str, Any]:
    """The claim with its bound times the factor: that of the relation, or the number."""
    if isinstance(trials, AtMost | AtLeast):
        return {"trials": with_bound(sides(trials), factor)}
    return tightened(factor, at_least, at_most)


def see(
    trials: Trials,
    at_least: float | None,
    at_most: float | None,
    *,
    planned: int | None,
    confidence: float,
) -> Finding:
    """Whether the band of the mean lies on the claimed side, on the other side, or on neither."""
    if isinstance(trials, AtMost | AtLeast):
        if at_least is not None or at_most is not None:
            raise ValueError("a relation has its bound on the right; leave at_least, at_most out.")
        claimed: AtMost | AtLeast = AtLeast(None, 0.0)
        pair = sides(trials)
        smaller, larger = ordered(pair)
        measured = larger - smaller
    else:
        claimed, pair = bound(at_least, at_most), None
        measured = vector(trials, "trials")
    n = count(len(measured), "the number of trials", least=LEAST_TRIALS)
    if planned not in (None, n):
        raise ValueError(f"{planned} trials were planned and {n} are given; give all of them.")
    percent = f"{100 * confidence:.4g} %"
    found = against_bound(
        float(measured.mean()),
        band(measured, confidence),
        claimed,
        summary=f"seen at {percent} confidence in {n} trials",
        known=f"{percent} band",
        instances=n,
        gaps=claimed.right - measured if at_most is not None else measured - claimed.right,
    )
    if pair is None or found.verdict != "holds":
        return found
    return replace(found, tightness=reached(pair, confidence), larger=isinstance(pair, AtLeast))


def sides(trials: AtMost | AtLeast) -> AtMost | AtLeast:
    """A relation between two vectors of trials; a number stands for all of them."""
    pair = [np.atleast_1d(np.asarray(side, float)) for side in trials]
    return type(trials)(
        *(vector(side, "a side of the trials") for side in np.broadcast_arrays(*pair))
    )


def band(trials: NDArray, confidence: float) -> tuple[float, float]:
    """Student's two-sided confidence band of the mean."""
    if np.ptp(trials) == 0:
        raise ValueError(f"all trials are {trials[0]:g}, which gives no band; vary their seeds.")
    interval = ttest_1samp(trials, 0).confidence_interval(confidence)
    return float(interval.low), float(interval.high)


def reached(pair: AtMost | AtLeast, confidence: float) -> float:
    """The largest factor, in per cents, with which the bound would be seen to be too tight."""
    for factor in FACTORS:
        smaller, larger = ordered(with_bound(pair, factor))
        gap = larger - smaller
        highest = band(gap, confidence)[1] if np.ptp(gap) > 0 else gap[0]
        if highest < 0:
            return rounded_down(float(factor))
    return 0.0
