"""Data sets: shapes, determinism, refusals."""

import numpy as np
import pytest

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


@pytest.mark.parametrize("arguments", [{"n": 0}, {"n": 1.5}, {"n": 3, "labels": "other"}])
def test_bad_requests_are_refused(arguments):
    with pytest.raises(ValueError, match="must be"):
        data.line_set(**arguments)
