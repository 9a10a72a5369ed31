"""Branch and bound for max |F|: against the exact maximum, and never below it when cut short."""

from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from margintheory import rigour
from margintheory.sphere import branching, faces

SMALL = st.integers(-3, 3).map(float)
FEW = settings(max_examples=30)


@FEW
@given(hnp.arrays(float, (6, 3), elements=SMALL), hnp.arrays(float, 6, elements=SMALL))
def test_bound_is_the_exact_maximum_to_seven_digits_for_any_position_of_the_points(X, w):
    if X.any() and w.any():
        exact = faces.max_abs(faces.enumerate_faces(X), w)
        bound = branching.max_abs(X, w)
        assert not bound < exact
        assert rigour.above(bound) <= rigour.above(exact) * (1 + 1e-5) + 1e-9


@pytest.mark.parametrize(("n", "d"), [(14, 4), (8, 7), (30, 3)])
def test_bound_closes_on_random_points(n, d):
    rng = np.random.default_rng(n)
    X, w = rng.normal(size=(n, d)), rng.normal(size=n)
    bound = rigour.above(branching.max_abs(X, w))
    best = 0.0
    for sign in (1, -1):
        _, u = branching.signed_max(X, sign * w)
        best = max(best, sign * (np.maximum(X @ u, 0) @ w))
    assert best <= bound <= best * (1 + 1e-5)


def test_bound_remains_one_when_the_search_is_cut_short(monkeypatch):
    rng = np.random.default_rng(1)
    X, w = rng.normal(size=(14, 4)), rng.normal(size=14)
    exact = rigour.below(faces.max_abs(faces.enumerate_faces(X), w))
    tight = rigour.above(branching.max_abs(X, w))
    monkeypatch.setattr(branching, "ENTRIES", 20)
    monkeypatch.setattr(branching, "STEPS", 2)
    assert exact <= tight < rigour.above(branching.max_abs(X, w))


def test_bound_is_homogeneous_and_even_in_the_weights():
    rng = np.random.default_rng(2)
    X, w = rng.normal(size=(9, 4)), rng.normal(size=9)
    value = rigour.above(branching.max_abs(X, w))
    assert rigour.above(branching.max_abs(2.0**400 * X, 2.0**-400 * w)) == value
    assert rigour.above(branching.max_abs(X, -w)) == value


SCALES = st.integers(-1000, 900)


@FEW
@given(
    hnp.arrays(float, (4, 3), elements=SMALL),
    hnp.arrays(float, 4, elements=SMALL),
    hnp.arrays(int, (2, 4), elements=SCALES),
)
@example(
    np.array([[1.0, 2, 0], [3, 1, 0], [1, 1, 0], [0, 0, 0]]), np.ones(4), np.full((2, 4), -600)
)
@example(np.eye(4, 3), np.ones(4), np.array([[900, -900, 0, 0], [-900, 900, 0, 0]]))
@example(np.eye(4, 3), np.ones(4), np.array([[0, 0, 0, 900], [-900, -900, -950, 900]]))
@example(np.eye(4, 3), np.array([1, 1, -1, 0]), np.array([[-600] * 4, [-400] * 4]))
def test_bound_is_one_at_every_scale_of_each_point_and_weight(X, w, exponents):
    X, w = np.ldexp(X, exponents[0][:, None]), np.ldexp(w, exponents[1])
    if X.any():
        exact = faces.max_abs(faces.enumerate_faces(X), w)
        bound = branching.max_abs(X, w)
        assert not bound < exact
        with ctx.workprec(rigour.PRECISION):
            largest = max(
                arb(v) * rigour.length(rigour.exact_vector(x))
                for x, v in zip(X, np.abs(w), strict=True)
            )
            assert not bound > exact * (1 + 1e-5) + largest * 2.0**-48


def test_a_row_whose_small_entries_are_lost_gets_a_bound():
    """|x| is 1 or a little more, F is the length of x, and float arithmetic sees no more than 1."""
    for tiny in (5e-324, 1e-200, 2.0**-501, 2.0**-499):
        X, w = np.array([[1.0, tiny]]), np.ones(1)
        with ctx.workprec(8000):
            exact = rigour.length(rigour.exact_vector(X[0]))
            assert not branching.max_abs(X, w) < exact
    # only the second entry acts: w1 relu(u·x1) − w1 relu(u·x2) with x1 − x2 = (0, tiny)
    X = np.array([[1.0, 1e-200], [1.0, 0.0]])
    exact = faces.max_abs(faces.enumerate_faces(X), np.array([1.0, -1.0]))
    assert 0 < exact <= rigour.above(branching.max_abs(X, np.array([1.0, -1.0])))
    exact = faces.max_abs(faces.enumerate_faces(X[[1, 1]]), np.array([1e-200, 0.0]))
    lost = branching.max_abs(X[[1, 1, 1]], np.array([1.0, 1e-200, -1.0]))
    assert 0 < exact <= rigour.above(lost)


def test_zero_points_do_not_act_whatever_their_weight():
    X, w = np.array([[3.0, 4.0], [0, 0]]), np.array([1e-300, 1e300])
    assert rigour.above(branching.max_abs(X, w)) == pytest.approx(5e-300, rel=1e-6)
    assert branching.max_abs(np.zeros((2, 3)), np.ones(2)) == 0
    assert branching.max_abs(np.eye(2), np.zeros(2)) == 0


def test_the_bound_and_the_direction_of_one_sign_at_every_scale():
    for scale in (1.0, 1e-170, 1e-300, 1e300):
        bound, u = branching.signed_max(scale * np.array([[3.0, 0], [0, 4]]), np.ones(2))
        assert 5 * scale <= bound <= 5.00001 * scale
        assert u == pytest.approx([0.6, 0.8], abs=1e-3)
    bound, u = branching.signed_max(np.eye(2), -np.ones(2))
    assert bound == 0 and not u.any()
    assert branching.signed_max(np.full((1, 2), 1.7e308), np.ones(1))[0] == np.inf
    assert branching.signed_max(np.full((1, 1), 5e-324), np.full(1, 0.3))[0] == 5e-324


ENTRIES = st.floats(0.1, 1) | st.floats(-1, -0.1)


@given(
    hnp.arrays(float, (4, 3), elements=ENTRIES),
    hnp.arrays(float, (2, 4), elements=ENTRIES | st.just(0.0)),
    st.integers(-1073, 0),
)
@example(np.full((4, 3), 0.1), np.array([[0.1, 0.2, -0.3, 0.0]] * 2), 0)
@example(np.full((4, 3), 0.1), np.array([[0.1, 0.2, -0.3, 0.0]] * 2), -540)
@example(np.full((4, 3), 2.0**-100), np.array([[1, 1, 1, 1.0], [-1, -1, 0, 0]]), -1073)
@example(np.full((4, 3), 2.0**-100), np.zeros((2, 4)), 0)
def test_lengths_are_rounded_up(X, a, exponent):
    a = np.ldexp(a, exponent)
    for row, length in zip(a.tolist(), branching._upper(X, a, 0.0).tolist(), strict=True):
        c = np.vectorize(Fraction)(X.T) @ list(map(Fraction, row))
        square = sum(entry**2 for entry in c)
        assert Fraction(length) ** 2 >= square
        assert length <= float(square) ** 0.5 + 1e-13 + branching.FLOOR
        assert any(row) or length == 0


@given(hnp.arrays(float, 3, elements=st.floats(0.1, 1)), st.floats(0.1, 1), st.floats(0.1, 1))
@example(np.array([0.1, 0.3, 0.7]), 0.1, 0.7)
@example(np.array([0.7, 0.7, 0.7]), 0.3, 0.3 + 2.0**-53)
def test_lengths_of_sums_that_cancel_are_rounded_up(x, p, q):
    """What is left, (p + q − fl(p + q)) x, is less than the rounding of the terms."""
    bound = branching._upper(np.tile(x, (3, 1)), np.array([[p, q, -(p + q)]]), 0.0)[0]
    left = Fraction(p) + Fraction(q) - Fraction(p + q)
    assert Fraction(float(bound)) ** 2 >= left**2 * sum(Fraction(v) ** 2 for v in x.tolist())


def test_what_is_below_the_floor_is_in_the_bound():
    assert branching.signed_max(np.eye(2), np.array([-1.0, 1e-200]))[0] >= 1e-200
    assert branching.signed_max(np.eye(2), np.array([-1.0, 5e-324]))[0] >= 5e-324
    X = np.array([[1e300, 0.0], [1e300, 1e-320]])  # (1, −δ) and (1, 0) with one sign each
    assert branching.signed_max(X, np.array([-1.0, 1.0]))[0] >= 1e-320


def test_many_terms_below_the_floor_are_in_the_bound():
    X, w = np.repeat(np.eye(2), [1, 20], axis=0), np.repeat([-1.0, 2.0**-500], [1, 20])
    assert branching.signed_max(X, w)[0] >= 20 * 2.0**-500


def test_lengths_of_long_sums_are_rounded_up():
    """1, what vanishes beside it one by one but not together, and −1."""
    small = 2.0**-54
    X = np.concatenate([[1.0], np.full(4095, small), [-1.0]])[:, None]
    assert branching._upper(X, np.ones((1, 4097)), 0.0)[0] >= 4095 * small


@pytest.mark.parametrize("length", [-900, -199, -150, -99, -50, -1, 99, 900])
def test_what_is_below_the_floor_is_in_the_bound_whatever_the_lengths(length):
    """−relu(u_1) + w relu(2^length u_2) has its maximum w 2^length at u = (0, 1)."""
    for exponent in (-620, -560, -520, -480, -450, -400, -350, -310, -250, -100):
        least, w = length + exponent, np.array([-1.0, 2.0**exponent])
        bound, _ = branching.signed_max(np.diag([1.0, 2.0**length]), w)
        assert bound >= 2.0**least


@given(hnp.arrays(float, 3, elements=st.floats(0.1, 1)), st.floats(0, 9), st.integers(-60, 0))
@example(np.ones(3), 1.0, -55)
@example(np.ones(3), 1.0 + 2.0**-52, -50)
def test_lengths_and_what_is_added_are_rounded_up_together(x, even, exponent):
    a = 2.0**exponent
    bound = Fraction(float(branching._upper(x[None], np.full((1, 1), a), even)[0]))
    length = Fraction(a) ** 2 * sum(Fraction(v) ** 2 for v in x.tolist())
    assert bound > Fraction(even) and (bound - Fraction(even)) ** 2 > length


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("junk", [np.nan, np.inf, -np.inf])
def test_no_cone_is_lost_when_the_descent_is_not_a_number(monkeypatch, junk):
    monkeypatch.setattr(branching, "_descend", lambda X, a, low, high: np.full_like(a, junk))
    assert branching.signed_max(np.eye(2), np.ones(2))[0] == np.inf


@pytest.mark.parametrize("w", [[1.0], [1.0, np.inf], [[1.0], [2.0]]])
def test_bad_weights_are_refused(w):
    for function in (branching.max_abs, branching.signed_max):
        with pytest.raises(ValueError, match="w "):
            function(np.eye(2), w)
