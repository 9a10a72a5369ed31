"""γ_ℓ1 in space to any accuracy: exact bounds, grids, symmetries, and noise in the floats."""

import math

import numpy as np
import pytest
from flint import arb, arf, ctx
from scipy.optimize import linprog

from margintheory import l1svm, rigour
from margintheory.l1svm import space
from margintheory.refinement import space as refine_space
from margintheory.refinement.vertex import vertex
from margintheory.rigour import Certificate, Dyadic, cones
from margintheory.rigour.digits import power, rounded
from margintheory.sphere import faces


def refined(X, y, tol, noise=0.0):
    """A pair for γ_ℓ1 from the floats of `l1svm.space`, after relative noise in them."""
    arrangement, rng = faces.enumerate_faces(X), np.random.default_rng(0)
    found = (
        v * (1 + noise * rng.normal(size=v.shape)) for v in space.with_faces(arrangement, y, 1e-9)
    )
    return refine_space.margin(arrangement, y, Certificate.of(*found), tol)


def ends(X, y, pair):
    """The bracket that a pair proves, in balls of 400 bits."""
    with ctx.workprec(400):
        lower = l1svm.lower_bound(X, y, pair.atoms, pair.weights)
        return lower, l1svm.upper_bound(X, y, pair.dual)


def families():
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(12, 3)), rng.choice([-1.0, 1.0], 12)
    plane = X[:, :2] @ rng.normal(size=(2, 3))
    pairs = np.concatenate([X[:6], -2 * X[:6]])
    return {
        "general": (X, y),
        "repeated": (np.concatenate([X, 3 * X[:4]]), np.append(y, y[:4])),
        "antipodal": (pairs, np.append(y[:6], y[:6])),
        "antipodal with both labels": (pairs[[0, 1, 6, 7]], np.array([1.0, 1, -1, -1])),
        "on a grid": (rng.integers(1, 4, (12, 3)) * 1.0, np.ones(12)),
        "of very different lengths": (X * 10.0 ** rng.uniform(-5, 5, (12, 1)), y),
        "in a plane": (plane, y),
        "far from the origin": (X + 5, y),
        "in four dimensions": (rng.normal(size=(10, 4)), y[:10]),
        "in five dimensions": (rng.normal(size=(7, 5)), y[:7]),
        "alone": (X[:1], y[:1]),
    }


def over_directions(X, y, u):
    """The ℓ1 margin over the features u with both signs, by HiGHS: never more than γ_ℓ1."""
    V = y[:, None] * np.maximum(X @ u.T, 0)
    A = np.column_stack([-V, V, np.ones(len(y))])
    costs = np.append(np.ones(2 * len(u)), 0)
    result = linprog(
        np.append(np.zeros(2 * len(u)), -1),
        A_ub=np.vstack([A, costs]),
        b_ub=np.append(np.zeros(len(y)), 1),
        bounds=[(0, None)] * (2 * len(u)) + [(None, None)],
    )
    return -result.fun


@pytest.mark.parametrize("tol", [1e-9, 1e-25])
@pytest.mark.parametrize("name", families())
def test_the_bracket_closes_for_points(name, tol):
    X, y = families()[name]
    found = refined(X, y, tol)
    lower, upper = ends(X, y, found)
    with ctx.workprec(400):
        assert lower > 0 and not lower > upper and 1 - lower / upper <= arb(tol)
    assert len(found.weights.integers) <= len(y)


@pytest.mark.parametrize("name", ["general", "repeated", "in four dimensions"])
def test_features_near_the_atoms_approach_the_margin_from_below(name):
    X, y = families()[name]
    found = refined(X, y, 1e-12)
    rng, atoms = np.random.default_rng(0), refine_directions(found.atoms.integers)
    lower, upper = ends(X, y, found)
    near = (atoms + 1e-4 * rng.normal(size=(40, *atoms.shape))).reshape(-1, X.shape[1])
    margin = over_directions(X, y, near / np.linalg.norm(near, axis=1, keepdims=True))
    assert margin <= rigour.above(upper) * (1 + 1e-9)
    assert margin >= rigour.below(lower) * (1 - 1e-2)


def refine_directions(z):
    return np.array([rigour.unit(Dyadic.of(u, -int(abs(u).max()).bit_length()).floats) for u in z])


@pytest.mark.parametrize("name", ["general", "of very different lengths", "antipodal"])
def test_noise_in_the_floats_changes_no_digit(name):
    X, y = families()[name]
    assert len({floats(X, y, noise) for noise in (0.0, 1e-6, 1e-3)}) == 1


def floats(X, y, noise=0.0):
    """The floats beside the bracket of relative width 1e-20."""
    lower, upper = ends(X, y, refined(X, y, 1e-20, noise))
    return rigour.below(lower), rigour.above(upper)


def test_exact_symmetries_change_no_digit():
    X, y = families()["general"]
    both, order = floats(X, y), np.random.default_rng(3).permutation(len(y))
    for X_, y_, factor in [
        (X[order], y[order], 1.0),
        (X[:, [2, 0, 1]] * [1, -1, 1], y, 1.0),
        (X, -y, 1.0),
        (2.0**-400 * X, y, 2.0**-400),
    ]:
        assert floats(X_, y_) == tuple(factor * end for end in both)


def test_summits_are_exact_and_their_greatest_is_the_maximum():
    X, _ = families()["general"]
    arrangement, w = faces.enumerate_faces(X), np.random.default_rng(2).normal(size=12)
    W, e = rigour.dyadic(w)
    found = refine_space.summits(arrangement, W)
    with ctx.workprec(200):
        greatest = refine_space.greatest(found) * arb(2) ** (e + arrangement.exponent)
        assert greatest.overlaps(faces.max_abs(arrangement, w))
    for s in found:
        u = refine_directions(s.u[None])[0]
        F = np.maximum(X @ u, 0) @ w
        assert abs(F) == pytest.approx(rigour.above(greatest), rel=2 * refine_space.NEAR)
        assert np.sign(F) == s.side


@pytest.mark.parametrize("seed", range(5))
def test_a_vertex_has_few_weights_and_costs_no_more(seed):
    rng = np.random.default_rng(seed)
    U = rng.normal(size=(4, 9))
    U[:, 5] = U[:, 4]  # twice the same column
    a = rng.uniform(0.1, 1, 9)
    with ctx.workprec(200):
        exact = np.array([[arf(float(v)) for v in row] for row in U], dtype=object)
        w = vertex(exact, np.array([arf(float(v)) for v in a]), arf((1, -60)))
        w = np.array([float(v) for v in w])
    assert (w >= 0).all() and (w > 0).sum() <= 4
    assert U @ w == pytest.approx(U @ a, abs=1e-12)
    assert w.sum() <= a.sum() + 1e-12


@pytest.mark.parametrize("seed", range(5))
def test_a_vertex_has_as_few_weights_as_the_rank_says_whatever_the_size_of_rows(seed):
    rng = np.random.default_rng(seed)
    small = rng.integers(-9, 10, (6, 3)) @ rng.integers(-9, 10, (3, 14))  # of rank 3
    rows = np.vstack([small, rng.integers(-9, 10, (2, 14))]).astype(object)  # and of rank 5
    sizes = [2**90] * 6 + [1, 1]  # more than floats tell apart
    U, a = rows * np.array(sizes, dtype=object)[:, None], rng.integers(1, 99, 14).astype(object)
    with ctx.workprec(400):
        w = vertex(rounded(U), rounded(a), power(-200))
        assert (w >= 0).all() and sum(w) <= sum(a) + power(-200)
        assert np.count_nonzero(w > 0) <= 5
        assert all(abs(v) < power(-200) for v in rounded(U) @ (w - rounded(a)))


@pytest.mark.parametrize("free", [True, False])
def test_the_path_leads_to_the_least_length(free):
    """min ‖z_1‖ + ‖z_2‖ for z_1 + z_2 = (3, 4), the first in a half-plane, the second on a ray."""
    G = np.stack([np.eye(2), np.diag([1.0, 0.0])], axis=1)
    problem = cones.Cones(np.array([3.0, 4.0]), G, np.array([[-1.0, 0.0]]), np.array([0]), free)
    # the half-plane z_11 ≤ 0 leaves the first coordinate to z_2: 4 + 3
    S, one = np.full(0 if free else 2, 1.0), np.ones(1)
    start = cones.Iterate(np.ones(2), S, np.ones(2), np.ones(2) / 2, one, one)
    for digits, accuracy in ((None, 1e-7), (200, 1e-40)):
        with ctx.workprec(digits or 53):
            exact = (lambda v: v) if digits is None else as_arf
            x = cones.follow(
                cones.Cones(*map(exact, problem[:3]), *problem[3:]),
                cones.Iterate(*map(exact, start)),
                accuracy / 100,
            )
            z = x.a[:, None] * cones.directions(problem._replace(G=exact(G), E=exact(problem.E)), x)
            assert abs(float(z[0, 0])) < 100 * accuracy
            assert math.isclose(float(sum(x.a)), 7, rel_tol=1e-6)
            assert abs((x.nu * problem.b).sum() - 7) < 1000 * accuracy


def as_arf(values):
    values = np.asarray(values, dtype=float)
    return np.array([arf(float(v)) for v in values.ravel()], dtype=object).reshape(values.shape)
