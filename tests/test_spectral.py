"""The spectral bound of max |F|: never below the truth, and √2/4 on the distribution D."""

import numpy as np
import pytest
from flint import arb_mat, ctx
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import check_grad

from margintheory import faces, rigour, spectral

FEW = settings(max_examples=30)
SMALL = st.integers(-4, 4).map(float)


@FEW
@given(hnp.arrays(float, (5, 3), elements=SMALL), hnp.arrays(float, 5, elements=SMALL))
def test_bound_is_never_below_the_exact_maximum(X, w):
    if X.any() and w.any():
        exact = faces.max_abs(faces.enumerate_faces(X), w)
        assert not spectral.max_abs(X, w) < exact


def test_bound_is_exact_for_one_point_and_for_an_even_function():
    x = np.array([[2.0, 3.0, 6.0]])
    assert rigour.above(spectral.max_abs(x, np.array([1.0]))) == pytest.approx(7, rel=1e-6)
    both = np.concatenate([x, -x])  # ½|u·x|·2
    assert rigour.above(spectral.max_abs(both, np.ones(2))) == pytest.approx(7, rel=1e-6)


def test_bound_is_homogeneous_and_invariant_under_signed_permutations_and_duplicates():
    rng = np.random.default_rng(0)
    X, w = rng.normal(size=(9, 4)), rng.normal(size=9)
    value = rigour.above(spectral.max_abs(X, w))
    for X_, w_, factor in [
        (2.0**300 * X, 2.0**-310 * w, 2.0**-10),
        (X[:, [2, 0, 3, 1]] * [1, -1, 1, -1], w, 1),
        (np.concatenate([X, X]), np.concatenate([w, w]) / 2, 1),
        (X, -w, 1),
    ]:
        assert rigour.above(spectral.max_abs(X_, w_)) == pytest.approx(factor * value, rel=1e-6)


def test_least_finds_a_p_that_comes_near_root_two_over_four_on_the_distribution_d():
    X, y = map(np.asarray, distribution_d(300, 10))
    equal = rigour.above(spectral.max_abs(X, y / 300))
    p = spectral.least(X, y)
    found = rigour.above(spectral.max_abs(X, p * y))
    assert p.min() >= 0 and p.sum() == pytest.approx(1)
    assert 2**0.5 / 4 <= found < 1.001 * 2**0.5 / 4 < 1.1 * 2**0.5 / 4 < equal


def distribution_d(n, d, seed=0):
    rng = np.random.default_rng(seed)
    X = np.concatenate([rng.choice([-1.0, 1.0], (n, 2)), rng.normal(size=(n, d - 2))], axis=1)
    return X, X[:, 0] * X[:, 1]


def test_smooth_bound_has_the_gradient_it_says():
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(6, 3)), rng.choice([-1.0, 1.0], 6)
    arguments = X, np.linalg.norm(X, axis=1), y, 0.05
    theta = 0.3 * rng.normal(size=8)
    error = check_grad(
        lambda t: spectral._smooth_bound(t, *arguments)[0],
        lambda t: spectral._smooth_bound(t, *arguments)[1],
        theta,
    )
    assert error < 1e-6


@FEW
@given(hnp.arrays(float, (4, 4), elements=st.floats(-9, 9)))
def test_top_eigenvalue_is_not_below_that_of_an_independent_solver(A):
    M = A + A.T
    with ctx.workprec(rigour.PRECISION):
        ball = spectral.top_eigenvalue(arb_mat(M.tolist()))
        # no eigenvalue above the bound: the characteristic polynomial's companion agrees
        eigenvalues = [z.real for z in arb_mat(M.tolist()).eig(multiple=True, algorithm="approx")]
    greatest = max([0.0, *(float(z) for z in eigenvalues)])
    assert rigour.above(ball) >= greatest - 1e-12 * np.abs(M).sum()
    assert rigour.below(ball) <= greatest + 1e-10 * (1 + np.abs(M).sum())


def test_points_of_scales_that_floats_cannot_hold_together_are_refused():
    with pytest.raises(ValueError, match="apart"):
        spectral.max_abs(np.array([[1e300, 1e-300], [1.0, 0.0]]), np.ones(2))
