"""Objectives: agreement with the definition, and accuracy where the loss is tiny."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_softmax

from margintheory import networks, objectives

seeds = st.integers(0, 10**6)


@given(seeds, st.integers(2, 5))
def test_cross_entropy_is_minus_the_mean_log_softmax(seed, l):
    rng = np.random.default_rng(seed)
    scores, labels = 5 * rng.normal(size=(7, l)), rng.integers(l, size=7)
    expected = -np.mean(log_softmax(scores, axis=1)[np.arange(7), labels])
    assert objectives.cross_entropy(scores, labels) == pytest.approx(expected, rel=1e-12)


@given(seeds)
def test_logistic_loss_is_the_cross_entropy_of_half_scores(seed):
    """The reduction in the proof of Theorem A.3."""
    rng = np.random.default_rng(seed)
    f, y = rng.normal(size=6), rng.choice([-1, 1], 6)
    two_class = np.stack([-f / 2, f / 2], axis=1)
    expected = objectives.cross_entropy(two_class, (y + 1) // 2)
    assert objectives.logistic_loss(y * f) == pytest.approx(float(expected), rel=1e-12)


@given(st.lists(st.floats(-50, 600), min_size=1, max_size=6))
def test_logistic_loss_keeps_its_relative_accuracy_at_any_margin(margins):
    with mpmath.workdps(400):
        exact = mpmath.fsum(mpmath.log1p(mpmath.exp(-mpmath.mpf(m))) for m in margins) / len(
            margins
        )
    assert objectives.logistic_loss(np.array(margins)) == pytest.approx(float(exact), rel=1e-12)


@given(seeds, st.floats(0, 500))
def test_cross_entropy_keeps_its_relative_accuracy_at_any_scale(seed, scale):
    rng = np.random.default_rng(seed)
    scores = scale * rng.uniform(size=(3, 4))
    labels = scores.argmax(axis=1)
    with mpmath.workdps(400):
        rows = [
            mpmath.log(mpmath.fsum(mpmath.exp(mpmath.mpf(s) - mpmath.mpf(row[k])) for s in row))
            for row, k in zip(scores.tolist(), labels, strict=True)
        ]
        exact = float(mpmath.fsum(rows) / 3)
    assert objectives.cross_entropy(scores, labels) == pytest.approx(exact, rel=1e-11)


def test_weak_regularisation_is_right_at_lambda_1e_14():
    """Loss and penalty of size 1e-12: both must survive in the sum."""
    net = networks.scaled(networks.TwoLayer([1.0], [[1.0, 0.0]]), np.sqrt(30.0))
    X, y = np.array([[1.0, 0.0]]), np.array([1.0])
    with mpmath.workdps(50):
        exact = mpmath.log1p(mpmath.exp(-mpmath.mpf(float(net(X)[0])))) + mpmath.mpf(
            1e-14
        ) * mpmath.mpf(float(net.norm_squared))
    value = objectives.weakly_regularised(net, X, y, 1e-14)
    assert value == pytest.approx(float(exact), rel=1e-12)


@given(seeds, st.sampled_from([1.0, 2.0, 3.0]))
def test_the_penalty_is_lambda_times_the_norm_to_the_r(seed, r):
    rng = np.random.default_rng(seed)
    net = networks.TwoLayer(rng.normal(size=3), rng.normal(size=(3, 2)))
    X, y = rng.normal(size=(4, 2)), rng.choice([-1, 1], 4)
    penalty = objectives.weakly_regularised(net, X, y, 0.5, r) - objectives.logistic_loss(
        y * net(X)
    )
    norm = np.sqrt(np.sum(np.square(net.w)) + np.sum(np.square(net.U)))
    assert float(penalty) == pytest.approx(0.5 * norm**r, rel=1e-10)


def test_squared_loss_is_the_mean_of_squares():
    assert objectives.squared_loss(np.array([1.0, 3.0]), np.array([0.0, 1.0])) == 2.5
