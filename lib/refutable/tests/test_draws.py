"""Sampled evidence: bounds that hold for every number of samples."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from refutable import AtLeast, AtMost, ClaimRefuted, Control, ControlNotRejected, sampled
from refutable.draws import clopper_pearson, empirical_bernstein


def likely(key):
    return jax.random.uniform(key) < 0.9


def events(happened, n):
    return np.arange(n) < happened


def card(draw, *, control, **options):
    return sampled("Lemma D.3", draw, control=control, checks="draws", **options)


@settings(deadline=None, max_examples=50, derandomize=True)
@given(st.integers(1, 200), st.floats(0, 1), st.sampled_from([0.9, 0.99, 0.999]))
def test_clopper_pearson_inverts_the_binomial_tails(n, share, confidence):
    happened = round(share * n)
    lower, upper = clopper_pearson(events(happened, n), confidence)
    assert 0 <= lower <= happened / n <= upper <= 1
    if happened > 0:
        assert binom.sf(happened - 1, n, lower) == pytest.approx(1 - confidence, rel=1e-6)
    if happened < n:
        assert binom.cdf(happened, n, upper) == pytest.approx(1 - confidence, rel=1e-6)


def test_clopper_pearson_without_a_failure_is_the_rule_of_three():
    lower, upper = clopper_pearson(events(100, 100), 0.95)
    assert lower == pytest.approx(0.05 ** (1 / 100)) and upper == 1


@pytest.mark.parametrize("n", [20, 500])
@pytest.mark.parametrize("p", [0.02, 0.5])
def test_the_empirical_bernstein_bounds_cover_the_mean(n, p):
    rng = np.random.default_rng(0)
    bounds = [empirical_bernstein(3 * (rng.random(n) < p) - 1.0, (-1, 2), 0.9) for _ in range(400)]
    assert np.mean([lower <= 3 * p - 1 for lower, _ in bounds]) >= 0.9
    assert np.mean([3 * p - 1 <= upper for _, upper in bounds]) >= 0.9


def test_the_empirical_bernstein_bound_is_maurer_and_pontils():
    # sample variance 1/3, n = 4, δ = 1/10: √(2 ln 20/12) + 7 ln 20/9, by hand
    lower, upper = empirical_bernstein(np.array([0.0, 0.0, 1.0, 1.0]), (0, 1), 0.9)
    assert upper == pytest.approx(0.5 + 0.7066036 + 2.3300140, abs=1e-6)
    assert lower == pytest.approx(0.5 - 0.7066036 - 2.3300140, abs=1e-6)


@given(st.floats(-3, 3), st.floats(0.1, 10))
@settings(deadline=None, max_examples=30, derandomize=True)
def test_the_empirical_bernstein_bound_follows_shifts_and_scales(shift, scale):
    outcomes = np.linspace(0, 1, 30) ** 2
    lower, upper = empirical_bernstein(outcomes, (0, 1), 0.99)
    moved = empirical_bernstein(
        shift + scale * outcomes, (shift - 1e-9, shift + scale * (1 + 1e-9)), 0.99
    )
    assert moved == pytest.approx((shift + scale * lower, shift + scale * upper), abs=1e-6)


NINE_TENTHS = events(9000, 10_000)


def test_draws_of_a_likely_event_prove_and_refute():
    found = card(likely, at_least=0.88, control=Control("0.92", at_least=0.92))
    assert str(found) == (
        "Lemma D.3 · sampled · holds at 99 % confidence in 10000 draws · reaches 75 % · "
        "control rejected: 0.92"
    )


def test_draws_with_the_same_seed_give_the_same_record():
    def record():
        control = Control("0.99", at_least=0.99)
        return card(likely, at_least=0.8, samples=1000, seed=1, control=control).record()

    assert record() == record()


def test_a_false_probability_is_refuted():
    with pytest.raises(ClaimRefuted, match=r"refuted\nmean 0\.9"):
        card(NINE_TENTHS, at_least=0.95, control=Control("0.99", at_least=0.99))
    with pytest.raises(ClaimRefuted, match=r"refuted\nmean 0\.9"):
        card(NINE_TENTHS, at_most=0.85, control=Control("0.8", at_most=0.8))
    assert card(NINE_TENTHS, at_most=0.92, control=Control("0.88", at_most=0.88))


def test_too_few_samples_are_no_pass_and_no_rejection():
    turned = Control("0.1", at_most=0.1, at_least=None)
    with pytest.raises(ClaimRefuted, match="not shown"):
        card(events(45, 50), at_least=0.88, control=turned)
    with pytest.raises(ControlNotRejected, match="could not be decided"):
        card(events(90, 100), at_least=0.7, control=Control("0.95", at_least=0.95))


def test_expectations_of_bounded_variables_are_decided():
    outcomes = np.random.default_rng(0).uniform(-1, 3, 10_000)
    options = {"within": (-1, 3), "control": Control("smaller", at_most=0.9)}
    assert card(outcomes, at_most=1.1, **options).instances == 10_000
    with pytest.raises(ClaimRefuted, match="not shown"):
        card(outcomes, at_most=1.01, **options)
    with pytest.raises(ClaimRefuted, match="refuted"):
        card(outcomes, at_most=0.9, **options)


def test_a_control_may_have_draws_of_its_own():
    found = card(events(99, 100), at_least=0.9, control=Control("half", events(50, 100)))
    assert found.instances == 100


@pytest.mark.parametrize(
    "draw, options, message",
    [
        ([], {"at_least": 0}, "empty"),
        ([0.5, np.nan], {"at_least": 0, "within": (0, 1)}, "finite"),
        ([0.5, 1.5], {"at_least": 0, "within": (0, 1)}, "not within"),
        ([0.5, -0.5], {"at_least": 0, "within": (0, 1)}, "not within"),
        ([0.5, 0.6], {"at_least": 0}, "give the interval"),
        ([True, False], {"at_least": 0, "within": (0, 1)}, "needs no interval"),
        ([0.5], {"at_least": 0, "within": (0, 1)}, "at least 2"),
        ([0.5, 0.5], {"at_least": 0, "within": (0, 1)}, "one outcome copied"),
        ([0.5, 0.6], {"at_least": 0, "within": (0, np.inf)}, "finite"),
        ([True], {}, "exactly one"),
        ([True], {"at_least": 0, "at_most": 1}, "exactly one"),
        ([True], {"at_least": np.nan}, "finite"),
        ([True], {"at_least": 0, "confidence": 1.0}, "confidence"),
        ([True], {"at_least": 0, "confidence": 0.0}, "confidence"),
        (lambda key: jax.random.uniform(key, (2,)), {"at_least": 0, "within": (0, 1)}, "vector"),
        (lambda key: np.nan * jax.random.uniform(key), {"at_least": 0, "within": (0, 1)}, "finite"),
    ],
)
def test_ill_posed_samples_are_errors(draw, options, message):
    with pytest.raises(ValueError, match=message):
        card(draw, **options, control=Control("impossible", events(0, 9)))


def exponential(key, factor=1.0):
    """A variable that is at most ln 20 with probability 0.95."""
    return AtMost(jax.random.exponential(key), factor * jnp.log(20.0))


def test_a_relation_knows_by_which_factor_its_bound_could_be_tightened():
    control = Control("nine tenths of the quantile", factor=0.9)
    found = card(exponential, at_least=0.94, control=control)
    quantile = np.log(1 / 0.06) / np.log(20)
    assert 0.85 < found.tightness <= quantile
    assert found.where == "the 94 % quantile of 10000 draws"

    def turned(key):
        return AtLeast(*exponential(key)[::-1])

    assert card(turned, at_least=0.94, control=control).tightness == found.tightness


def test_a_relation_that_holds_too_rarely_is_refuted():
    with pytest.raises(ClaimRefuted, match="refuted"):
        card(exponential, at_least=0.97, control=Control("half", factor=0.5))
    with pytest.raises(ValueError, match="at_least"):
        card(exponential, at_most=0.97, control=Control("half", factor=0.5))


def test_a_factor_tightens_the_number_where_there_is_no_relation():
    found = card(NINE_TENTHS, at_most=0.92, control=Control("less", factor=0.95))
    assert found.tightness == 0.97 and found.controls[0].distance == 0.95
    found = card(NINE_TENTHS, at_least=0.88, control=Control("more", factor=0.75))
    assert found.tightness == 0.77  # of the tenth that may fail
