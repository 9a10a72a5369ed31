"""The certified global minimum of the regularised logistic and squared loss."""

import math

import jax
import mpmath
import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit

from margintheory import data, l1svm, networks, regularized, sphere
from margintheory.status import Status


def gap(result):
    return (result.objective_upper - result.objective_lower) / result.objective_upper


def objective(X, y, lam, w, U):
    """L_λ with forty digits."""
    with mpmath.workdps(40):
        w, U = mpmath.matrix(w.tolist()), mpmath.matrix(U.tolist())
        total = mpmath.mpf(0)
        for x, label in zip(X.tolist(), y.tolist(), strict=True):
            f = sum(
                w[j] * max(sum(U[j, k] * x[k] for k in range(len(x))), 0) for j in range(len(w))
            )
            total += mpmath.log1p(mpmath.exp(-label * f)) / len(y)
        return total + mpmath.mpf(lam) * (sum(v**2 for v in w) + sum(v**2 for v in U))


@pytest.mark.parametrize("lam", [1.0, 1e-1, 1e-2, 1e-4, 1e-8, 1e-14])
@pytest.mark.parametrize(
    ("n", "seed", "labels"), [(8, 1, "smooth"), (20, 1, "smooth"), (8, 3, "random")]
)
def test_bracket_closes_from_large_to_tiny_lambda(n, seed, labels, lam):
    X, y = data.line_set(n, seed, labels)
    result = regularized.solve(X, y, lam)
    assert result.status == "optimal" and 0 <= gap(result) <= 1e-9
    net = result.network
    exact = objective(X, y, lam, np.asarray(net.w), np.asarray(net.U))
    assert result.objective_lower <= exact <= result.objective_upper
    assert result.objective_upper <= exact * (1 + 1e-15)
    assert result.norm_squared == pytest.approx(float(net.norm_squared), rel=1e-13)
    if result.norm_squared:
        assert result.margin == pytest.approx(float((y * net(X)).min()) / result.norm_squared)


@pytest.mark.parametrize(
    ("lam", "norm_squared", "margin"),
    [
        (1e-4, 283.87, 0.0137010),
        (1e-8, 870.95, 0.0150301),
        (1e-12, 1463.4, 0.0152374),
        (1e-14, 1759.8, 0.0152876),
    ],
)
def test_path_of_the_line_set_is_that_of_an_independent_prototype(lam, norm_squared, margin):
    X, y = data.line_set(8)
    result = regularized.solve(X, y, lam)
    assert result.norm_squared == pytest.approx(norm_squared, rel=5e-5)
    assert result.margin == pytest.approx(margin, abs=6e-8)


def test_random_labels_close_where_other_methods_fail():
    X, y = data.line_set(50, 1, "random")
    for lam in (1e-6, 1e-14):
        assert gap(regularized.solve(X, y, lam)) <= 1e-9


@pytest.mark.parametrize("n", [1, 2, 3, 5, 10, 20])
def test_gaussian_points_with_random_labels_close(n):
    for seed in range(6):
        rng = np.random.default_rng(seed)
        X, y = rng.normal(size=(n, 2)), rng.choice([-1.0, 1.0], n)
        for lam in (1e-3, 1e-6, 1e-9, 1e-13):
            assert gap(regularized.solve(X, y, lam)) <= 1e-9


@pytest.mark.parametrize("lam", [3e-2, 1e-2, 1e-3])
def test_trained_networks_never_beat_the_lower_bound_and_the_best_comes_close(lam):
    X, y = data.line_set(6, 2)
    result = regularized.solve(X, y, lam)
    rng, m, best = np.random.default_rng(0), 8, math.inf

    def L(theta):
        w, U = theta[:m], theta[m:].reshape(m, 2)
        H = X @ U.T
        f = np.maximum(H, 0) @ w
        slope = -y * expit(-y * f) / len(y)
        dU = ((H > 0) * slope[:, None] * w).T @ X
        dw = np.maximum(H, 0).T @ slope
        value = np.logaddexp(0, -y * f).mean() + lam * theta @ theta
        return value, np.concatenate([dw, dU.ravel()]) + 2 * lam * theta

    for _ in range(30):
        run = minimize(L, rng.normal(size=3 * m), jac=True, method="L-BFGS-B")
        assert run.fun >= result.objective_lower
        best = min(best, run.fun)
    assert best <= result.objective_upper * (1 + 1e-3)


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.floats(-6, 1))
def test_weak_duality_holds_for_random_networks_and_random_duals(seed, log_lam):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(4, 2)), rng.choice([-1.0, 1.0], 4)
    net = networks.TwoLayer(rng.normal(size=3), rng.normal(size=(3, 2)))
    lower, upper = regularized.certificate(X, y, 10**log_lam, net, rng.uniform(size=4))
    assert lower < upper


def test_dual_value_is_that_of_the_scaled_p():
    X, y, lam = np.array([[3.0, 4.0]]), np.array([1.0]), 0.01
    # one point: max_u |p relu(u·x)| = 5p must be at most 2λ, so t p = 2λ/5
    zero = networks.from_measure([0.0], [[1.0, 0.0]])
    lower, upper = regularized.certificate(X, y, lam, zero, [0.3])
    p = mpmath.mpf(lam) * 2 / 5
    entropy = -p * mpmath.log(p) - (1 - p) * mpmath.log(1 - p)
    assert float(lower) == pytest.approx(float(entropy), rel=1e-14)
    assert upper.overlaps(arb(2).log())
    feasible, _ = regularized.certificate(X, y, 1.0, zero, [0.25])
    assert float(feasible) == pytest.approx(-0.25 * math.log(0.25) - 0.75 * math.log(0.75))


def test_one_point_has_the_solution_of_a_scalar_equation():
    # min_s ln(1 + e^{−|x|s/2}) + λ s, so |x|/2 = λ (1 + e^{|x|s/2})
    X, lam = np.array([[3.0, 4.0]]), 1e-5
    result = regularized.solve(X, [-1], lam)
    s = math.log(2.5 / lam - 1) / 2.5
    assert result.norm_squared == pytest.approx(s, rel=1e-6)
    assert result.margin == pytest.approx(2.5, rel=1e-12)
    assert result.objective_upper == pytest.approx(math.log1p(math.exp(-2.5 * s)) + lam * s)


def test_zero_is_returned_exactly_when_it_is_the_minimiser():
    X, y = data.line_set(10)
    edge = float(sphere.max_abs(sphere.arrange(X), y)) / (4 * len(y))
    above, below = (regularized.solve(X, y, edge * c) for c in (1 + 1e-12, 1 - 1e-3))
    assert above.norm_squared == 0 and math.isnan(above.margin) and above.status == "optimal"
    assert above.objective_lower <= math.log(2) <= above.objective_upper
    assert gap(above) < 1e-15
    assert below.norm_squared > 0 and below.objective_upper < math.log(2)


def test_the_network_is_balanced():
    net = regularized.solve(*data.line_set(8), 1e-6).network
    assert np.linalg.norm(net.U, axis=1) == pytest.approx(np.abs(net.w), rel=1e-12)


def test_margin_tends_to_half_of_the_l1_margin_from_below():
    X, y = data.line_set(8)
    half = l1svm.max_margin(X, y).upper / 2  # Proposition 4.1
    margins = [result.margin for result in regularized.path(X, y, [1e-4, 1e-8, 1e-12])]
    assert sorted(margins) == margins and margins[-1] < half < margins[-1] * 1.03


def test_scaling_the_data_is_scaling_lambda():
    # f is linear in the data: with cX the same losses cost ‖Θ‖²/c
    X, y = data.line_set(8, 3, "random")
    one, other = regularized.solve(X, y, 1e-5), regularized.solve(4 * X, y, 4e-5)
    assert other.objective_lower <= one.objective_upper
    assert one.objective_lower <= other.objective_upper
    assert other.norm_squared == pytest.approx(one.norm_squared / 4, rel=1e-4)


def test_objective_is_invariant_to_rotation_permutation_and_doubling_of_the_data():
    X, y = data.line_set(8)
    lam = 1e-5
    result = regularized.solve(X, y, lam)
    quarter = np.stack([-X[:, 1], X[:, 0]], axis=1)
    for X_, y_ in [(quarter, y), (X[::-1], y[::-1]), (np.tile(X, (2, 1)), np.tile(y, 2)), (X, -y)]:
        other = regularized.solve(X_, y_, lam)
        assert other.objective_upper == pytest.approx(result.objective_upper, rel=2e-9)
        assert gap(other) <= 1e-9


def test_path_is_monotone_and_each_minimum_is_certified():
    X, y = data.line_set(8)
    results = regularized.path(X, y, [1e-1, 1e-3, 1e-6])
    assert [r.lam for r in results] == [1e-1, 1e-3, 1e-6]
    assert all(gap(r) <= 1e-9 for r in results)
    assert results[0].objective_lower > results[1].objective_upper
    assert results[1].norm_squared < results[2].norm_squared


@pytest.mark.parametrize("lam", [1e-1, 1e-3, 1e-6])
@pytest.mark.parametrize(
    ("X", "y"),
    [
        ([[1, 2], [1, 2]], [1, -1]),
        ([[1, 2], [3, 6]], [1, -1]),
        ([[1, 2], [0, 0]], [1, 1]),
        ([[0, 0], [0, 0]], [1, -1]),
        ([[1], [-2]], [1, -1]),
        ([[1, 0], [-1, 0]], [1, 1]),
    ],
)
def test_degenerate_and_not_separable_data_have_certified_minima(X, y, lam):
    result = regularized.solve(X, y, lam)
    assert result.status == "optimal" and gap(result) <= 1e-9
    assert result.network.U.shape[1] == len(X[0])


def test_identical_points_with_opposite_labels_have_zero_as_minimiser_for_every_lambda():
    for lam in (1.0, 1e-7, 1e-14):
        result = regularized.solve([[1.0, 2.0], [1.0, 2.0]], [1, -1], lam)
        assert result.norm_squared == 0


def test_tiny_lambda_on_data_that_are_not_separable_gives_the_unregularised_minimum():
    # two points on one ray, opposite labels: min_s ½ ln(1 + e^{−s}) + ½ ln(1 + e^{3s})
    result = regularized.solve([[1.0, 2.0], [3.0, 6.0]], [1, -1], 1e-14)
    s = np.linspace(-3, 3, 60_001)
    limit = (np.logaddexp(0, -s) + np.logaddexp(0, 3 * s)).min() / 2
    assert result.objective_lower <= limit + 1e-8 and result.objective_upper >= limit - 1e-8


@pytest.mark.parametrize("loss", ["logistic", "squared"])
@pytest.mark.parametrize("lam", [1e-2, 1e-6, 1e-30])
def test_the_bracket_closes_to_twenty_five_digits(lam, loss):
    X, y = data.line_set(8)
    result = regularized.solve(X, y, lam, loss=loss, tol=1e-25)
    assert result.status == Status.OPTIMAL
    assert result.objective_upper <= np.nextafter(result.objective_lower, np.inf)
    coarse = regularized.solve(X, y, lam, loss=loss, tol=1e-6)
    assert coarse.objective_lower <= result.objective_upper
    assert result.objective_lower <= coarse.objective_upper


def test_result_is_a_pytree():
    result = regularized.solve(*data.line_set(4), 1e-3)
    doubled = jax.tree.map(lambda leaf: 2 * leaf, result)
    assert doubled.norm_squared == 2 * result.norm_squared and doubled.status == result.status


@pytest.mark.parametrize("lam", [0.0, -1.0, math.nan, math.inf, "small"])
def test_lambda_must_be_positive_and_finite(lam):
    with pytest.raises(ValueError, match="lam"):
        regularized.solve([[1.0, 2.0]], [1], lam)


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ([[1.0, 2.0, 3.0]], [1], "d ≤ 2"),
        ([[1.0, 2.0]], [2], "labels"),
        ([[1.0, 2.0]], [1, 1], "must match"),
        ([[np.nan, 2.0]], [1], "finite"),
        (np.zeros((0, 2)), [], "empty"),
    ],
)
def test_bad_data_are_refused(X, y, message):
    with pytest.raises(ValueError, match=message):
        regularized.solve(X, y, 1e-3)


def test_other_losses_and_bad_certificates_are_refused():
    X, y = data.line_set(3)
    with pytest.raises(ValueError, match="logistic"):
        regularized.solve(X, y, 1e-3, loss="hinge")
    net = networks.from_measure([1.0], [[1.0, 0.0]])
    for dual in ([0.5, 0.5], [0.5, 0.5, 1.5], [0.5, -0.1, 0.5]):
        with pytest.raises(ValueError, match="dual"):
            regularized.certificate(X, y, 1e-3, net, dual)
    wide = networks.from_measure([1.0], [[1.0, 0.0, 0.0]])
    with pytest.raises(ValueError, match="inputs"):
        regularized.certificate(X, y, 1e-3, wide, [0.5] * 3)


# The squared loss


def regression(n, seed, noise=False):
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(-1, 1, n))
    return np.column_stack([x, np.ones(n)]), rng.normal(size=n) if noise else np.sin(4 * x)


def squared(X, y, lam, w, U):
    return np.mean((np.maximum(X @ U.T, 0) @ w - y) ** 2) + lam * ((w**2).sum() + (U**2).sum())


@pytest.mark.parametrize("noise", [False, True])
@pytest.mark.parametrize("n", [1, 4, 10, 20])
def test_squared_loss_closes_from_large_to_tiny_lambda(n, noise):
    X, y = regression(n, n, noise)
    for lam in (1e-1, 1e-3, 1e-6, 1e-9, 1e-11):
        result = regularized.solve(X, y, lam, loss="squared")
        assert result.status == "optimal" and 0 <= gap(result) <= 1e-9
        w, U = np.asarray(result.network.w), np.asarray(result.network.U)
        assert result.objective_upper == pytest.approx(squared(X, y, lam, w, U), rel=1e-6)
        assert math.isnan(result.margin)
        # the objectives are strongly concave in p, made feasible, and convex in f
        greatest = float(sphere.max_abs(sphere.arrange(X), result.dual).mid())
        p = result.dual * min(1, 2 * n * lam / greatest)
        width = 4 * math.sqrt(n * (result.objective_upper - result.objective_lower))
        residual = 2 * (y - np.asarray(result.network(X)))
        assert np.linalg.norm(p - residual) <= width + 1e-13 * result.norm_squared


def test_one_point_has_the_squared_loss_of_a_parabola():
    # min_a (a‖x‖ − y)² + 2λa over a ≥ 0
    for lam, target in ((0.1, 2.0), (0.1, -2.0), (20.0, 2.0)):
        result = regularized.solve([[3.0, 4.0]], [target], lam, loss="squared")
        a = max(abs(target) / 5 - lam / 25, 0)
        assert result.norm_squared == pytest.approx(2 * a, rel=1e-9)
        value = (5 * a - abs(target)) ** 2 + 2 * lam * a
        assert result.objective_lower <= value * (1 + 1e-15)
        assert result.objective_upper == pytest.approx(value, rel=1e-9)


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.floats(-6, 1))
def test_weak_duality_holds_for_the_squared_loss(seed, log_lam):
    rng = np.random.default_rng(seed)
    X, y, lam = rng.normal(size=(4, 2)), rng.normal(size=4), 10**log_lam
    net = networks.TwoLayer(rng.normal(size=3), rng.normal(size=(3, 2)))
    lower, upper = regularized.certificate(X, y, lam, net, rng.normal(size=4), loss="squared")
    assert lower < upper
    expected = squared(X, y, lam, np.asarray(net.w), np.asarray(net.U))
    assert float(upper.mid()) == pytest.approx(expected, rel=1e-13)


def test_trained_networks_never_beat_the_minimum_of_the_squared_loss():
    (X, y), lam, m = regression(6, 3), 1e-2, 16
    result = regularized.solve(X, y, lam, loss="squared")
    rng, best = np.random.default_rng(0), math.inf

    def L(theta):
        w, U = theta[:m], theta[m:].reshape(m, 2)
        H = np.maximum(X @ U.T, 0)
        slope = 2 * (H @ w - y) / len(y)
        dU = ((H > 0) * slope[:, None] * w).T @ X
        gradient = np.concatenate([H.T @ slope, dU.ravel()]) + 2 * lam * theta
        return squared(X, y, lam, w, U), gradient

    for _ in range(20):
        run = minimize(L, rng.normal(size=3 * m), jac=True, method="L-BFGS-B")
        assert run.fun >= result.objective_lower
        best = min(best, run.fun)
    assert best <= result.objective_upper * (1 + 3e-3)


def test_zero_targets_and_targets_that_are_not_labels():
    zero = regularized.solve([[1.0, 2.0]], [0.0], 1e-3, loss="squared")
    assert (zero.norm_squared, zero.objective_upper, zero.status) == (0, 0, "optimal")
    with pytest.raises(ValueError, match="labels"):
        regularized.solve([[1.0, 2.0]], [0.5], 1e-3)
    with pytest.raises(ValueError, match="match"):
        regularized.solve([[1.0, 2.0]], [0.5, 1.0], 1e-3, loss="squared")
