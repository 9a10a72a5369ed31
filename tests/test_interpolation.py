"""Interpolants of least norm against cone programmes, grids, exact arithmetic and weak duality."""

import itertools
import math
from fractions import Fraction

import clarabel
import jax
import numpy as np
import pytest
import scipy.sparse as sparse
from flint import arb, arb_mat, ctx, fmpq, fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from margintheory import data, kernels, regularized, rigour, sphere
from margintheory.interpolation import dependence, l1_norm_lower, min_l1_norm, min_l2_norm
from margintheory.status import Status

seeds = st.integers(0, 10**6)


def features(X, atoms):
    return np.maximum(X @ atoms.T, 0)


def line_problem(n, seed, noise=False):
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(-1, 1, n))
    return np.column_stack([x, np.ones(n)]), rng.normal(size=n) if noise else np.sin(4 * x)


def by_cone_programme(X, y):
    """min Σ‖z_k‖ over one vector z_k in the cone of each arc and sign, by Clarabel.

    On an arc the features are linear, so Σ_k ±D_k X z_k are the values of the measure.
    """
    angle = np.arctan2(X[:, 1], X[:, 0])
    starts = np.unique(np.concatenate([angle - np.pi / 2, angle + np.pi / 2]) % (2 * np.pi))
    stops = np.append(starts[1:], starts[0] + 2 * np.pi)
    columns, cones = [], []
    for a, b in zip(starts, stops, strict=True):
        middle = np.array([math.cos((a + b) / 2), math.sin((a + b) / 2)])
        active = X * (X @ middle > 0)[:, None]
        sides = np.array([[-math.sin(a), math.cos(a)], [math.sin(b), -math.cos(b)]])
        for sign in (1, -1):
            columns.append(np.column_stack([np.zeros(len(X)), sign * active]))
            cones.append(sides)
    m = len(columns)
    equal = np.hstack(columns)
    rows = [sparse.csc_matrix(equal)]
    rows += [sparse.block_diag([np.column_stack([np.zeros(2), -s]) for s in cones])]
    rows += [-sparse.identity(3 * m)]
    A = sparse.vstack(rows).tocsc()
    b = np.concatenate([y, np.zeros(2 * m + 3 * m)])
    q = np.tile([1.0, 0, 0], m)
    kinds = [clarabel.ZeroConeT(len(y)), clarabel.NonnegativeConeT(2 * m)]
    kinds += [clarabel.SecondOrderConeT(3)] * m
    options = clarabel.DefaultSettings()
    options.verbose = False
    options.tol_gap_rel = options.tol_gap_abs = options.tol_feas = 1e-10
    P = sparse.csc_matrix((3 * m, 3 * m))
    return clarabel.DefaultSolver(P, q, A, b, kinds, options).solve().obj_val


@pytest.mark.parametrize("n", [2, 5, 12, 20])
@pytest.mark.parametrize("noise", [False, True])
def test_the_norm_in_the_plane_is_that_of_a_cone_programme(n, noise):
    X, y = line_problem(n, n, noise)
    found = min_l1_norm(X, y)
    assert found.status == "optimal"
    assert found.upper - found.lower <= 1e-9 * found.upper
    assert by_cone_programme(X, y) == pytest.approx(found.upper, rel=1e-6)


@pytest.mark.parametrize("n", [1, 3, 8, 50])
def test_the_bracket_closes_for_gaussian_points_of_the_plane(n):
    rng = np.random.default_rng(n)
    for y in (rng.normal(size=n), np.ones(n)):
        X = rng.normal(size=(n, 2))
        found = min_l1_norm(X, y, tol=1e-7)
        assert found.status == "optimal"
        assert len(found.atoms) <= n
        assert np.linalg.norm(found.atoms, axis=1) == pytest.approx(np.ones(len(found.atoms)))
        scale = np.abs(found.weights).sum()
        assert features(X, found.atoms) @ found.weights == pytest.approx(y, abs=1e-12 * scale)
        assert scale == pytest.approx(found.upper, rel=1e-9)
        assert found.dual @ y == pytest.approx(found.lower, rel=1e-9)
        greatest = float(sphere.max_abs(sphere.arrange(X), found.dual).mid())
        assert greatest == pytest.approx(1, rel=1e-9)


@settings(max_examples=12)
@given(seeds, st.integers(2, 5), st.integers(1, 3))
def test_no_dual_and_no_measure_beats_the_bracket(seed, n, d):
    rng = np.random.default_rng(seed)
    X = np.array([[1.5], [-0.5]]) if d == 1 else rng.normal(size=(n, d))
    y = rng.normal(size=len(X))
    found = min_l1_norm(X, y)
    atoms = rng.normal(size=(60, d))
    atoms /= np.linalg.norm(atoms, axis=1, keepdims=True)
    V = features(X, np.vstack([atoms, X / np.linalg.norm(X, axis=1, keepdims=True)]))
    w = np.linalg.lstsq(V, y)[0]
    residual = np.abs(V @ w - y).max()
    assert residual > 1e-9 or np.abs(w).sum() >= found.lower * (1 - 1e-9)
    assert l1_norm_lower(X, y, rng.normal(size=len(X))) <= found.upper
    assert found.lower <= found.upper


def exact_ends(X, y, certificate):
    """νᵀy and max |F| over the rays, flats and cells by brute force, and the norm, in balls.

    F is linear on each cell, so |F| is greatest on the projection of some cell's c onto the flat of
    some set of fewer than d rows.
    """
    d = X.shape[1]
    with ctx.workprec(400):
        nu, e = rigour.dyadic(certificate.dual)
        N, f = rigour.dyadic(X)
        value = (
            sum((arb(int(w)) * arb(t) for w, t in zip(nu, y, strict=True)), arb(0)) * arb(2) ** e
        )
        greatest = fmpq(0)
        for u in summits_by_brute_force(N, nu, d):
            F = int(np.maximum(N @ u, 0) @ nu)
            greatest = max(greatest, fmpq(F**2, int(u @ u)))
        U, g = rigour.dyadic(certificate.atoms)
        V = arb_mat([[arb(int(v)) for v in row] for row in np.maximum(N @ U.T, 0)])
        w = V.solve(arb_mat([[arb(t) / arb(2) ** (f + g)] for t in y])).entries()
        lengths = [arb(int(square)).sqrt() * arb(2) ** g for square in (U**2).sum(axis=1)]
        norm = sum((abs(a) * length for a, length in zip(w, lengths, strict=True)), arb(0))
        return value / (arb(greatest).sqrt() * arb(2) ** (e + f)), norm


def summits_by_brute_force(N, nu, d):
    """±P_L c for the flats L of at most d − 1 rows and all patterns of random directions near L."""
    rng = np.random.default_rng(0)
    for size in range(d):
        for rows in itertools.combinations(range(len(N)), size):
            P = exact_projector(N[list(rows)], d)
            near = rng.integers(-(10**6), 10**6, (300 if size == 0 else 60, d)).astype(object) @ P
            for active in np.unique((N @ near.T > 0).T, axis=0):
                active[list(rows)] = False
                c = P @ ((nu * active) @ N)
                if c.any():
                    yield c
                    yield -c


def exact_projector(rows, d):
    """An integer multiple of the projector onto the vectors orthogonal to independent rows."""
    P = fmpq_mat(d, d, [int(i == k) for i in range(d) for k in range(d)])
    if len(rows):
        M = fmpq_mat(len(rows), d, [int(v) for v in rows.ravel()])
        P -= M.transpose() * (M * M.transpose()).inv() * M
    Q, _ = P.numer_denom()
    return np.array([[int(v) for v in row] for row in Q.tolist()], dtype=object)


@pytest.mark.parametrize(("n", "d"), [(8, 3), (12, 3), (8, 4)])
def test_the_bracket_in_space_is_below_a_dense_grid_and_closed(n, d):
    rng = np.random.default_rng(n * d)
    X, y = rng.normal(size=(n, d)), rng.normal(size=n)
    found = min_l1_norm(X, y)
    grid = np.asarray(sphere.uniform(jax.random.key(0), 4000, d))
    V = features(X, grid)
    dense = linprog(np.ones(8000), A_eq=np.hstack([V, -V]), b_eq=y).fun
    assert found.lower <= found.upper <= dense * (1 + 1e-9)
    assert dense <= 1.2 * found.upper
    assert found.status == "optimal"
    assert found.upper - found.lower <= 1e-9 * found.upper
    assert features(X, found.atoms) @ found.weights == pytest.approx(y, abs=1e-9)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("n", "d"), [(6, 2), (8, 3), (7, 4)])
def test_the_exact_bracket_closes_to_any_tolerance_at_every_seed(n, d, seed):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n, d)), rng.normal(size=n)
    rough, found = min_l1_norm(X, y), min_l1_norm(X, y, tol=1e-25)
    assert rough.status == found.status == "optimal"
    assert rough.lower <= found.upper and found.lower <= rough.upper
    assert found.upper <= np.nextafter(np.nextafter(found.lower, np.inf), np.inf)
    assert len(found.atoms) <= n
    if d < 4 and seed < 2:
        lower, norm = exact_ends(X, y, found.certificate)
        with ctx.workprec(400):
            assert abs(1 - lower / norm) < 1e-25
            assert lower >= found.lower and norm <= found.upper


def test_exact_symmetries_are_exact():
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(6, 3)), rng.normal(size=6)
    one = min_l1_norm(X, y, tol=1e-20)
    order, rows = rng.permutation(6), 2.0 ** rng.integers(-900, 900, 6)
    for X_, y_, factor in [
        (X[order], y[order], 1),
        (X[:, [2, 0, 1]] * [1, -1, 1], -y, 1),
        (rows[:, None] * X, rows * y, 1),
        (2.0**-600 * X, y * 2.0**-300, 2.0**300),
        (np.vstack([X, 3 * X[:2]]), np.append(y, 3 * y[:2]), 1),
    ]:
        other = min_l1_norm(X_, y_, tol=1e-20)
        if len(X_) == 6:
            assert (other.lower, other.upper) == (factor * one.lower, factor * one.upper)
        assert other.lower <= factor * one.upper and factor * one.lower <= other.upper


def test_a_neuron_is_recovered_in_ten_dimensions_by_a_measure_of_norm_one():
    X, y, u = data.neuron_regression(60, 10, 3)
    found = min_l1_norm(X, y)
    assert found.lower <= 1 and found.upper < 1.001
    fresh = np.random.default_rng(1).normal(size=(500, 10))
    error = features(fresh, found.atoms) @ found.weights - np.maximum(fresh @ u, 0)
    assert np.mean(error**2) < 1e-6


def test_hand_values():
    two = np.array([[1.0, 0], [0, 2]])
    for y, norm in (((1, 1), math.sqrt(5) / 2), ((1, -1), 1.5), ((0, 3), 1.5)):
        found = min_l1_norm(two, y)
        assert found.lower <= norm * (1 + 1e-12)
        assert found.lower == pytest.approx(norm, rel=1e-9)
        assert found.upper == pytest.approx(norm, rel=1e-9)
    one = min_l1_norm([[3.0, 4.0]], [-10.0])
    assert one.upper == pytest.approx(2, rel=1e-9)
    assert one.dual == pytest.approx([-0.2], rel=1e-9)
    line = min_l1_norm([[2.0], [-1.0]], [1.0, 3.0])  # each point has its own unit
    assert line.upper == pytest.approx(3.5, rel=1e-9)
    assert np.abs(line.atoms) == pytest.approx(np.ones((2, 1)))


def test_norms_scale_with_targets_and_against_points_and_do_not_see_rotations():
    X, y = line_problem(6, 2)
    norm = min_l1_norm(X, y).upper
    turned = X @ np.array([[0.6, 0.8], [-0.8, 0.6]])
    assert min_l1_norm(4 * X, 0.5 * y).upper == pytest.approx(norm / 8, rel=1e-8)
    assert min_l1_norm(turned, -y).upper == pytest.approx(norm, rel=1e-8)
    assert min_l1_norm(X * 1e150, y).upper == pytest.approx(norm * 1e-150, rel=1e-8)


def test_the_regularised_minimum_tends_to_twice_the_norm():
    X, y = line_problem(8, 4)
    limit = regularized.solve(X, y, 1e-10, loss="squared").norm_squared / 2
    assert min_l1_norm(X, y).upper == pytest.approx(limit, rel=1e-6)


def test_zero_targets_cost_nothing():
    found = min_l1_norm([[1.0, 2.0], [3.0, 1.0]], [0, 0])
    assert (found.lower, found.upper, found.status) == (0, 0, "optimal")
    assert min_l2_norm([[1.0, 2.0], [3.0, 1.0]], [0, 0]).upper == 0


def test_dependent_points_are_interpolated_where_the_targets_agree():
    X = np.array([[1.0, 2], [2, 4], [0, 1], [1, 2]])
    agree = min_l1_norm(X, [1, 2, 0.5, 1])
    alone = min_l1_norm(X[[0, 2]], [1, 0.5])
    assert agree.status == "optimal"
    assert agree.upper == pytest.approx(alone.upper, rel=1e-9)
    differ = min_l1_norm(X, [1, 3, 0.5, 1])
    assert differ.lower == differ.upper == math.inf
    assert differ.status == Status.INFEASIBLE
    assert np.flatnonzero(differ.dual).tolist() == [0, 1]
    assert differ.dual @ [1, 3, 0.5, 1] != 0
    assert (
        np.abs(differ.dual @ features(X, np.random.default_rng(0).normal(size=(9, 2)))).max() == 0
    )


def test_a_zero_row_can_only_have_the_target_zero():
    X = [[0.0, 0.0], [1.0, 1.0]]
    assert min_l1_norm(X, [0, 2]).status == "optimal"
    found = min_l1_norm(X, [1, 2])
    assert found.status == Status.INFEASIBLE
    assert np.flatnonzero(found.dual).tolist() == [0]


@settings(max_examples=60)
@given(seeds, st.integers(1, 7), st.integers(1, 3))
def test_dependence_agrees_with_the_rank_of_the_features(seed, n, d):
    rng = np.random.default_rng(seed)
    X = rng.integers(-1, 2, size=(n, d)) * rng.choice([1.0, 2.0, 0.1], size=(n, 1))
    V = features(X, rng.normal(size=(400, d)))
    relations = dependence(X)
    assert n - len(relations) == np.linalg.matrix_rank(V, tol=1e-9)
    for j, combination in relations.items():
        value = sum((float(Fraction(int(c.p), int(c.q))) * V[i] for i, c in combination.items()), 0)
        assert V[j] == pytest.approx(value + np.zeros(400), abs=1e-12)


def test_antipodal_pairs_are_dependent_exactly_if_their_directions_are():
    pairs = np.vstack([np.eye(3), -2 * np.eye(3)])
    assert dependence(pairs) == {}
    one_more = np.vstack([pairs, [[1.0, 1, 0], [-1, -1, 0]]])
    assert list(dependence(one_more)) == [7]
    with pytest.raises(ValueError, match="rows 0, 1, 3, 4, 6, 7"):
        min_l2_norm(one_more, np.arange(8.0))


@pytest.mark.parametrize(("n", "d"), [(1, 2), (5, 2), (20, 3), (60, 10)])
def test_the_2_norm_is_that_of_an_exact_solve(n, d):
    rng = np.random.default_rng(n)
    X, y = rng.normal(size=(n, d)), rng.normal(size=n)
    found = min_l2_norm(X, y)
    with ctx.workprec(512):
        target = arb_mat([[v] for v in y])
        square = (target.transpose() * kernels.relu_kernel_ball(X).solve(target))[0, 0]
        norm = square.sqrt()
        assert norm >= found.lower and norm <= found.upper
    assert found.upper - found.lower <= 1e-12 * found.upper
    fitted = np.asarray(kernels.relu_kernel(X)) @ found.coefficients
    assert fitted == pytest.approx(y, abs=1e-10 * np.abs(found.coefficients).max())


def test_one_point_costs_the_kernel_its_target_over_its_feature():
    found = min_l2_norm([[3.0, 4.0, 0.0]], [2.0])  # K = 25/6
    assert found.upper == pytest.approx(2 * math.sqrt(6 / 25), rel=1e-15)


@pytest.mark.parametrize("apart", [1e-3, 1e-14, 2.0**-51])
def test_points_that_nearly_repeat_are_bracketed(apart):
    X, y = np.array([[1.0, 2], [0, 1], [1, 2 + apart]]), [1.0, 0, 2]
    two = min_l2_norm(X, y)
    assert two.upper - two.lower <= 1e-12 * two.upper
    assert two.lower > 0.1 / apart
    one = min_l1_norm(X, y)
    assert 0 < one.lower <= one.upper < math.inf
    assert two.upper * 2 > one.lower  # ‖α‖₁ ≤ √κ ‖α‖₂


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e160, 1e300])
def test_no_scale_is_too_large_or_too_small(scale):
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(5, 3)), rng.normal(size=5)
    rows = scale ** rng.uniform(-1, 1, 5)
    for solver in (min_l1_norm, min_l2_norm):
        one = solver(X, y)
        for X_, y_, factor in [
            (scale * X, scale * y, 1),
            (scale * X, y, 1 / scale),
            (X, scale * y, scale),
            (rows[:, None] * X, rows * y, 1),
        ]:
            try:
                found = solver(X_, y_)
            except ValueError as error:
                assert "range of floats" in str(error)
                assert solver is min_l2_norm
                continue
            assert found.lower == pytest.approx(factor * one.lower, rel=1e-8)
            assert found.lower <= found.upper <= found.lower * (1 + 2e-9)


def test_a_norm_or_a_row_that_floats_cannot_hold_is_refused():
    for solver in (min_l1_norm, min_l2_norm):
        with pytest.raises(ValueError, match="range of floats"):
            solver([[1e-300, 0.0]], [1e300])
        with pytest.raises(ValueError, match="range of floats"):
            solver([[1e300, 0.0]], [1e-300])
        with pytest.raises(ValueError, match="row 1 of X span"):
            solver([[1.0, 1.0], [1e300, 1e-20]], [1, 2])


def test_duplicate_rows_have_a_2_norm_if_their_targets_agree():
    X = np.array([[1.0, 2], [2, 4], [0, 1], [0, 0]])
    found, alone = min_l2_norm(X, [1, 2, 0.5, 0]), min_l2_norm(X[[0, 2]], [1, 0.5])
    assert (found.lower, found.upper) == (alone.lower, alone.upper)
    assert found.coefficients[[1, 3]].tolist() == [0, 0]
    with pytest.raises(ValueError, match="rows 0, 1 are dependent"):
        min_l2_norm(X, [1, 3, 0.5, 0])


@pytest.mark.parametrize("length", [1e-163, 1e-300, 1.0])
def test_a_short_row_does_not_spoil_the_dual_bound(length):
    X, y = np.array([[1.0, 0, 0], [0, 1, 0], [1, 1, length]]), np.array([1.0, 1, 2])
    norm = min_l1_norm(X, y)
    for nu in ([1, 1, 1e-163], [1e-163, 1, 1], [1, -1, 1e300], [1e-300, 1e-300, 1]):
        assert l1_norm_lower(X, y, nu) <= norm.upper


def test_a_dual_of_dependent_features_says_that_nothing_interpolates():
    assert l1_norm_lower([[1.0, 0], [2, 0]], [1, 3], [-2, 1]) == math.inf
    assert l1_norm_lower([[1.0, 0], [2, 0]], [1, 2], [-2, 1]) == 0


def test_no_random_density_has_a_smaller_2_norm():
    """α = Σ c_i φ(x_i) plus any h orthogonal to the features: piecewise constant densities."""
    X, y = np.array([[1.0, 0.5], [-1, 1], [0.2, -2], [-1, -1]]), np.array([1.0, 2, -1, 0.5])
    angle = 2 * np.pi * (np.arange(4000) + 0.5) / 4000
    V = features(X, np.stack([np.cos(angle), np.sin(angle)], axis=1)) / 4000
    a = np.linalg.pinv(V) @ y  # E_u a(u) relu(u·x_i) = y_i with least E a²
    found = min_l2_norm(X, y)
    assert found.upper == pytest.approx(math.sqrt(np.mean(a**2)), rel=1e-4)


@pytest.mark.parametrize("solver", [min_l1_norm, min_l2_norm])
@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ([[1.0, 2.0]], [1, 1], "match"),
        ([[np.nan, 2.0]], [1], "finite"),
        ([[1.0, 2.0]], [np.inf], "finite"),
        (np.zeros((0, 2)), [], "empty"),
    ],
)
def test_bad_data_are_refused(solver, X, y, message):
    with pytest.raises(ValueError, match=message):
        solver(X, y)


def test_bad_tolerances_and_duals_are_refused_and_results_are_pytrees():
    with pytest.raises(ValueError, match="tol"):
        min_l1_norm([[1.0, 2.0]], [1], tol=0)
    with pytest.raises(ValueError):
        l1_norm_lower([[1.0, 2.0]], [1], [0.0])
    for result in (min_l1_norm([[1.0, 2.0]], [1]), min_l2_norm([[1.0, 2.0]], [1])):
        assert jax.tree.map(lambda leaf: 2 * leaf, result).upper == 2 * result.upper
