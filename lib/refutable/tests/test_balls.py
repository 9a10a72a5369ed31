"""Certified evidence: a ball that touches the wrong side of zero certifies nothing."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, fmpq, fmpz
from hypothesis import given, settings
from hypothesis import strategies as st

from refutable import (
    AtLeast,
    AtMost,
    ClaimRefuted,
    Control,
    ControlNotRejected,
    Equal,
    certified,
    exact,
)
from refutable.balls import certify, rounded

NEGATIVE = Control("negative", [arb(-1)])


def card(slack, control=NEGATIVE):
    return certified("Theorem 2.1", slack, control=control, checks="numbers")


def test_the_smallest_slack_and_its_label_are_reported():
    found = card([("n = 3", arb("0.3")), ("n = 4", arb(1) / 7), ("n = 5", arb(2))])
    assert (found.tightness, found.where, found.instances) == (None, "n = 4", 3)


@pytest.mark.parametrize("zero", [arb(0), 0, Fraction(0), fmpq(0)])
def test_a_slack_of_exactly_zero_is_enough(zero):
    assert certify([zero]).detail == "slack ≥ 0, smallest at instance 1"


@pytest.mark.parametrize("slack", [arb(0, 1e-30), arb(1, 1.001), arb("1e-20", "1e-19")])
def test_a_ball_that_straddles_zero_is_no_pass_and_no_rejection(slack):
    with pytest.raises(ClaimRefuted, match=r"not shown\nslack in .* straddles zero at instance 2"):
        card([1, slack])
    with pytest.raises(ControlNotRejected, match="could not be decided"):
        card([1], Control("wide", [1, slack]))


def test_wide_balls_decide_what_they_can():
    assert certify([arb(10, 9)]).verdict == "holds"
    assert certify([arb(-10, 9)]).verdict == "fails"
    assert certify([arb(-10, 9), arb(0, 100)]).verdict == "fails"
    assert certify([arb(10, 9), arb(0, 100)]).verdict == "undecided"


def test_cancellation_in_low_precision_is_not_taken_for_truth():
    straddling = (arb(2).sqrt() ** 2 - 2) * 10**10
    assert certify([straddling]).verdict == "undecided"


def test_one_negative_instance_among_many_refutes():
    with pytest.raises(ClaimRefuted, match=r"refuted\nslack ≤ -7\.8e-31 at instance 57"):
        card([arb(i + 1) if i != 56 else -Fraction(1, 2**100) for i in range(100)])


def test_the_sign_of_the_slack_matters():
    slack = [arb(1), arb(2)]
    assert card(slack, Control("flipped", [-ball for ball in slack]))
    with pytest.raises(ClaimRefuted):
        card([-ball for ball in slack])


def test_functions_generators_pairs_and_single_balls_are_accepted():
    for slack in (lambda: [arb(1)], (arb(i) for i in (1, 2)), [("a", 1)], arb(1), fmpz(2), 3):
        assert card(slack).instances in (1, 2)


@pytest.mark.parametrize("value", [1.0, np.float64(1), True, "1", 1 + 0j, None])
def test_what_is_not_exact_is_an_error(value):
    with pytest.raises(ValueError, match="certifies nothing"):
        card([1, value])


@pytest.mark.parametrize("value", [arb("nan"), arb("inf"), arb(1) / arb(0), arb(-1).log()])
def test_a_slack_that_is_not_finite_is_an_error(value):
    with pytest.raises(ValueError, match="finite"):
        card([1, value])
    with pytest.raises(ValueError, match="finite"):
        card([1], Control("not finite", [-1, value]))


@pytest.mark.parametrize("nothing", [[], (), lambda: [], iter([])])
def test_no_instance_is_an_error(nothing):
    with pytest.raises(ValueError, match="no instance"):
        card(nothing)


@settings(deadline=None, max_examples=200, derandomize=True)
@given(st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False))
def test_reported_slacks_are_rounded_outward(value):
    down, up = rounded(arb(value)), rounded(arb(value), up=True)
    assert Decimal(down) <= Decimal(value) <= Decimal(up)
    assert Decimal(up) - Decimal(down) <= abs(Decimal(value)) / 9
    assert len(Decimal(down).normalize().as_tuple().digits) <= 2


def test_slacks_far_below_the_smallest_double_are_told_from_zero():
    assert "e-8686, smallest" in certify([arb(-20000).exp()]).detail
    with pytest.raises(ClaimRefuted, match="refuted"):
        card([-arb(-20000).exp()])


SHARES = [("far", AtMost(1, 10)), ("near", AtMost(arb(97), arb(100))), ("trivial", AtMost(-1, 1))]
HALVED = Control("half the bound", factor=0.5)


def test_the_tightness_is_the_largest_share_of_the_bound():
    found = card(SHARES, HALVED)
    assert (found.tightness, found.where) == (0.97, "near")
    assert found.unseen == "a bound more than 3 % smaller would have been refuted"
    assert str(found) == (
        "Theorem 2.1 · certified · holds in 3 instances · reaches 97 % · "
        "control rejected: half the bound"
    )
    assert found.record()["controls"][-1]["distance"] == 0.97


def test_where_each_instance_is_a_statement_of_its_own_the_loosest_counts():
    pairs = [AtMost(99, 100), AtLeast(100, 60)]
    found = certified("Claim A.1", pairs, control=HALVED, checks="numbers", each=True)
    assert (found.tightness, found.where) == (0.6, "instance 2")
    assert found.unseen == "a bound more than 67 % larger would have been refuted"


@given(st.fractions(0, 1), st.sampled_from([1, 10**30, Fraction(1, 10**30)]))
def test_a_control_is_rejected_exactly_when_its_factor_is_below_the_share(share, scale):
    pair = [AtMost(share * scale, scale)]
    for factor in (0.1, 0.5, 0.9, 0.99):
        control = Control("smaller", factor=factor)
        if Fraction(str(factor)) < share:
            found = card(pair, control)
            assert found.tightness <= share * (1 + Fraction(1, 10**6))
        else:
            with pytest.raises(ControlNotRejected, match="holds, too"):
                card(pair, control)


@given(st.floats(0.01, 1))
def test_a_bound_is_refuted_by_just_less_than_its_tightness(share):
    pair = AtLeast(1, exact(share))
    tightness = card([pair], Control("far", factor=0.001)).tightness
    tightened = AtLeast(1, exact(share) / exact(tightness * (1 - 1e-6)))
    assert certify([tightened]).verdict == "fails"


def test_a_negative_bound_is_reached_too():
    assert certify([AtMost(arb(-10), arb(-9))]).tightness == 0.9


def test_a_trivial_statement_reaches_nothing_and_says_why():
    found = card([AtMost(-1, 1)], Control("false", [AtMost(2, 1)]))
    assert found.tightness == 0 and found.note == ""
    assert found.unseen == "no factor in the bound would have been noticed"
    options = {"control": HALVED, "checks": "numbers", "loose": "nothing bites here"}
    with pytest.raises(ValueError, match="not loose: it reaches 99"):
        certified("Claim A.1", [AtMost(99, 100)], **options)
    with pytest.raises(ValueError, match="no bound to tighten"):
        card([1, 2], HALVED)


def test_equal_rationals_are_equal_and_balls_cannot_show_it():
    third = Fraction(1, 3)
    assert certify([Equal(third, 1 - 2 * third)]).tightness == 1
    assert certify([Equal(third, third + Fraction(1, 10**40))]).verdict == "fails"
    assert certify([Equal(arb(2).sqrt() ** 2, 2)]).verdict == "undecided"


def test_the_negation_of_the_same_data_is_refused_as_a_control():
    with pytest.raises(ValueError, match="negation of the claim's own data"):
        card(SHARES, Control("turned", [AtLeast(*pair) for _, pair in SHARES]))


def test_floats_enter_balls_by_name():
    assert exact(0.1).is_exact() and exact(0.1) in arb("0.1")
    for value in (float("nan"), "0.1", True):
        with pytest.raises(ValueError, match="what enters a ball"):
            exact(value)
