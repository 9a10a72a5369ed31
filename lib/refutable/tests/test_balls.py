"""Certified evidence: a ball that touches the wrong side of zero certifies nothing."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, fmpq, fmpz
from hypothesis import given, settings
from hypothesis import strategies as st

from refutable import ClaimRefuted, Control, ControlNotRejected, certified
from refutable.balls import certify, rounded

NEGATIVE = Control("negative", [arb(-1)])


def card(slack, control=NEGATIVE):
    return certified("Theorem 2.1", slack, control=control, checks="numbers")


def test_the_smallest_slack_and_its_label_are_reported():
    found = card([("n = 3", arb("0.3")), ("n = 4", arb(1) / 7), ("n = 5", arb(2))])
    assert (found.slack, found.where, found.instances) == ("0.14", "n = 4", 3)


@pytest.mark.parametrize("zero", [arb(0), 0, Fraction(0), fmpq(0)])
def test_a_slack_of_exactly_zero_is_enough(zero):
    assert card([zero]).slack == "0"


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
    assert card([arb(-20000).exp()]).slack.endswith("e-8686")
    with pytest.raises(ClaimRefuted, match="refuted"):
        card([-arb(-20000).exp()])
