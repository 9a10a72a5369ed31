"""Floats of many digits: rounding to integers and to leading bits, orders, balls of integers."""

from fractions import Fraction

import numpy as np
from flint import arb, arf, ctx, fmpq
from hypothesis import given
from hypothesis import strategies as st

from margintheory import rigour
from margintheory.rigour import digits

MANTISSAS = st.integers(-(2**90), 2**90)
EXPONENTS = st.integers(-150, 150)
NUMBERS = st.tuples(MANTISSAS, EXPONENTS)


def arfs(pairs):
    return np.array([arf(pair) for pair in pairs], dtype=object)


def fractions(pairs):
    return [m * Fraction(2) ** e for m, e in pairs]


@given(st.lists(NUMBERS, min_size=1, max_size=4), EXPONENTS)
def test_integers_in_a_unit_are_the_floor_of_the_quotient(pairs, exponent):
    found = digits.in_units(arfs(pairs), exponent)
    assert found.tolist() == [v // Fraction(2) ** exponent for v in fractions(pairs)]


@given(NUMBERS.filter(lambda pair: pair[0] != 0))
def test_the_order_of_a_number_is_the_power_of_two_above_it(pair):
    (value,) = fractions([pair])
    for number in (arf(pair), arb(pair)):
        k = digits.order(number)
        assert Fraction(2) ** (k - 1) <= abs(value) < Fraction(2) ** k


@given(st.lists(NUMBERS, min_size=1, max_size=4), st.integers(1, 100))
def test_leading_bits_are_as_many_as_asked_for_and_near_the_number(pairs, bits):
    short = digits.leading(arfs(pairs), bits)
    unit = Fraction(2) ** int(short.exponent)
    for N, value in zip(short.integers, fractions(pairs), strict=True):
        odd = abs(int(N)) // (int(N) & -int(N)) if N else 0
        assert odd.bit_length() <= bits + 1  # −5 is rounded down to −6
        assert 0 <= value - int(N) * unit <= abs(value) / 2 ** (bits - 1)


def test_a_zero_among_numbers_costs_and_changes_nothing():
    for exponent in (100, -100):
        short = digits.leading(arfs([(0, 0), (5, exponent), (-3, exponent)]), 3)
        assert short.integers.tolist() == [0, 5, -3] and short.exponent == exponent
    assert digits.leading(arfs([(0, 0)]), 3).integers.tolist() == [0]


def test_powers_of_two_sums_and_the_constants_are_exact_numbers():
    assert [digits.power(k) for k in (-1, 0, 3)] == [digits.HALF, digits.ONE, 8]
    assert digits.total([]) == digits.ZERO == digits.ONE - 1
    assert digits.total(digits.full(3, digits.HALF)) == 1.5
    assert digits.full((2, 1)).tolist() == [[0], [0]]


def test_integers_floats_and_fractions_are_rounded_to_the_precision():
    with ctx.workprec(100):
        third, whole, half = digits.rounded(np.array([fmpq(1, 3), 2**300, 0.5], dtype=object))
        assert abs(3 * third - 1) < 2.0**-99
        assert (whole, half) == (2**300, 0.5)


@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=3))
def test_root_logarithm_and_exponential_have_the_digits_of_the_context(values):
    with ctx.workprec(200):
        x = digits.rounded(np.array(values, dtype=object))
        for found, value in (
            (digits.root(x) * digits.root(x), x),
            (digits.exp(digits.log(x)), x),
            (digits.exp(digits.log1m(-x)), 1 + x),
        ):
            assert (abs(found - value) <= abs(value) * 2.0**-185).all()


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=4))
def test_the_total_variation_counts_each_atom_by_its_length(pairs):
    atoms = np.array([(3 * a, 4 * a) for a, _ in pairs], dtype=object)
    weights = np.array([w for _, w in pairs], dtype=object)
    assert rigour.total_variation(atoms, weights) == sum(5 * abs(a * w) for a, w in pairs)
    assert rigour.lengths(atoms) == [5 * abs(a) for a, _ in pairs]


def test_integers_in_a_unit_are_exact_balls_of_any_size():
    assert rigour.of_integers([3, -(2**300)], -2) == [arb(0.75), -(arb(2) ** 298)]
