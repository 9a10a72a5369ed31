"""Observed evidence: an effect is seen, and not seen where there is none."""

import numpy as np
import pytest
from scipy.stats import t

from refutable import AtLeast, AtMost, ClaimRefuted, Control, ControlNotRejected, Plan, observed
from refutable.trials import see

rng = np.random.default_rng(0)
EFFECT = rng.normal(0.5, 0.3, size=20)
NOTHING = EFFECT * rng.choice([-1, 1], size=20)
TWICE = Control("an effect of 1", at_least=1.0)


def card(trials=EFFECT, *, control=TWICE, **options):
    options = options or {"at_least": 0.0}
    return observed("Figure 4", trials, control=control, checks="a difference", **options)


def test_an_effect_is_seen_and_its_absence_too():
    found = card()
    assert str(found) == (
        "Figure 4 · observed · seen at 95 % confidence in 20 trials · "
        "control rejected: an effect of 1"
    )
    assert "95 % band" in found.record()["where"]


def test_the_band_is_students():
    found = see(EFFECT, 0.0, None, planned=None, confidence=0.9)
    half = t.ppf(0.95, 19) * EFFECT.std(ddof=1) / np.sqrt(20)
    ends = f"at least {EFFECT.mean() - half:.4g} and at most {EFFECT.mean() + half:.4g}"
    assert ends in found.detail


def test_an_effect_that_is_absent_or_opposite_is_not_seen():
    with pytest.raises(ClaimRefuted, match="not shown\nmean"):
        card(NOTHING)
    for refuted in (lambda: card(-EFFECT), lambda: card(at_most=0.0)):
        with pytest.raises(ClaimRefuted, match="refuted\nmean"):
            refuted()
    assert card(-EFFECT, at_most=0.0, control=Control("below −1", at_most=-1.0))


def test_a_control_that_shows_the_effect_is_not_rejected():
    with pytest.raises(ControlNotRejected, match="holds, too"):
        card(control=Control("the effect once more", EFFECT))


def test_noise_rejects_no_control():
    with pytest.raises(ControlNotRejected, match="could not be decided"):
        card(control=Control("signs permuted", NOTHING))


def test_the_negation_of_the_trials_is_refused_as_a_control():
    for turned in (Control("turned", -EFFECT), Control("turned", at_least=None, at_most=0.0)):
        with pytest.raises(ValueError, match="negation of the claim's own data"):
            card(control=turned)


KERNEL, NETWORK = rng.normal(1.0, 0.05, size=10), rng.normal(0.5, 0.05, size=10)
RIVALS = AtMost(NETWORK, KERNEL)


def paired(trials=RIVALS, factor=0.3, **options):
    return observed(
        "Figure 2", trials, control=Control("far less", factor=factor), checks="errors", **options
    )


def test_two_sides_are_compared_and_the_share_is_that_which_the_band_refutes():
    found = paired()
    assert 0.4 < found.tightness < NETWORK.mean() / KERNEL.mean()
    assert paired(factor=found.tightness).controls[0].distance == found.tightness
    with pytest.raises(ControlNotRejected, match="could not be decided"):
        paired(factor=0.51)
    assert paired(AtLeast(KERNEL, NETWORK)).tightness == found.tightness
    with pytest.raises(ClaimRefuted):
        paired(AtMost(KERNEL, NETWORK))


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.9, "at least 80 %"), (0.7, "at least 50 %"), (0.3, "at least 25 %"), (0.05, "hardly")],
)
def test_the_text_says_roughly_how_much_is_reached(share, said):
    smaller = AtMost((share + 0.01 * NETWORK) * KERNEL, KERNEL)
    assert f"reaches {said}" in str(paired(smaller, factor=0.01))


def test_a_number_stands_for_all_trials_of_a_side():
    assert paired(AtMost(NETWORK, 0.7), factor=0.5).instances == 10
    with pytest.raises(ValueError, match="leave at_least"):
        paired(at_least=0.0)


PLAN = Plan(seeds=range(100, 110), claims=5, explored=range(10))


def test_a_plan_shares_its_confidence_between_its_claims():
    assert PLAN.level == pytest.approx(0.99)
    assert "at 99 % confidence in 10 trials" in str(paired(plan=PLAN))


@pytest.mark.parametrize(
    "options, message",
    [
        ({"seeds": range(7)}, "at least 8"),
        ({"seeds": [1] * 20}, "at least 8"),
        ({"seeds": range(10), "explored": [3, 4]}, r"seeds \[3, 4\]"),
        ({"seeds": range(10), "claims": 0}, "claims"),
        ({"seeds": range(10), "confidence": 0.5}, "confidence"),
    ],
)
def test_a_plan_has_enough_seeds_of_its_own(options, message):
    with pytest.raises(ValueError, match=message):
        Plan(**{"claims": 1, **options})


def test_all_planned_trials_are_given_and_no_more():
    for trials in (EFFECT[:9], EFFECT[:11]):
        with pytest.raises(ValueError, match="10 trials were planned"):
            card(trials, at_least=0.0, plan=PLAN)


@pytest.mark.parametrize(
    "trials, message",
    [
        ([], "non-empty"),
        ([1.0] * 7, "at least 8"),
        ([1.0, np.nan] * 4, "finite"),
        ([1.0, np.inf] * 4, "finite"),
        ([[1.0, 2.0]], "vector"),
        ([0.5] * 8, "no band"),
    ],
)
def test_ill_posed_trials_are_errors(trials, message):
    with pytest.raises(ValueError, match=message):
        card(trials)
    with pytest.raises(ValueError, match=message):
        card(control=Control("ill-posed", trials))


def test_the_same_trials_give_the_same_record_twice():
    assert card().record() == card().record()
