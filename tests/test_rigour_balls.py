"""Floats and integers in balls, sums, hulls and lengths: against fractions, at any scale."""

import math
from fractions import Fraction

import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from flint import arb, ctx, fmpq
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from margintheory import rigour

FINITE = st.floats(allow_nan=False, allow_infinity=False)
# every order of magnitude, subnormals included, as often as any other
SCALED = st.builds(math.ldexp, st.floats(-1, 1), st.integers(-1074, 1023))
GREATEST = float(np.finfo(float).max)


def fraction(exact: arb) -> Fraction:
    mantissa, exponent = exact.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def holds(ball: arb, number: Fraction) -> bool:
    return abs(fraction(ball.mid()) - number) <= fraction(ball.rad())


@given(FINITE | st.integers(-(2**300), 2**300))
def test_a_float_or_an_integer_is_exact_in_a_ball_at_any_precision(value):
    with ctx.workprec(10):
        ball = rigour.exact(value)
    assert ball.is_exact() and fraction(ball) == Fraction(value)


@pytest.mark.parametrize(
    "value",
    [
        np.float64(0.1),
        np.float32(0.1),
        np.int64(-(2**62) - 1),
        np.array(0.3),
        True,
    ],
)
def test_numbers_of_numpy_are_exact_too(value):
    assert fraction(rigour.exact(value)) == Fraction(np.asarray(value).item())


def test_numbers_of_jax_are_exact_too():
    assert fraction(rigour.exact(jnp.asarray(0.7))) == Fraction(0.7)


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, 1j, "0.5", Fraction(1, 3), fmpq(1, 3), None, arb(1)]
)
def test_what_would_be_rounded_or_is_not_finite_is_refused(value):
    with pytest.raises(ValueError, match="exactly"):
        rigour.exact(value)


@pytest.mark.parametrize("dtype", [float, np.float32, np.int64, object])
def test_vectors_and_matrices_are_exact_entry_by_entry(dtype):
    values = np.array([[2, -3, 0], [5, 2**40 + 1, 7]], dtype)
    if dtype is object:
        values[0, 0] = 2**90 + 1
    with ctx.workprec(10):
        matrix, vector = rigour.exact_matrix(values), rigour.exact_vector(values[0])
    assert (matrix.nrows(), matrix.ncols()) == (2, 3)
    assert [fraction(entry) for entry in matrix.entries()] == values.ravel().tolist()
    assert [fraction(entry) for entry in vector] == values[0].tolist()


@pytest.mark.parametrize("bad", [np.array([1.0, math.nan]), np.array([math.inf]), ["a"], [1j]])
def test_vectors_of_other_things_are_refused(bad):
    with pytest.raises(ValueError, match="exactly"):
        rigour.exact_vector(bad)
    with pytest.raises(ValueError, match="exactly"):
        rigour.exact_matrix([bad])


@given(FINITE, FINITE, st.integers(10, 80))
@example(0.0, 5e-324, 53)
@example(-GREATEST, GREATEST, 53)
@example(0.1, math.nextafter(0.1, 1), 53)
def test_a_hull_holds_both_ends_and_little_more(a, b, bits):
    with ctx.workprec(bits):
        ball = rigour.hull(a, b)
    assert holds(ball, Fraction(a)) and holds(ball, Fraction(b))
    if bits >= 53:
        width = 2 * fraction(ball.rad())
        size = abs(Fraction(a)) + abs(Fraction(b))
        assert width <= abs(Fraction(b) - Fraction(a)) * (1 + Fraction(1, 10**8)) + size / 2**50


@given(st.lists(st.tuples(FINITE, FINITE), min_size=1, max_size=5))
def test_a_dot_product_and_a_length_hold_the_exact_ones(pairs):
    u, v = ([rigour.exact(value) for value in side] for side in zip(*pairs, strict=True))
    assert holds(rigour.dot(u, v), sum(Fraction(a) * Fraction(b) for a, b in pairs))
    square = sum(Fraction(a) ** 2 for a, _ in pairs)
    length = rigour.length(u)
    low, high = (fraction(length.mid()) + s * fraction(length.rad()) for s in (-1, 1))
    assert max(low, 0) ** 2 <= square <= high**2
    assert high - low <= high / 2**45


def test_a_vector_of_balls_around_zero_has_a_length():
    length = rigour.length([arb(0, 1e-20), arb(3, 1e-20) - 3])
    assert length.is_finite() and holds(length, Fraction(0)) and length < 1e-18
    assert rigour.length([arb(0), arb(0)]) == 0
    assert rigour.dot([], []) == 0


@given(hnp.arrays(float, 5, elements=SCALED))
@example(np.array([1e308, 1.0, -1e308, 5e-324, 1e-200]))
@example(np.zeros(5))
def test_a_total_is_the_exact_sum_rounded_once(values):
    exact = sum(map(Fraction, values.tolist()))
    total = rigour.total(values)
    assert holds(total, exact)
    assert fraction(total.rad()) <= abs(exact) / 2**50


def test_the_total_of_a_dyadic_array():
    assert rigour.total(rigour.Dyadic.of([3**200, -(3**200), 5], -1)) == 2.5


def exact_norm(row) -> mpmath.mpf:
    return mpmath.sqrt(mpmath.fsum(mpmath.mpf(v) ** 2 for v in row))


VECTORS = hnp.arrays(float, (3, 4), elements=SCALED)


@given(VECTORS)
@example(np.array([[3e-170, 4e-170, 0, 0], [3e200, 4e200, 0, 0], [5e-324, 0, 0, 0]]))
@example(np.array([[3.0, 4.0, 0, 0], [1e-163, 1e-163, 1e-163, 0], [0.0, 0, 0, 0]]))
@example(np.array([[1e-121, 2e-121, 0, 0], [1e121, 2e121, 0, 0], [1e-160, 1e-130, 0, 0]]))
@example(np.array([[1e-300, 0, 1e-320, 0], [1e308, 1e308, 0, 0], [GREATEST, 0, 0, 0]]))
def test_norms_and_unit_vectors_have_the_documented_accuracy_at_every_scale(X):
    d = X.shape[1]
    lengths, units = rigour.norm(X), rigour.unit(X)
    assert lengths.shape == (3,) and units.shape == X.shape
    with mpmath.workdps(700):
        for row, length, u in zip(X.tolist(), lengths.tolist(), units.tolist(), strict=True):
            exact = exact_norm(row)
            if exact == 0:
                assert length == 0 and not any(u)
                continue
            assert length > 0
            if math.isfinite(length):
                allowed = exact * (d + 4) / 2**54 + mpmath.mpf(2) ** -1074
                assert abs(mpmath.mpf(length) - exact) <= allowed
            else:
                assert exact > mpmath.mpf(GREATEST) * (1 - (d + 4) / mpmath.mpf(2) ** 54)
            gap = exact_norm([a - mpmath.mpf(b) / exact for a, b in zip(u, row, strict=True)])
            assert gap <= (d + 6) / mpmath.mpf(2) ** 54


def test_a_norm_is_exact_for_powers_of_two_and_for_one_vector_alone():
    for e in (-1074, -600, -400, 0, 400, 1020):
        x = np.ldexp([3.0, 4.0], e) if e > -1074 else np.array([5e-324, 0.0])
        assert rigour.norm(x) == math.ldexp(5 if e > -1074 else 1, e)
    assert rigour.norm(np.zeros((2, 0, 3))).shape == (2, 0)
    assert rigour.unit(np.array([0.0, -7e-310])).tolist() == [0, -1]
