"""Rational intervals around what is not rational: roots, angles, exponentials, logarithms.

The series are summed in integers, in units of 2^−places, and every sum is widened by a bound on its
roundings and on the terms that were left out.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

FLAT = 2**14  # e^{−t} is not told from 0 beyond


@dataclass(frozen=True)
class Interval:
    """All numbers from `low` to `high`."""

    low: Fraction
    high: Fraction

    @classmethod
    def of(cls, value: Fraction | int) -> "Interval":
        return cls(Fraction(value), Fraction(value))

    def __add__(self, other: "Interval") -> "Interval":
        return Interval(self.low + other.low, self.high + other.high)

    def __sub__(self, other: "Interval") -> "Interval":
        return Interval(self.low - other.high, self.high - other.low)

    def __mul__(self, other: "Interval") -> "Interval":
        products = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(products), max(products))

    def __truediv__(self, other: "Interval") -> "Interval":
        """By an interval of positive numbers, or ZeroDivisionError."""
        if other.low <= 0:
            raise ZeroDivisionError("the divisor is not positive for certain.")
        return self * Interval(1 / other.high, 1 / other.low)

    def positive_part(self) -> "Interval":
        """Of a number z, max(0, z)."""
        return Interval(max(self.low, Fraction(0)), max(self.high, Fraction(0)))

    def rounded(self, bits: int) -> "Interval":
        """Widened to multiples of 2^−bits, so that fractions stay short."""
        unit = 1 << bits
        low, high = math.floor(self.low * unit), math.ceil(self.high * unit)
        return Interval(Fraction(low, unit), Fraction(high, unit))


def total(intervals: list[Interval]) -> Interval:
    return Interval(
        sum((i.low for i in intervals), Fraction(0)), sum((i.high for i in intervals), Fraction(0))
    )


def root(q: Fraction, bits: int) -> Interval:
    """√q to a relative 2^−bits, exactly if it is rational."""
    top, bottom = math.isqrt(q.numerator), math.isqrt(q.denominator)
    if Fraction(top, bottom) ** 2 == q:
        return Interval.of(Fraction(top, bottom))
    shift = bits + max(0, (q.denominator.bit_length() - q.numerator.bit_length()) // 2 + 1)
    below = math.isqrt((q.numerator << 2 * shift) // q.denominator)
    return Interval(Fraction(below, 1 << shift), Fraction(below + 1, 1 << shift))


def _odd_series(v: Fraction, sign: int, bits: int) -> Interval:
    """Σ_k sign^k v^{2k+1}/(2k+1) for 0 ≤ v ≤ ½, arctan v for sign −1 and artanh v for 1.

    In units, v is cut by less than 1, which moves the value by less than 4/3; each power is then
    wrong by less than 2, each term by less than 3, and what is left out at the end by less than 3.
    """
    if v == 0:
        return Interval.of(0)
    places = bits + 16 + max(0, v.denominator.bit_length() - v.numerator.bit_length())
    power = (v.numerator << places) // v.denominator
    square = power * power >> places
    value, terms = 0, 0
    while power:
        value += sign**terms * (power // (2 * terms + 1))
        power = power * square >> places
        terms += 1
    slack = 3 * (terms + 2)
    return Interval(Fraction(value - slack, 1 << places), Fraction(value + slack, 1 << places))


def pi(bits: int) -> Interval:
    """Machin's formula."""
    fifth = _odd_series(Fraction(1, 5), -1, bits + 5)
    return Interval.of(16) * fifth - Interval.of(4) * _odd_series(Fraction(1, 239), -1, bits + 5)


def arctan(q: Fraction, bits: int) -> Interval:
    """arctan q for q ≥ 0, to 2^−bits or so."""
    if q > 1:
        return Interval.of(Fraction(1, 2)) * pi(bits) - arctan(1 / q, bits)
    if q > Fraction(1, 2):
        return Interval.of(Fraction(1, 4)) * pi(bits) - _odd_series((1 - q) / (1 + q), -1, bits)
    return _odd_series(q, -1, bits)


def log(q: Fraction, bits: int) -> Interval:
    """ln q for q > 0, to a relative 2^−bits or so."""
    k = q.numerator.bit_length() - q.denominator.bit_length()
    if Fraction(1, 2) < q < 2:
        k = 0
    m = q / Fraction(2) ** k
    half = _odd_series(abs(m - 1) / (m + 1), 1, bits)
    log_m = Interval.of(2 if m > 1 else -2) * half
    return log_m + Interval.of(2 * k) * _odd_series(Fraction(1, 3), 1, bits)


def exp_minus(t: Fraction, bits: int) -> Interval:
    """e^{−t} for t ≥ 0, to a relative 2^−bits or so."""
    if t >= FLAT:
        return Interval(Fraction(0), Fraction(1, 1 << FLAT))
    log_2 = Interval.of(2) * _odd_series(Fraction(1, 3), 1, bits + 16)
    k = math.floor(t / log_2.high)
    least, most = t - k * log_2.high, t - k * log_2.low
    half = Fraction(1, 1 << k)
    return Interval(half * _exp_series(most, bits).low, half * _exp_series(least, bits).high)


def _exp_series(r: Fraction, bits: int) -> Interval:
    """e^{−r} for 0 ≤ r ≤ 1.

    In units, r is cut by less than 1, each term is wrong by less than 2, and so is the rest.
    """
    places = bits + 16
    cut = (r.numerator << places) // r.denominator
    term, value, terms = 1 << places, 0, 0
    while term:
        value += (-1) ** terms * term
        terms += 1
        term = (term * cut >> places) // terms
    slack = 2 * (terms + 2)
    return Interval(Fraction(value - slack, 1 << places), Fraction(value + slack, 1 << places))


def softplus(z: Fraction, bits: int) -> Interval:
    """ln(1 + e^{−z})."""
    e = exp_minus(abs(z), bits)
    beyond = Interval(log(1 + e.low, bits).low, log(1 + e.high, bits).high)
    return beyond + Interval.of(max(-z, Fraction(0)))


def entropy(q: Fraction, bits: int) -> Interval:
    """−q ln q − (1 − q) ln(1 − q) for 0 ≤ q ≤ 1."""
    parts = [Interval.of(-r) * log(r, bits) for r in (q, 1 - q) if r > 0]
    return total(parts)
