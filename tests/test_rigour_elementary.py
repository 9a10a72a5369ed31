"""Each elementary function of a ball holds its values at 700 digits, and floats are near them."""

import math

import jax
import mpmath
import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import example, given
from hypothesis import strategies as st

from margintheory.rigour import elementary, hull

DIGITS = 700
NOTHING = mpmath.mpf(10) ** -100_000


def softplus(x):
    return max(x, mpmath.mpf(0)) + mpmath.log1p(mpmath.exp(-abs(x)))


# the function, and the values where it is tested
CASES = {
    "exp": (mpmath.exp, st.floats(-700, 700)),
    "log": (mpmath.log, st.floats(5e-324, 1e308)),
    "log1p": (mpmath.log1p, st.floats(-0.9999, 1e300) | st.floats(-1e-20, 1e-20)),
    "expm1": (mpmath.expm1, st.floats(-700, 700) | st.floats(-1e-20, 1e-20)),
    "sqrt": (mpmath.sqrt, st.floats(0, 1e308)),
    "softplus": (softplus, st.floats(-700, 700) | st.floats(-1e300, 1e300)),
}
EACH = pytest.mark.parametrize("name", CASES)


def mpf(exact: arb) -> mpmath.mpf:
    mantissa, exponent = exact.man_exp()
    return mpmath.ldexp(mpmath.mpf(int(mantissa)), int(exponent))


def ends(ball: arb):
    return mpf(ball.mid()) - mpf(ball.rad()), mpf(ball.mid()) + mpf(ball.rad())


@EACH
@given(st.data())
def test_a_function_of_a_ball_holds_the_values_on_it(name, data):
    true, values = CASES[name]
    a, b = sorted((data.draw(values), data.draw(values)))
    bits = data.draw(st.sampled_from([20, 53, 128]))
    with ctx.workprec(bits):
        ball = getattr(elementary, name)(hull(a, b))
    if ball.is_finite():  # else it holds everything
        with mpmath.workdps(DIGITS):
            low, high = ends(ball)
            for x in (a, b, a + (b - a) / 3):
                value = true(mpmath.mpf(x))
                error = abs(value) * mpmath.mpf(10) ** (30 - DIGITS)
                assert low - error <= value <= high + error


@EACH
@given(st.data())
def test_a_function_of_a_float_in_a_ball_is_accurate(name, data):
    true, values = CASES[name]
    x = data.draw(values)
    ball = getattr(elementary, name)(arb(x))
    with mpmath.workdps(DIGITS):
        low, high = ends(ball)
        value = true(mpmath.mpf(x))
        error = abs(value) * mpmath.mpf(10) ** (30 - DIGITS)
        assert low - error <= value <= high + error
        assert high - low <= abs(value) / 2**40 + NOTHING


@EACH
@given(st.data())
def test_a_function_of_a_float_is_near_the_value_traced_or_not(name, data):
    true, values = CASES[name]
    x = data.draw(values.filter(lambda v: v == 0 or abs(v) > 1e-300))
    with mpmath.workdps(DIGITS):
        value = float(true(mpmath.mpf(x)))
    function = getattr(elementary, name)
    # XLA takes floats below 2.2e-308 for 0
    assert float(function(x)) == pytest.approx(value, rel=1e-12, abs=1e-307)
    assert float(jax.jit(function)(x)) == pytest.approx(value, rel=1e-12, abs=1e-307)
    assert np.asarray(function(np.array([x]))).shape == (1,)


@given(st.floats(-50, 50), st.floats(0, 20))
@example(0.0, 0.0)
@example(1e300, 1e299)
@example(-1e300, 1e299)
@example(0.0, 1e30)
def test_softplus_of_a_ball_is_no_wider_than_from_end_to_end(middle, radius):
    ball = elementary.softplus(arb(middle, radius))
    with mpmath.workdps(DIGITS):
        low, high = ends(ball)
        bottom, top = (softplus(end) for end in ends(arb(middle, radius)))
        width = (top - bottom) * (1 + mpmath.mpf(10) ** -8) + abs(top) / 2**40 + NOTHING
        error = abs(top) * mpmath.mpf(10) ** (30 - DIGITS)
        assert low - error <= bottom <= top <= high + error
        assert high - low <= width


def test_softplus_of_balls_that_are_not_finite():
    assert not elementary.softplus(arb("nan")).is_finite()
    assert elementary.softplus(arb(0, "inf")).contains(arb(7))
    assert float(elementary.softplus(arb("-inf"))) == 0


def test_half_open_intervals_and_known_values():
    assert elementary.log(arb(-1)).is_nan() and elementary.sqrt(arb(-1)).is_nan()
    assert elementary.sqrt(arb(9) / 4).contains(arb(1.5))
    assert elementary.softplus(arb(0)).overlaps(arb(2).log())
    assert math.isclose(float(elementary.softplus(0.0)), math.log(2))
