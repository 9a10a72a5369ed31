"""The constants of Lemma E.16 and Theorems E.4 and E.21 against the conditions they must meet."""

from fractions import Fraction
from types import SimpleNamespace

import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from margintheory.flow import convergence


def problem(B, G, M_R, C_R, b_V, B_V, M_V, R_0, C_Phi, C_V):
    """Constants of a problem with the combinations of Section E.1."""
    B_L = M_R * B + B_V
    return SimpleNamespace(
        B=B, G=G, C_R=C_R, b_V=b_V, R_0=R_0, C_Phi=C_Phi, B_L=B_L, c_2=M_R * G + M_V,
        K=R_0 + B_L, C_L=M_R * C_Phi + C_V,
    )  # fmt: skip


# the running example of Section 5, to three digits
EXAMPLE = problem(0.622, 1.244, 2.0, 0.25, 0.05, 0.05, 0.1, 4 * np.log(2), 2.8, 0.1)

magnitudes = st.floats(-4, 4).map(lambda exponent: 10**exponent)
dimensions = st.sampled_from([1, 2, 10, 1000, 10**6])


@st.composite
def problems(draw):
    """Constants over many orders of magnitude that obey what every problem obeys."""
    B, M_R, C_R, b_V, R_0, wide, steep, rough = (draw(magnitudes) for _ in range(8))
    B_V = b_V * (1 + wide)
    G, M_V = 2 * B * (1 + steep), 2 * B_V * (1 + steep)
    return problem(B, G, M_R, C_R, b_V, B_V, M_V, R_0, G * (1 + rough), M_V)


def exactly(c):
    """The same constants for 60-digit arithmetic."""
    return SimpleNamespace(**{name: mpmath.mpf(float(v)) for name, v in vars(c).items()})


def numbers(found):
    """The fields of a guarantee for 60-digit arithmetic."""
    return SimpleNamespace(**{name: mpmath.mpf(float(v)) for name, v in found._asdict().items()})


shares = st.none() | st.floats(1e-6, 1)


def losses(c, L_0, of_K, of_least):
    """Upper bounds of L[U] and L* as shares of what holds without knowing them, or None."""
    L_U = None if of_K is None else of_K * c.K
    return L_U, None if of_least is None else of_least * min(L_0, c.R_0)


@given(problems(), magnitudes, st.floats(1e-6, 0.99), dimensions, shares, shares)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_theorem_e_4_meets_its_side_conditions(c, L_0, share, d, of_K, of_least):
    eps, (L_U, L_star) = share * L_0, losses(c, L_0, of_K, of_least)
    least = min(L_0, c.R_0) if L_star is None else L_star
    assume(eps < 8 * c.c_2 * least / c.b_V)  # else H is 0 in floats
    found = numbers(convergence.guarantee(c, L_0, eps, d, L_U, L_star))
    with mpmath.workdps(60):
        L_U = c.K if L_U is None else L_U
        c, W, Y, eps = exactly(c), found.W, found.Y, mpmath.mpf(eps)
        sigma, l, tau = found.sigma, found.l, eps / (2 * Y)
        slightly = 1 + mpmath.mpf(10) ** -9
        assert mpmath.almosteq(W, max(L_0, L_U) / c.b_V, rel_eps=1e-14)
        assert mpmath.almosteq(Y, least / c.b_V, rel_eps=1e-14)
        # the loss that case (I) and case (II) of the proof spend, before noise
        spent = [
            (tau / 8) ** 2 / (c.C_R * c.B * c.G) ** 2 / (W * l),
            l * 4 * (eps / 2) ** 2 / W,
        ]
        assert mpmath.almosteq(found.Delta_1, spent[0], rel_eps=1e-12)
        assert mpmath.almosteq(found.Delta_2, spent[1], rel_eps=1e-12)
        assert sigma <= tau / 2 * slightly
        assert sigma * l * c.C_R * c.B**2 * (W + 1) <= tau / 8 * slightly
        assert 4 * sigma * L_U * l <= min(spent) * slightly
        assert 2 * sigma * L_U * l <= 2 * eps * slightly
        # the mass in the descent set reaches 2W within l
        beta = (tau / (4 * c.c_2)) ** d / 2
        mass = sigma * beta * mpmath.expm1((tau - sigma) * l) / (tau - sigma)
        assert mass >= 2 * W * (1 - 1e-6 * (1 + found.Lam))


@given(problems(), magnitudes, st.floats(1e-6, 0.99), dimensions, shares)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_the_time_of_theorem_e_4_is_enough_for_all_levels(c, L_0, share, d, of_least):
    """From L_0 down to ε by halves, each with its own Λ and its own windows, counted one by one."""
    eps, (_, L_star) = share * L_0, losses(c, L_0, None, of_least)
    assume(eps < 8 * c.c_2 * (L_star or min(L_0, c.R_0)) / c.b_V)  # else H is 0 in floats
    found = convergence.guarantee(c, L_0, eps, d, None, L_star)
    exact = numbers(found)
    with mpmath.workdps(60):
        c, W, Y, e, needed = exactly(c), exact.W, exact.Y, mpmath.mpf(eps), 0
        while e < L_0:
            H = (W / Y) * (8 * c.c_2 * Y / e) ** d
            Lam = mpmath.log1p(e * H / exact.sigma)
            assert Lam <= exact.Lam * (1 + mpmath.mpf(10) ** -9)
            l = 4 * Y * Lam / e
            falls = [(e / 16 / Y) ** 2 / (c.C_R * c.B * c.G) ** 2 / (W * l), l * e**2 / W]
            needed += 2 * l * (mpmath.floor(2 * e / min(falls)) + 1)
            e *= 2
        assert needed <= exact.time * (1 + mpmath.mpf(10) ** -9)


@given(problems(), magnitudes, magnitudes, st.floats(0.1, 1000))
@settings(max_examples=50, deadline=None, derandomize=True)
def test_the_time_of_theorem_e_4_is_the_geometric_sum_of_its_levels(c, L_0, e, Lam):
    bounds = convergence.Bounds(c.K, max(L_0, c.K) / c.b_V, min(L_0, c.R_0) / c.b_V)
    sums = sum(convergence.time_from_double(c, bounds, e * 2.0**j, Lam) for j in range(60))
    assert sums == pytest.approx(convergence.time_by_levels(c, bounds, e, Lam), rel=1e-12)


@given(problems(), magnitudes, st.floats(1e-6, 0.99), dimensions, shares, shares)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_theorem_e_21_meets_its_side_conditions(c, L_0, share, d, of_K, of_least):
    eps, (L_U, L_star) = share * L_0, losses(c, L_0, of_K, of_least)
    L_U = L_U and max(L_U, c.b_V)  # L[U] ≥ b_V
    found = numbers(convergence.discrete_guarantee(c, L_0, eps, d, L_U, L_star))
    with mpmath.workdps(60):
        L_U = c.K if L_U is None else L_U
        c, W, Y, eps = exactly(c), found.W, found.Y, mpmath.mpf(eps)
        sigma, eta, tau = found.sigma, found.eta, eps / 2 / Y
        slightly = 1 + mpmath.mpf(10) ** -9
        assert mpmath.almosteq(W, max(L_0, 2 * L_U) / c.b_V, rel_eps=1e-14)
        assert eta * sigma * 8 <= slightly
        assert eta * c.C_L * 4 <= slightly
        assert 32 * eta * c.C_R * c.G**2 * W <= slightly
        assert eta * c.C_Phi * c.c_2 <= 2 * c.G * slightly
        assert eta * sigma * c.C_R * c.B**2 * (W + 1) ** 2 <= L_U * slightly
        assert eta * (c.C_L / 2 + c.B_L) <= slightly
        assert sigma <= tau / 2 * slightly and sigma <= c.b_V / 4 * slightly
        needed, e = 0, eps
        while e < L_0:
            tau, H = e / 2 / Y, (W / Y) * (8 * c.c_2 * Y / e) ** d
            if tau > min(c.B_L, c.c_2 / 2):  # no direction is so low
                fall = eta * e**2 / 2 / W - 2 * eta * sigma * L_U
                needed += eta * (mpmath.floor(e / fall) + 1)
                e *= 2
                continue
            Lam = mpmath.log1p(e * H / sigma)
            assert Lam <= found.Lam * slightly
            m = mpmath.ceil(16 * Y * Lam / (e * eta))
            l = eta * m
            assert l <= 32 * Y * Lam / e * slightly
            assert sigma * l * c.C_R * c.B**2 * (W + 1) <= tau / 8 * slightly
            spent = [
                (tau / 8) ** 2 / (8 * (c.C_R * c.B * c.G) ** 2 * W * l),
                l / 2 * 4 * (e / 2) ** 2 / W,
            ]
            assert 8 * sigma * L_U * l <= min(spent) * slightly
            # (1 + ητ/4)^m steps of growth from the source reach 4W, so more than W
            log_mass = mpmath.log(4 * sigma / tau) - mpmath.log(2)
            log_mass += d * mpmath.log(tau / (4 * c.c_2))
            log_mass += mpmath.log(mpmath.expm1(m * mpmath.log1p(eta * tau / 4)))
            assert log_mass >= mpmath.log(4 * W) - 1e-6
            needed += 2 * l * (mpmath.floor(2 * e / min(spent)) + 1)
            e *= 2
        assert needed <= found.time * slightly
        assert mpmath.almosteq(found.steps, found.time / eta, rel_eps=1e-12)


@given(problems(), magnitudes, magnitudes, magnitudes, st.floats(1e-3, 1))
@settings(max_examples=50, deadline=None, derandomize=True)
def test_no_limit_of_the_noise_is_smaller_than_its_condition_needs(c, L_U, W, eps, part):
    """With σ Λ² (or σ) at one limit, the side condition it stands for is an equality."""
    bounds = convergence.Bounds(L_U, W, part * W)
    first, second, third, fourth = convergence.noise_limits(c, bounds, eps)
    l, tau = 4 * bounds.Y / eps, eps / (2 * bounds.Y)  # Λ = 1
    Delta_1, Delta_2 = convergence.decreases(c, bounds, eps, l)
    assert 4 * first * L_U * l == pytest.approx(Delta_1, rel=1e-12)
    assert convergence.noise_in_potential(c, W, second, l) == pytest.approx(tau / 8, rel=1e-12)
    assert third == pytest.approx(tau / 2, rel=1e-12)
    assert 4 * fourth * L_U * l == pytest.approx(Delta_2, rel=1e-12)
    first, second, third, fourth = convergence.discrete_noise_limits(c, bounds, eps)
    l = 32 * bounds.Y / eps
    Delta_1, Delta_2 = convergence.discrete_decreases(c, bounds, eps, l)
    assert 8 * first * L_U * l == pytest.approx(Delta_1, rel=1e-12)
    assert convergence.noise_in_potential(c, W, second, l) == pytest.approx(tau / 8, rel=1e-12)
    assert third == pytest.approx(tau * part / 2, rel=1e-12)
    assert 8 * fourth * L_U * l == pytest.approx(Delta_2, rel=1e-12)


@pytest.mark.parametrize("d", [1, 3, 200])
def test_the_mass_reaches_twice_the_second_moment_exactly_at_the_escape_time(d):
    W, tau, sigma = 81.0, 0.3, 1e-4
    l = convergence.escape_time(EXAMPLE, W, tau, sigma, d)
    with mpmath.workdps(200):
        beta = (mpmath.mpf(tau) / (4 * EXAMPLE.c_2)) ** d / 2
        growth = mpmath.expm1((mpmath.mpf(tau) - sigma) * float(l)) / (tau - sigma)
        assert mpmath.almosteq(sigma * beta * growth, 2 * W, rel_eps=1e-10)
    mass = convergence.mass_in_descent(l, tau, sigma, convergence.log_cap(EXAMPLE, tau, d))
    assert mass == pytest.approx(2 * W, rel=1e-9)


def test_guaranteed_decrease_undoes_the_bound_of_lemma_e_12():
    L_U, W, tau, sigma, l = 2.8, 81.0, 0.3, 1e-5, 50.0
    spent = convergence.guaranteed_decrease(EXAMPLE, L_U, W, tau, sigma, l) + sigma * L_U * l
    z = convergence.noise_in_potential(EXAMPLE, W, sigma, l) + (
        EXAMPLE.C_R * EXAMPLE.B * EXAMPLE.G * np.sqrt(W * l * spent)
    )
    assert z == pytest.approx(tau / 4, rel=1e-12)


def test_the_constants_of_the_running_example_are_those_of_a_60_digit_computation():
    with mpmath.workdps(60):
        c, L_0, L_U, eps = exactly(EXAMPLE), mpmath.mpf(2.5057), mpmath.mpf(2.8226), mpmath.mpf(0.1)
        W, Y = L_U / c.b_V, L_0 / c.b_V
        X = (c.C_R * c.B * c.G) ** 2
        A = eps**4 / 16384 / L_U / X / W / Y**4
        q = mpmath.log(4 * (1 + 8 * c.c_2 * W) * (1 + 1 / A))
        sigma = A / 4 / q**2
        Lam = mpmath.log(1 + 8 * c.c_2 * W / sigma)
        time = 160 * Y * Lam + 80 * W + 1000 * mpmath.mpf(131072) / 7 * X * W * Y**4 * Lam**2
    found = convergence.guarantee(EXAMPLE, 2.5057, 0.1, 1, 2.8226)
    assert found.sigma == pytest.approx(float(sigma), rel=1e-12)
    assert found.time == pytest.approx(float(time), rel=1e-12)
    known = convergence.guarantee(EXAMPLE, 2.5057, 0.1, 1, 2.8226, 1.0342)
    ratio = (1.0342 / 2.5057) ** 4 * (known.Lam / found.Lam) ** 2
    assert float(known.time / found.time) == pytest.approx(float(ratio), rel=1e-6)


def test_balls_contain_the_floats_and_arrays_are_computed_entrywise():
    balls = SimpleNamespace(**{name: arb(float(v)) for name, v in vars(EXAMPLE).items()})
    for function in (convergence.guarantee, convergence.discrete_guarantee):
        exact = function(balls, arb(2.5), arb(0.1), arb(3))
        single = function(EXAMPLE, 2.5, 0.1, 3)
        several = function(EXAMPLE, 2.5, jnp.array([0.1, 0.01]), 3)
        for ball, number, entries in zip(exact, single, several, strict=True):
            assert float(ball.mid()) == pytest.approx(float(number), rel=1e-9)
            assert jnp.broadcast_to(entries, 2)[0] == pytest.approx(float(number), rel=1e-9)


def test_constants_next_to_a_ball_are_multiplied_in_balls():
    """C_R B² as a float would be wrong by 1e-17; the exact value is a fraction."""
    c = SimpleNamespace(**{name: Fraction(float(v)) for name, v in vars(EXAMPLE).items()})
    L_U, W, Y = Fraction(14, 5), Fraction(81), Fraction(50)
    eps, l = Fraction(1, 10**20), Fraction(1, 3)

    def ball(fraction):
        return arb(fraction.numerator) / fraction.denominator

    stiff, exact = (c.C_R * c.B * c.G) ** 2, {}
    exact[convergence.noise_limits] = (
        eps**4 / (2**14 * L_U * stiff * W * Y**4),
        eps**2 / (2**6 * c.C_R * c.B**2 * Y**2 * (W + 1)),
        eps / (4 * Y),
        eps**2 / (4 * L_U * W),
    )
    exact[convergence.discrete_noise_limits] = (
        eps**4 / (2**24 * L_U * stiff * W * Y**4),
        eps**2 / (2**9 * c.C_R * c.B**2 * Y**2 * (W + 1)),
        eps / (4 * W),
        eps**2 / (16 * L_U * W),
    )

    def encloses(found, expected):
        assert found.overlaps(ball(expected)) and found.rad() < abs(found) * 1e-80

    with ctx.workprec(300):
        bounds = convergence.Bounds(ball(L_U), ball(W), 50.0)
        for limits, expected in exact.items():
            for b, e in zip(limits(EXAMPLE, bounds, ball(eps)), expected, strict=True):
                encloses(b, e)
        steps = (
            1 / (4 * c.C_L),
            1 / (32 * c.C_R * c.G**2 * W),
            2 * c.G / (c.C_Phi * c.c_2),
            4 * L_U / (c.b_V * c.C_R * c.B**2 * (W + 1) ** 2),
            2 / (c.C_L + 2 * c.B_L),
        )
        for found, expected in zip(convergence.step_limits(EXAMPLE, bounds), steps, strict=True):
            encloses(found, expected)
        spent = convergence.decreases(EXAMPLE, bounds, ball(eps), ball(l))
        encloses(spent[0], eps**2 / (2**8 * stiff * W * Y**2 * l))
        spent = convergence.discrete_decreases(EXAMPLE, bounds, ball(eps), ball(l))
        encloses(spent[0], eps**2 / (2**11 * stiff * W * Y**2 * l))
        Lam = ball(l)
        worst = stiff * W * Y**4 * l**2 / eps**3 / 7
        time = convergence.time_by_levels(EXAMPLE, bounds, ball(eps), Lam)
        encloses(time, (16 * Y * l + 8 * W) / eps + 2**17 * worst)
        time = convergence.discrete_time_by_levels(EXAMPLE, bounds, ball(eps), Lam)
        encloses(time, (128 * Y * l + 16 * W) / eps + 2**26 * worst)
        time = convergence.time_from_double(EXAMPLE, bounds, ball(eps), Lam)
        halves = 7 * 2**14 * worst + (8 * Y * l + 4 * W) / eps
        encloses(time, halves)
        moved = convergence.noise_in_potential(EXAMPLE, ball(W), ball(eps), ball(l))
        encloses(moved, eps * l * c.C_R * c.B**2 * (W + 1))
        fall = convergence.guaranteed_decrease(
            EXAMPLE, ball(L_U), ball(W), arb(1), ball(eps), ball(l)
        )
        force = Fraction(1, 4) - eps * l * c.C_R * c.B**2 * (W + 1)
        encloses(fall, force**2 / (stiff * W * l) - eps * L_U * l)
        mixed = convergence.guarantee(EXAMPLE, arb(2.5), 0.1, 3, L_star=1.5)
        lifted = SimpleNamespace(**{name: arb(float(v)) for name, v in vars(EXAMPLE).items()})
        whole = convergence.guarantee(lifted, arb(2.5), arb(0.1), arb(3), L_star=arb(1.5))
        assert all(a.overlaps(b) and a.rad() < a * 1e-75 for a, b in zip(mixed, whole, strict=True))


def test_smallest_and_largest_take_any_arithmetic():
    assert convergence.smallest(3, 1.0, 2) == 1 and convergence.largest(3, 1.0, 2) == 3
    assert convergence.smallest(arb(3), 1.0, 2) == 1 and convergence.largest(3, arb(1), 2) == 3
    assert (convergence.largest(jnp.array([1.0, 4.0]), 2.0) == jnp.array([2.0, 4.0])).all()


def test_a_large_dimension_costs_a_polynomial_and_overflows_nowhere():
    dimensions = np.array([1e2, 1e4, 1e6])
    times = convergence.guarantee(EXAMPLE, 2.5, 0.1, dimensions).time
    assert np.isfinite(times).all()
    assert times[2] / times[1] == pytest.approx(1e4, rel=0.01)  # of order d²


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: convergence.guarantee(EXAMPLE, 2.5, 0.0, 1), "eps must be positive"),
        (lambda: convergence.guarantee(EXAMPLE, np.nan, 0.1, 1), "L_0 is not a number"),
        (lambda: convergence.guarantee(EXAMPLE, -1.0, 0.1, 1), "L_0 must be positive"),
        (lambda: convergence.guarantee(EXAMPLE, np.inf, 0.1, 1), "L_0 must be positive and finite"),
        (lambda: convergence.guarantee(EXAMPLE, 2.5, 0.1, 1, L_U=-1.0), "L_U must be positive"),
        (lambda: convergence.guarantee(EXAMPLE, 2.5, 0.1, 1, L_star=0), "L_star must be positive"),
        (lambda: convergence.guarantee(EXAMPLE, 2.5, "small", 1), "eps must be real"),
        (lambda: convergence.guarantee(EXAMPLE, arb(2.5), arb(-1), 1), "eps must be positive"),
        (lambda: convergence.escape_time(EXAMPLE, -1.0, 0.3, 0.1, 1), "W must be positive"),
        (lambda: convergence.escape_time(EXAMPLE, 81.0, 0.1, 0.0, 1), "strictly between 0 and tau"),
        (lambda: convergence.log_cap(EXAMPLE, 0.0, 1), "tau must be positive"),
        (
            lambda: convergence.log_cells(EXAMPLE, convergence.Bounds(2.0, 9.0, 1.0), 0.0, 1),
            "eps must be positive",
        ),
        (lambda: convergence.noise(1.0, 1.0, 0.0), "eps must be positive"),
        (lambda: convergence.noise(0.0, 1.0, 0.1), "too small for a float"),
        (lambda: convergence.smallest(1.0, "b"), "must be real"),
        (lambda: convergence.guarantee(EXAMPLE, 2.5, 0.1, 0), "d ≥ 1"),
        (lambda: convergence.guarantee(EXAMPLE, 2.5, 1e-80, 1), "too small for a float"),
        (lambda: convergence.discrete_guarantee(EXAMPLE, 2.5, 2.5, 1), "at least L_0"),
        (lambda: convergence.escape_time(EXAMPLE, 81.0, 0.1, 0.1, 1), "strictly between 0 and tau"),
        (lambda: convergence.mass_in_descent(1.0, 0.1, 0.0, -1.0), "strictly between 0 and tau"),
        (
            lambda: convergence.guarantee(
                SimpleNamespace(**{**vars(EXAMPLE), "C_R": 0.0}), 2.5, 0.1, 1
            ),
            "C_R must be positive",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        wrong()
