"""γ_ℓ1 on the circle: certified brackets against linear programmes, symmetries and closed forms."""

import math
from fractions import Fraction

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import linprog

from margintheory import data, l1svm, sphere

FEW = settings(max_examples=25)


@st.composite
def training_sets(draw, least=1, most=6):
    n = draw(st.integers(least, most))
    X = draw(hnp.arrays(float, (n, 2), elements=st.integers(-5, 5).map(float)))
    return X, draw(hnp.arrays(float, n, elements=st.sampled_from([-1.0, 1.0])))


def margin_over_grid(X, y, size):
    """The ℓ1 margin over `size` evenly spaced features with both signs, by HiGHS: never more."""
    angle = 2 * np.pi * np.arange(size) / size
    V = y[:, None] * np.maximum(X @ np.stack([np.cos(angle), np.sin(angle)]), 0)
    A = np.column_stack([-V, V, np.ones(len(y))])
    result = linprog(
        np.append(np.zeros(2 * size), -1),
        A_ub=np.vstack([A, np.append(np.ones(2 * size), 0)]),
        b_ub=np.append(np.zeros(len(y)), 1),
        bounds=[(0, None)] * (2 * size) + [(None, None)],
        method="highs",
    )
    return -result.fun


def check_certificate(X, y, result):
    """What the fields promise, recomputed."""
    assert np.abs(result.weights).sum() <= 1
    assert np.linalg.norm(result.atoms, axis=1) == pytest.approx(1, abs=1e-14)
    assert result.dual.min() >= 0 and result.dual.sum() == pytest.approx(1, abs=1e-14)
    assert result.lower <= result.upper
    least = (y * (np.maximum(X @ result.atoms.T, 0) @ result.weights)).min()
    assert least >= result.lower - 1e-14 * np.abs(X).max()
    angle = np.linspace(0, 2 * np.pi, 4001)
    F = np.maximum(X @ np.stack([np.cos(angle), np.sin(angle)]), 0).T @ (result.dual * y)
    assert np.abs(F).max() <= result.upper + 1e-14 * np.abs(X).max()


@pytest.mark.parametrize(("n", "labels"), [(10, "smooth"), (20, "smooth"), (10, "random")])
def test_a_fine_grid_of_features_approaches_the_margin_from_below(n, labels):
    X, y = data.line_set(n, 1, labels)
    result = l1svm.max_margin(X, y)
    assert result.status == "optimal"
    grid = margin_over_grid(X, y, 20_000)
    assert grid <= result.upper * (1 + 1e-9)
    assert grid >= result.lower - np.linalg.norm(X, axis=1).max() * math.pi / 20_000


@pytest.mark.parametrize(
    ("n", "labels", "gamma"),
    [  # to ten digits, by the prototype's independent programme and fractions
        (10, "smooth", 0.0306512196),
        (20, "smooth", 0.0118918723),
        (50, "smooth", 0.00381399377),
        (10, "random", 0.0343717383),
        (50, "random", 1.32299e-4),
    ],
)
def test_margins_of_the_line_set_are_reproduced_with_a_closed_bracket(n, labels, gamma):
    X, y = data.line_set(n, 1, labels)
    result = l1svm.max_margin(X, y)
    assert result.lower == pytest.approx(gamma, rel=5e-6 if gamma < 1e-3 else 5e-9)
    assert result.upper - result.lower <= 1e-9 * result.lower
    assert len(result.weights) <= n  # Lemma B.1
    check_certificate(X, y, result)


def test_tiny_margins_close_to_the_relative_tolerance():
    X, y = data.line_set(100, 1, "random")
    result = l1svm.max_margin(X, y)
    assert 1.9e-5 < result.lower < 1.92e-5
    assert result.upper - result.lower <= 1e-9 * result.lower
    assert len(result.weights) <= 100


@FEW
@given(training_sets())
def test_bracket_closes_or_the_data_are_not_separable(instance):
    X, y = instance
    result = l1svm.max_margin(X, y)
    check_certificate(X, y, result)
    assert result.status == "optimal" or result.status.startswith("not separable: rows")
    assert (result.lower > 0) == (result.status == "optimal")
    grid = margin_over_grid(X, y, 360)
    assert grid <= result.upper + 1e-9
    assert grid >= result.lower - np.linalg.norm(X, axis=1).max() * math.pi / 360


@FEW
@given(training_sets(least=2), st.data())
def test_any_measure_is_below_and_any_p_above(instance, draw):
    X, y = instance
    n = len(y)
    angle = np.array(draw.draw(st.lists(st.floats(0, 6.3), min_size=n, max_size=n)))
    weights = np.array(draw.draw(st.lists(st.integers(1, 5), min_size=n, max_size=n)), float)
    p = np.array(draw.draw(st.lists(st.integers(1, 9), min_size=n, max_size=n)), float)
    atoms = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = l1svm.lower_bound(X, y, atoms, y * weights)
    upper = l1svm.upper_bound(X, y, p)
    assert not lower > upper
    result = l1svm.max_margin(X, y)
    assert sphere.below(lower) <= result.upper
    assert sphere.above(upper) >= result.lower


def test_lower_bound_is_the_exact_ratio():
    atoms, weights = np.array([[3.0, 4.0], [0.0, -2.0]]), np.array([0.5, -0.25])
    X, y = np.array([[1.0, 1.0], [1.0, -3.0]]), np.array([1.0, -1.0])
    # margins: 0.5·7 = 3.5 and −(0.5·0 − 0.25·6) = 1.5; norm 0.5·5 + 0.25·2 = 3
    assert l1svm.lower_bound(X, y, atoms, weights).overlaps(sphere.arb(1.5) / 3)


def test_upper_bound_does_not_depend_on_the_length_of_p():
    X, y = data.line_set(8)
    p = np.arange(1.0, 9.0)
    assert l1svm.upper_bound(X, y, p).overlaps(l1svm.upper_bound(X, y, 2.0**-30 * p))


@pytest.mark.parametrize("c", [2.0**-60, 0.3, 7e5])
def test_margin_is_homogeneous_in_the_data(c):
    X, y = data.line_set(10)
    one, other = l1svm.max_margin(X, y), l1svm.max_margin(c * X, y)
    assert other.status == "optimal"
    assert other.lower == pytest.approx(c * one.lower, rel=1e-9)


def test_margin_is_invariant_to_rotation_permutation_duplicates_and_label_swap():
    X, y = data.line_set(12, 3, "random")
    gamma = l1svm.max_margin(X, y).lower
    order = np.random.default_rng(0).permutation(12)
    quarter = np.stack([-X[:, 1], X[:, 0]], axis=1)
    c, s = math.cos(1.0), math.sin(1.0)
    for X_, y_ in [
        (X[order], y[order]),
        (quarter, y),
        (X @ np.array([[c, s], [-s, c]]), y),
        (np.concatenate([X, X[:4]]), np.concatenate([y, y[:4]])),
        (X, -y),
    ]:
        assert l1svm.max_margin(X_, y_).lower == pytest.approx(gamma, rel=2e-9)


def test_closed_forms():
    assert l1svm.max_margin([[3.0, 4.0]], [1]).lower == pytest.approx(5, rel=1e-12)
    # opposite points: half the mass each, whatever the labels
    for y in ([1, -1], [1, 1], [-1, -1]):
        assert l1svm.max_margin([[1.0, 0], [-1, 0]], y).lower == pytest.approx(0.5, rel=1e-12)
    # the same on the line, with lengths 1 and 2: masses 2/3 and 1/3
    line = l1svm.max_margin([[1.0], [-2.0]], [1, -1])
    assert line.lower == pytest.approx(2 / 3, rel=1e-12)
    assert line.atoms.shape == (2, 1)
    # orthogonal unit points of one label: the bisector has margin 1/√2
    assert l1svm.max_margin(np.eye(2), [1, 1]).lower == pytest.approx(0.5**0.5, rel=1e-9)


HEXAGON = [(1, 0), (-1, 2), (-1, -3)]


@pytest.mark.parametrize(
    ("X", "y", "rows"),
    [
        ([[1, 2], [0, 0]], [1, 1], "1"),
        ([[1, 2], [1, 2], [0, 1]], [1, -1, 1], "0, 1"),
        ([[5, 1], [1, 2], [3, 6]], [1, -1, 1], "1, 2"),
        ([*HEXAGON, *[(-a, -b) for a, b in HEXAGON]], [1, 1, 1, -1, -1, -1], "0, 1, 2, 3, 4, 5"),
    ],
)
def test_data_that_are_not_separable_are_named_with_an_exact_dual(X, y, rows):
    X, y = np.array(X, float), np.array(y, float)
    result = l1svm.max_margin(X, y)
    assert (result.lower, result.upper) == (0, 0)
    assert result.status == f"not separable: rows {rows}"
    assert sphere.above(l1svm.upper_bound(X, y, result.dual)) < 1e-15
    assert margin_over_grid(X, y, 500) == pytest.approx(0, abs=1e-9)


def test_opposite_pairs_that_do_not_surround_the_origin_are_separable():
    half = [(1, 0), (1, 2), (1, -3)]
    X = np.array([*half, *[(-a, -b) for a, b in half]], float)
    result = l1svm.max_margin(X, [1, 1, 1, -1, -1, -1])
    assert result.status == "optimal" and result.lower > 0.1


def test_dependency_cancels_in_fractions():
    X = np.array([*HEXAGON, *[(-2 * a, -2 * b) for a, b in HEXAGON]], float)
    y = np.array([1, 1, 1, -1, -1, -1.0])
    p = l1svm.max_margin(X, y).dual
    exact = [Fraction(v).limit_denominator(1000) for v in p]
    assert sum(exact) == 1
    for u in [(1, 0), (0, 1), (-1, 5), (2, -3), (-4, -1)]:
        rows = zip(exact, y, X, strict=True)
        assert sum(q * int(s) * max(int(x @ u), 0) for q, s, x in rows) == 0


def test_a_margin_below_rounding_is_reported_as_an_open_bracket():
    # collinear in decimals, not as floats: separable, with a margin no float solver can resolve
    result = l1svm.max_margin([[0.1, 0.3], [0.3, 0.9]], [1, -1])
    assert result.lower == 0 and 0 < result.upper < 1e-15
    assert result.status.startswith("gap not closed")


def test_result_is_a_pytree():
    result = l1svm.max_margin(*data.line_set(5))
    doubled = jax.tree.map(lambda leaf: 2 * leaf, result)
    assert doubled.upper == 2 * result.upper and doubled.status == result.status


@pytest.mark.parametrize(
    ("X", "y", "tol", "message"),
    [
        ([[1.0, 2.0, 3.0]], [1], 1e-9, "d ≤ 2"),
        ([[1.0, 2.0]], [1, 1], 1e-9, "must match"),
        ([[1.0, 2.0]], [0], 1e-9, "labels"),
        ([[1.0, np.nan]], [1], 1e-9, "finite"),
        ([[1.0, np.inf]], [1], 1e-9, "finite"),
        (np.zeros((0, 2)), [], 1e-9, "empty"),
        ([1.0, 2.0], [1, 1], 1e-9, "axes"),
        ([[1.0, 2.0]], [1], 0.0, "positive"),
        ([[1.0, 2.0]], [1], math.nan, "finite"),
    ],
)
def test_bad_input_is_refused(X, y, tol, message):
    with pytest.raises(ValueError, match=message):
        l1svm.max_margin(X, y, tol=tol)


def test_bounds_refuse_what_proves_nothing():
    X, y = data.line_set(3)
    for p in ([0, 0, 0], [1, -1, 1], [1, 1]):
        with pytest.raises(ValueError, match="p must"):
            l1svm.upper_bound(X, y, p)
    with pytest.raises(ValueError, match="zero"):
        l1svm.lower_bound(X, y, [[1.0, 0.0]], [0.0])
    with pytest.raises(ValueError, match="shape"):
        l1svm.lower_bound(X, y, [[1.0, 0.0, 0.0]], [1.0])
