"""γ_ℓ2 against non-negative least squares, brute force over supports, balls and weak duality."""

import itertools
import math
from fractions import Fraction

import clarabel
import jax
import mpmath
import numpy as np
import pytest
from flint import arb, arb_mat, ctx
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import nnls
from sklearn.svm import SVC

from margintheory.kernels import relu_kernel, relu_kernel_ball
from margintheory.l2svm import balls, bracket, floats, max_margin, pivoting, rounding
from margintheory.rigour import Dyadic
from margintheory.status import Status

seeds = st.integers(0, 10**6)
sizes = st.sampled_from([2, 3, 5, 12])
UNIT = 2.0**-53


def training_set(seed, n, d, kind="random"):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    y = rng.choice([-1.0, 1.0], n) if kind == "random" else np.sign(X[:, 0] * X[:, 1])
    return X, y


def relu_margin(X, y, **options):
    return max_margin(np.asarray(relu_kernel(X)), y, **options)


def by_nnls(K, y):
    """1/‖z‖ for the shortest z with y_i z·φ_i ≥ 1, as a non-negative least-squares problem."""
    L = np.linalg.cholesky(y[:, None] * K * y)
    a, _ = nnls(L.T, np.linalg.solve(L, np.ones(len(y))), maxiter=100 * len(y))
    return 1 / math.sqrt(a.sum())


def by_clarabel(K, y):
    """The same as a quadratic programme for an interior point method."""
    n = len(y)
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    Q = sparse.csc_matrix(np.triu(y[:, None] * K * y))
    nonnegative = sparse.csc_matrix(-np.eye(n)), np.zeros(n), [clarabel.NonnegativeConeT(n)]
    a = clarabel.DefaultSolver(Q, -np.ones(n), *nonnegative, settings).solve().x
    return 1 / math.sqrt(sum(a))


def by_svc(K, y):
    """SVC on the points and their mirror images −φ(x_i), −y_i, which make its intercept zero."""
    mirrored = np.block([[K, -K], [-K, K]])
    machine = SVC(C=1e8, kernel="precomputed", tol=1e-6).fit(mirrored, np.concatenate([y, -y]))
    return 1 / math.sqrt(np.abs(machine.dual_coef_).sum())


def by_supports(K, y):
    """The smallest pᵀQp over the stationary points of every face of the simplex."""
    Q, values = y[:, None] * K * y, []
    for size in range(1, len(y) + 1):
        for face in itertools.combinations(range(len(y)), size):
            p = np.linalg.solve(Q[np.ix_(face, face)], np.ones(size))
            if (p >= 0).all():
                values.append(1 / p.sum())
    return math.sqrt(min(values))


@given(seeds, st.integers(1, 6))
def test_the_bracket_contains_the_brute_force_value(seed, n):
    X, y = training_set(seed, n, 4)
    margin = relu_margin(X, y)
    expected = by_supports(np.asarray(relu_kernel(X)), y)
    assert margin.status == "optimal"
    assert margin.lower * (1 - 1e-9) <= expected <= margin.upper * (1 + 1e-9)
    assert margin.upper - margin.lower <= 1e-10 * margin.upper


@settings(max_examples=20)
@given(
    seeds, st.sampled_from([20, 60]), st.sampled_from([5, 12]), st.sampled_from(["random", "xor"])
)
def test_the_bracket_contains_the_value_of_non_negative_least_squares(seed, n, d, kind):
    X, y = training_set(seed, n, d, kind)
    margin = relu_margin(X, y)
    expected = by_nnls(np.asarray(relu_kernel(X)), y)
    assert margin.upper - margin.lower <= 1e-9 * margin.upper
    assert margin.lower * (1 - 1e-8) <= expected <= margin.upper * (1 + 1e-8)


@settings(max_examples=20)
@given(seeds, st.sampled_from([5, 12]), st.sampled_from(["random", "xor"]))
def test_an_interior_point_method_and_libsvm_find_the_same_margin(seed, d, kind):
    X, y = training_set(seed, 20, d, kind)
    K = np.asarray(relu_kernel(X))
    margin = max_margin(K, y)
    assert by_clarabel(K, y) == pytest.approx(margin.lower, rel=1e-6)
    assert by_svc(K, y) == pytest.approx(margin.lower, rel=1e-3)


@settings(max_examples=20)
@given(seeds, sizes, st.sampled_from([1, 2, 4]), st.booleans())
def test_the_floats_are_outside_the_bracket_of_the_exact_kernel_in_balls(seed, n, d, duplicate):
    X, y = training_set(seed, n, d)
    if duplicate:
        X[-1], y[-1] = 2 * X[0], y[0]
    margin = relu_margin(X, y)
    lower, upper = bracket(relu_kernel_ball(X), y, margin.dual)
    assert arb(margin.lower) <= lower
    assert upper <= arb(margin.upper)


@given(seeds, st.sampled_from([2, 7, 40]), st.floats(-6, 0))
def test_the_rounded_bracket_allows_for_rounding_and_for_the_trust_in_the_entries(
    seed, n, log_size
):
    """Even if every entry errs by `ENTRY` units in the worst direction, for any p."""
    rng = np.random.default_rng(seed)
    X = 10 ** rng.uniform(log_size, 0, size=(n, 1)) * rng.normal(size=(n, 3))
    y, p = rng.choice([-1.0, 1.0], n), rng.exponential(size=n) * rng.choice([0, 1], n) + 1e-9
    K = np.asarray(relu_kernel(X))
    scale = np.sqrt(np.diag(K))
    lower, upper = floats.rounded_bracket(y[:, None] * K * y, scale, p)
    for sign in (-1, 1):
        error = rounding.ENTRY * UNIT * sign * np.outer(y * scale, y * scale)
        exact = arb_mat(
            [
                [arb(k) + arb(e) for k, e in zip(*rows, strict=True)]
                for rows in zip(K, error, strict=True)
            ]
        )
        truth = bracket(exact, y, p)
        assert arb(lower) <= truth[0]
        assert truth[1] <= arb(upper)


@given(seeds, sizes)
def test_no_point_of_the_simplex_and_no_unit_vector_beats_the_bracket(seed, n):
    """Weak duality: √(qᵀQq) ≥ γ for every q, and the margin of every unit Σ_i c_i φ(x_i) is ≤ γ."""
    rng = np.random.default_rng(seed)
    X, y = training_set(seed, n, 3)
    K = np.asarray(relu_kernel(X))
    margin = max_margin(K, y)
    q = np.concatenate([rng.dirichlet(np.full(n, 0.3), 200), margin.dual[None]])
    assert np.sqrt(np.einsum("ij,jk,ik->i", q * y, K, q * y)).min() >= margin.lower * (1 - 1e-12)
    c = np.concatenate([rng.normal(size=(200, n)), (margin.dual * y)[None]])
    margins = (y * (c @ K)).min(axis=1) / np.sqrt(np.einsum("ij,jk,ik->i", c, K, c))
    assert margins.max() <= margin.upper * (1 + 1e-9)
    assert margins.max() >= margin.lower * (1 - 1e-9)


@given(seeds, sizes)
def test_the_dual_is_on_the_simplex_and_a_wrong_one_gives_a_wider_bracket(seed, n):
    X, y = training_set(seed, n, 5)
    K = relu_kernel_ball(X)
    p = relu_margin(X, y).dual
    assert np.all(p >= 0)
    assert p.sum() == pytest.approx(1, rel=1e-14)
    lower, upper = bracket(K, y, p)
    wrong_lower, wrong_upper = bracket(K, y, 0.9 * p + 0.1 * np.eye(n)[np.argmax(p)])
    assert wrong_upper - wrong_lower > upper - lower


@given(seeds, sizes, st.floats(1e-3, 1e3))
def test_the_margin_scales_with_the_data_and_ignores_their_order_and_a_swap_of_labels(seed, n, c):
    X, y = training_set(seed, n, 4)
    margin = relu_margin(X, y).upper
    order = np.random.default_rng(seed).permutation(n)
    assert relu_margin(c * X, y).upper == pytest.approx(c * margin, rel=1e-9)
    assert relu_margin(X[order], y[order]).upper == pytest.approx(margin, rel=1e-9)
    assert relu_margin(X, -y).upper == pytest.approx(margin, rel=1e-12)


@given(seeds, sizes)
def test_a_copy_changes_nothing_and_a_new_point_never_helps(seed, n):
    X, y = training_set(seed, n, 4)
    margin = relu_margin(X, y)
    copies = relu_margin(np.concatenate([X, X, 3 * X]), np.concatenate([y, y, y]))
    assert copies.upper == pytest.approx(margin.upper, rel=1e-9)
    fewer = relu_margin(X[:-1], y[:-1])
    assert margin.lower <= fewer.upper


def test_the_margin_of_one_point_and_of_orthogonal_features_is_known():
    one = max_margin([[4.0]], [-1])
    assert one.lower <= 2.0 <= one.upper
    three = max_margin(np.diag([1.0, 4.0, 9.0]), [1, -1, 1])
    assert three.upper == pytest.approx(1 / math.sqrt(1 + 1 / 4 + 1 / 9), rel=1e-14)


def test_a_margin_is_a_pytree_that_keeps_its_status():
    margin = jax.tree.map(lambda value: 2 * value, max_margin([[4.0]], [1]))
    assert margin.upper == pytest.approx(4, rel=1e-14)
    assert margin.status == "optimal"


@pytest.mark.parametrize("d", [2, 3])
def test_few_support_vectors_among_many_points_are_found(d):
    """Exchanging blocks of signs alone wanders here; the active-set method ends."""
    X, y = training_set(0, 60, d, "xor")
    K = np.asarray(relu_kernel(X))
    margin = max_margin(K, y, tol=1e-7)
    assert margin.status == "optimal"
    assert (margin.dual > 0).sum() < 15
    assert margin.upper == pytest.approx(by_nnls(K, y), rel=1e-6)


@settings(max_examples=15)
@given(seeds, sizes)
def test_block_pivoting_and_the_active_set_method_agree(seed, n):
    X, y = training_set(seed, n, 6)
    K = np.asarray(relu_kernel(X))
    Q, scale = y[:, None] * K * y, np.sqrt(np.diag(K))
    *_, block = pivoting._block_pivoting(Q, scale)
    totals = [a.sum() for a in pivoting._active_set(Q, scale)]
    assert totals == sorted(totals)
    assert totals[-1] == pytest.approx(block.sum(), rel=1e-9)


def test_singular_kernels_of_every_kind_are_solved():
    rng = np.random.default_rng(1)
    ring = np.stack([np.cos(np.arange(6) * np.pi / 3), np.sin(np.arange(6) * np.pi / 3)], axis=1)
    for X, y in (
        (np.repeat(rng.normal(size=(5, 3)), 40, axis=0), np.repeat([1.0, -1, 1, 1, -1], 40)),
        (ring, np.array([1.0, 1, 1, 1, -1, -1])),  # three antipodal pairs of the plane
        (np.ones((30, 2)), np.ones(30)),
    ):
        margin = relu_margin(X, y, tol=1e-9)
        assert margin.status == "optimal", margin.status
        assert margin.lower > 0


def test_non_separable_data_have_margin_zero_and_are_said_to():
    X = np.array([[1.0, 2.0], [3.0, 1.0], [2.0, 4.0]])
    both = relu_margin(X, np.array([1.0, 1.0, -1.0]))  # x_3 = 2 x_1 with the other label
    assert both.lower == 0
    assert 0 < both.upper < 2e-7
    assert both.status is Status.UNRESOLVED
    assert bracket(relu_kernel_ball(X), [1, 1, -1], both.dual)[0] == 0
    angles = 2 * np.pi * np.arange(6) / 6  # relu features of antipodal pairs are dependent
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    alternate = relu_margin(ring, (-1.0) ** np.arange(6))
    assert alternate.lower == 0
    assert alternate.status is Status.UNRESOLVED
    zero = relu_margin(np.array([[1.0, 0.0], [0.0, 0.0]]), np.ones(2))
    assert (zero.lower, zero.upper) == (0, 0)
    assert zero.status is Status.NOT_SEPARABLE
    assert np.array_equal(zero.dual, [0, 1])


def test_a_margin_that_the_entries_cannot_resolve_is_bracketed_but_not_called_optimal():
    X = np.array([[1.0, 2.0], [1.0, 2.0 + 1e-5]])
    margin = relu_margin(X, np.array([1.0, -1.0]))
    assert margin.status is Status.OPEN
    lower, upper = bracket(relu_kernel_ball(X), [1, -1], margin.dual)
    assert margin.lower < lower < upper < margin.upper


@given(seeds, st.integers(2, 8))
def test_indefinite_matrices_are_refused(seed, n):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(n, n))
    A = A + A.T
    assume(np.linalg.eigvalsh(A)[0] < -1e-6)
    with pytest.raises(ValueError, match="not positive semidefinite"):
        max_margin(A, np.ones(n))


def test_a_kernel_rounded_to_single_precision_is_refused():
    X, y = training_set(3, 200, 2)
    K = np.asarray(relu_kernel(X)).astype(np.float32)
    with pytest.raises(ValueError, match="float64"):
        max_margin(K, y)


@pytest.mark.parametrize(
    ("K", "y", "word"),
    [
        ([[1.0, 0.5]], [1], "square"),
        ([1.0], [1], "axes"),
        (np.zeros((0, 0)), [], "empty"),
        ([[1.0, np.nan], [np.nan, 1.0]], [1, 1], "finite"),
        ([[1.0, np.inf], [np.inf, 1.0]], [1, 1], "finite"),
        ([[1.0, 0.5], [0.4, 1.0]], [1, 1], "symmetric"),
        ([[1.0, 2.0], [2.0, 1.0]], [1, 1], "semidefinite"),
        ([[-1.0, 0.0], [0.0, 1.0]], [1, 1], "semidefinite"),
        ([[0.0, 0.5], [0.5, 1.0]], [1, 1], "semidefinite"),
        ([[1.0, 0.0], [0.0, 1.0]], [1, 0], "-1 or"),
        ([[1.0, 0.0], [0.0, 1.0]], [1], "must match"),
    ],
)
def test_bad_kernels_and_labels_are_refused(K, y, word):
    with pytest.raises(ValueError, match=word):
        max_margin(K, y)


@pytest.mark.parametrize("tol", [0.0, -1.0, math.nan, math.inf])
def test_the_tolerance_must_be_positive_and_finite(tol):
    with pytest.raises(ValueError, match="tol"):
        max_margin([[1.0]], [1], tol=tol)


@pytest.mark.parametrize("p", [[1.0, -1.0], [0.0, 0.0], [1.0], [np.nan, 1.0]])
def test_a_bracket_needs_non_negative_weights(p):
    with pytest.raises(ValueError, match="p must"):
        bracket(relu_kernel_ball([[1.0, 0.0], [0.0, 1.0]]), [1, -1], p)


@pytest.mark.parametrize("exponent", [-1000, -300, 300, 1000])
def test_powers_of_two_of_the_kernel_change_no_digit(exponent):
    X, y = training_set(5, 12, 4)
    K = np.asarray(relu_kernel(X))
    margin, scaled = max_margin(K, y), max_margin(np.ldexp(K, exponent), y)
    assert np.array_equal(scaled.dual, margin.dual)
    assert (scaled.lower, scaled.upper) == tuple(
        math.ldexp(end, exponent // 2) for end in (margin.lower, margin.upper)
    )


def test_a_diagonal_of_many_orders_of_magnitude_is_solved_or_refused():
    known = 1 / math.sqrt(1 + 1e-280)
    assert max_margin(np.diag([1.0, 1e280]), [1, -1]).upper == pytest.approx(known, rel=1e-14)
    with pytest.raises(ValueError, match="300 orders of magnitude; give the kernel in balls"):
        max_margin(np.diag([1e-160, 1e160]), [1, -1])


def test_a_row_of_zeros_is_named_by_the_dual_also_beside_tiny_rows():
    margin = max_margin(np.diag([1e-300, 0.0, 1e-290]), [1, 1, -1])
    assert margin.status is Status.NOT_SEPARABLE
    assert np.array_equal(margin.dual, [0, 1, 0])
    assert margin.upper == 0


@pytest.mark.parametrize("spread", [0.0, 1e-9])
def test_hundreds_of_parallel_rows_are_not_called_indefinite(spread):
    """The float kernel matrix has eigenvalues of −10 n u."""
    rng = np.random.default_rng(0)
    X = np.exp(rng.normal(size=(500, 1))) * (1 + spread * rng.normal(size=(500, 7)))
    margin = relu_margin(X, np.ones(500))
    assert margin.status is Status.OPTIMAL
    shortest = np.linalg.norm(X, axis=1).min() / math.sqrt(14)
    assert margin.lower <= shortest * (1 + 1e-7)
    assert margin.upper >= shortest * (1 - 1e-7)


# ---------------------------------------------------------------------------------------------
# Matrices of balls
# ---------------------------------------------------------------------------------------------


def ball_kernel(X, bits=128):
    with ctx.workprec(bits):
        return relu_kernel_ball(X)


def by_supports_in_many_digits(K, y):
    """`by_supports` for the middles of balls, in 400 digits."""
    with mpmath.workdps(400):
        middle = [[mpmath.mpf(b.mid().str(390, radius=False)) for b in row] for row in K.tolist()]
        Q = mpmath.matrix(middle)
        n, values = len(y), []
        for size in range(1, n + 1):
            for face in itertools.combinations(range(n), size):
                block = mpmath.matrix([[Q[i, j] * y[i] * y[j] for j in face] for i in face])
                p = mpmath.lu_solve(block, mpmath.ones(size, 1))
                if min(p) >= 0:
                    values.append(1 / mpmath.fsum(p))
        return arb(mpmath.nstr(mpmath.sqrt(min(values)), 380, min_fixed=-1, max_fixed=-1))


def closes(margin, K, y, tol, bits=128):
    with ctx.workprec(max(bits, 256)):
        lower, upper = bracket(K, y, margin.dual)
        assert arb(margin.lower) <= lower
        assert upper <= arb(margin.upper)
        assert upper - lower <= arb(tol) * upper
    assert margin.upper <= math.nextafter(math.nextafter(margin.lower, math.inf), math.inf)


SCALINGS = {
    "plain": lambda X, rng: X,
    "one feature at 1e6": lambda X, rng: X * np.array([1e6, 1, 1]),
    "rows of all sizes": lambda X, rng: X * 10.0 ** rng.uniform(-100, 100, (len(X), 1)),
    "subnormal": lambda X, rng: X * 1e-310,
    "huge": lambda X, rng: X * 1e300,
}


@settings(max_examples=10)
@given(seeds, st.integers(1, 5), st.sampled_from(list(SCALINGS)))
def test_balls_close_to_any_tolerance_around_the_brute_force_value(seed, n, scaling):
    X, y = training_set(seed, n, 3)
    K = ball_kernel(SCALINGS[scaling](X, np.random.default_rng(seed)), 1200)
    margin = max_margin(K, y, tol=1e-60)
    assert margin.status is Status.OPTIMAL
    with ctx.workprec(1200):
        upper = bracket(K, y, margin.dual)[1]
        assert abs(by_supports_in_many_digits(K, y) / upper - 1) < arb("1e-60")
    closes(margin, K, y, 1e-60, 1200)


@settings(max_examples=10)
@given(seeds, st.sampled_from([1, 2, 12, 40]), st.sampled_from(["random", "xor"]))
def test_balls_of_128_bits_close_to_25_digits_inside_the_bracket_of_floats(seed, n, kind):
    X, y = training_set(seed, n, 5, kind)
    X[-1], y[-1] = 2 * X[0], y[0]
    K, floats = ball_kernel(X), relu_margin(X, y)
    margin = max_margin(K, y, tol=1e-25)
    assert margin.status is Status.OPTIMAL
    assert floats.lower <= margin.lower <= margin.upper <= floats.upper
    closes(margin, K, y, 1e-25)


@given(seeds, sizes)
def test_the_dual_of_balls_is_exactly_on_the_simplex(seed, n):
    X, y = training_set(seed, n, 3)
    dual = max_margin(ball_kernel(X), y).dual
    assert isinstance(dual, Dyadic)
    assert min(dual.integers) >= 0
    assert sum(dual.integers) * Fraction(2) ** int(dual.exponent) == 1


def test_one_feature_of_another_scale_is_unresolved_in_floats_and_solved_in_balls():
    X, y = training_set(1, 30, 4)
    X[:, 0] *= 1e6
    floats = relu_margin(X, y)
    assert floats.status is Status.UNRESOLVED
    assert "more digits" in floats.status
    coarse, fine = (max_margin(ball_kernel(X, bits), y, tol=1e-25) for bits in (128, 256))
    assert coarse.status is Status.OPEN
    assert fine.status is Status.OPTIMAL
    assert 0 < coarse.lower <= fine.lower <= fine.upper <= coarse.upper <= floats.upper


def test_a_contradiction_is_unresolved_in_balls_at_every_precision():
    X = np.array([[1.0, 2.0], [3.0, 1.0], [2.0, 4.0]])
    for bits in (128, 400):
        margin = max_margin(ball_kernel(X, bits), [1, 1, -1])
        assert margin.status is Status.UNRESOLVED
        assert margin.lower == 0 < margin.upper < 2.0 ** (10 - bits / 2)
        assert np.allclose(margin.dual.floats, [2 / 3, 0, 1 / 3], atol=1e-10)


def test_a_diagonal_that_is_zero_or_may_be_is_told_from_a_positive_one():
    zero = max_margin(ball_kernel([[1.0, 0.0], [0.0, 0.0]]), [1, 1])
    assert (zero.lower, zero.upper, zero.status) == (0, 0, Status.NOT_SEPARABLE)
    assert np.array_equal(zero.dual.floats, [0, 1])
    doubtful = max_margin(arb_mat([[1, 0], [0, arb(0, 0.25)]]), [1, 1])
    assert (doubtful.lower, doubtful.status) == (0, Status.UNRESOLVED)
    assert 0.5 <= doubtful.upper < 0.501


def test_exchanging_signs_one_by_one_ends_at_the_same_support_from_everywhere(monkeypatch):
    X, y = training_set(0, 14, 2, "xor")
    K = ball_kernel(X)
    expected = max_margin(K, y)
    monkeypatch.setattr(balls, "PATIENCE", 0)
    for seed in range(4):
        start = np.random.default_rng(seed).random(14) < 0.5
        monkeypatch.setattr(balls, "_guess", lambda K, y, start=start: start.copy())
        margin = max_margin(K, y)
        assert (margin.lower, margin.upper) == (expected.lower, expected.upper)


def test_floats_that_do_not_hold_the_kernel_only_cost_the_guess():
    X, y = training_set(3, 8, 3)
    K = ball_kernel(np.ldexp(X, 1000) * np.array([1, 1e-280, 1e-300]), 3000)
    assert max_margin(K, y, tol=1e-30).status is Status.OPTIMAL
    assert balls._guess(K, y).all()


def floats_as_balls(K):
    return arb_mat(np.asarray(K, float).tolist())


@pytest.mark.parametrize(
    ("K", "word"),
    [
        ([[1.0, 0.5]], "square"),
        ([[1.0, math.nan], [0.5, 1.0]], "finite"),
        ([[1.0, math.inf], [math.inf, 1.0]], "finite"),
        ([[1.0, 0.5], [0.4, 1.0]], "symmetric"),
        ([[1.0, 2.0], [2.0, 1.0]], "semidefinite"),
        ([[-1.0, 0.0], [0.0, 1.0]], "semidefinite"),
        ([[0.0, 0.5], [0.5, 1.0]], "semidefinite"),
    ],
)
def test_bad_matrices_of_balls_are_refused(K, word):
    with pytest.raises(ValueError, match=word):
        max_margin(floats_as_balls(K), [1, -1][: len(K)])


def test_labels_and_tolerance_are_checked_for_balls_too():
    with pytest.raises(ValueError, match="must match"):
        max_margin(ball_kernel(np.eye(2)), [1])
    with pytest.raises(ValueError, match="tol must be positive"):
        max_margin(ball_kernel(np.eye(2)), [1, 1], tol=0)


def test_a_matrix_of_exact_floats_is_refused_where_floats_cannot_see_that_it_is_indefinite():
    K = [[1.0, 1 + 2.0**-50], [1 + 2.0**-50, 1.0]]
    assert max_margin(K, [1, -1]).status is Status.UNRESOLVED
    with pytest.raises(ValueError, match=r"to its own precision.*relu_kernel_ball"):
        max_margin(floats_as_balls(K), [1, -1])
