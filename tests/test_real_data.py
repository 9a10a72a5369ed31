"""Real training sets as scikit-learn has them: flowers, wines, tumours and digits, raw and scaled.

Nobody has centred or scaled raw features: lengths of 1000, all points in one narrow cone, features
of different units, constant columns, points that occur twice.
"""

import math

import numpy as np
import pytest
from sklearn import datasets

from margintheory import interpolation, kernels, l1svm, l2svm, regularized, rigour, sphere


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


def kappa(d):
    return sphere.volume(d)


@everything
@pairs
def test_l2_margin_of_a_whole_set_closes(name, classes, prepare):
    X, y = training_set(name, classes, 200, prepare)
    result = l2svm.max_margin(kernels.relu_kernel(X), y)
    assert 0 < result.lower <= result.upper
    print(name, classes, prepare.__name__, result.lower, result.upper, result.status)


@everything
@pairs
def test_l1_margin_of_a_few_points(name, classes, prepare):
    X, y = training_set(name, classes, 10, prepare)
    X = X[:, X.std(axis=0).argsort()[-6:]]
    result = l1svm.max_margin(X, y)
    print(name, classes, prepare.__name__, result.lower, result.upper, str(result.status)[:20], result.proof)
    two = l2svm.max_margin(kernels.relu_kernel(X), y)
    print(two.lower, two.upper)


@everything
@pairs
def test_interpol(name, classes, prepare):
    X, y = training_set(name, classes, 6, prepare)
    r = interpolation.min_l1_norm(X, y)
    print(name, classes, prepare.__name__, r.lower, r.upper, str(r.status)[:20])
    r = interpolation.min_l2_norm(X, y)
    print(r.lower, r.upper)


@everything
@pairs
def test_reg(name, classes, prepare):
    X, y = training_set(name, classes, 30, prepare)
    X = X[:, X.std(axis=0).argsort()[-2:]]
    for lam in (1e-1,1e-3):
        r = regularized.solve(X, y, lam)
        print(name, classes, prepare.__name__, r.objective_lower, r.objective_upper, str(r.status)[:20])
