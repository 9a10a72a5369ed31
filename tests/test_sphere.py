"""The sphere's volume and uniform points, and the exact arrangement of the circle."""

import math
from fractions import Fraction

import jax
import mpmath
import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from margintheory import rigour, sphere

SMALL = st.integers(-6, 6).map(float)


def planes(n):
    return hnp.arrays(float, (n, 2), elements=SMALL)


@st.composite
def weighted_points(draw):
    n = draw(st.integers(1, 7))
    return draw(planes(n)), draw(hnp.arrays(float, n, elements=SMALL))


def F(X, w, angle):
    u = np.stack([np.cos(angle), np.sin(angle)])
    return np.maximum(X @ u, 0).T @ w


def brute_force_square(X, w):
    """max F² in fractions: at ±x_i^⊥, and at ±Σ_{i active} w_i x_i of the cell beside each."""
    X = [(Fraction(a), Fraction(b)) for a, b in X.tolist()]
    w = [Fraction(v) for v in w.tolist()]
    starts = [(s * b, -s * a) for a, b in X for s in (1, -1) if (a, b) != (0, 0)]
    middles = [(p[0] + q[0], p[1] + q[1]) for p in starts for q in starts] + starts
    middles += [(-p[1], p[0]) for p in middles] + [(p[1], -p[0]) for p in middles]
    candidates = list(starts)
    for m in middles:
        active = [x[0] * m[0] + x[1] * m[1] > 0 for x in X]
        c = [
            sum((v * x[k] for v, x, on in zip(w, X, active, strict=True) if on), Fraction(0))
            for k in (0, 1)
        ]
        candidates += [(c[0], c[1]), (-c[0], -c[1])]
    best = Fraction(0)
    for u in candidates:
        if u != (0, 0):
            value = sum(v * max(x[0] * u[0] + x[1] * u[1], 0) for v, x in zip(w, X, strict=True))
            best = max(best, value**2 / (u[0] ** 2 + u[1] ** 2))
    return best


@pytest.mark.parametrize("d", [1, 2, 3, 7, 40])
def test_volume_is_the_derivative_of_the_volume_of_the_ball(d):
    # ∫ e^{−|x|²} dx = π^{d/2} = κ_d ∫ r^{d−1} e^{−r²} dr, by quadrature
    radial = mpmath.quad(lambda r: r ** (d - 1) * mpmath.exp(-r * r), [0, 2, 5, 12])
    assert sphere.volume(d) == pytest.approx(float(mpmath.pi ** (d / 2) / radial), rel=1e-12)


def test_volume_is_finite_where_gamma_overflows():
    assert 0 < sphere.volume(400) < 1e-200


def test_uniform_points_have_norm_one_and_a_uniform_angle():
    u = np.asarray(sphere.uniform(jax.random.key(0), 4000, 2))
    assert np.linalg.norm(u, axis=1) == pytest.approx(1)
    assert u.dtype == np.float64
    angle = np.arctan2(u[:, 1], u[:, 0])
    assert stats.kstest(angle, stats.uniform(-math.pi, 2 * math.pi).cdf).pvalue > 1e-3


def test_uniform_points_have_the_arcsine_like_marginal_of_a_sphere():
    # Archimedes: a coordinate of a uniform point of S² is uniform on [−1, 1].
    u = np.asarray(sphere.uniform(jax.random.key(1), 4000, 3))
    assert stats.kstest(u[:, 1], stats.uniform(-1, 2).cdf).pvalue > 1e-3


CHORDS = st.floats(0, 2)
DIMENSIONS = st.integers(1, 60)


@pytest.mark.parametrize("d", [1, 2, 3, 8, 31])
@pytest.mark.parametrize("rho", [1e-3, 0.5, 1.3, 1.999])
def test_cap_measure_is_the_share_of_the_angles_near_a_pole(d, rho):
    # a point at the angle φ from the pole lies on a parallel of radius sin φ and dimension d − 1
    def parallel(phi):
        return mpmath.sin(phi) ** (d - 1)

    angle = 2 * mpmath.asin(mpmath.mpf(rho) / 2)
    share = mpmath.quad(parallel, [0, angle]) / mpmath.quad(parallel, [0, mpmath.pi])
    assert float(sphere.cap_measure(rho, d)) == pytest.approx(float(share), rel=1e-11)
    assert float(sphere.cap_measure_ball(arb(rho), d).mid()) == pytest.approx(
        float(share), rel=1e-11
    )


def test_cap_measure_is_an_arc_on_the_circle_and_a_square_on_the_sphere():
    # Archimedes: the zone of height h on S² has the share h/2, and ϱ² = 2h
    rho = np.linspace(0, 2, 21)
    assert sphere.cap_measure(rho, 1) == pytest.approx(2 * np.arcsin(rho / 2) / np.pi, abs=1e-14)
    assert sphere.cap_measure(rho, 2) == pytest.approx(rho**2 / 4, abs=1e-14)


def test_cap_measure_is_the_share_of_uniform_points_in_the_cap():
    u = np.asarray(sphere.uniform(jax.random.key(2), 20_000, 5))
    inside = np.linalg.norm(u - u[0], axis=1)[1:] <= 1.1
    low, high = stats.binomtest(int(inside.sum()), inside.size).proportion_ci(0.999)
    assert low <= sphere.cap_measure(1.1, 4) <= high


@given(CHORDS, DIMENSIONS)
def test_a_cap_and_its_complement_fill_the_sphere(rho, d):
    rest = sphere.cap_measure(math.sqrt(max(4 - rho**2, 0)), d)
    assert sphere.cap_measure(rho, d) + rest == pytest.approx(1, abs=1e-6)


@given(st.floats(0.01, 1.99), st.floats(0.01, 1.99), DIMENSIONS)
def test_a_ball_of_caps_reaches_from_the_smallest_to_the_largest(a, b, d):
    ball = sphere.cap_measure_ball(arb(a).union(arb(b)), d)
    for rho in (a, (a + b) / 2, b):
        assert ball.overlaps(sphere.cap_measure_ball(arb(rho), d))
    assert float(ball.lower()) == pytest.approx(sphere.cap_measure(min(a, b), d), abs=1e-7)
    assert float(ball.upper()) == pytest.approx(sphere.cap_measure(max(a, b), d), abs=1e-7)


@pytest.mark.parametrize("rho", [-0.1, 2.1, math.nan])
def test_a_chord_of_the_unit_sphere_is_at_most_two_long(rho):
    with pytest.raises(ValueError, match="chord"):
        sphere.cap_measure(rho, 3)
    with pytest.raises(ValueError, match="chord"):
        sphere.cap_measure_ball(arb(rho), 3)


@given(hnp.arrays(float, (3, 2), elements=st.floats(-1e300, 1e300)))
def test_dyadic_integers_are_the_floats_exactly(values):
    integers, exponent = rigour.dyadic(values)
    for float_, integer in zip(values.ravel(), integers.ravel(), strict=True):
        assert Fraction(float_) == Fraction(int(integer)) * Fraction(2) ** exponent


@given(st.fractions(-10, 10), st.integers(-200, 200))
def test_below_and_above_enclose_and_are_neighbouring_floats(q, e):
    with ctx.workprec(rigour.PRECISION):
        ball = arb(q.numerator) / q.denominator * arb(2) ** e
    exact = q * Fraction(2) ** e
    low, high = rigour.below(ball), rigour.above(ball)
    assert Fraction(low) <= exact <= Fraction(high)
    assert high <= math.nextafter(low, math.inf)


@given(weighted_points())
def test_exact_maximum_is_that_of_brute_force_over_all_cells(instance):
    X, w = instance
    ball = sphere.max_abs(sphere.arrange(X), w)
    square = brute_force_square(X, w)
    with ctx.workprec(rigour.PRECISION):
        assert (ball**2).overlaps(arb(square.numerator) / square.denominator)
        assert float(ball.rad()) <= 1e-30 * (1 + float(ball.mid()))


@pytest.mark.parametrize("n", [1, 2, 3, 20, 120])
def test_exact_maximum_is_approached_by_a_dense_grid_and_never_exceeded(n):
    rng = np.random.default_rng(n)
    X, w = rng.normal(size=(n, 2)), rng.normal(size=n)
    grid = np.abs(F(X, w, np.linspace(0, 2 * np.pi, 100_001))).max()
    top = sphere.max_abs(sphere.arrange(X), w)
    assert grid <= rigour.above(top) * (1 + 1e-13)
    assert grid >= rigour.below(top) - 1e-4 * np.abs(w) @ np.linalg.norm(X, axis=1)


@given(weighted_points())
def test_float_summits_agree_with_the_exact_maximum_and_are_attained(instance):
    X, w = instance
    summits = sphere.summits(sphere.arrange(X), w)
    scale = 1e-12 * (1 + np.abs(w) @ np.linalg.norm(X, axis=1))
    assert np.linalg.norm(summits.u, axis=1) == pytest.approx(1)
    attained = summits.sign * (np.maximum(summits.u @ X.T, 0) @ w)
    assert attained == pytest.approx(summits.value, abs=scale)
    exact = float(sphere.max_abs(sphere.arrange(X), w).mid())
    assert summits.value.max() == pytest.approx(exact, abs=scale)


def test_curvatures_are_the_hessian_of_the_summits():
    rng = np.random.default_rng(4)
    X, y, nu = rng.normal(size=(5, 2)), rng.choice([-1.0, 1.0], 5), rng.uniform(0.5, 1, 5)
    arcs = sphere.arrange(X)
    at = sphere.summits(arcs, y * nu)
    T = sphere.curvatures(X, y, at)
    V = sphere.gradients(X, y, at.u, at.sign)
    e, h = np.eye(5), 1e-5
    for i in range(5):
        up, down = (sphere.summits(arcs, y * (nu + s * h * e[i])) for s in (1, -1))
        assert (up.value - down.value) / (2 * h) == pytest.approx(V[i], abs=1e-6)
        slope = (
            sphere.gradients(X, y, up.u, up.sign) - sphere.gradients(X, y, down.u, down.sign)
        ) / (2 * h)
        assert slope == pytest.approx(T[i] * T, abs=1e-5)
    assert (at.curvature > 0).any() and (at.curvature == 0).any()


def test_maximum_of_one_point_is_its_length():
    top = sphere.max_abs(sphere.arrange([[3.0, 4.0]]), np.array([2.0]))
    assert top == 10


def test_points_and_their_antipodes_act_on_opposite_half_circles():
    # relu(u·x) − relu(−u·x) = u·x and relu(u·x) + relu(−u·x) = |u·x|: both have maximum |x|
    arcs = sphere.arrange([[3.0, 4.0], [-3.0, -4.0]])
    assert sphere.max_abs(arcs, np.array([1.0, -1.0])) == 5
    assert sphere.max_abs(arcs, np.array([1.0, 1.0])) == 5
    assert len(arcs.starts) == 2


def test_collinear_and_duplicate_points_share_a_line_and_zero_rows_never_act():
    X = np.array([[0.1, 0.3], [0.2, 0.6], [0.1, 0.3], [0.0, 0.0], [1.0, 0.0]])
    arcs = sphere.arrange(X)
    assert len(arcs.starts) == 6  # lines of (1, 3), of e_2 for the last, and e_1 for the zero row
    w = np.array([1.0, 1.0, -3.0, 7.0, 0.0])
    assert sphere.max_abs(arcs, w) == 0
    assert sphere.max_abs(sphere.arrange(np.zeros((2, 2))), np.ones(2)) == 0


def test_nearly_collinear_points_are_told_apart_exactly():
    # (0.1, 0.3) and (0.3, 0.9) are collinear in decimals but not as floats.
    assert len(sphere.arrange([[0.1, 0.3], [0.3, 0.9]]).starts) == 4
    w = np.array([3.0, -1.0])
    top = sphere.max_abs(sphere.arrange([[0.1, 0.3], [0.3, 0.9]]), w)
    assert 0 < top < 1e-15


@given(weighted_points())
def test_maximum_is_invariant_under_a_quarter_turn_and_homogeneous(instance):
    X, w = instance
    turned = np.stack([-X[:, 1], X[:, 0]], axis=1)
    top = sphere.max_abs(sphere.arrange(X), w)
    assert sphere.max_abs(sphere.arrange(turned), w).overlaps(top)
    assert sphere.max_abs(sphere.arrange(2.0**40 * X), w).overlaps(2**40 * top)
    assert sphere.max_abs(sphere.arrange(X), -w).overlaps(top)


@given(planes(5), hnp.arrays(float, 5, elements=st.integers(1, 6).map(float)))
def test_merging_atoms_keeps_the_function_and_adds_no_mass(X, a):
    angles = np.linspace(0.1, 6.2, 5)
    u, signs = np.stack([np.cos(angles), np.sin(angles)], axis=1), np.array([1, 1, 1, -1, -1.0])
    atoms, weights = sphere.merge(X, u, signs * a)
    assert np.maximum(X @ atoms.T, 0) @ weights == pytest.approx(
        np.maximum(X @ u.T, 0) @ (signs * a), abs=1e-12
    )
    assert np.abs(weights).sum() <= a.sum() * (1 + 1e-15)
    assert len(weights) <= 5


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ([[1.0, 2.0, 3.0]], "d ≤ 2"),
        ([1.0, 2.0], "2 axes"),
        ([[np.nan, 1.0]], "finite"),
        (np.zeros((0, 2)), "empty"),
    ],
)
def test_bad_points_are_refused(bad, message):
    with pytest.raises(ValueError, match=message):
        sphere.arrange(bad)


@pytest.mark.parametrize(
    "call",
    [
        lambda: sphere.volume(0),
        lambda: sphere.volume(1.5),
        lambda: sphere.uniform(jax.random.key(0), 0, 2),
        lambda: sphere.cap_measure(1.0, 0),
        lambda: sphere.cap_measure_ball(arb(1), 0),
    ],
)
def test_counts_must_be_positive_whole_numbers(call):
    with pytest.raises(ValueError, match="whole number"):
        call()
