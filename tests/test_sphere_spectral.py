"""The spectral bound of max |F|: never below the truth, and √2/4 on the distribution D."""

import numpy as np
import pytest
from flint import arb, arb_mat, ctx
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import check_grad, minimize

from margintheory import rigour
from margintheory.sphere import faces, spectral

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


def test_smooth_bound_at_its_best_slopes_is_the_bound_where_it_is_hardly_smoothed():
    rng = np.random.default_rng(2)
    X, y, p = rng.normal(size=(6, 3)), rng.choice([-1.0, 1.0], 6), rng.uniform(0.5, 1, 6)
    p /= p.sum()
    arguments = X, np.linalg.norm(X, axis=1), y, 1e-5
    found = minimize(
        lambda slopes: spectral._smooth_bound(np.append(np.log(p), slopes), *arguments)[0],
        np.zeros(2),
        method="Nelder-Mead",
        options={"xatol": 1e-7, "fatol": 1e-11},
    )
    assert found.fun == pytest.approx(rigour.above(spectral.max_abs(X, p * y)), rel=1e-7)


@FEW
@given(
    hnp.arrays(float, (4, 3), elements=SMALL),
    hnp.arrays(float, 4, elements=SMALL),
    st.sampled_from([0, -900, 800]),
)
def test_no_other_slope_has_a_better_bound(X, w, exponent):
    """E(s) by its formula, on a grid of s."""
    lengths = np.linalg.norm(X, axis=1)
    plus = np.maximum(w, 0) @ lengths
    if not plus:
        return

    def top(s):
        coefficient = np.where(w > 0, w / (2 * s), w / np.maximum(lengths, 1))
        return np.linalg.eigvalsh((X.T * coefficient) @ X)[-1]

    slopes = np.geomspace(1e-3, 10, 200) * lengths.max()
    tops = np.array([top(s) for s in slopes])
    values = slopes * w[(w > 0) & (lengths > 0)].sum() / 2 + tops
    if tops[values.argmin()] > 1e-2:  # an eigenvalue below 0 counts as 0
        bound = spectral.even_part(np.ldexp(X, exponent), w) * arb(2) ** -exponent
        assert rigour.above(bound) <= values.min() * (1 + 1e-6)


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


@FEW
@given(
    hnp.arrays(float, (4, 4), elements=st.floats(-9, 9)),
    hnp.arrays(float, (4, 4), elements=st.floats(-0.05, 0.05)),
    st.floats(0.75, 1.2),
    st.sampled_from([0, -700, 600, -(10**5), 10**5]),
)
def test_top_eigenvalue_is_a_bound_whatever_the_eigenvectors_in_floats(A, error, scale, exponent):
    """For Q diag(λ) Qᵀ with Q orthogonal over the rationals, the greatest eigenvalue is known."""
    v = [arb(x) for x in (1, 2, 3, 4)]  # Q = I − 2vvᵀ/|v|²
    Q = arb_mat([[arb(i == j) - 2 * v[i] * v[j] / 30 for j in range(4)] for i in range(4)])
    right = np.linalg.eigh
    with pytest.MonkeyPatch.context() as patch, ctx.workprec(rigour.PRECISION):
        patch.setattr(np.linalg, "eigh", lambda M: (0, scale * right(M)[1] + error))
        values = [arb(x) * arb(2) ** exponent for x in A[0].tolist()]
        M = Q * arb_mat([[values[i] * int(i == j) for j in range(4)] for i in range(4)]) * Q
        ball = spectral.top_eigenvalue(M)
        greatest = max([arb(0), *values])
        assert not ball < greatest
        patch.setattr(np.linalg, "eigh", right)
        tight = spectral.top_eigenvalue(M)
        assert not tight < greatest
        assert not tight > greatest + arb(2) ** exponent * arb(1e-12)


def test_top_eigenvalue_of_nothing_or_of_negative_matrices_is_zero():
    assert spectral.top_eigenvalue(arb_mat(2, 2)) == 0
    assert spectral.top_eigenvalue(arb_mat([[-1, 0], [0, -2]])) == 0


@given(hnp.arrays(float, (5, 3), elements=SMALL), hnp.arrays(float, 5, elements=st.floats(-1, 1)))
def test_even_part_bounds_the_sum_of_absolute_values(X, w):
    if not (w > 0).any():
        assert spectral.even_part(X, w) == 0
    bound = rigour.above(spectral.even_part(X, w))
    u = np.random.default_rng(0).normal(size=(2000, 3))
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    assert (np.abs(u @ X.T) @ w).max() <= bound + 1e-12


SCALES = st.integers(-1000, 900)


@FEW
@given(
    hnp.arrays(float, (4, 3), elements=SMALL),
    hnp.arrays(float, 4, elements=SMALL),
    hnp.arrays(int, (2, 4), elements=SCALES),
)
@example(np.eye(4, 3), np.ones(4), np.array([[900, -900, 0, 0], [-900, 900, 0, 0]]))
@example(np.eye(4, 3), np.array([1.0, -1, 1, 1]), np.array([[900, -900, 0, 0], [-900, 900, 0, 0]]))
@example(np.eye(4, 3), np.array([-1.0, 1, 1, 1]), np.array([[900, -900, 0, 0], [-900, 900, 0, 0]]))
@example(
    np.eye(4, 3), np.array([-1.0, 1, 1, 0]), np.array([[900, -900, -900, 0], [900, -900, 0, 0]])
)
def test_bound_is_one_at_every_scale_of_each_point_and_weight(X, w, exponents):
    X, w = np.ldexp(X, exponents[0][:, None]), np.ldexp(w, exponents[1])
    if X.any():
        exact = faces.max_abs(faces.enumerate_faces(X), w)
        bound = spectral.max_abs(X, w)
        assert bound.is_finite() and not bound < exact


def test_bound_of_one_point_is_its_length_at_every_scale():
    for x, w in ((1e-320, 1.0), (1e-200, 1e-200), (1e300, 1e300), (1.0, 5e-324)):
        with ctx.workprec(rigour.PRECISION):
            exact = arb(w) * rigour.length([arb(3 * x), arb(4 * x)])
            bound = spectral.max_abs(np.array([[3 * x, 4 * x]]), np.array([w]))
            assert not bound < exact
            assert not bound > exact * (1 + 1e-6)


def test_bound_where_the_odd_part_cancels_is_a_number():
    X = np.array([[0.1, 0.7], [-0.1, -0.7], [0.3, 0.2], [-0.3, -0.2]]) / 3
    assert spectral.max_abs(X, np.full(4, 0.1)).is_finite()
    X = np.array([[0.1], [0.2], [0.3]])
    exact = faces.max_abs(faces.enumerate_faces(X), np.array([0.1, 0.1, -0.1]))
    assert not spectral.max_abs(X, np.array([0.1, 0.1, -0.1])) < exact


def test_zero_points_do_not_act_whatever_their_weight():
    X, w = np.array([[3.0, 4.0], [0, 0]]), np.array([1.0, 1e300])
    assert rigour.above(spectral.max_abs(X, w)) == pytest.approx(5, rel=1e-6)
    assert spectral.max_abs(np.zeros((2, 3)), np.ones(2)) == 0


def test_a_good_p_does_not_depend_on_the_scale_of_the_points():
    X, y = distribution_d(30, 5)
    p = spectral.least(X, y)
    for exponent in (-900, 900):
        assert (spectral.least(np.ldexp(X, exponent), y) == p).all()


@pytest.mark.parametrize("w", [[1.0], [1.0, np.inf], [[1.0], [2.0]]])
def test_bad_weights_and_labels_are_refused(w):
    with pytest.raises(ValueError, match="w "):
        spectral.max_abs(np.eye(2), w)
    with pytest.raises(ValueError, match=r"y|labels"):
        spectral.least(np.eye(2), w)
