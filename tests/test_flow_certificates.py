"""The certified optimum and constants of the flow."""

from fractions import Fraction
from types import SimpleNamespace

import jax
import mpmath
import numpy as np
import pytest
from flint import arb
from scipy.optimize import minimize

from margintheory import flow
from margintheory.flow import duality, units

X, Y, LAM, S = np.array([[1.0], [0.6], [-1.0], [-0.5]]), np.array([1.0, 1, -1, -1]), 0.05, 0.3
PROBLEM = flow.two_layer(X, Y, LAM, S)


@pytest.fixture(scope="module")
def optimum():
    return flow.optimum(X, Y, LAM, S)


def test_the_bracket_of_the_optimum_is_tight_and_where_it_was_known(optimum):
    assert optimum.lower <= optimum.upper <= optimum.lower + 1e-9 * optimum.upper
    assert optimum.lower == pytest.approx(1.03423913004, abs=1e-9)
    assert flow.objective(PROBLEM, optimum.atoms) == pytest.approx(optimum.upper, rel=1e-14)
    angles = np.arctan2(*optimum.atoms.theta.T[::-1]) % (2 * np.pi)
    np.testing.assert_allclose(np.sort(angles), [0.7962, 3.9153], atol=1e-4)


def test_masses_on_a_fine_grid_come_close_but_not_below(optimum):
    u = flow.spread(720, 2)
    Phi = np.asarray(jax.vmap(PROBLEM.Phi)(u))

    def loss(mass):
        a = mass @ Phi
        slope = -Y / (1 + np.exp(Y * a))
        return np.logaddexp(0, -Y * a).sum() + LAM * mass.sum(), Phi @ slope + LAM

    bounds = [(0, None)] * len(u)
    found = minimize(loss, np.full(len(u), 0.01), jac=True, bounds=bounds, method="L-BFGS-B")
    assert optimum.lower <= found.fun <= optimum.upper + 1e-3


def test_no_dual_point_proves_too_much(optimum):
    """Weak duality: whatever q is, the value that is returned for it does not exceed L*."""
    features, rng = units.units(X, S), np.random.default_rng(0)
    Phi = np.asarray(jax.vmap(PROBLEM.Phi)(flow.spread(2000, 2)))
    for q in [*rng.uniform(0.01, 0.99, (8, 4)), 1.3 * optimum.dual, 0.7 * optimum.dual]:
        lower, shortened = duality._lower(features, Y, LAM, q, 1e-2)
        assert lower <= optimum.upper
        assert (Phi @ (shortened * Y)).max() <= LAM * (1 + 1e-12)


def test_a_search_that_stalls_is_given_the_direction_it_misses(monkeypatch):
    """A single start, at the stall: the other atom must be found by itself."""
    start = np.array([[np.cos(0.9), np.sin(0.9)]])
    few = lambda count, D: start if count < 100 else flow.spread(count, D)  # noqa: E731
    monkeypatch.setattr(duality, "spread", few)
    found = flow.optimum(X, Y, LAM, S)
    assert found.upper - found.lower < 1e-8


def test_the_optimum_in_three_dimensions_is_certified():
    found = flow.optimum([[1, 0], [0, 1], [-1, 0], [0, -1]], [1, -1, 1, -1], LAM, S, rtol=1e-6)
    assert found.upper == pytest.approx(1.6823860815, abs=1e-9)
    assert found.upper - found.lower < 1e-5


def test_balls_of_the_features_enclose_value_gradient_and_hessian():
    rng = np.random.default_rng(1)
    X3 = rng.normal(size=(2, 2))
    problem = flow.two_layer(X3, [1, -1], LAM, S)
    Phi = problem.Phi
    derivatives = jax.jit(
        lambda theta: (Phi(theta), jax.jacrev(Phi)(theta), jax.hessian(Phi)(theta))
    )
    for theta in rng.normal(size=(4, 3)):
        ball = [arb(t) for t in theta]
        value, slope, bend = map(np.asarray, derivatives(theta))
        for i, unit in enumerate(units.units(X3, S)):
            assert float(unit.value(ball)) == pytest.approx(value[i], rel=1e-13)
            np.testing.assert_allclose(
                [float(v) for v in unit.gradient(ball)], slope[i], rtol=1e-12
            )
            rows = [[float(v) for v in row] for row in unit.hessian(ball)]
            np.testing.assert_allclose(rows, bend[i], rtol=1e-11, atol=1e-13)
        # On a box the second-order form encloses the values inside.
        unit = units.units(X3, S)[0]
        f = units.second_order(unit.value, unit.gradient, unit.hessian)
        box = [arb(t, 0.1) for t in theta]
        for _ in range(5):
            inside = theta + rng.uniform(-0.1, 0.1, 3)
            assert unit.value([arb(t) for t in inside]) in f(box)


@pytest.fixture(scope="module")
def constants():
    return flow.constants(X, LAM, S)


def test_constants_bound_the_features_and_are_nearly_attained(constants):
    u = flow.spread(4000, 2)
    F = PROBLEM.Phi
    Phi, slope, bend = map(
        np.asarray,
        jax.jit(jax.vmap(lambda t: (F(t), jax.jacrev(F)(t), jax.hessian(F)(t).reshape(4, 4))))(u),
    )
    B = np.linalg.norm(Phi, axis=1).max()
    G = np.linalg.norm(slope, ord=2, axis=(1, 2)).max()
    C = np.linalg.norm(bend, ord=2, axis=(1, 2)).max()
    for attained, bound, slack in ((B, constants.B, 2e-3), (G, constants.G, 2e-3)):
        assert attained <= bound <= attained * (1 + slack)
    assert C <= constants.C_Phi <= C * 1.03
    assert constants.G >= 2 * constants.B * (1 - 1e-2)  # Euler


def test_velocities_are_globally_lipschitz_with_C_L(constants):
    rng = np.random.default_rng(0)
    scale = 10 ** rng.uniform(-1, 1, (2, 3000, 1))
    p, q = scale * rng.normal(size=(2, 3000, 2))
    q = np.where(rng.uniform(size=(3000, 1)) < 0.5, q, p + 1e-3 * q)
    for m in (0.1, 1.0, 100.0):
        rho = flow.Atoms(np.array([[1.0, -1.0]]), np.array([m]))
        moved = np.linalg.norm(
            flow.velocity(PROBLEM, rho, p) - flow.velocity(PROBLEM, rho, q), axis=1
        )
        assert (moved <= constants.C_L * np.linalg.norm(p - q, axis=1) * (1 + 1e-9)).all()


def test_derived_constants_are_those_of_the_sheet(constants):
    for ours, theirs, slack in (
        (constants.B_L, 1.294, 2e-3),
        (constants.c_2, 2.588, 4e-3),
        (constants.K, 4.067, 2e-3),
        (constants.C_L, 5.68, 0.1),
    ):
        assert ours == pytest.approx(theirs, abs=slack)
    assert constants.W(100.0) == 2000
    assert constants.W(0.0) == constants.K / LAM


def test_radial_constants_bound_the_radial_model():
    A, lam = 5.0, 0.2
    c = flow.radial_constants(A, lam)
    R = flow.radial(A, lam).R
    a = np.linspace(-50, 50, 4001)[:, None]
    slope, bend = jax.jit(jax.vmap(lambda a: (jax.grad(R)(a), jax.hessian(R)(a))))(a)
    assert 0.99 * c.M_R <= np.abs(slope).max() <= c.M_R
    assert 0.99 * c.C_R <= np.abs(bend).max() <= c.C_R
    assert (c.B, c.G, c.C_Phi, c.M_V, c.b_V, c.B_V, c.C_V) == (1, 2, 2, 0.4, 0.2, 0.2, 0.4)


def rounded_up(value, exact):
    """Whether a float is the least one that is not below an exact number."""
    with mpmath.workdps(400):
        below = np.nextafter(value, -np.inf)
        return mpmath.mpf(float(below)) < exact <= mpmath.mpf(float(value))


@pytest.mark.parametrize("A", [4.20571580830845, 0.0, 1e-9, -3.7, -1e10, 1e100, -1e100])
def test_the_loss_of_the_zero_measure_is_rounded_up(A):
    with mpmath.workdps(400):
        exact = mpmath.sqrt(mpmath.mpf(A) ** 2 + 1) + mpmath.mpf(A)
    assert rounded_up(flow.radial_constants(A, 0.2).R_0, exact)


def test_what_is_derived_from_constants_is_rounded_up():
    """On random problems, where rounding to nearest errs in nearly half of the cases."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        c = flow.Constants(*map(float, 10 ** rng.uniform(-3, 3, 10)))
        exact = {name: Fraction(value) for name, value in vars(c).items()}
        f = SimpleNamespace(**exact)
        L0 = float(10 ** rng.uniform(-2, 4))
        B_L = f.M_R * f.B + f.B_V
        for value, fraction in (
            (c.B_L, B_L),
            (c.c_2, f.M_R * f.G + f.M_V),
            (c.C_L, f.M_R * f.C_Phi + f.C_V),
            (c.K, f.R_0 + B_L),
            (c.W(L0), max(Fraction(L0), f.R_0 + B_L) / f.b_V),
        ):
            assert isinstance(value, float)
            assert Fraction(np.nextafter(value, -np.inf)) < fraction <= Fraction(value)


def test_constants_in_closed_form_are_rounded_up():
    rng = np.random.default_rng(0)
    for n in (1, 2, 3, 5):
        c = flow.constants(rng.normal(size=(n, 1)), 0.3, 1.0, rtol=0.1)
        with mpmath.workdps(50):
            assert rounded_up(c.M_R, mpmath.sqrt(n)) and rounded_up(c.R_0, n * mpmath.log(2))
        assert (c.b_V, c.B_V, c.M_V, c.C_V, c.C_R) == (0.3, 0.3, 0.6, 0.6, 0.25)


def test_derived_constants_stay_in_their_own_arithmetic():
    numbers = list(range(1, 11))  # B … C_V
    whole = flow.Constants(*map(float, numbers))
    in_balls, arrays = (
        flow.Constants(*map(arb, numbers)),
        flow.Constants(*np.array(numbers)[:, None]),
    )
    for name in ("B_L", "c_2", "C_L", "K"):
        assert getattr(in_balls, name) == getattr(arrays, name)[0] == getattr(whole, name)
        assert isinstance(getattr(in_balls, name), arb)
    assert in_balls.W(arb(1)) == (8 + 6 * 1 + 4) / arb(3) == in_balls.W(1.0)
    assert in_balls.W(arb(60)) == 20 == whole.W(60)
    assert np.array_equal(arrays.W(np.array([1.0, 60.0])), [6, 20])
    with pytest.raises(ValueError, match="must be real"):
        whole.W("much")


@pytest.mark.parametrize("act", [flow.constants, lambda *a: flow.optimum(X, Y, *a[1:])])
def test_the_relu_is_refused_where_derivatives_are_needed(act):
    with pytest.raises(ValueError, match="not differentiable"):
        act(X, LAM, 0)
    with pytest.raises(ValueError, match="lam"):
        act(X, -1.0, S)
    with pytest.raises(ValueError, match="smoothing"):
        act(X, LAM, np.nan)
    with pytest.raises(ValueError, match="finite"):
        act(X * np.nan, LAM, S) if act is flow.constants else flow.optimum(X * np.nan, Y, LAM, S)


@pytest.mark.parametrize("rtol", [0, -1.0, np.nan, "fine"])
def test_a_tolerance_is_positive(rtol):
    with pytest.raises(ValueError, match="rtol"):
        flow.constants(X, LAM, S, rtol=rtol)
    with pytest.raises(ValueError, match="rtol"):
        flow.optimum(X, Y, LAM, S, rtol=rtol)
