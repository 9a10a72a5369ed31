"""Observed evidence: an experiment of the paper, run again, shows an effect."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import ttest_1samp

from refutable.card import Evidence, Title
from refutable.inputs import count, vector
from refutable.intervals import against_bound, level
from refutable.verdict import Control, Finding, establish


def observed(
    claim: str,
    trials: ArrayLike,
    *,
    control: Control | Sequence[Control],
    checks: str,
    at_least: float | None = None,
    at_most: float | None = None,
    part: str | None = None,
    confidence: float = 0.95,
) -> Evidence:
    """The mean over independent trials is seen to be `at_least`, or `at_most`, a number.

    `trials` holds one number for each trial, for a comparison the difference of the two sides. The
    effect is seen if Student's confidence band of the mean lies on the claimed side; the band takes
    the mean to be normally distributed, which nothing here proves. The effect must not be seen in
    the control, which has at least as many trials: permuted ones, for example.

    Raises `ClaimRefuted`, `ControlNotRejected`, and `ValueError` for trials that are empty, fewer
    than two, not finite, or all equal, which give no band.
    """
    title = Title(claim, part, "observed", checks)
    needed = count(np.size(trials), "the number of trials", least=2)
    check = partial(see, needed=needed, confidence=level(confidence))
    statement = {"trials": trials, "at_least": at_least, "at_most": at_most}
    return establish(title, check, statement, control)


def see(
    trials: ArrayLike,
    at_least: float | None,
    at_most: float | None,
    *,
    needed: int,
    confidence: float,
) -> Finding:
    """Whether the effect is seen in the trials; if it is not, "the effect is seen" fails."""
    trials = vector(trials, "trials")
    count(len(trials), "the number of trials", least=needed)
    if np.ptp(trials) == 0:
        raise ValueError(f"all trials are {trials[0]:g}, which gives no band; vary their seeds.")
    band = ttest_1samp(trials, 0).confidence_interval(confidence)
    percent = f"{100 * confidence:g} %"
    found = against_bound(
        float(trials.mean()),
        (float(band.low), float(band.high)),
        at_least=at_least,
        at_most=at_most,
        summary=f"seen at {percent} confidence in {len(trials)} trials",
        known=f"{percent} band",
        instances=len(trials),
    )
    return found if found.verdict == "holds" else replace(found, verdict="fails")
