"""The plane to any number of digits: exact brackets, and steps against dense linear algebra."""

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import example, given, settings
from hypothesis import strategies as st

from margintheory import data, interpolation, l1svm, regularized, sphere
from margintheory.refinement import plane
from margintheory.refinement.newton import NewtonStep
from margintheory.refinement.objectives import Linear
from margintheory.rigour.digits import ONE, full, rounded
from margintheory.sphere.circle import Circle
from margintheory.sphere.plane import arrange_finely
from margintheory.status import Status


@st.composite
def planar_sets(draw):
    """Points of lengths over ten powers of ten, and random labels."""
    n, seed = draw(st.integers(1, 14)), draw(st.integers(0, 10**6))
    rng = np.random.default_rng(seed)
    lengths = 10.0 ** rng.uniform(-5, 5, n) if draw(st.booleans()) else np.ones(n)
    X = rng.normal(size=(n, 2)) * lengths[:, None]
    if draw(st.booleans()):
        X[n // 2 :] = -X[: n - n // 2]  # antipodes, of one label
    return X, np.where(rng.integers(0, 2, n) == 0, 1.0, -1.0)


def floats(values):
    return np.array([float(v) for v in np.ravel(values)]).reshape(np.shape(values))


def made(X):
    return Circle(sphere.arrange(X))


@pytest.mark.parametrize("labels", ["smooth", "random"])
@pytest.mark.parametrize("n", [10, 40, 100])
def test_the_bracket_closes_to_twenty_five_digits(n, labels):
    X, y = data.line_set(n, 5, labels)
    result = l1svm.max_margin(X, y, tol=1e-25)
    assert result.status == Status.OPTIMAL
    assert 0 < result.lower <= result.upper <= np.nextafter(result.lower, 1)
    with ctx.workprec(400):
        lower = l1svm.lower_bound(X, y, result.certificate.atoms, result.certificate.weights)
        upper = l1svm.upper_bound(X, y, result.certificate.dual)
        assert 0 <= upper - lower <= arb("1e-25") * upper


@settings(max_examples=8)
@given(planar_sets())
@example((np.array([[0.1, 0.3], [0.3, 0.9]]), np.array([1.0, -1.0])))
@example((np.array([[1.0, 0.0], [-1e-10, 0.0]]), np.array([1.0, 1.0])))
def test_brackets_close_whatever_the_lengths_and_symmetries_are_exact(instance):
    X, y = instance
    result = l1svm.max_margin(X, y, tol=1e-20)
    if result.status == Status.NOT_SEPARABLE:
        return
    assert result.status == Status.OPTIMAL
    order = np.random.default_rng(0).permutation(len(y))
    same = [(X[order], y[order]), (X, -y), (X[:, ::-1], y), (np.vstack([X, X]), np.append(y, y))]
    for Z, t in same:
        other = l1svm.max_margin(Z, t, tol=1e-20)
        assert (other.lower, other.upper) == (result.lower, result.upper)
    double = l1svm.max_margin(2 * X, y, tol=1e-20)
    assert (double.lower, double.upper) == (2 * result.lower, 2 * result.upper)


@pytest.mark.parametrize("seed", range(4))
def test_interpolants_in_the_plane_close_to_any_tolerance(seed):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(9, 2)), rng.normal(size=9)
    result = interpolation.min_l1_norm(X, y, tol=1e-22)
    assert result.status == Status.OPTIMAL
    assert result.upper <= np.nextafter(result.lower, np.inf)
    coarse = interpolation.min_l1_norm(X, y)
    assert coarse.lower <= result.upper and result.lower <= coarse.upper


@pytest.mark.parametrize("loss", ["logistic", "squared"])
def test_points_at_the_origin_and_repeated_points_are_part_of_the_loss(loss):
    X = np.array([[1.0, 0.5], [1.0, 0.5], [2.0, 1.0], [0.0, 0.0], [-1.0, 0.3]])
    y = np.array([1.0, -1.0, 1.0, 1.0, -1.0])
    result = regularized.solve(X, y, 1e-3, loss=loss, tol=1e-24)
    assert result.status == Status.OPTIMAL
    floats_only = regularized.solve(X, y, 1e-3, loss=loss)
    assert floats_only.objective_lower <= result.objective_upper
    assert result.objective_lower <= floats_only.objective_upper


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_values_scores_and_summits_are_those_of_the_sum_over_points(seed):
    rng = np.random.default_rng(seed)
    X, w = rng.normal(size=(7, 2)), rng.normal(size=7)
    X[5:] = -2 * X[:2]
    about = made(X)
    F = about.values(rounded(w.astype(object)))
    ends = floats(about.ends)
    expected = np.maximum(ends @ X.T, 0) @ w
    np.testing.assert_allclose(floats(F), expected, atol=1e-12)
    summits = about.summits(F)
    angles = np.linspace(0, 2 * np.pi, 20_001)
    circle_F = np.maximum(np.stack([np.cos(angles), np.sin(angles)], 1) @ X.T, 0) @ w
    for sign, value, u in zip((1, -1), floats(summits.value), floats(summits.u), strict=True):
        np.testing.assert_allclose(value, sign * (np.maximum(u @ X.T, 0) @ w), atol=1e-12)
        assert value.max() >= (sign * circle_F).max() - 1e-12
    masses = rng.normal(size=len(ends))
    u = floats(summits.u[0])
    scores = about.scores(rounded(masses.astype(object)), summits.u[0])
    np.testing.assert_allclose(floats(scores), np.maximum(X @ u.T, 0) @ masses, atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_slopes_and_bends_of_the_summits_are_derivatives(seed):
    rng = np.random.default_rng(seed)
    about = made(rng.normal(size=(6, 2)))
    F, step = rng.normal(size=2 * about.lines), 1e-5
    of = lambda F: floats(about.summits(rounded(F.astype(object))).value)  # noqa: E731
    summits = about.summits(rounded(F.astype(object)))
    slope, bend = floats(summits.slope), floats(summits.bend)
    for k in range(len(F)):
        ends = k, (k + 1) % len(F)
        for a in range(2):
            change = np.zeros(len(F))
            change[ends[a]] = step
            first = (of(F + change) - of(F - change))[:, k] / (2 * step)
            second = (of(F + change) - 2 * of(F) + of(F - change))[:, k] / step**2
            np.testing.assert_allclose(first, slope[:, k, a], atol=1e-6)
            np.testing.assert_allclose(second, bend[:, k, a] ** 2, atol=1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_a_newton_step_solves_the_dense_system(seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(6, 2))
    X[4] = -X[0]  # one line has points on both rays
    about = made(X)
    newton, K = NewtonStep(about), about.lines
    D, r = rng.uniform(1, 2, 6), rng.normal(size=6)
    half = rng.normal(size=(2 * K, 2, 2))
    Q, l = half @ half.transpose(0, 2, 1), rng.normal(size=(2 * K, 2))
    length = floats(about.length)
    # F at the ends as a matrix in the weights q_i = w_i ‖x_i‖
    G = np.maximum(floats(about.ends) @ (X / length[:, None]).T, 0)
    pairs = np.stack([G, np.roll(G, -1, axis=0)], axis=1)
    M = np.diag(D) + np.einsum("kai,kab,kbj->ij", pairs, Q, pairs)
    q = np.linalg.solve(M, r - np.einsum("kai,ka->i", pairs, l))
    newton.prepare(about.on_rays(rounded(D.astype(object))), rounded(Q.astype(object)))
    found, F = newton.solve(about.on_rays(rounded(r.astype(object))), rounded(l.astype(object)))
    np.testing.assert_allclose(floats(about.of_points(found)), q, rtol=1e-6)
    np.testing.assert_allclose(floats(F), G @ q, atol=1e-6)


def test_points_between_make_no_arc_wider_than_an_eighth():
    for X in (np.array([[1.0, 0.0]]), np.array([[1.0, 1e-9], [1.0, 0.0]]), 1e200 * np.eye(2)):
        arcs = arrange_finely(X)
        angle = np.arctan2(arcs.starts[:, 1], arcs.starts[:, 0])
        gaps = np.diff(np.append(angle, angle[0] + 2 * np.pi)) % (2 * np.pi)
        assert gaps.max() <= np.pi / 4 + 1e-9


def test_no_attempt_that_fails_returns_a_pair(monkeypatch):
    monkeypatch.setattr(plane, "PATIENCE", 1)
    X, y = data.line_set(30, 1, "random")
    assert plane.optimum(X, y, Linear(full(30, ONE), True), 1e-25) is None


def brackets(X, y, pair, tol):
    """Whether the two bounds of the pair agree to tol."""
    with ctx.workprec(400):
        lower = l1svm.lower_bound(X, y, pair.atoms, pair.weights)
        return l1svm.upper_bound(X, y, pair.dual) - lower <= arb(tol) * lower


@pytest.mark.parametrize("n", [20, 100])
@pytest.mark.parametrize("labels", ["smooth", "random"])
def test_the_refined_measure_has_no_more_atoms_than_points(n, labels):  # Lemma B.1
    X, y = data.line_set(n, 1, labels)
    pair = l1svm.plane.refined(X, y, 1e-9)
    assert len(pair.weights.limbs) <= n
    assert brackets(X, y, pair, 1e-9)


@pytest.mark.parametrize("tol", [1e-9, 1e-25])
@pytest.mark.parametrize("points", [[[1, 2]], [[1, 0], [0, 1]], [[2, 1], [1, 2], [-1, 3]]])
def test_where_optimal_measures_are_many_one_of_few_atoms_is_found(points, tol):
    X = np.concatenate([points, -np.array(points)]).astype(float)
    y = np.repeat([1.0, -1.0], len(points))  # linear: halves of the plane share the mass at will
    pair = l1svm.plane.refined(X, y, tol)
    assert len(pair.weights.limbs) <= len(X)
    assert brackets(X, y, pair, tol)


CROSS = np.array([[1.0, 0], [0, 1], [-1, 0], [0, -1]])


@pytest.mark.parametrize("lengths", [[1, 1, 1, 1], [1, 1e3, 1e-3, 1], [1e5, 1e5, 1e5, 1e5]])
@pytest.mark.parametrize("labels", [[1, 1, -1, -1], [1, -1, -1, 1], [1, -1, 1, -1], [1, 1, 1, 1]])
@pytest.mark.parametrize("tol", [1e-9, 1e-25])
def test_brackets_close_where_the_best_atoms_sit_at_ends_of_arcs(lengths, labels, tol):
    X, y = CROSS * np.array(lengths)[:, None], np.array(labels, float)
    assert l1svm.max_margin(X, y, tol=tol).status == Status.OPTIMAL
    assert interpolation.min_l1_norm(X, y, tol=tol).status == Status.OPTIMAL


def test_where_many_digits_fail_the_bracket_of_floats_is_left():
    angle = np.arange(6) * np.pi / 3  # three lines, each twice but for the rounding
    X, y = np.column_stack([np.cos(angle), np.sin(angle)]), np.array([1.0, -1, 1, -1, 1, -1])
    result = l1svm.max_margin(X, y, tol=1e-20)
    assert 0 <= result.lower <= result.upper < 1e-12
