"""Real training sets as scikit-learn has them: flowers, wines, tumours and digits, raw and scaled.

Nobody has centred or scaled raw features: lengths of 1000, all points in one narrow cone, features
of different units, constant columns, points that occur twice.
"""

import math

import numpy as np
import pytest
from sklearn import datasets

from margintheory import interpolation, kernels, l1svm, l2svm, regularized, rigour


def raw(X):
    return X


def standardised(X):
    """Mean 0 and variance 1 in each column that is not constant."""
    spread = X.std(axis=0)
    return (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1.0)


def with_constant(X):
    """Standardised, and a coordinate 1, by which a unit gets a bias."""
    return np.column_stack([standardised(X), np.ones(len(X))])


def training_set(name, classes, n, prepare):
    """The first n points of two classes, alternating as far as they do in the file, labelled ±1."""
    bunch = getattr(datasets, f"load_{name}")()
    X, y = bunch.data, bunch.target
    rows = np.sort(np.concatenate([np.flatnonzero(y == c)[: n // 2] for c in classes]))
    return prepare(X[rows]), np.where(y[rows] == classes[1], 1.0, -1.0)


LN_2 = math.nextafter(math.log(2), 1)  # the loss of the zero network, rounded up

PAIRS = [
    ("iris", (0, 1)),
    ("iris", (0, 2)),
    ("iris", (1, 2)),
    ("wine", (0, 1)),
    ("wine", (0, 2)),
    ("wine", (1, 2)),
    ("breast_cancer", (0, 1)),
    ("digits", (0, 1)),
    ("digits", (3, 8)),
    ("digits", (4, 9)),
]
PREPARED = [raw, standardised, with_constant]
everything = pytest.mark.parametrize("prepare", PREPARED, ids=lambda f: f.__name__)
pairs = pytest.mark.parametrize(("name", "classes"), PAIRS, ids=lambda v: str(v))


def few_features(X, k):
    """The k features of greatest variance."""
    return X[:, np.sort(X.std(axis=0).argsort()[-k:])]


@everything
@pairs
def test_l2_margin_of_two_classes_is_positive_and_narrow(name, classes, prepare):
    X, y = training_set(name, classes, 100, prepare)
    result = l2svm.max_margin(kernels.relu_kernel(X), y)
    assert (
        0 < result.lower <= result.upper <= result.lower * (1 + (1e-10 if prepare != raw else 1e-4))
    )
    exact_kernel = kernels.relu_kernel_ball(X[:20]), y[:20]
    lower, upper = l2svm.bracket(*exact_kernel, np.ones(20))
    assert lower <= upper
    assert rigour.above(upper) >= result.lower  # 20 points have the greater margin


@everything
@pairs
def test_both_margins_of_ten_points_close_and_are_in_order(name, classes, prepare):
    X, y = training_set(name, classes, 10, prepare)
    X = few_features(X, 4)
    one, two = l1svm.max_margin(X, y), l2svm.max_margin(kernels.relu_kernel(X), y)
    assert one.status == "optimal"
    assert 0 < two.lower <= one.upper
    assert one.lower <= np.linalg.norm(X, axis=1).min() * (1 + 1e-15)
    assert l1svm.lower_bound(X, y, one.atoms, one.weights) >= one.lower * (1 - 1e-15)


@everything
@pairs
def test_both_interpolants_of_six_points_are_in_order(name, classes, prepare):
    X, y = training_set(name, classes, 6, prepare)
    X = few_features(X, 6)
    if interpolation.dependence(X):  # six pixels of two digits may lie on one ray
        return
    one, two = interpolation.min_l1_norm(X, y), interpolation.min_l2_norm(X, y)
    margin = l1svm.max_margin(X, y)
    assert 0 < one.lower <= one.upper
    assert 0 < two.lower <= two.upper <= two.lower * (1 + 1e-9)
    assert one.lower <= two.upper
    assert margin.upper * one.upper >= 1  # the interpolant of the labels has margin 1


@everything
@pairs
def test_the_loss_of_two_features_has_its_global_minimum_for_each_regularisation(
    name, classes, prepare
):
    X, y = training_set(name, classes, 20, prepare)
    X = few_features(X, 2)
    minima = regularized.path(X, y, [1e-1, 1e-3])
    for minimum in minima:
        assert minimum.status == "optimal"
        assert 0 < minimum.objective_lower <= minimum.objective_upper <= LN_2
    assert minima[1].objective_lower <= minima[0].objective_upper


@pytest.mark.parametrize(
    ("prepare", "least", "most"), [(raw, 0.0100, 0.0140), (with_constant, 0.0590, 0.0605)]
)
def test_l1_margin_of_a_whole_set_is_found_where_the_arrangement_is_too_large(prepare, least, most):
    X, y = training_set("iris", (1, 2), 100, prepare)
    result = l1svm.max_margin(X, y)
    assert least <= result.lower <= result.upper
    assert result.lower <= most  # what the search believes to be the dual's maximum
    assert l1svm.lower_bound(X, y, result.atoms, result.weights) >= result.lower * (1 - 1e-15)
