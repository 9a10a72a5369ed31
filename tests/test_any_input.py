"""Whatever a person feeds the solvers, they answer: a correct bracket, or what is wrong with it.

The data are drawn at scales from 1e-300 to 1e300, by rows and by columns, with offsets, duplicates,
antipodes, points that are nearly parallel and the like. A bracket is checked from the definition,
in `exact`; of an error only the kind and the words are.
"""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import exact
from margintheory import interpolation, kernels, l1svm, l2svm, regularized, rigour
from margintheory.l1svm import generation
from margintheory.networks import TwoLayer
from margintheory.sphere import cut

MOST = 4  # points

RAW = [  # what NumPy, SciPy, JAX and FLINT say; nobody should read it of his data
    "zero-size array",
    "A_ub",
    "b_ub",
    "linprog",
    "did not converge",
    "infs or NaNs",
    "ingular matrix",
    "positive definite",
    "abstract",
    "Tracer",
    "atoms is empty",
    "weights is empty",
    "cannot convert",
    "not iterable",
    "broadcast",
    "could not convert",
    "referenced before assignment",
    "cannot access local variable",
    "leading minor",
    "nan",
    "array must not",
]


def answer(solver, *arguments, **options):
    """What the solver returns; None if it says in its own words why there is nothing to return."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return solver(*arguments, **options)
        except np.linalg.LinAlgError as error:
            raise AssertionError(f"raw error: {error}") from error
        except ValueError as error:
            raw = [words for words in RAW if words in str(error)]
            if raw or len(str(error)) < 20:
                raise AssertionError(f"raw error: {error}") from error
            return None


@st.composite
def exponents(draw, size):
    """Powers of two between 1e-300 and 1e300, most of them moderate."""
    most = draw(st.sampled_from([4, 40, 990]))
    return np.array(draw(st.lists(st.integers(-most, most), min_size=size, max_size=size)))


def times_powers(X, powers):
    """X with entries multiplied by powers of two, kept below 1e300."""
    with np.errstate(over="ignore"):
        return np.clip(np.ldexp(X, powers), -1e300, 1e300)


@st.composite
def distortions(draw, X):
    """X at another scale, or moved, or with points repeated, or in a special position."""
    n, d = X.shape
    i, j, k = (draw(st.integers(0, most - 1)) for most in (n, n, d))
    kind = draw(st.sampled_from(KINDS))
    X = X.copy()
    if kind == "rows":
        return times_powers(X, draw(exponents(n))[:, None])
    if kind == "columns":
        return times_powers(X, draw(exponents(d)))
    if kind == "subnormal":
        return np.ldexp(X, draw(st.sampled_from([-1030, -1060, -1074])))
    if kind == "offset":
        return np.clip(X + draw(st.sampled_from([1.0, 1e6])), -1e300, 1e300)
    if kind == "repeated":
        X[i] = X[j]
    if kind == "antipodal":
        X[i] = -draw(st.sampled_from([0.5, 1.0, 3.0])) * (X[j] / 4)
    if kind == "nearly parallel":
        X[i] = X[j] * (1 + draw(hnp.arrays(float, d, elements=st.floats(-1e-9, 1e-9))))
    if kind == "nearly antipodal":
        X[i] = -X[j] * (1 + draw(hnp.arrays(float, d, elements=st.floats(-1e-12, 1e-12))))
    if kind == "collinear":
        X = np.outer(np.arange(1, n + 1) * (-1) ** np.arange(n), X[i] / 8)
    if kind == "one large feature":
        X[:, k] = np.clip(X[:, k] * 1e6, -1e300, 1e300)
    if kind == "zero row":
        X[i] = 0
    if kind == "zero column":
        X[:, k] = 0
    if kind == "constant column":
        X[:, k] = 1
    return X


KINDS = [
    "rows",
    "columns",
    "subnormal",
    "offset",
    "repeated",
    "antipodal",
    "nearly parallel",
    "nearly antipodal",
    "collinear",
    "one large feature",
    "zero row",
    "zero column",
    "constant column",
]


SIZES, DIMENSIONS = st.integers(1, MOST), st.integers(1, 6)


@st.composite
def points(draw, dimensions=DIMENSIONS, sizes=SIZES):
    n, d = draw(sizes), draw(dimensions)
    entries = draw(st.sampled_from([st.integers(-3, 3).map(float), st.floats(-1, 1, width=32)]))
    X = draw(hnp.arrays(float, (n, d), elements=entries))
    for _ in range(draw(st.integers(0, 2))):
        X = draw(distortions(X))
    return X


@st.composite
def labelled(draw, **shape):
    X = draw(points(**shape))
    return X, draw(hnp.arrays(float, len(X), elements=st.sampled_from([-1.0, 1.0])))


@st.composite
def with_targets(draw, **shape):
    X = draw(points(**shape))
    y = draw(hnp.arrays(float, len(X), elements=st.integers(-3, 3).map(float)))
    return X, times_powers(y, draw(exponents(len(X))) if draw(st.booleans()) else 0)


def check_l1_margin(X, y, result):
    assert 0 <= result.lower <= result.upper < math.inf
    assert np.isfinite(result.atoms).all() and np.isfinite(result.weights).all()
    assert result.atoms.shape == (len(result.weights), X.shape[1])
    assert np.linalg.norm(result.atoms, axis=1) == pytest.approx(1, abs=1e-14)
    assert result.dual.min() >= 0 and result.dual.sum() == pytest.approx(1, abs=1e-14)
    if result.lower > 0:
        assert exact.margin(X, y, result.atoms, result.weights) >= result.lower
    if result.proof != "dependency":  # there the dual is exact but for its conversion to floats
        assert exact.dual_margin(X, y, result.dual) <= result.upper
    for row in np.eye(len(y)):
        assert exact.dual_margin(X, y, row) >= result.lower


@settings(max_examples=100)
@given(labelled())
def test_l1_margin_is_in_its_bracket_whatever_the_data(instance):
    X, y = instance
    result = answer(l1svm.max_margin, X, y)
    if result is not None:
        check_l1_margin(X, y, result)


@settings(max_examples=20)
@given(labelled(dimensions=st.just(4), sizes=st.just(MOST)))
def test_l1_margin_is_in_its_bracket_where_the_arrangement_is_not_written_down(instance):
    X, y = instance
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cut, "ENUMERABLE", 0)
        result = answer(l1svm.max_margin, X, y)
    if result is not None:
        check_l1_margin(X, y, result)


@settings(max_examples=100)
@given(labelled(), st.data())
def test_any_measure_is_below_and_any_dual_above(instance, draw):
    X, y = instance
    atoms = draw.draw(points(dimensions=st.just(X.shape[1])))
    weights = draw.draw(hnp.arrays(float, len(atoms), elements=st.integers(-3, 3).map(float)))
    p = np.abs(draw.draw(points(dimensions=st.just(len(y)), sizes=st.just(1)))[0])
    lower = answer(l1svm.lower_bound, X, y, atoms, weights)
    upper = answer(l1svm.upper_bound, X, y, p)
    if lower is not None:
        assert exact.encloses(lower, exact.margin(X, y, atoms, weights))
    if upper is not None:
        assert exact.encloses(upper, exact.dual_margin(X, y, p))
    if lower is not None and upper is not None:
        assert not lower > upper


@settings(max_examples=100)
@given(labelled())
def test_l2_margin_is_in_its_bracket_whatever_the_data(instance):
    X, y = instance
    K = answer(kernels.relu_kernel, X)
    result = None if K is None else answer(l2svm.max_margin, K, y)
    if result is None:
        return
    assert 0 <= result.lower <= result.upper < math.inf
    lower, upper = exact.kernel_bracket(X, y, result.dual)
    if str(result.status) == "optimal" or result.lower > 0:
        assert result.lower <= lower and upper <= result.upper
    for p in [np.ones(len(y)), *np.eye(len(y))]:
        lower, upper = exact.kernel_bracket(X, y, p)
        assert lower <= result.upper and result.lower <= upper


@settings(max_examples=60)
@given(labelled(), st.data())
def test_any_kernel_dual_brackets_the_l2_margin(instance, draw):
    X, y = instance
    p = np.abs(draw.draw(points(dimensions=st.just(len(y)), sizes=st.just(1)))[0])
    K = answer(kernels.relu_kernel_ball, X)
    bounds = None if K is None else answer(l2svm.bracket, K, y, p)
    if bounds is not None:
        lower, upper = exact.kernel_bracket(X, y, p)
        assert exact.encloses(bounds[1], upper)
        assert exact.encloses(bounds[0], max(lower, 0))


@settings(max_examples=15)
@given(labelled(dimensions=st.integers(1, 2)), st.integers(-900, 40))
def test_logistic_minimum_is_in_its_bracket_whatever_the_data(instance, power):
    X, y = instance
    check_minimum(X, y, 2.0**power, "logistic")


@settings(max_examples=20)
@given(with_targets(dimensions=st.integers(1, 2)), st.integers(-900, 40))
def test_least_squares_minimum_is_in_its_bracket_whatever_the_data(instance, power):
    X, y = instance
    check_minimum(X, y, 2.0**power, "squared")


def check_minimum(X, y, lam, loss):
    result = answer(regularized.solve, X, y, lam, loss=loss)
    if result is None:
        return
    w, U = np.asarray(result.network.w), np.asarray(result.network.U)
    assert 0 <= result.objective_lower <= result.objective_upper < math.inf
    pair = result.certificate
    assert result.objective_lower <= exact.dual_value(X, y, lam, pair.dual, loss)
    measure = exact.objective_of_measure(X, y, lam, pair.atoms, pair.weights, loss)
    network = exact.objective(X, y, lam, w, U, loss)
    assert min(measure, network) <= result.objective_upper
    assert result.objective_lower <= exact.objective(X, y, lam, 0 * w, 0 * U, loss)
    zero = exact.objective(X, y, lam, 0 * w, 0 * U, loss)
    assert result.objective_upper <= float(zero) * (1 + 1e-15)  # the network that is zero is known
    (again,) = answer(regularized.path, X, y, [lam], loss=loss)
    assert again.objective_upper == result.objective_upper


@settings(max_examples=60)
@given(labelled(dimensions=st.integers(1, 2)), st.integers(-300, 40), st.data())
def test_any_network_is_above_and_any_dual_below_the_minimum(instance, power, draw):
    X, y = instance
    lam = 2.0**power
    U = draw.draw(points(dimensions=st.just(X.shape[1])))
    w = draw.draw(hnp.arrays(float, len(U), elements=st.integers(-3, 3).map(float)))
    p = draw.draw(hnp.arrays(float, len(y), elements=st.floats(0, 1)))
    bounds = answer(regularized.certificate, X, y, lam, TwoLayer(w=w, U=U), p)
    if bounds is not None:
        assert exact.encloses(bounds[0], exact.dual_value(X, y, lam, p, "logistic"))
        assert exact.encloses(bounds[1], exact.objective(X, y, lam, w, U, "logistic"))


@settings(max_examples=100)
@given(with_targets())
def test_least_l1_norm_is_in_its_bracket_whatever_the_data(instance):
    X, y = instance
    result = answer(interpolation.min_l1_norm, X, y)
    if result is None:
        return
    assert 0 <= result.lower <= result.upper
    if result.lower == math.inf:  # no interpolant: Σ_i ν_i φ(x_i) = 0 but νᵀy ≠ 0
        assert result.dual @ y != 0
        return
    if result.upper < math.inf and result.weights.any():
        assert exact.interpolating_norm(X, y, result.certificate.atoms) <= result.upper
    if result.lower > 0:
        size = np.abs(y) + result.lower * rigour.norm(X)
        rounding = 2.0**-50 * (np.abs(result.dual) @ size)  # each ν_i is rounded
        assert exact.dual_ratio(X, y, result.dual) >= result.lower - rounding
    for nu in np.eye(len(y)) * np.sign(y):
        if nu.any() and X[nu != 0].any():
            assert exact.dual_ratio(X, y, nu) <= result.upper


@settings(max_examples=60)
@given(with_targets(), st.data())
def test_any_dual_is_below_the_least_l1_norm(instance, draw):
    X, y = instance
    nu = draw.draw(points(dimensions=st.just(len(y)), sizes=st.just(1)))[0]
    lower = answer(interpolation.l1_norm_lower, X, y, nu)
    if lower is not None and exact.greatest(X, nu):
        assert lower <= exact.dual_ratio(X, y, nu)


@settings(max_examples=100)
@given(with_targets())
def test_least_l2_norm_is_in_its_bracket_whatever_the_data(instance):
    X, y = instance
    result = answer(interpolation.min_l2_norm, X, y)
    if result is not None:
        assert 0 <= result.lower <= result.upper
        assert np.isfinite(result.coefficients).all()
        if not interpolation.dependence(X):
            assert result.lower <= exact.kernel_norm(X, y) <= result.upper


@st.composite
def moderate(draw):
    """Points of a grid, some repeated, some opposite, and labels that are also targets."""
    n, d = draw(st.integers(2, 5)), draw(DIMENSIONS)
    X = draw(hnp.arrays(float, (n, d), elements=st.integers(-3, 3).map(float)))
    return X, draw(hnp.arrays(float, n, elements=st.sampled_from([-1.0, 1.0])))


def of_l1(X, y):
    result = l1svm.max_margin(X, y)
    return result.lower, result.upper


def of_l2(X, y):
    result = l2svm.max_margin(kernels.relu_kernel(X), y)
    return result.lower, result.upper


def inverse_norm(X, y):
    """1/‖α_ℓ1‖₁, which scales as a margin; 0 where no interpolant exists."""
    result = interpolation.min_l1_norm(X, y)
    return tuple(2.0**-900 if end == math.inf else 1 / end for end in (result.upper, result.lower))


every = pytest.mark.parametrize("bracket", [of_l1, of_l2, inverse_norm])


@every
@settings(max_examples=10)
@given(moderate(), st.integers(-60, 60))
def test_powers_of_two_scale_both_ends_exactly(bracket, instance, k):
    X, y = instance
    lower, upper = bracket(X, y)
    if lower > 2.0**-800:
        assert bracket(np.ldexp(X, k), y) == (math.ldexp(lower, k), math.ldexp(upper, k))


@every
@settings(max_examples=8)
@given(moderate(), st.randoms(use_true_random=False))
def test_order_signs_repetition_and_labels_do_not_move_the_bracket_away(bracket, instance, random):
    X, y = instance
    lower, upper = bracket(X, y)
    rows, columns = list(range(len(y))), list(range(X.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    flips = np.array([random.choice([-1.0, 1.0]) for _ in columns])
    for X_, y_ in [
        (X[rows], y[rows]),
        (X[:, columns] * flips, y),
        (X, -y),
        (np.concatenate([X, X[:2]]), np.concatenate([y, y[:2]])),
    ]:
        low, high = bracket(X_, y_)
        assert low <= upper and lower <= high


@settings(max_examples=10)
@given(moderate(), st.integers(0, 6))
def test_a_column_of_zeros_changes_nothing(instance, k):
    X, y = instance
    padded = np.insert(X, min(k, X.shape[1]), 0.0, axis=1)
    assert of_l1(padded, y) == of_l1(X, y)


@pytest.mark.parametrize(
    ("X", "y", "least", "most"),
    [  # uncentred; with a short point; of lengths that are 1e15 apart
        (np.random.default_rng(0).normal(size=(32, 4)) + 5, None, 0.0140, 0.0164),
        ([[1.0, 0.0, 2.0], [0.0, 1e-10, 1e-10], [0.5, 1.0, 0.0]], [1, 1, 1], 1.4e-10, 1.5e-10),
        (np.eye(4) * [[1.0], [1e-12], [1.0], [1e3]], [1, -1, 1, -1], 1e-13, 1e-12),
    ],
)
def test_points_as_they_come_have_a_bracket(X, y, least, most):
    rng = np.random.default_rng(0)
    X = np.array(X)
    rng.normal(size=X.shape)  # the labels follow the points in one stream
    y = rng.choice([-1.0, 1.0], len(X)) if y is None else np.array(y, float)
    result = answer(l1svm.max_margin, X, y)
    assert least < result.lower <= result.upper and result.lower < most
    assert exact.margin(X, y, result.atoms, result.weights) >= result.lower


def test_ridges_separate_any_labels_of_points_on_different_lines():
    rng = np.random.default_rng(0)
    for n, d in [(1, 3), (8, 3), (30, 4)]:
        X = rng.normal(size=(n, d)) + 5
        features = np.maximum(X @ generation.ridges(X).T, 0)
        assert np.linalg.matrix_rank(features, tol=1e-12) == n
