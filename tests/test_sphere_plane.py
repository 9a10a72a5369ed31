"""The exact arrangement of the circle."""

from fractions import Fraction

import jax
import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from margintheory import rigour, sphere
from margintheory.sphere import plane
from margintheory.sphere.measures import gradients, margin

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
    """max F² of integers: at ±x_i^⊥, and at ±Σ_{i active} w_i x_i of the cell beside each."""
    X, w = X.astype(int).tolist(), w.astype(int).tolist()
    starts = {(s * b, -s * a) for a, b in X for s in (1, -1) if (a, b) != (0, 0)}
    middles = {(p[0] + q[0], p[1] + q[1]) for p in starts for q in starts} | starts
    middles |= {(s * b, -s * a) for a, b in middles for s in (1, -1)}
    cells = {tuple(x[0] * m[0] + x[1] * m[1] > 0 for x in X) for m in middles}
    candidates = set(starts)
    for active in cells:
        c = [sum(v * x[k] for v, x, on in zip(w, X, active, strict=True) if on) for k in (0, 1)]
        candidates |= {(c[0], c[1]), (-c[0], -c[1])}
    best = Fraction(0)
    for u in candidates - {(0, 0)}:
        value = sum(v * max(x[0] * u[0] + x[1] * u[1], 0) for v, x in zip(w, X, strict=True))
        best = max(best, Fraction(value**2, u[0] ** 2 + u[1] ** 2))
    return best


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
    T = plane.curvatures(X, y, at)
    V = gradients(X, y, at.u, at.sign)
    e, h = np.eye(5), 1e-5
    for i in range(5):
        up, down = (sphere.summits(arcs, y * (nu + s * h * e[i])) for s in (1, -1))
        assert (up.value - down.value) / (2 * h) == pytest.approx(V[i], abs=1e-6)
        slope = (gradients(X, y, up.u, up.sign) - gradients(X, y, down.u, down.sign)) / (2 * h)
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
    assert np.linalg.norm(atoms, axis=1) == pytest.approx(1, rel=1e-14)
    sides = {(sign, *(X @ v > 0)) for v, sign in zip(u, signs, strict=True)}
    assert len(weights) == len(sides)


def test_atoms_that_act_on_no_point_and_cancel_merge_into_none():
    atoms, weights = sphere.merge(np.zeros((1, 2)), np.array([[1.0, 0], [-1, 0]]), np.ones(2))
    assert atoms.shape == (0, 2) and weights.shape == (0,)


@given(planes(4), planes(3), hnp.arrays(float, 3, elements=SMALL), st.integers(0, 15))
def test_the_margin_of_a_measure_is_its_least_score_by_mass(X, atoms, weights, labels):
    y = [1 - 2 * (labels >> i & 1) for i in range(4)]
    mass = int(abs(weights).sum())
    if mass:
        scores = [
            sum(int(w) * max(0, int(x @ u)) for u, w in zip(atoms, weights, strict=True)) for x in X
        ]
        least = Fraction(min(a * b for a, b in zip(y, scores, strict=True)), mass)
        for scale in (1, 8):
            found = margin(X, np.array(y, float), (atoms, scale * weights))
            assert found == pytest.approx(float(least), abs=1e-13)


@settings(max_examples=20)
@given(planes(3), st.sampled_from([-900, 0, 900]))
@example(np.array([[1.0, 0], [0, 0], [0, 0]]), 0)
@example(np.array([[-1.0, -5], [-2, -1], [0, 0]]), 0)
def test_points_between_leave_no_arc_wider_than_an_eighth_and_are_about_as_long(X, exponent):
    if X.any():
        X = np.ldexp(X, exponent)
        fine, coarse = plane.arrange_finely(X), sphere.arrange(X)
        assert (fine.X[: len(X)] == X).all()
        angles = np.unwrap(np.arctan2(fine.starts[:, 1], fine.starts[:, 0]))
        assert np.diff(np.append(angles, angles[0] + 2 * np.pi)).max() <= np.pi / 4
        new = np.ldexp(fine.X[len(X) :], -exponent)
        assert len(fine.starts) == len(coarse.starts) + 2 * len(new)
        longest = np.abs(np.ldexp(X, -exponent)).max()
        assert np.linalg.norm(new, axis=1) == pytest.approx(2.0 ** np.floor(np.log2(longest)))
        if len(new):  # none halves an arc, as an axis of symmetry does
            ends = np.unwrap(np.arctan2(coarse.starts[:, 1], coarse.starts[:, 0]))
            middles = ends + np.diff(np.append(ends, ends[0] + 2 * np.pi)) / 2
            axes = np.stack([np.cos(middles), np.sin(middles)])
            assert np.abs(new @ axes).min() > 0.01 * longest


@given(st.integers(0, 300), st.integers(1, 300), st.integers(-300, 300))
def test_the_spread_is_that_of_lengths_and_of_the_shortest_arc_in_bits(lengths, angle, scale):
    X = np.array([[2.0**lengths, 0], [1, 2.0**-angle], [0.5, 0.75]])
    assert abs(sphere.arrange(2.0**scale * X).spread - (lengths + angle)) <= 3
    assert abs(sphere.arrange(2.0**scale * X[[1, 0, 2]]).spread - (lengths + angle)) <= 3


@pytest.mark.parametrize("traced", [0, 1, 2])
def test_merging_refuses_traced_arrays(traced):
    measure = [np.eye(2), np.eye(2), np.ones(2)]

    def merged(value):
        return sphere.merge(*measure[:traced], value, *measure[traced + 1 :])

    with pytest.raises(ValueError, match="traced by jit"):
        jax.jit(merged)(measure[traced])


def test_merging_refuses_an_atom_without_a_weight():
    with pytest.raises(ValueError, match=r"shape \(1, 2\)"):
        sphere.merge([[1.0, 2.0]], [[1.0, 0.0], [0.0, 1.0]], [1.0])


def test_weights_that_are_traced_are_refused():
    arcs = sphere.arrange(np.eye(2))
    for function in (sphere.summits, sphere.max_abs):
        with pytest.raises(ValueError, match="w is traced"):
            jax.jit(lambda w, f=function: f(arcs, w))(np.ones(2))


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


@given(
    hnp.arrays(float, (4, 2), elements=st.integers(-6, 6).map(float)),
    st.floats(-3.1, 3.1),
)
def test_the_arc_of_a_direction_has_the_active_points_of_that_direction(X, angle):
    u = np.array([np.cos(angle), np.sin(angle)])
    if (np.abs(X @ u) > 1e-9).all():
        arcs = sphere.arrange(X)
        (k,) = plane.arc_of(arcs, u[None])
        active = X[X @ u > 0].sum(axis=0)
        assert (plane.arc_vectors(arcs, arcs.X)[k] == active).all()


def test_the_ends_are_those_of_the_arcs_and_a_compass_with_both_signs():
    arcs = sphere.arrange(np.array([[3.0, 4.0], [1.0, -7.0]]))
    u, sign = plane.ends(arcs)
    half = len(u) // 2
    assert (u[:half] == u[half:]).all()
    assert (sign[:half] == 1).all() and (sign[half:] == -1).all()
    assert (u[: len(arcs.starts)] == arcs.starts).all()
    angles = np.arctan2(u[len(arcs.starts) : half, 1], u[len(arcs.starts) : half, 0])
    np.testing.assert_allclose(
        np.sort((angles + 1e-9) % (2 * np.pi)), np.arange(8) * np.pi / 4, atol=1e-8
    )
