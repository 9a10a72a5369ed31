"""Observed evidence: an effect is seen, and not seen where there is none."""

import numpy as np
import pytest
from scipy.stats import t

from refutable import ClaimRefuted, Control, ControlNotRejected, observed
from refutable.trials import see

rng = np.random.default_rng(0)
EFFECT = rng.normal(0.5, 0.3, size=20)
NOTHING = EFFECT * rng.choice([-1, 1], size=20)
PERMUTED = Control("signs of the differences permuted", NOTHING)


def card(trials=EFFECT, *, control=PERMUTED, **options):
    options = options or {"at_least": 0.0}
    return observed("Figure 4", trials, control=control, checks="a difference", **options)


def test_an_effect_is_seen_and_its_absence_too():
    found = card()
    assert str(found) == (
        "Figure 4 · observed · seen at 95 % confidence in 20 trials · "
        "control rejected: signs of the differences permuted"
    )
    assert "95 % band" in found.record()["where"]


def test_the_band_is_students():
    found = see(EFFECT, 0.0, None, needed=20, confidence=0.9)
    half = t.ppf(0.95, 19) * EFFECT.std(ddof=1) / np.sqrt(20)
    ends = f"at least {EFFECT.mean() - half:.4g} and at most {EFFECT.mean() + half:.4g}"
    assert ends in found.detail


def test_an_effect_that_is_absent_or_opposite_is_not_seen():
    for trials in (NOTHING, -EFFECT):
        with pytest.raises(ClaimRefuted, match="mean"):
            card(trials)
    with pytest.raises(ClaimRefuted):
        card(at_most=0.0)
    assert card(-EFFECT, at_most=0.0)


def test_a_control_that_shows_the_effect_is_not_rejected():
    with pytest.raises(ControlNotRejected, match="holds, too"):
        card(control=Control("the effect once more", EFFECT))


def test_a_control_cannot_be_rejected_for_want_of_trials():
    with pytest.raises(ValueError, match="at least 20"):
        card(control=Control("fewer", NOTHING[:5]))


@pytest.mark.parametrize(
    "trials, message",
    [
        ([], "at least 2"),
        ([1.0], "at least 2"),
        ([1.0, np.nan], "finite"),
        ([1.0, np.inf], "finite"),
        ([[1.0, 2.0]], "axes"),
        ([0.5, 0.5, 0.5], "no band"),
    ],
)
def test_ill_posed_trials_are_errors(trials, message):
    with pytest.raises(ValueError, match=message):
        card(trials)
    if message in ("finite", "no band"):
        control = Control("ill-posed", np.resize(trials, 20))
        with pytest.raises(ValueError, match=message):
            card(control=control)


def test_the_same_trials_give_the_same_record_twice():
    assert card().record() == card().record()
