"""Exact numbers against fractions, and floats on the right side of every ball."""

import math
import sys
from fractions import Fraction

import jax
import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from margintheory.rigour import Dyadic, above, below, dyadic

FINITE = st.floats(allow_nan=False, allow_infinity=False)
GREATEST, LEAST = sys.float_info.max, 5e-324
INTEGERS = st.integers(-(2**200), 2**200)


def fraction(exact: arb) -> Fraction:
    """The number that a ball of radius 0 is."""
    mantissa, exponent = exact.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


@given(hnp.arrays(float, (2, 3), elements=FINITE))
@example(np.array([[5e-324, -5e-324, 0.0], [GREATEST, -GREATEST, 2.0**-1022]]))
@example(np.zeros((2, 3)))
def test_dyadic_integers_are_the_floats_exactly(values):
    N, e = dyadic(values)
    assert N.shape == values.shape
    for value, integer in zip(values.ravel(), N.ravel(), strict=True):
        assert type(integer) is int
        assert Fraction(value) == integer * Fraction(2) ** e


def test_dyadic_integers_of_like_floats_are_short():
    assert dyadic(np.array([1.0, 2.0]))[0].tolist() == [2**52, 2**53]
    assert dyadic(np.array([0.0, 1e300]))[0].max() < 2**53  # whatever zeros stand beside


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_only_finite_floats_are_dyadic(bad):
    with pytest.raises(ValueError, match="finite"):
        dyadic(np.array([1.0, bad]))


@given(st.lists(INTEGERS, min_size=1, max_size=4), st.integers(-3000, 3000))
@example([0], 5)
@example([2**31, -(2**31), 2**62 - 1, 1], 0)
def test_a_dyadic_array_is_the_integers_it_was_made_of(integers, exponent):
    stored = Dyadic.of([integers, integers[::-1]], exponent)
    assert stored.integers.tolist() == [integers, integers[::-1]]
    assert np.abs(stored.limbs).max() < 2**31
    assert stored.limbs.shape[-1] == max(1, -(-max(abs(N) for N in integers).bit_length() // 31))
    N, e = dyadic(stored)
    assert (stored.integers == N).all() and e == exponent and type(e) is int


def test_a_dyadic_array_may_be_empty_or_a_single_number_and_is_a_pytree():
    assert Dyadic.of([], 3).integers.tolist() == []
    assert Dyadic.of(-(10**30), 0).integers == -(10**30)
    assert Dyadic.of([], 3).limbs.shape == (0, 1)
    leaves, shape = jax.tree.flatten(Dyadic.of([7, -(10**20)], -2))
    assert jax.tree.unflatten(shape, leaves).integers.tolist() == [7, -(10**20)]


@given(INTEGERS, st.integers(-1300, 1100))
@example(2**53 + 1, 0)  # half-way: to the even one
@example(2**54 - 1, 970)  # half-way to 2^1024
@example(-(2**54) + 1, 970)
@example(1, -1075)
@example(3, -1075)
@example(1, 0)
@example(1, 1024)
@example(-1, 1024)
def test_floats_of_a_dyadic_array_are_the_nearest(integer, exponent):
    (value,) = Dyadic.of([integer], exponent).floats
    exact = integer * Fraction(2) ** exponent
    if abs(exact) >= Fraction(2) ** 1024 - Fraction(2) ** 970:
        assert value == math.copysign(math.inf, integer)
    else:
        error = abs(Fraction(value) - exact)
        for other in (math.nextafter(value, -math.inf), math.nextafter(value, math.inf)):
            assert math.isinf(other) or error <= abs(Fraction(other) - exact)


def test_floats_of_a_dyadic_array_keep_its_shape():
    stored = Dyadic.of([[1, 2], [3, -4]], 1)
    assert stored.floats.dtype == float and stored.floats.tolist() == [[2, 4], [6, -8]]
    assert Dyadic.of(5, -1).floats == 2.5


@given(st.lists(INTEGERS | st.just(3**900), min_size=1, max_size=4).filter(any))
@example([1, -3])
def test_shares_are_the_nearest_floats_to_the_parts_of_the_sum_of_sizes(integers):
    shares = Dyadic.of(integers, 5).shares
    whole = sum(map(abs, integers))
    assert shares.tolist() == [float(Fraction(N, whole)) for N in integers]


@given(INTEGERS, st.integers(-1400, 1100), st.integers(10, 200))
@example(2**53 + 1, 0, 10)
@example(2**1024 - 1, 0, 53)
@example(-(2**1024) + 1, 0, 53)
@example(1, -1075, 53)
@example(-1, -1075, 53)
@example(2**54 - 1, -1075, 53)
def test_below_and_above_are_on_their_sides_of_a_number_and_next_to_it(integer, exponent, bits):
    exact = integer * Fraction(2) ** exponent
    with ctx.workprec(2000):
        ball = arb(integer) * arb(2) ** exponent
    with ctx.workprec(bits):
        low, high = below(ball), above(ball)
    assert low == -math.inf or Fraction(low) <= exact
    assert high == math.inf or Fraction(high) >= exact
    if bits >= 53:  # no float lies between
        assert low == GREATEST or Fraction(math.nextafter(low, math.inf)) > exact
        assert high == -GREATEST or Fraction(math.nextafter(high, -math.inf)) < exact


@given(FINITE, st.floats(0, 1e308))
@example(1.0, 0.0)
@example(1.0, 2.0**-53)
@example(0.0, LEAST)
@example(GREATEST, 1.0)
@example(GREATEST, 1e308)
@example(-LEAST, LEAST)
def test_below_and_above_are_outside_both_ends_of_a_ball_and_near_them(middle, radius):
    ball = arb(middle, radius)
    centre, reach = fraction(ball.mid()), fraction(ball.rad())
    low, high = below(ball), above(ball)
    slack = 2 * Fraction(LEAST) + Fraction(2) ** -50
    for value, end, sign in ((low, centre - reach, -1), (high, centre + reach, 1)):
        if math.isinf(value):
            assert sign * value > 0 and sign * end > Fraction(GREATEST)
        else:
            assert 0 <= sign * (Fraction(value) - end) <= slack * (1 + abs(end))


@pytest.mark.parametrize(
    ("ball", "low", "high"),
    [
        (arb("nan"), -math.inf, math.inf),
        (arb("inf"), math.inf, math.inf),
        (arb("-inf"), -math.inf, -math.inf),
        (arb(0, "inf"), -math.inf, math.inf),
        (arb("inf") - arb("inf"), -math.inf, math.inf),
        (arb(2) ** 5000, GREATEST, math.inf),
        (-(arb(2) ** 5000), -math.inf, -GREATEST),
        (arb(2) ** -5000, 0.0, LEAST),
        (-(arb(2) ** -5000), -LEAST, 0.0),
        (arb(0, arb(2) ** (2**70)), -math.inf, math.inf),
        (arb(0), 0.0, 0.0),
        (arb(GREATEST), GREATEST, GREATEST),
        (arb(LEAST), LEAST, LEAST),
        (arb(-LEAST), -LEAST, -LEAST),
    ],
)
def test_below_and_above_at_the_ends_of_the_floats(ball, low, high):
    assert below(ball) == low and above(ball) == high
