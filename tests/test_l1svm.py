"""γ_ℓ1: certified brackets against linear programmes, symmetries and closed forms."""

import math
from fractions import Fraction

import clarabel
import jax
import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse
from scipy.optimize import linprog

from margintheory import data, l1svm, rigour
from margintheory.sphere import cut
from margintheory.status import Status

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


def margin_by_cones(X, y, units):
    """γ_ℓ1 as a second-order cone programme of finite size, by Clarabel.

    On each cell of the arrangement {x_i^⊥} that a row of `units` lies in, and for each sign, the
    part of the measure there acts as one vector z of the cell's cone: maximise t subject to
    y_i Σ ±(D_k X z)_i ≥ t and Σ ‖z‖ ≤ 1.
    """
    n, d = X.shape
    patterns = np.unique(units @ X.T > 0, axis=0)
    count = 2 * len(patterns)
    start = 1 + (d + 1) * np.arange(count + 1)  # the variables are t and then (‖z_j‖, z_j)
    margins, norms = np.zeros((n, start[-1])), np.zeros((1, start[-1]))
    margins[:, 0], cones = 1, []
    for j in range(count):
        active, sign = patterns[j // 2], 1 - 2 * (j % 2)
        z = slice(start[j] + 1, start[j + 1])
        margins[:, z] = -sign * (y * active)[:, None] * X
        norms[0, start[j]] = 1
        stay = np.zeros((n, start[-1]))
        stay[:, z] = np.where(active, -1, 1)[:, None] * X
        cones.append(stay)
    linear = np.vstack([margins, norms, *cones])
    A = sparse.csc_matrix(np.vstack([linear, -np.eye(start[-1])[1:]]))
    b = np.zeros(A.shape[0])
    b[n] = 1
    kinds = [clarabel.NonnegativeConeT(len(linear))]
    kinds += [clarabel.SecondOrderConeT(d + 1)] * count
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    P, q = sparse.csc_matrix((start[-1], start[-1])), -np.eye(start[-1])[0]
    solution = clarabel.DefaultSolver(P, q, A, b, kinds, settings).solve()
    assert "Solved" in str(solution.status)
    return solution.x[0]


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


@pytest.mark.parametrize("d", [2, 3])
@pytest.mark.parametrize("seed", range(3))
def test_a_cone_programme_over_all_cells_has_the_same_optimum(d, seed):
    """Another formulation and another solver; in general position a cell is wide enough to hit."""
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(6, d)), rng.choice([-1.0, 1.0], 6)
    result = l1svm.max_margin(X, y)
    assert result.status == "optimal"
    cones = margin_by_cones(X, y, rng.normal(size=(40_000, d)))
    assert cones == pytest.approx(result.lower, rel=1e-6, abs=1e-8)
    assert cones == pytest.approx(result.upper, rel=1e-6, abs=1e-8)


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
    assert result.status in (Status.OPTIMAL, Status.NOT_SEPARABLE)
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
    assert rigour.below(lower) <= result.upper
    assert rigour.above(upper) >= result.lower


def test_lower_bound_is_the_exact_ratio():
    atoms, weights = np.array([[3.0, 4.0], [0.0, -2.0]]), np.array([0.5, -0.25])
    X, y = np.array([[1.0, 1.0], [1.0, -3.0]]), np.array([1.0, -1.0])
    # margins: 0.5·7 = 3.5 and −(0.5·0 − 0.25·6) = 1.5; norm 0.5·5 + 0.25·2 = 3
    assert l1svm.lower_bound(X, y, atoms, weights).overlaps(arb(1.5) / 3)


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
        ([[1, 2], [0, 0]], [1, 1], [1]),
        ([[1, 2], [1, 2], [0, 1]], [1, -1, 1], [0, 1]),
        ([[5, 1], [1, 2], [3, 6]], [1, -1, 1], [1, 2]),
        ([*HEXAGON, *[(-a, -b) for a, b in HEXAGON]], [1, 1, 1, -1, -1, -1], [0, 1, 2, 3, 4, 5]),
    ],
)
def test_data_that_are_not_separable_are_named_with_an_exact_dual(X, y, rows):
    X, y = np.array(X, float), np.array(y, float)
    result = l1svm.max_margin(X, y)
    assert (result.lower, result.upper) == (0, 0)
    assert result.status == Status.NOT_SEPARABLE
    assert np.flatnonzero(result.dual).tolist() == rows
    assert rigour.above(l1svm.upper_bound(X, y, result.dual)) < 1e-15
    assert margin_over_grid(X, y, 500) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("half", [[(1, 0), (1, 2), (1, -3)], [(3, -2), (-2, 1)]])
def test_opposite_pairs_that_do_not_surround_the_origin_are_separable(half):
    X = np.array([*half, *[(-a, -b) for a, b in half]], float)
    result = l1svm.max_margin(X, np.repeat([1.0, -1.0], len(half)))
    assert result.status == "optimal" and result.lower > 0.05


def test_dependency_cancels_in_fractions():
    X = np.array([*HEXAGON, *[(-2 * a, -2 * b) for a, b in HEXAGON]], float)
    y = np.array([1, 1, 1, -1, -1, -1.0])
    p = l1svm.max_margin(X, y).dual
    exact = [Fraction(v).limit_denominator(1000) for v in p]
    assert sum(exact) == 1
    for u in [(1, 0), (0, 1), (-1, 5), (2, -3), (-4, -1)]:
        rows = zip(exact, y, X, strict=True)
        assert sum(q * int(s) * max(int(x @ u), 0) for q, s, x in rows) == 0


def test_a_margin_below_rounding_is_found():
    # collinear in decimals, but not quite as floats
    X, y = np.array([[0.1, 0.3], [0.3, 0.9]]), np.array([1.0, -1.0])
    result = l1svm.max_margin(X, y)
    assert result.status == Status.OPTIMAL and 0 < result.lower < 1e-15
    assert result.upper <= result.lower * (1 + 1e-9)


@st.composite
def spatial_sets(draw, d=3, most=5):
    n = draw(st.integers(1, most))
    X = draw(hnp.arrays(float, (n, d), elements=st.integers(-3, 3).map(float)))
    return X, draw(hnp.arrays(float, n, elements=st.sampled_from([-1.0, 1.0])))


def margin_over_directions(X, y, u):
    """The ℓ1 margin over the features u with both signs, by HiGHS: never more than γ_ℓ1."""
    V = y[:, None] * np.maximum(X @ u.T, 0)
    m = len(u)
    result = linprog(
        np.append(np.zeros(2 * m), -1),
        A_ub=np.vstack([np.column_stack([-V, V, np.ones(len(y))]), np.append(np.ones(2 * m), 0)]),
        b_ub=np.append(np.zeros(len(y)), 1),
        bounds=[(0, None)] * (2 * m) + [(None, None)],
        method="highs",
    )
    return -result.fun


def directions(m, d, seed=0):
    u = np.random.default_rng(seed).normal(size=(m, d))
    return u / np.linalg.norm(u, axis=1, keepdims=True)


def distribution_d(n, d, seed=0):
    """x_1, x_2 uniform in {−1, +1}, the other coordinates Gaussian, y = x_1 x_2 (Section 4)."""
    rng = np.random.default_rng(seed)
    X = np.concatenate([rng.choice([-1.0, 1.0], (n, 2)), rng.normal(size=(n, d - 2))], axis=1)
    return X, X[:, 0] * X[:, 1]


@FEW
@given(spatial_sets())
def test_bracket_closes_in_space_for_any_position_of_the_points(instance):
    X, y = instance  # duplicate, antipodal, collinear and coplanar rows are common here
    result = l1svm.max_margin(X, y)
    assert result.status in (Status.OPTIMAL, Status.NOT_SEPARABLE)
    assert (result.lower > 0) == (result.status == "optimal")
    u = directions(500, 3)
    assert margin_over_directions(X, y, u) <= result.upper + 1e-9
    least = (y * (np.maximum(X @ result.atoms.T, 0) @ result.weights)).min()
    assert least >= result.lower - 1e-13
    F = np.maximum(X @ u.T, 0).T @ (result.dual * y)
    assert np.abs(F).max() <= result.upper + 1e-13


@pytest.mark.parametrize(("n", "d"), [(25, 3), (12, 4), (7, 5), (4, 9)])
def test_features_near_the_atoms_found_approach_the_exact_margin_from_below(n, d):
    X = directions(n, d, n)
    y = np.sign(X[:, 0] * X[:, 1])
    result = l1svm.max_margin(X, y)
    assert (result.status, result.proof) == ("optimal", "exact arrangement")
    assert len(result.weights) <= n  # Lemma B.1
    near = result.atoms + 1e-3 * np.random.default_rng(0).normal(size=(30, *result.atoms.shape))
    u = np.concatenate([near.reshape(-1, d), directions(300, d, 1)])
    found = margin_over_directions(X, y, u / np.linalg.norm(u, axis=1, keepdims=True))
    assert result.lower * (1 - 1e-2) <= found <= result.upper * (1 + 1e-9)


def test_the_plane_has_one_margin_wherever_it_lies_in_space():
    X, y = data.line_set(9, 3, "random")
    plane = l1svm.max_margin(X, y)
    for columns in ([0, 1, 2], [0, 2, 1], [2, 1, 0]):
        embedded = np.column_stack([X, np.zeros(9)])[:, columns]
        result = l1svm.max_margin(embedded, y)
        if columns[0] == 0:  # the coordinates keep their order: the very same computation
            assert (result.lower, result.upper) == (plane.lower, plane.upper)
        assert result.lower == pytest.approx(plane.lower, rel=2e-9)
        assert result.atoms.shape[1] == 3
        assert not result.atoms[:, columns.index(2)].any()
    tilted = np.column_stack([X, X @ [3.0, 4.0]]) @ np.diag([1.0, 1.0, 2.0**-2])  # no zero column
    assert np.linalg.matrix_rank(tilted) == 2
    flat = tilted @ np.linalg.svd(tilted, full_matrices=False)[2][:2].T
    assert l1svm.max_margin(tilted, y).lower == pytest.approx(
        l1svm.max_margin(flat, y).lower, rel=1e-8
    )


def test_margin_in_space_is_invariant_to_signed_permutation_rotation_scale_and_duplicates():
    X, y = distribution_d(12, 3)
    X = X + 0.1 * directions(12, 3)
    gamma = l1svm.max_margin(X, y).lower
    q = np.linalg.qr(directions(3, 3))[0]
    for X_, y_, factor in [
        (X[:, [2, 0, 1]] * [1, -1, -1], y, 1),
        (X @ q, y, 1),
        (2.0**-30 * X, -y, 2.0**-30),
        (np.concatenate([X, X[:5]]), np.concatenate([y, y[:5]]), 1),
    ]:
        assert l1svm.max_margin(X_, y_).lower == pytest.approx(factor * gamma, rel=2e-9)


def test_closed_forms_in_space():
    assert l1svm.max_margin([[2.0, 3.0, 6.0]], [1]).lower == pytest.approx(7, rel=1e-12)
    # orthogonal unit points of one label: the diagonal has margin 1/√d
    assert l1svm.max_margin(np.eye(3), [1, 1, 1]).lower == pytest.approx(3**-0.5, rel=1e-9)
    assert l1svm.max_margin(np.eye(4), [1] * 4).lower == pytest.approx(0.5, rel=1e-9)
    # with two labels: half the mass for each class, which has margin 1/√2
    alternating = l1svm.max_margin(np.eye(4), [1, -1, 1, -1])
    assert alternating.lower == pytest.approx(8**-0.5, rel=1e-9)


@pytest.mark.parametrize(("n", "d"), [(20, 3), (8, 4), (40, 8)])
def test_no_upper_bound_on_the_xor_distribution_is_below_root_two_over_four(n, d):
    X, y = distribution_d(n, d)  # Lemma D.1: for every sample
    rng = np.random.default_rng(5)
    for p in [np.ones(n), *rng.dirichlet(np.full(n, 0.3), 2), *rng.dirichlet(np.ones(n), 2)]:
        assert rigour.above(l1svm.upper_bound(X, y, p)) >= 2**0.5 / 4


def test_margin_of_a_sample_of_the_xor_distribution_in_space_is_root_two_over_four():
    X, y = distribution_d(20, 3)
    result = l1svm.max_margin(X, y)
    assert result.status == "optimal"
    assert result.lower == pytest.approx(2**0.5 / 4, rel=1e-9)


def test_bracket_in_high_dimension_is_rigorous_and_says_how_it_was_proved():
    X, y = distribution_d(40, 8)
    result = l1svm.max_margin(X, y, tol=2e-3)
    assert 0 < result.lower <= result.upper
    assert result.upper >= 2**0.5 / 4
    assert result.lower >= 0.998 * 2**0.5 / 4
    assert result.proof in ("branch and bound", "spectral bound")
    assert rigour.above(l1svm.upper_bound(X, y, result.dual)) == result.upper
    assert result.upper <= 1.1 * result.lower
    assert margin_over_directions(X, y, directions(2000, 8)) <= result.upper
    measure = l1svm.lower_bound(X, y, result.atoms, result.weights)
    assert result.lower == max(0.0, rigour.below(measure))


OCTAHEDRON = [(1, 0, 1), (-1, 1, 0), (0, -1, 2), (0, 0, -3)]


def test_opposite_pairs_that_surround_the_origin_in_space_are_not_separable():
    half = np.array(OCTAHEDRON, float)
    X, y = np.concatenate([half, -2 * half]), np.repeat([1.0, -1.0], 4)
    result = l1svm.max_margin(X, y)
    assert result.status == Status.NOT_SEPARABLE and np.count_nonzero(result.dual) == 8
    assert (result.upper, result.proof) == (0, "dependency")
    assert rigour.above(l1svm.upper_bound(X, y, result.dual)) < 1e-15
    three = np.concatenate([half[:3], -2 * half[:3]])
    assert l1svm.max_margin(three, np.repeat([1.0, -1.0], 3)).status == "optimal"


def test_result_is_a_pytree():
    result = l1svm.max_margin(*data.line_set(5))
    doubled = jax.tree.map(lambda leaf: 2 * leaf, result)
    assert doubled.upper == 2 * result.upper and doubled.status == result.status


@pytest.mark.parametrize(
    ("X", "y", "tol", "message"),
    [
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


def test_a_dual_beyond_floats_is_not_rounded_where_bounds_are_for_floats(monkeypatch):
    monkeypatch.setattr(cut, "ENUMERABLE", 0)
    X, y = distribution_d(12, 5)
    third = rigour.Dyadic.of(np.array([2**90 // 3] * 12, dtype=object), -90)
    with pytest.raises(ValueError, match="weights that are floats"):
        l1svm.upper_bound(X, y, third)
    half = rigour.Dyadic.of(np.array([2**89] * 12, dtype=object), -90)
    assert l1svm.upper_bound(X, y, half).overlaps(l1svm.upper_bound(X, y, np.full(12, 0.5)))
