"""Branch and bound for max |F|: against the exact maximum, and never below it when cut short."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from margintheory import branching, faces, rigour

SMALL = st.integers(-3, 3).map(float)
FEW = settings(max_examples=30)


@FEW
@given(hnp.arrays(float, (6, 3), elements=SMALL), hnp.arrays(float, 6, elements=SMALL))
def test_bound_is_the_exact_maximum_to_seven_digits_for_any_position_of_the_points(X, w):
    if X.any() and w.any():
        exact = faces.max_abs(faces.enumerate_faces(X), w)
        bound = branching.max_abs(X, w)
        assert not bound < exact
        assert rigour.above(bound) <= rigour.above(exact) * (1 + 1e-5) + 1e-9


@pytest.mark.parametrize(("n", "d"), [(14, 4), (8, 7), (30, 3)])
def test_bound_closes_on_random_points(n, d):
    rng = np.random.default_rng(n)
    X, w = rng.normal(size=(n, d)), rng.normal(size=n)
    bound = rigour.above(branching.max_abs(X, w))
    best = 0.0
    for sign in (1, -1):
        _, u = branching.maximum(X, sign * w)
        best = max(best, sign * (np.maximum(X @ u, 0) @ w))
    assert best <= bound <= best * (1 + 1e-5)


def test_bound_remains_one_when_the_search_is_cut_short(monkeypatch):
    rng = np.random.default_rng(1)
    X, w = rng.normal(size=(14, 4)), rng.normal(size=14)
    exact = rigour.below(faces.max_abs(faces.enumerate_faces(X), w))
    tight = rigour.above(branching.max_abs(X, w))
    monkeypatch.setattr(branching, "ENTRIES", 20)
    monkeypatch.setattr(branching, "STEPS", 2)
    assert exact <= tight < rigour.above(branching.max_abs(X, w))


def test_bound_is_homogeneous_and_even_in_the_weights():
    rng = np.random.default_rng(2)
    X, w = rng.normal(size=(9, 4)), rng.normal(size=9)
    value = rigour.above(branching.max_abs(X, w))
    assert rigour.above(branching.max_abs(2.0**400 * X, 2.0**-400 * w)) == value
    assert rigour.above(branching.max_abs(X, -w)) == value


def test_points_of_scales_that_floats_cannot_hold_together_are_refused():
    with pytest.raises(ValueError, match="apart"):
        branching.max_abs(np.array([[1e300, 1e-300], [1.0, 0.0]]), np.ones(2))
