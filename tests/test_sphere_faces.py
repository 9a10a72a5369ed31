"""The faces of arrangements, and the exact maximum of |F| in any dimension."""

import itertools
from fractions import Fraction
from math import comb

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import linprog

from margintheory import rigour, sphere
from margintheory.sphere import faces

FEW = settings(max_examples=30)
SMALL = st.integers(-3, 3).map(float)


@st.composite
def weighted_points(draw, d, most=5):
    n = draw(st.integers(1, most))
    return draw(hnp.arrays(float, (n, d), elements=SMALL)), draw(
        hnp.arrays(float, n, elements=SMALL)
    )


def is_sign_vector(X, signs):
    """Whether some u has these signs of u·x_i: a linear programme with u·x_i ≥ 1 or ≤ −1."""
    X = np.asarray(X, float)
    off, on = X[signs != 0] * signs[signs != 0, None], X[signs == 0]
    result = linprog(
        np.zeros(X.shape[1]),
        A_ub=-off if len(off) else None,
        b_ub=-np.ones(len(off)) if len(off) else None,
        A_eq=on if len(on) else None,
        b_eq=np.zeros(len(on)) if len(on) else None,
        bounds=(None, None),
    )
    return result.status == 0


@settings(max_examples=8)
@given(hnp.arrays(float, (4, 3), elements=SMALL))
def test_faces_are_all_the_sign_vectors_that_occur(X):
    if not X.any():
        return
    found = faces.enumerate_faces(X)
    zero = [~(found.exact_X @ Q).any(axis=1) for Q, _ in found.exact_projectors]
    signs = {
        tuple(np.where(active, 1, np.where(zero[k], 0, -1)))
        for active, k in zip(found.active, found.flat, strict=True)
    }
    assert len(signs) == len(found.active)
    assert signs == {
        row
        for row in itertools.product((-1, 0, 1), repeat=4)
        if any(row) and is_sign_vector(X, np.array(row))
    }


@pytest.mark.parametrize(("n", "d"), [(7, 3), (6, 4), (4, 6), (5, 5)])
def test_points_in_general_position_have_as_many_cells_and_faces_as_schlaefli_counts(n, d):
    X = np.random.default_rng(0).normal(size=(n, d))
    found = faces.enumerate_faces(X)
    cells = 2 * sum(comb(n - 1, k) for k in range(d))
    flats = sum(comb(n, k) for k in range(min(n, d)))
    assert len(found.projectors) == flats
    full = [k for k, P in enumerate(found.projectors) if np.allclose(P, np.eye(d))]
    assert (found.flat == full[0]).sum() == cells


@FEW
@given(weighted_points(2, most=6))
def test_exact_maximum_agrees_with_the_arrangement_of_the_circle(instance):
    X, w = instance
    if X.any():
        planar = sphere.max_abs(sphere.arrange(X), w)
        assert faces.max_abs(faces.enumerate_faces(X), w).overlaps(planar)


@FEW
@given(weighted_points(3))
def test_exact_maximum_is_that_of_brute_force_over_subsets(instance):
    X, w = instance
    if X.any():
        assert is_the_maximum(faces.max_abs(faces.enumerate_faces(X), w), X, w)


SCALES = st.integers(-1000, 900)


@FEW
@given(weighted_points(3, most=4), hnp.arrays(int, (2, 4), elements=SCALES))
@example(
    (np.array([[1.0, 0, 0], [0, 1, 0], [1, 1, 1]]), np.array([1, 1, 1e-163])), np.zeros((2, 4))
)
@example((np.eye(3), np.array([1.0, 2, 3])), np.array([[900, 0, -900, 0], [-900, 0, 900, 0]]))
@example((np.eye(3), np.array([1.0, 2, 2])), np.array([[-1000] * 4, [-70] * 4]))
@example((np.eye(3), np.array([1.0, 2, 2])), np.array([[-500, 0, -500, 0], [500, 0, 500, 0]]))
def test_exact_maximum_is_that_of_brute_force_at_every_scale_of_each_point_and_weight(
    instance, exponents
):
    n = len(instance[1])
    X = np.ldexp(instance[0], exponents[0][:n, None].astype(int))
    w = np.ldexp(instance[1], exponents[1][:n].astype(int))
    if X.any():
        assert is_the_maximum(faces.max_abs(faces.enumerate_faces(X), w), X, w)


def is_the_maximum(ball, X, w):
    """On the flat of each set Z of points, ±P c for every set A of points: F at all of these."""
    (rows, unit), (weights, w_unit) = integers(X), integers(w)
    best, n = Fraction(0), len(w)
    for A in itertools.product((0, 1), repeat=n):
        c = [sum(a * v * x[k] for a, v, x in zip(A, weights, rows, strict=True)) for k in range(3)]
        flats = [c, *(projected(c, z) for z in rows)]
        flats += [
            [dot(cross(y, z), c) * v for v in cross(y, z)]
            for y, z in itertools.combinations(rows, 2)
        ]
        for u in flats:
            if any(u):
                at = [dot(u, x) for x in rows]
                for sign in (1, -1):
                    F = sum(v * max(sign * z, 0) for v, z in zip(weights, at, strict=True))
                    best = max(best, Fraction(F**2, dot(u, u)))
    best /= (unit * w_unit) ** 2
    with ctx.workprec(rigour.PRECISION):
        return (ball**2).overlaps(arb(best.numerator) / best.denominator)


def integers(values):
    """The floats as integers in units of 1/k, and k."""
    unit = max(Fraction(v).denominator for v in values.ravel().tolist())
    return np.vectorize(lambda v: int(Fraction(v) * unit), otypes=[object])(values).tolist(), unit


def dot(p, q):
    return sum(a * b for a, b in zip(p, q, strict=True))


def cross(p, q):
    return [p[k - 2] * q[k - 1] - p[k - 1] * q[k - 2] for k in range(3)]


def projected(c, z):
    """A multiple of the projection of c on the plane orthogonal to z, or c if z = 0."""
    return [dot(z, z) * a - dot(c, z) * b for a, b in zip(c, z, strict=True)] if any(z) else c


@pytest.mark.parametrize(("n", "d"), [(1, 3), (4, 3), (25, 3), (9, 4), (6, 5)])
def test_exact_maximum_is_approached_by_random_ascent_and_never_exceeded(n, d):
    rng = np.random.default_rng(n)
    X, w = rng.normal(size=(n, d)), rng.normal(size=n)
    u = rng.normal(size=(100_000, d))
    for width in (1, 0.1, 0.01, 1e-3):  # ever narrower clouds around the best direction
        u /= np.linalg.norm(u, axis=1, keepdims=True)
        F = np.abs(np.maximum(u @ X.T, 0) @ w)
        u = u[F.argmax()] + 0.3 * width * rng.normal(size=(20_000, d))
    top = faces.max_abs(faces.enumerate_faces(X), w)
    assert F.max() <= rigour.above(top) * (1 + 1e-13)
    assert F.max() >= rigour.below(top) * (1 - 1e-3)


@FEW
@given(weighted_points(3), st.permutations(range(3)))
def test_maximum_is_invariant_under_signed_permutations_and_homogeneous(instance, order):
    X, w = instance
    if not X.any():
        return
    top = faces.max_abs(faces.enumerate_faces(X), w)
    turned = X[:, list(order)] * np.array([1.0, -1.0, 1.0])
    assert faces.max_abs(faces.enumerate_faces(turned), w).overlaps(top)
    assert faces.max_abs(faces.enumerate_faces(2.0**-500 * X), 2.0**600 * w).overlaps(2**100 * top)
    assert faces.max_abs(faces.enumerate_faces(X), -w).overlaps(top)


def test_closed_forms_of_degenerate_points():
    x = np.array([[1.0, 2.0, 2.0]])
    one = faces.enumerate_faces(x)  # relu(u·x) has maximum |x| = 3
    assert faces.max_abs(one, np.array([2.0])) == 6
    pair = faces.enumerate_faces(np.concatenate([x, -x]))  # u·x and |u·x|
    assert faces.max_abs(pair, np.array([1.0, -1.0])) == 3
    assert faces.max_abs(pair, np.array([1.0, 1.0])) == 3
    assert len(pair.active) == 2
    doubled = faces.enumerate_faces(np.concatenate([x, 2 * x, 0 * x]))
    assert faces.max_abs(doubled, np.array([2.0, -1.0, 5.0])) == 0


def test_the_shortlist_allows_for_as_much_rounding_as_it_says(monkeypatch):
    """Two opposite points, and pairs that cancel: R is 82 M.

    In floats the maximum errs by ε and by R ε/(2M) more for its direction, all others by ε.
    """
    pairs = np.tile([[0.0, 1, 0], [0, 0, 1]], (20, 1))
    X = np.concatenate([[[1.0, 0, 0], [-1 + 2.0**-50, 0, 0]], pairs, pairs])
    w = np.concatenate([[1.0, 1], np.ones(40), -np.ones(40)])
    found, (n, d) = faces.enumerate_faces(X), X.shape
    right = faces.summits

    def wrong(at, weights):
        u, F = right(at, weights)
        R = np.abs(weights) @ np.linalg.norm(at.X, axis=1)
        epsilon, M = 8 * d * (n + d) * 2.0**-53 * R, F.max()
        top = np.isclose(u, [1, 0, 0]).all(axis=1)
        return u, np.where(top, F - epsilon - R * epsilon / (2 * M), F + epsilon)

    monkeypatch.setattr(faces, "summits", wrong)
    assert faces.max_abs(found, w) == 1


ENTRIES = hnp.arrays(float, 3, elements=st.floats(0.5, 1))


@given(ENTRIES, st.permutations(range(3)), st.integers(0, 2), st.sampled_from([0, 1]))
def test_the_longest_of_opposite_points_is_found_though_lengths_differ_in_the_last_place(
    x, order, entry, side
):
    """At an angle of more than 90° no u is active for both, and max F is the greater length."""
    X = np.stack([x, -x[list(order)]])
    X[side, entry] = np.nextafter(X[side, entry], 9 * X[side, entry])
    longest = max(sum(Fraction(v) ** 2 for v in row) for row in X.tolist())
    with ctx.workprec(rigour.PRECISION):
        square = faces.max_abs(faces.enumerate_faces(X), np.ones(2)) ** 2
        assert square.overlaps(arb(longest.numerator) / longest.denominator)


@given(
    hnp.arrays(float, (2, 3), elements=st.floats(0.5, 1)),
    hnp.arrays(float, 4, elements=st.floats(0.5, 1)),
)
def test_a_maximum_that_is_rounding_of_the_terms_is_exact(X, w):
    """Repeated points with weights that all but cancel: F is smaller than the rounding of terms."""
    X, w = (
        np.repeat(X, 3, axis=0),
        np.array([w[0], w[1], -(w[0] + w[1]), w[2], w[3], -(w[2] + w[3])]),
    )
    left = [sum(map(Fraction, w[:3].tolist())), sum(map(Fraction, w[3:].tolist()))]
    scale = Fraction(2) ** -60
    reduced = np.array([float(v / scale) for v in left])  # rounding errors are short
    merged = faces.max_abs(faces.enumerate_faces(X[::3]), reduced)
    with ctx.workprec(rigour.PRECISION):
        assert (faces.max_abs(faces.enumerate_faces(X), w) * 2**60).overlaps(merged)


@pytest.mark.parametrize("w", [[1.0], np.ones((2, 1)), [1.0, np.nan]])
def test_bad_weights_are_refused(w):
    with pytest.raises(ValueError, match="w "):
        faces.max_abs(faces.enumerate_faces(np.eye(2)), w)


def test_summits_are_unit_vectors_or_zero_at_every_scale():
    rng = np.random.default_rng(3)
    found = faces.enumerate_faces(rng.normal(size=(6, 3)))
    for scale in (1.0, 1e-170, 1e-300, 1e200):
        u, F = faces.summits(found, scale * rng.normal(size=6))
        length = np.linalg.norm(u, axis=1)
        assert ((abs(length - 1) < 1e-14) | (length == 0)).all() and (length > 0).any()
        assert (np.abs(F) <= 6 * 5 * scale).all()


def test_nearly_coplanar_points_are_told_apart_exactly():
    # the third row is the sum of the others in decimals, but not as floats
    X = np.array([[0.1, 0.3, 0.0], [0.2, 0.0, 0.7], [0.3, 0.3, 0.7]])
    assert X[0, 0] + X[1, 0] != X[2, 0]
    assert len(faces.enumerate_faces(X).active) == 26  # 3³ − 1: independent
    X[:2] = [0.125, 0.25, 0.0], [0.25, 0.0, 0.5]
    X[2] = X[0] + X[1]
    assert len(faces.enumerate_faces(X).active) == 12  # as three lines cut a plane


def test_points_whose_determinant_is_one_unit_in_the_last_place_are_independent():
    k = 2.0**53 - 5
    X = np.array([[k + 1, k, 0], [k + 2, k + 1, 0], [0, 0, 1]])  # (k + 1)² − k (k + 2) = 1
    assert len(faces.enumerate_faces(X).active) == 26
    assert faces.sign(np.array([-1, 0, 1], dtype=object)).tolist() == [-1, 0, 1]


def test_a_summit_in_integers_has_the_sign_and_the_square_of_the_function_there():
    found = faces.enumerate_faces(np.array([[3.0, 4.0, 0.0]]))
    for weight, signs in ((2, {0, 1}), (-2, {0, -1}), (0, {0})):
        each = [faces.summit(found, np.array([weight], object), k) for k in range(4)]
        assert {s.side for s in each} == signs
        unit = 5 * 2**-found.exponent
        assert max(s.square for s in each) == (weight * unit) ** 2


def test_summits_are_attained_and_the_greatest_is_the_maximum():
    rng = np.random.default_rng(2)
    X, w = rng.normal(size=(12, 3)), rng.normal(size=12)
    found = faces.enumerate_faces(X)
    u, F = faces.summits(found, w)
    scale = np.abs(X).max() / np.abs(found.X).max()
    assert F * scale == pytest.approx(np.maximum(u @ X.T, 0) @ w, abs=1e-12)
    assert np.abs(F).max() * scale == pytest.approx(float(faces.max_abs(found, w)), rel=1e-12)


@pytest.mark.parametrize("bad", [[1.0, 2.0], [[np.nan, 1.0]], np.zeros((0, 3))])
def test_bad_points_are_refused(bad):
    with pytest.raises(ValueError, match="X"):
        faces.enumerate_faces(bad)


def test_points_that_are_all_zero_have_no_faces():
    with pytest.raises(ValueError, match="zero"):
        faces.enumerate_faces(np.zeros((2, 3)))
