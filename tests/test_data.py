"""Data sets: shapes, determinism, refusals."""

from functools import partial

import numpy as np
import pytest
from scipy.stats import beta, chi2, kstest

from margintheory import data


def test_the_line_set_is_sorted_lifted_and_the_same_each_time():
    X, y = data.line_set(30)
    assert X.shape == (30, 2) and np.all(X[:, 1] == 1) and np.all(np.diff(X[:, 0]) > 0)
    assert np.all(np.abs(X[:, 0]) <= 1) and set(y) == {-1.0, 1.0}
    np.testing.assert_array_equal(data.line_set(30)[0], X)
    assert not np.array_equal(data.line_set(30, seed=2)[0], X)


def test_smooth_labels_are_a_function_of_the_point_and_random_ones_are_not():
    X, y = data.line_set(500)
    np.testing.assert_array_equal(y, np.where(np.sin(5 * X[:, 0] + 0.3) > 0, 1, -1))
    assert np.sum(np.diff(y) != 0) <= 4
    assert 200 < np.sum(np.diff(data.line_set(500, labels="random")[1]) != 0) < 300


@pytest.mark.parametrize("draw", [data.xor, data.xor_sphere, partial(data.xor_truncated, C=3)])
def test_xor_labels_are_the_product_of_two_fair_signs_and_say_nothing_of_the_noise(draw):
    X, y = draw(20_000, 6)
    assert set(X[:, 0]) == set(X[:, 1]) == {-1.0, 1.0}
    np.testing.assert_array_equal(y, X[:, 0] * X[:, 1])
    assert np.abs(X.mean(axis=0)).max() < 0.04  # five standard deviations
    assert np.abs((y[:, None] * X).mean(axis=0)).max() < 0.04


def test_the_noise_of_xor_is_standard_normal():
    noise = data.xor(20_000, 6)[0][:, 2:]
    assert kstest(noise.ravel(), "norm").pvalue > 0.01
    assert kstest((noise**2).sum(axis=1), chi2(4).cdf).pvalue > 0.01


def test_truncation_is_conditioning_on_the_length():
    noise = data.xor_truncated(20_000, 6, C=3)[0][:, 2:]
    law = chi2(4)
    assert kstest((noise**2).sum(axis=1), lambda r: law.cdf(r) / law.cdf(7)).pvalue > 0.01
    assert (noise**2).sum(axis=1).max() <= 7


def test_the_noise_of_xor_sphere_is_uniform_on_its_sphere():
    X = data.xor_sphere(20_000, 6)[0]
    np.testing.assert_allclose((X**2).sum(axis=1), 6, rtol=1e-14)
    cosines = X[:10_000, 2:] @ np.array([0.6, 0, 0, 0.8]) / 2
    assert kstest((cosines + 1) / 2, beta(1.5, 1.5).cdf).pvalue > 0.01


def test_a_neuron_labels_gaussian_points_and_does_not_change_with_their_number():
    X, y, u = data.neuron_regression(2000, 5, seed=3)
    assert np.linalg.norm(u) == pytest.approx(1, rel=1e-14)
    np.testing.assert_array_equal(y, np.maximum(X @ u, 0))
    assert kstest(X.ravel(), "norm").pvalue > 0.01
    fewer = data.neuron_regression(10, 5, seed=3)
    np.testing.assert_array_equal(fewer[0], X[:10])
    np.testing.assert_array_equal(fewer[2], u)
    assert not np.array_equal(data.neuron_regression(10, 5, seed=4)[2], u)


@pytest.mark.parametrize(
    "draw",
    [
        lambda: data.xor(5, 2),
        lambda: data.xor(0, 3),
        lambda: data.xor_sphere(5, 2),
        lambda: data.xor_truncated(5, 4, C=1.9),
        lambda: data.xor_truncated(5, 4, C=-3),
        lambda: data.neuron_regression(0, 3),
    ],
)
def test_distributions_that_do_not_exist_are_refused(draw):
    with pytest.raises(ValueError, match="must be"):
        draw()


def test_a_whole_number_may_be_a_float():
    np.testing.assert_array_equal(
        data.line_set(30.0, labels="random")[1], data.line_set(30, labels="random")[1]
    )


@pytest.mark.parametrize("seed", [-1, 0.5, "one", None, [1]])
def test_a_seed_is_a_whole_number(seed):
    for draw in (
        lambda: data.line_set(5, seed),
        lambda: data.xor(5, 3, seed),
        lambda: data.xor_sphere(5, 3, seed),
        lambda: data.xor_truncated(5, 3, 3, seed),
        lambda: data.neuron_regression(5, 3, seed),
        lambda: data.teacher_sets([seed], 3, units=2, n_test=3),
    ):
        with pytest.raises(ValueError, match=r"seeds? must be"):
            draw()


@pytest.mark.parametrize("number", ["three", None, np.nan, np.inf, 1j])
def test_a_number_of_examples_is_a_number(number):
    for draw in (
        lambda: data.line_set(number),
        lambda: data.xor(number, 3),
        lambda: data.xor(5, number),
        lambda: data.xor_truncated(5, 3, number),
        lambda: data.neuron_regression(number, 3),
        lambda: data.teacher_sets([0], number, units=2, n_test=3),
        lambda: data.teacher_sets([0], 3, units=2, n_test=3, margin=number),
    ):
        with pytest.raises(ValueError, match="must be"):
            draw()


@pytest.mark.parametrize("arguments", [{"n": 0}, {"n": 1.5}, {"n": 3, "labels": "other"}])
def test_bad_requests_are_refused(arguments):
    with pytest.raises(ValueError, match="must be"):
        data.line_set(**arguments)


def test_teacher_sets_are_one_set_for_each_seed_whatever_the_others_are():
    both = data.teacher_sets([3, 5], 20, units=6, n_test=7, margin=0.1)
    alone = data.teacher_sets([5], 20, units=6, n_test=7, margin=0.1)
    assert both.X.shape == (2, 20, 20) and both.X_test.shape == (2, 7, 20)
    for together, one in zip(both, alone, strict=True):
        np.testing.assert_array_equal(together[1], one[0])
    assert set(np.unique(both.y)) == {-1.0, 1.0}


def test_a_seed_has_one_teacher_for_all_sizes_and_the_margin_is_kept():
    few, many = (
        data.teacher_sets([4], n, units=1, n_test=2000, d=3, task="regression") for n in (5, 50)
    )
    X, y = (np.concatenate([s[k][0] for s in (few, many)]) for k in (0, 1))
    active = y != 0
    neuron = np.linalg.lstsq(X[active], y[active])[0]  # w·u, so y = w relu(u·x)
    np.testing.assert_allclose(X[active] @ neuron, y[active], atol=1e-12)
    assert np.all(X[~active] @ neuron * np.sign(y[active][0]) <= 0)
    kept = data.teacher_sets([4], 500, units=1, n_test=5, d=3, margin=0.5)
    assert np.abs(kept.X[0] @ neuron).min() >= 0.5


def test_a_margin_that_leaves_nothing_is_refused():
    with pytest.raises(ValueError, match="rejects nearly every point"):
        data.teacher_sets([0], 3, units=1, n_test=3, margin=1e6)


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        ("task must be", {"task": "other"}),
        ("must not be negative", {"margin": -1.0}),
        ("seeds must be a list", {"seeds": []}),
        ("seeds must be a list", {"seeds": 3}),
        ("units must be", {"units": 0}),
        ("scale must be positive", {"scale": 0.0}),
    ],
)
def test_bad_teachers_are_refused(words, changes):
    with pytest.raises(ValueError, match=words):
        data.teacher_sets(**{"seeds": [0], "n": 3, "units": 2, "n_test": 3, **changes})
