"""Objectives: agreement with the definition, and accuracy where the loss is tiny."""

import jax
import jax.numpy as jnp
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


@given(seeds, st.integers(2, 4))
def test_networks_of_several_outputs_are_weakly_regularised_by_the_cross_entropy(seed, l):
    """All from the definitions, with r = 2 unless it is given."""
    rng = np.random.default_rng(seed)
    U, W = rng.normal(size=(3, 2)), rng.normal(size=(l, 3))
    X, y = rng.normal(size=(5, 2)), rng.integers(l, size=5)
    scores = np.maximum(X @ U.T, 0) @ W.T
    loss = -np.mean(log_softmax(scores, axis=1)[np.arange(5), y])
    square = (U**2).sum() + (W**2).sum()
    net = networks.Deep((U, W))
    assert objectives.weakly_regularised(net, X, y, 0.3) == pytest.approx(
        loss + 0.3 * square, rel=1e-12
    )
    assert objectives.weakly_regularised(net, X, y, 0.3, r=3.0) == pytest.approx(
        loss + 0.3 * square**1.5, rel=1e-12
    )


def test_the_penalty_of_a_two_layer_network_is_a_square_by_default():
    net = networks.TwoLayer([1.0], [[3.0, 0.0]])
    value = objectives.weakly_regularised(net, [[1.0, 0.0]], [1], 0.5)
    assert value == pytest.approx(np.log1p(np.exp(-3.0)) + 5.0, rel=1e-14)


def test_objectives_may_be_traced():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(4, 2)), np.array([0, 1, 1, 0])
    net = networks.Deep((rng.normal(size=(3, 2)), rng.normal(size=(2, 3))))
    binary = networks.TwoLayer(rng.normal(size=3), rng.normal(size=(3, 2)))
    for f, labels in ((net, y), (binary, 2 * y - 1)):
        value = objectives.weakly_regularised(f, X, labels, 0.1)
        traced = jax.jit(objectives.weakly_regularised)(f, X, labels, 0.1)
        assert traced == pytest.approx(float(value), rel=1e-13)
        with pytest.raises(ValueError, match="must match"):
            jax.jit(objectives.weakly_regularised)(f, X, labels[:3], 0.1)


def test_losses_keep_single_precision_where_it_is_given():
    single = jnp.zeros(3, jnp.float32)
    assert objectives.logistic_loss(single).dtype == jnp.float32
    assert objectives.squared_loss(single, single).dtype == jnp.float32
    net = jax.tree.map(lambda W: W.astype(jnp.float32), networks.TwoLayer([1.0], [[1.0]]))
    X = jnp.ones((1, 1), jnp.float32)
    assert net(X).dtype == jnp.float32
    traced = jax.eval_shape(objectives.weakly_regularised, net, X, jnp.ones(1, jnp.float32), 0.1)
    assert traced.dtype == jnp.float32


PAIR, POINTS = networks.TwoLayer([1.0], [[1.0, 0.0]]), [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("act", "word"),
    [
        (lambda: objectives.logistic_loss([[1.0]]), "1 axes"),
        (lambda: objectives.logistic_loss(jnp.ones((1, 1))), "1 axes"),
        (lambda: objectives.logistic_loss([]), "empty"),
        (lambda: objectives.logistic_loss([np.nan]), "finite"),
        (lambda: objectives.cross_entropy([[1.0, 2.0]], [2]), "0..1"),
        (lambda: objectives.cross_entropy([[1.0, 2.0]], [-1]), "0..1"),
        (lambda: objectives.cross_entropy([[1.0, 2.0]], [0.5]), "whole numbers"),
        (lambda: objectives.cross_entropy([[1.0, 2.0]], [0, 1]), "must match"),
        (lambda: objectives.cross_entropy([[1.0]], [0]), "l ≥ 2"),
        (lambda: objectives.cross_entropy([1.0, 2.0], [0, 1]), "2 axes"),
        (lambda: objectives.cross_entropy([["a", "b"]], [0]), "numeric"),
        (lambda: objectives.squared_loss([1.0, 2.0], [1.0]), "match them"),
        (lambda: objectives.squared_loss([1.0, 2.0], [[1.0], [2.0]]), "1 axes"),
        (lambda: objectives.weakly_regularised(PAIR, POINTS, [1, 2], 0.1), "labels must be"),
        (lambda: objectives.weakly_regularised(PAIR, POINTS, [[1], [-1]], 0.1), "1 axes"),
        (lambda: objectives.weakly_regularised(PAIR, POINTS, [1], 0.1), "must match"),
        (lambda: objectives.weakly_regularised(PAIR, POINTS, [1, -1], -0.1), "lam must be"),
        (lambda: objectives.weakly_regularised(PAIR, POINTS, [1, -1], np.nan), "lam is not"),
        (lambda: objectives.weakly_regularised(PAIR, POINTS, [1, -1], 0.1, 0), "r must be"),
        (lambda: objectives.weakly_regularised(PAIR, [[1.0]], [1], 0.1), "points in ℝ\\^2"),
    ],
)
def test_scores_labels_and_weights_that_make_no_sense_are_refused(act, word):
    with pytest.raises(ValueError, match=word):
        act()


def test_no_penalty_is_a_penalty_of_zero():
    value = objectives.weakly_regularised(PAIR, POINTS, [1, -1], 0.0)
    assert value == objectives.logistic_loss(np.array([1.0, -3.0]))


def test_squared_loss_is_the_mean_of_squares():
    assert objectives.squared_loss(np.array([1.0, 3.0]), np.array([0.0, 1.0])) == 2.5
