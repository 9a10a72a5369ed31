"""The checker of certificates: its numbers, its arrangement and its refusals, by other means."""

import json
import math
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import mpmath
import numpy as np
import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

import exact
from margincheck import Refused, arrangement, check, enclosures, problems
from margincheck.kernel import kernel
from margintheory import interpolation

ROOT = Path(__file__).parent.parent
BITS = 100
WHOLE = st.integers(-3, 3)
SCALES = st.sampled_from([Fraction(1), Fraction(1, 2**900), Fraction(2**900), Fraction(10, 7)])
GOOD = {  # two points on a line through 0 with opposite labels: γ = 1/2, by one atom for each
    "problem": "l1svm",
    "X": [[1, 0], [-1, 0]],
    "y": [1, -1],
    "atoms": [[1, 0], ["-1/2", 0]],
    "weights": [1, -2],
    "dual": [1, 1],
    "lower": "1/2",
    "upper": "1*2^-1",
}


def verdict(**changes):
    """The reason of the refusal of GOOD with changes; the empty string if there is none."""
    return reason(json.dumps({**GOOD, **changes}))


def reason(text):
    try:
        check(text.encode() if isinstance(text, str) else text)
    except Refused as refusal:
        return str(refusal)
    return ""


@st.composite
def matrices(draw, rows=5, columns=3):
    n, d = draw(st.integers(1, rows)), draw(st.integers(1, columns))
    return [[Fraction(draw(WHOLE)) for _ in range(d)] for _ in range(n)]


def fractions(least, greatest):
    """Fractions at all scales, and some that are as near to a whole number."""
    sizes = st.fractions(least, greatest, max_denominator=1000)
    tiny = st.integers(1, 400).map(lambda k: Fraction(1, 2**k))
    near = st.tuples(st.integers(int(least), int(greatest)), tiny).map(
        lambda pair: pair[0] + pair[1]
    )
    return st.one_of(sizes, tiny, near).filter(lambda q: least <= q <= greatest)


# ---------------------------------------------------------------------------------------------
# Enclosures
# ---------------------------------------------------------------------------------------------


def assert_encloses(interval, value, size=0):
    """`value()` lies in the interval, whose width is at most 2^−BITS of the greater number."""
    with mpmath.workprec(2000):
        low, high, middle = exact.real(interval.low), exact.real(interval.high), value()
        assert low <= middle <= high
        assert high - low <= max(abs(middle), size) * mpmath.mpf(2) ** -BITS


@given(fractions(0, 10**6))
def test_a_root_is_enclosed_and_exact_where_it_is_rational(q):
    assert_encloses(enclosures.root(q, BITS + 1), lambda: mpmath.sqrt(exact.real(q)))
    assert enclosures.root(q * q, 1) == enclosures.Interval.of(q)


@given(fractions(0, 10**6))
def test_an_arctangent_is_enclosed(q):
    assert_encloses(enclosures.arctan(q, BITS), lambda: mpmath.atan(exact.real(q)), size=1)


@given(fractions(0, 10**6).filter(bool))
def test_a_logarithm_is_enclosed_to_its_own_size(q):
    assert_encloses(enclosures.log(q, BITS + 4), lambda: mpmath.log(exact.real(q)))


@given(fractions(0, 10**5))
def test_an_exponential_is_enclosed_to_its_own_size_or_below_the_least_number(t):
    interval = enclosures.exp_minus(t, BITS)
    if t < enclosures.FLAT:
        assert_encloses(interval, lambda: mpmath.exp(-exact.real(t)))
    else:
        assert interval.low == 0 and exact.real(interval.high) >= mpmath.exp(-exact.real(t))


@settings(max_examples=20)
@given(st.integers(1, 2**40), st.sampled_from([10, 60, 1000, 2000]))
def test_an_exponential_of_many_multiples_of_log_two_is_enclosed(k, bits):
    t = enclosures.FLAT - Fraction(k, 2**34)
    interval = enclosures.exp_minus(t, bits)
    with mpmath.workprec(3000):
        middle = mpmath.exp(-exact.real(t))
        assert exact.real(interval.low) <= middle <= exact.real(interval.high)


@given(fractions(-700, 700))
def test_the_logistic_loss_is_enclosed_to_its_own_size(z):
    loss = enclosures.softplus(z, BITS + 4)
    assert_encloses(loss, lambda: mpmath.log1p(mpmath.exp(-exact.real(z))))


@given(st.integers(enclosures.FLAT, 10**9))
def test_the_logistic_loss_far_out_is_linear_on_one_side_and_positive_on_the_other(z):
    right, left = enclosures.softplus(Fraction(z), BITS), enclosures.softplus(Fraction(-z), BITS)
    assert left.low == z and right.low == 0
    assert 0 < left.high - z == right.high < Fraction(1, 2**10**4)


@given(fractions(0, 1))
def test_the_entropy_is_enclosed(q):
    def value():
        p = exact.real(q)
        return -p * mpmath.log(p) - (1 - p) * mpmath.log(1 - p) if 0 < p < 1 else mpmath.mpf(0)

    assert_encloses(enclosures.entropy(q, BITS + 8), value)


@given(fractions(-5, 5), fractions(0, 1), st.integers(0, 9))
def test_intervals_are_widened_to_short_numbers_and_multiplied_by_their_ends(low, width, bits):
    interval = enclosures.Interval(low, low + width)
    short = interval.rounded(bits)
    assert short.low <= low <= low + width <= short.high
    assert short.high - short.low < width + Fraction(2, 2**bits)
    assert (short.low * 2**bits).denominator == (short.high * 2**bits).denominator == 1
    square = interval * interval
    assert square.high == max(low**2, (low + width) ** 2)
    assert square.low == min(low**2, (low + width) ** 2, low * (low + width))


def test_pi_is_enclosed():
    assert_encloses(enclosures.pi(BITS + 4), lambda: +mpmath.pi)


@given(matrices(), SCALES)
def test_the_kernel_is_enclosed_at_every_scale(X, scale):
    X = [[entry * scale for entry in row] for row in X]
    K, expected = kernel(X, BITS), exact.kernel(X)
    lengths = [exact.length(np.array(row)) for row in X]
    with mpmath.workdps(exact.DIGITS):
        for (i, j), middle in np.ndenumerate(np.array(expected.tolist()).reshape(len(X), -1)):
            low, high = exact.real(K[i][j].low), exact.real(K[i][j].high)
            size = lengths[i] * lengths[j]
            assert (
                low - size * mpmath.mpf(10) ** -50 <= middle <= high + size * mpmath.mpf(10) ** -50
            )
            assert high - low <= size * mpmath.mpf(10) ** -25


@given(matrices(rows=4), st.data())
def test_the_square_of_the_kernel_norm_is_enclosed(X, draw):
    if interpolation.dependence(np.array(X, dtype=float)):
        return
    y = [Fraction(draw.draw(WHOLE)) for _ in X]
    interval = problems.squared_norm(kernel(X, 4 * BITS), y, 4 * BITS)
    norm = exact.kernel_norm(X, [float(t) for t in y])
    with mpmath.workprec(8 * BITS):
        low, high = mpmath.sqrt(exact.real(interval.low)), mpmath.sqrt(exact.real(interval.high))
        assert low - mpmath.mpf(10) ** -50 <= norm <= high + mpmath.mpf(10) ** -50
        assert high - low < mpmath.mpf(10) ** -30


# ---------------------------------------------------------------------------------------------
# The greatest value over the sphere
# ---------------------------------------------------------------------------------------------


@given(matrices(), SCALES, st.data())
def test_the_greatest_value_is_that_of_all_pairs_of_active_and_vanishing_points(X, scale, draw):
    w = [Fraction(draw.draw(WHOLE)) for _ in X]
    found = arrangement.greatest([[entry * scale for entry in row] for row in X], w, 2 * BITS)
    with mpmath.workdps(40):
        expected = exact.greatest(X, w) * exact.real(scale)
        for end in (found.low, found.high):
            assert mpmath.almosteq(exact.real(end), expected, 1e-30)


@pytest.mark.parametrize(
    ("X", "w"),
    [
        ([[2, 2, -1], [2, 1, 1], [0, 1, 0]], [-2, 2, 2]),
        ([[0, -2], [-2, 1], [1, 0], [0, 2], [1, 0]], [2, 1, -2, 1, 1]),
    ],
)
def test_a_gradient_that_points_out_of_its_cell_by_the_least_integer_does_not_count(X, w):
    X, w = [[Fraction(entry) for entry in row] for row in X], [Fraction(v) for v in w]
    found = arrangement.greatest(X, w, 2 * BITS)
    with mpmath.workdps(40):
        assert mpmath.almosteq(exact.real(found.high), exact.greatest(X, w), 1e-30)


@given(matrices(rows=5), st.data())
def test_features_vanish_together_where_the_greatest_value_is_zero(X, draw):
    w = [Fraction(draw.draw(WHOLE)) for _ in X]
    assert arrangement.vanishes(X, w) == (exact.greatest(X, w) < 1e-30)


@given(matrices(rows=8))
def test_every_relation_of_features_vanishes_and_none_does_with_one_weight_more(X):
    for j, combination in interpolation.dependence(np.array(X, dtype=float)).items():
        nu = [Fraction(0)] * len(X)
        for i, c in combination.items():
            nu[i] = Fraction(int(c.p), int(c.q))
        nu[j] = Fraction(-1)
        assert arrangement.vanishes(X, nu)
        nu[j] += 1
        assert arrangement.vanishes(X, nu) == (not any(X[j]))


def test_opposite_points_with_opposite_weights_are_linear_and_vanish_with_dependent_lines():
    halves = [[Fraction(a), Fraction(b)] for a, b in ((1, 0), (0, 2), (1, 2))]
    X = halves + [[-a for a in x] for x in halves]
    w = [Fraction(v) for v in (1, 1, -1, -1, -1, 1)]
    assert arrangement.vanishes(X, w)
    assert not arrangement.vanishes(X, [*w[:3], 1, 1, -1])
    assert not arrangement.vanishes(X, [*w[:5], Fraction(2)])
    assert not arrangement.vanishes([halves[0], halves[1], X[3]], [1, 0, 1])  # |u_1| and nothing


@settings(max_examples=15)
@given(st.integers(2, 3), st.data())
def test_a_solver_of_polynomials_finds_no_direction_above_the_greatest_value_and_one_below(d, draw):
    n = draw.draw(st.integers(1, 4 if d == 2 else 2))
    X = [[Fraction(draw.draw(WHOLE)) for _ in range(d)] for _ in range(n)]
    w = [Fraction(draw.draw(WHOLE)) for _ in X]
    value = arrangement.greatest(X, w, 20)
    assert exceeds(X, w, value.high**2) == z3.unsat
    if value.low:
        assert exceeds(X, w, value.low**2 * Fraction(999, 1000)) == z3.sat


@settings(max_examples=15)
@given(st.data())
def test_an_upper_end_is_refused_if_and_only_if_some_direction_contradicts_it(draw):
    n = draw.draw(st.integers(1, 3))
    X = [[draw.draw(WHOLE), draw.draw(WHOLE)] for _ in range(n)]
    y = [draw.draw(st.sampled_from([-1, 1])) for _ in X]
    p = [draw.draw(st.integers(1, 3)) for _ in X]
    upper = draw.draw(st.fractions(0, 3, max_denominator=16))
    claim = {**GOOD, "X": X, "y": y, "dual": p, "lower": 0, "upper": str(upper)}
    w = [Fraction(a * b) for a, b in zip(p, y, strict=True)]
    contradicted = exceeds(X, w, (upper * sum(p)) ** 2)
    assert bool(reason(json.dumps(claim))) == (contradicted == z3.sat)


def exceeds(X, w, square):
    """Whether F(u)² > `square` |u|² for some u, by z3."""

    def rational(q):
        return z3.Q(Fraction(q).numerator, Fraction(q).denominator)

    u, solver = z3.Reals(" ".join(f"u{k}" for k in range(len(X[0])))), z3.SolverFor("QF_NRA")
    products = [z3.Sum([rational(a) * v for a, v in zip(row, u, strict=True)]) for row in X]
    F = z3.Sum([rational(a) * z3.If(z > 0, z, 0) for a, z in zip(w, products, strict=True)])
    solver.add(rational(square) * z3.Sum([v * v for v in u]) < F * F)
    return solver.check()


# ---------------------------------------------------------------------------------------------
# Certificates by hand
# ---------------------------------------------------------------------------------------------


def test_a_certificate_by_hand_is_verified_with_its_bracket():
    assert check(json.dumps(GOOD).encode()) == "l1svm: 0.5 <= gamma_l1 <= 0.5"


def test_the_decimals_of_the_bracket_are_rounded_outward():
    line = check(json.dumps({**GOOD, "lower": "1/3", "upper": "2/3"}).encode())
    assert line == "l1svm: 0.33333333333333333 <= gamma_l1 <= 0.66666666666666667"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"lower": "500001/1000000", "upper": 1}, "lower is not proved"),
        ({"upper": "499999/1000000", "lower": 0}, "upper is not proved"),
        ({"lower": 1, "upper": 0}, "lower exceeds upper"),
        ({"weights": [1, -1]}, "lower is not proved"),
        ({"atoms": [[1, 0], [-1, 0]]}, "lower is not proved"),
        ({"atoms": [["-1/2", 0], [1, 0]]}, "lower is not proved"),
        ({"y": [-1, 1]}, "lower is not proved"),
        ({"dual": [1, 2]}, "upper is not proved"),
        ({"dual": [3, -1]}, "no negative entry"),
        ({"dual": [0, 0]}, "a positive one"),
        ({"X": [[2, 0], [-1, 0]]}, "upper is not proved"),
        ({"weights": [0, 0]}, "lower is not proved"),
        ({"y": [1, 2]}, "labels"),
        ({"y": [1]}, "y must have one number for each of the 2 rows"),
        ({"X": [[1, 0], [-1]]}, "one length"),
        ({"X": []}, "at least one row"),
        ({"X": [[], []]}, "at least one row"),
        ({"X": [1, -1]}, "X must be a list"),
        ({"X": {"0": [1, 0]}}, "X must be a list of lists"),
        ({"atoms": [[1], [2]]}, "2 coordinates"),
        ({"weights": [1]}, "one weight for each atom"),
        ({"lower": 0.5}, "0.5 is not exact"),
        ({"lower": "0.5"}, "lower must hold integers"),
        ({"lower": True}, "lower must hold integers"),
        ({"lower": None}, "lower must hold integers"),
        ({"lower": "nan"}, "lower must hold integers"),
        ({"upper": "inf"}, "upper must hold integers"),
        ({"upper": float("inf")}, "Infinity is not exact"),
        ({"upper": float("nan")}, "NaN is not exact"),
        ({"upper": "1/0"}, "quotient by zero"),
        ({"upper": "1*2^9999999"}, "upper must hold integers"),
        ({"upper": "1_0"}, "upper must hold integers"),
        ({"upper": "9" * 5000}, "too long for decimals"),
        ({"upper": "0x" + "f" * 5000, "lower": 0}, ""),
        ({"upper": "-0x1", "lower": "-0x2"}, "upper is not proved"),
        ({"problem": "l3svm"}, "none of l1svm"),
        ({"problem": 7}, "must be a string"),
        ({"problem": "l2svm"}, "'atoms' is not part of this problem"),
        ({"lam": 1}, "'lam' is not part of this problem"),
    ],
)
def test_a_certificate_that_is_wrong_is_refused_with_the_reason(changes, words):
    found = verdict(**changes)
    assert words in found and bool(found) == bool(words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        ("[]", "must be a JSON object"),
        ("7", "must be a JSON object"),
        ("{}", "the field problem must be a string"),
        ('{"problem": "l1svm"}', "the field X is missing"),
        ('{"problem": "l1svm", "problem": "l2svm"}', "stands twice"),
        ('{"problem": ' + "[" * 10**5, "nested too deeply"),
        ('{"problem": 1' + "0" * 5000 + "}", "not JSON"),
    ],
)
def test_what_is_no_certificate_is_refused_with_the_reason(text, words):
    assert words in reason(text)


def test_the_norm_of_a_measure_counts_the_lengths_of_its_atoms():
    longer = {"atoms": [[1, 0], [-1, 0]], "weights": [1, -1]}
    assert verdict(**longer) == ""
    assert verdict(atoms=[[2, 0], [-1, 0]], weights=["1/2", -1]) == ""
    assert verdict(**longer, lower="3/4", upper=1) != ""


@pytest.mark.parametrize(
    ("bits", "proved"), [(200, True), (400, True), (2000, True), (9000, False)]
)
def test_a_bracket_of_root_two_closes_as_far_as_intervals_are_computed(bits, proved):
    one = {**GOOD, "X": [[1, 1]], "y": [1], "atoms": [[3, 3]], "weights": [1], "dual": [5]}
    below = math.isqrt(2 << 2 * bits)
    lower, upper = hex(below) + f"*2^-{bits}", hex(below + 1) + f"*2^-{bits}"
    assert (reason(json.dumps({**one, "lower": lower, "upper": upper})) == "") == proved
    assert "upper is not proved" in reason(json.dumps({**one, "lower": 1, "upper": lower}))
    assert "lower is not proved" in reason(json.dumps({**one, "lower": upper, "upper": 2}))


def test_a_margin_of_no_measure_is_at_least_zero():
    assert verdict(weights=[0, 0], lower=0) == ""
    assert verdict(weights=[-1, 2], lower=0) == ""


def test_no_interpolant_needs_features_that_cancel_and_targets_that_do_not():
    claim = {"problem": "no-interpolant", "X": [[1, 2], [2, 4]], "y": [1, 1], "dual": [-2, 1]}
    assert check(json.dumps(claim).encode()) == "no-interpolant: no measure interpolates"
    assert "do not cancel" in reason(json.dumps({**claim, "dual": [-3, 1]}))
    assert "cancel" in reason(json.dumps({**claim, "y": [1, 2]}))
    assert "do not cancel" in reason(json.dumps({**claim, "X": [[1, 2], [-2, -4]]}))


SQUARED = {  # (f − 2)² + f/2 is least at f = 7/4
    "problem": "regularized",
    "loss": "squared",
    "lam": "1/4",
    "X": [[1]],
    "y": [2],
    "atoms": [[1]],
    "weights": ["7/2"],
    "dual": [4],
    "lower": "15/16",
    "upper": "15/16",
}
LOGISTIC = {  # ln 2 at the zero network, and Ent(1/4) = 0.5623 below by 2 n lam = 1/4
    **SQUARED,
    "loss": "logistic",
    "lam": "1/8",
    "y": [1],
    "weights": [0],
    "dual": ["1/2"],
    "lower": "5623/10000",
    "upper": "69315/100000",
}
KERNEL = {"problem": "l2svm", "X": [[3, 4]], "y": [-1], "dual": [7], "lower": 0, "upper": 3}
LENGTH = {
    "problem": "l1interpolation",
    "X": [[0, 2]],
    "y": [-6],
    "atoms": [[0, 1]],
    "weights": [-3],
    "dual": [-1],
    "lower": 3,
    "upper": 3,
}
LEAST = {  # K = xzᵀ/2 on either side of 0 and 0 across: 2(1² + 3²) = 20
    "problem": "l2interpolation",
    "X": [[1], [2], [-1]],
    "y": [1, 2, 3],
    "coefficients": [2, 0, 6],
    "relations": [[-2, 1, 0]],
    "lower": "4472135/1000000",
    "upper": "4472136/1000000",
}
APART = {
    **LEAST,
    "X": [["1*2^-900"], ["1*2^901"], ["-1*2^-900"]],
    "y": ["1*2^-900", "1*2^901", "3*2^-900"],
    "coefficients": ["1*2^901", 0, "6*2^900"],
    "relations": [["1*2^1801", -1, 0]],
}
NOTHING = {
    **LEAST,
    "X": [[0, 0], [3, 4]],
    "y": [0, 5],
    "coefficients": [0, "4/5"],
    "relations": [[1, 0]],
    "lower": "1999999/1000000",
    "upper": "2000001/1000000",
}


@pytest.mark.parametrize(
    ("base", "changes", "proved"),
    [
        (GOOD, {"dual": [1, 0], "upper": 1}, True),
        (GOOD, {"dual": [1, 0], "upper": "999/1000"}, False),
        (LEAST, {}, True),
        (LEAST, {"lower": "4472136/1000000", "upper": 5}, False),
        (LEAST, {"upper": "4472135/1000000", "lower": 0}, False),
        (LEAST, {"coefficients": [0, 1, 6]}, True),
        (LEAST, {"coefficients": [2, 0, 5]}, False),
        (LEAST, {"coefficients": [2, 1, 6]}, False),
        (LEAST, {"coefficients": ["1000000000001/500000000000", 0, 6]}, False),
        (LEAST, {"coefficients": [2, 0, "5999999999999/1000000000000"]}, False),
        (LEAST, {"coefficients": ["9007199254740993/4503599627370496", 0, 6]}, True),
        (LEAST, {"relations": [[-2, 1, 0]] * 2}, True),
        (LEAST, {"relations": []}, False),
        (LEAST, {"relations": [[0, 0, 0]]}, False),
        (LEAST, {"relations": [[-1, 1, 0]]}, False),
        (LEAST, {"relations": [[-2, 1]]}, False),
        (LEAST, {"y": [1, 3, 3]}, False),
        (LEAST, {"y": [1, f"{2**71 + 1}*2^-70", 3]}, False),  # what c solves, to rounding
        (LEAST, {"y": [-1, -2, -3], "coefficients": [-2, 0, -6]}, True),
        (LEAST, {"relations": [[-2, 1, 0], [0, 3, -2]], "lower": "7/5", "upper": "3/2"}, False),
        (LEAST, {"y": [0, 0, 0], "coefficients": [0, 0, 0], "lower": 0, "upper": 0}, True),
        (APART, {}, True),
        (APART, {"lower": 0, "upper": 4}, False),
        (APART, {"coefficients": ["3*2^901", 0, "6*2^900"]}, False),
        (NOTHING, {}, True),
        (NOTHING, {"relations": []}, False),
        (NOTHING, {"y": [1, 5]}, False),
        (SQUARED, {}, True),
        (SQUARED, {"lower": "15001/16000", "upper": 1}, False),
        (SQUARED, {"lower": 0, "upper": "14999/16000"}, False),
        (SQUARED, {"lam": "1/3"}, False),
        (SQUARED, {"lam": 0, "lower": 0, "upper": 9}, False),
        (SQUARED, {"loss": "hinge"}, False),
        (SQUARED, {"dual": ["1/2"]}, True),
        (SQUARED, {"dual": ["1/4"]}, False),
        (LOGISTIC, {}, True),
        (LOGISTIC, {"lower": "5624/10000"}, False),
        (LOGISTIC, {"upper": "69314/100000"}, False),
        (LOGISTIC, {"dual": [1]}, True),
        (LOGISTIC, {"dual": [0], "lower": 0}, True),
        (LOGISTIC, {"dual": [1], "lam": 1, "lower": 0}, True),
        (LOGISTIC, {"dual": ["1/2"], "lam": 1, "lower": "69314/100000"}, True),
        (LOGISTIC, {"dual": ["11/10"]}, False),
        (LOGISTIC, {"dual": ["-1/10"], "lower": -1}, False),
        (LOGISTIC, {"y": [2]}, False),
        (KERNEL, {"lower": "24999/10000", "upper": "25001/10000"}, True),
        (KERNEL, {"lower": "25001/10000"}, False),
        (KERNEL, {"upper": "24999/10000"}, False),
        (KERNEL, {"dual": ["1/1000"], "lower": "24999/10000"}, True),
        (KERNEL, {"dual": ["1/1000"], "lower": "25001/10000"}, False),
        (
            KERNEL,
            {"lower": f"{5 * 2**399 - 1}/{2**400}", "upper": f"{5 * 2**399 + 1}/{2**400}"},
            True,
        ),
        (KERNEL, {"X": [[3, 4]] * 2, "y": [1, -1], "dual": [1, 0]}, True),
        (KERNEL, {"dual": [0]}, False),
        (KERNEL, {"X": [[0, 0]], "upper": 0}, True),
        (KERNEL, {"X": [[0, 0]], "lower": "1/10"}, False),
        (KERNEL, {"X": [[3, 4]] * 2, "y": [1, -1], "dual": [1, 1], "upper": "1*2^-90"}, True),
        (KERNEL, {"X": [[3, 4]] * 2, "y": [1, -1], "dual": [1, 1], "lower": "1*2^-90"}, False),
        (LENGTH, {}, True),
        (LENGTH, {"dual": ["-1/100"]}, True),
        (LENGTH, {"dual": [1]}, False),
        (LENGTH, {"dual": [1], "lower": 0}, True),
        (LENGTH, {"dual": [0], "lower": 0}, True),
        (LENGTH, {"dual": [0], "lower": "1/100"}, False),
        (LENGTH, {"lower": "3001/1000", "upper": 4}, False),
        (LENGTH, {"lower": 0, "upper": "2999/1000"}, False),
        (LENGTH, {"weights": ["-3000001/1000000"], "upper": 4}, False),
    ],
)
def test_certificates_of_one_or_two_points_are_judged_as_by_hand(base, changes, proved):
    words = reason(json.dumps({**base, **changes}))
    assert (words == "") == proved, words


def test_where_faces_are_too_many_only_what_the_triangle_inequality_shows_is_verified():
    rng = np.random.default_rng(0)
    X, p = rng.integers(-9, 9, (40, 8)), rng.integers(1, 9, 40)
    claim = {**GOOD, "X": X.tolist(), "y": [1] * 40, "dual": p.tolist(), "lower": 0}
    claim |= {"atoms": [[1, *[0] * 7]], "weights": [1]}
    most = Fraction(p @ np.linalg.norm(X, axis=1) / p.sum())
    assert reason(json.dumps({**claim, "upper": str(most * Fraction(1001, 1000))})) == ""
    words = reason(json.dumps({**claim, "upper": str(most * Fraction(999, 1000))}))
    assert words.startswith("upper is not proved: the certificate shows 0 <= gamma_l1 <= ")


@pytest.mark.parametrize(
    ("exponents"), [(0, 0), (-1074, -1074), (1023, 1023), (1023, -1074), (-1074, 1023)]
)
def test_the_least_square_of_orthogonal_points_is_verified_at_every_scale(exponents):
    """K = ¼ on the diagonal and 1/(4π) beside it."""
    length, target = (Fraction(2) ** e for e in exponents)
    with mpmath.workprec(300):
        c = 4 * mpmath.pi / (1 + mpmath.pi)
        coefficient, least = (
            Fraction(int(v.man)) * Fraction(2) ** int(v.exp) for v in (c, mpmath.sqrt(2 * c))
        )
    claim = {**LEAST, "X": [[str(length), 0], [0, str(length)]], "relations": []}
    claim |= {"y": [str(target)] * 2, "coefficients": [str(coefficient * target / length**2)] * 2}
    step = Fraction(1, 10**60)
    for low, high, proved in ((-step, step, True), (step, step, False), (-step, -step, False)):
        ends = (least + end for end in (low, high))
        lower, upper = (str(end * target / length) for end in ends)
        assert (reason(json.dumps({**claim, "lower": lower, "upper": upper})) == "") == proved


def test_labels_of_the_logistic_loss_are_signs():
    assert "labels" in reason(json.dumps({**LOGISTIC, "y": [2]}))


@given(fractions(0, 10**3), fractions(0, 1), st.integers(1, 60))
def test_the_root_of_an_interval_is_around_the_roots_of_its_ends(low, width, bits):
    found = problems._root(enclosures.Interval(low, low + width), bits)
    assert found.low**2 <= low <= low + width <= found.high**2
    for end, square in ((found.low, low), (found.high, low + width)):
        assert abs(end**2 - square) <= square * Fraction(4, 2**bits)
    assert problems._root(enclosures.Interval(-width, low), bits).low == 0


# ---------------------------------------------------------------------------------------------
# The command line
# ---------------------------------------------------------------------------------------------

ALONE = """
import runpy, sys
sys.path.insert(0, {lib!r})
sys.argv = ["margincheck", *{paths!r}]
try:
    runpy.run_module("margincheck", run_name="__main__")
finally:
    elsewhere = {{name.split(".")[0] for name in sys.modules}} - sys.stdlib_module_names
    assert elsewhere <= {{"__main__", "margincheck"}}, elsewhere
"""


def run(*paths):
    """The checker in a Python that sees no packages but the standard library."""
    code = ALONE.format(lib=str(ROOT / "lib"), paths=[str(path) for path in paths])
    command = [sys.executable, "-I", "-S", "-X", "utf8", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8")


def test_the_checker_runs_without_any_package_and_says_a_line_for_each_file(tmp_path):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(GOOD))
    bad.write_text(json.dumps({**GOOD, "lower": "2/3", "upper": 1}))
    sound = run(good, good)
    assert (sound.returncode, sound.stderr) == (0, "")
    assert sound.stdout.splitlines() == [f"{good}: VERIFIED l1svm: 0.5 <= gamma_l1 <= 0.5"] * 2
    mixed = run(bad, good, tmp_path / "missing.json")
    assert (mixed.returncode, mixed.stderr) == (1, "")
    first, second, third = mixed.stdout.splitlines()
    assert first.startswith(f"{bad}: REFUSED lower is not proved")
    assert " VERIFIED " in second
    assert "REFUSED the file cannot be read" in third


def test_the_checker_without_files_says_how_to_call_it():
    nothing = run()
    assert nothing.returncode == 2
    assert nothing.stderr.startswith("usage:")
