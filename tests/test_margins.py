"""Margins, and the explicit functions of Theorems 2.1 and 2.2 against mpmath and brute force."""

import math

import flint
import jax
import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from margintheory import margins, networks

seeds = st.integers(0, 10**6)
examples = st.integers(1, 10**6)
classes = st.integers(2, 50)
gammas = st.floats(1e-6, 1e3)
ratios = st.sampled_from([0.1, 0.5, 2 / 3, 1.0, 2.0, 5.0])


@given(seeds, st.floats(1e-3, 1e3))
def test_normalised_margin_is_invariant_to_scaling(seed, c):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(5, 2)), rng.choice([-1, 1], 5)
    for net in (
        networks.TwoLayer(rng.normal(size=4), rng.normal(size=(4, 2))),
        networks.Deep((rng.normal(size=(4, 2)), rng.normal(size=(3, 4)), rng.normal(size=(1, 3)))),
    ):
        assert margins.normalised_margin(networks.scaled(net, c), X, y) == pytest.approx(
            float(margins.normalised_margin(net, X, y)), rel=1e-9, abs=1e-300
        )
        assert margins.normalised_margin(networks.normalised(net), X, y) == pytest.approx(
            float(margins.margin(networks.normalised(net)(X), y)), rel=1e-9
        )


@pytest.mark.parametrize("exponent", [-600, -300, 300, 600])
def test_normalised_margin_is_the_same_where_squares_leave_the_range_of_floats(exponent):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(5, 2)), rng.choice([-1, 1], 5)
    net = networks.TwoLayer(rng.normal(size=4), rng.normal(size=(4, 2)))
    far = networks.scaled(net, 2.0**exponent)
    assert margins.normalised_margin(far, X, y) == margins.normalised_margin(net, X, y)


@given(seeds, st.integers(2, 5))
def test_multiclass_margin_is_the_smallest_lead_over_a_rival(seed, l):
    rng = np.random.default_rng(seed)
    scores, labels = rng.normal(size=(6, l)), rng.integers(l, size=6)
    leads = [
        scores[i, labels[i]] - scores[i, j] for i in range(6) for j in range(l) if j != labels[i]
    ]
    assert margins.margin(scores, labels) == pytest.approx(min(leads), rel=1e-14)


@given(seeds)
def test_binary_margin_is_the_two_class_margin_of_half_scores(seed):
    rng = np.random.default_rng(seed)
    f, y = rng.normal(size=6), rng.choice([-1, 1], 6)
    assert margins.margin(np.stack([-f / 2, f / 2], 1), (y + 1) // 2) == pytest.approx(
        float(margins.margin(f, y)), rel=1e-14
    )


# Formulas by their definitions, in as many digits as their exponentials need


def powers_of_ten(low, high):
    return st.floats(low, high).map(lambda exponent: 10.0**exponent)


products = powers_of_ten(-3, 4)  # s γ*
tiny_gammas = powers_of_ten(-12, 3)
tiny_lams = powers_of_ten(-300, 0)
betas = st.one_of(st.just(1.0), powers_of_ten(-12, 0).map(lambda x: 1 + x))


def in_digits(definition, product, *arguments):
    """`definition` at the floats as they are, in as many digits as e^{−product} next to 1 needs."""
    with mpmath.workdps(60 + int(product / 2)):
        return definition(*map(mpmath.mpf, arguments))


def mp_loss(s, gamma, l):
    return mpmath.log(1 + (l - 1) * mpmath.exp(-s * gamma))


def mp_deficit(s, gamma, lam, beta, q, n, l):
    total = n * (beta * mp_loss(s, gamma, l) + (beta - 1) * lam * s**q)
    return gamma + mpmath.log(mpmath.exp(total) - 1) / s


def contains(ball, exact):
    """Whether the ball contains the number, up to 60 digits."""
    return ball.overlaps(flint.arb(mpmath.nstr(exact, 60)))


def agree(value, ball, exact, rel=1e-12, tol=0.0):
    """A float, and a ball from the same arguments, against the exact value."""
    with flint.ctx.workprec(256):
        assert contains(ball, exact) and ball.rad() <= abs(ball.mid()) * 1e-9 + 1e-20 + tol
    assert value == pytest.approx(float(exact), rel=rel, abs=tol)


@settings(max_examples=40)
@given(products, tiny_gammas, examples, classes)
def test_deficit_bound_is_its_definition(product, gamma_star, n, l):
    s = product / gamma_star
    exact = in_digits(mp_deficit, product, s, gamma_star, 1, 1, 1, n, l)
    with flint.ctx.workprec(128):
        ball = margins.deficit_bound(flint.arb(s), gamma_star, n, l)
    agree(margins.deficit_bound(s, gamma_star, n, l), ball, exact, tol=1e-14 / s)
    traced = jax.jit(margins.deficit_bound)(s, gamma_star, n, l)
    assert traced == pytest.approx(float(exact), rel=1e-12, abs=1e-14 / s)


@settings(max_examples=40)
@given(products, tiny_gammas, tiny_lams, betas, ratios, examples, classes)
def test_the_approximate_deficit_bound_is_its_definition(product, gamma_star, lam, beta, q, n, l):
    arguments = (product / gamma_star, gamma_star, lam, beta, q, n, l)
    exact = in_digits(mp_deficit, product, *arguments)
    with flint.ctx.workprec(128):
        ball = margins.deficit_bound_approximate(*map(flint.arb, arguments))
    value = float(margins.deficit_bound_approximate(*arguments))
    tol = 1e-12 * (gamma_star + 1 / arguments[0])
    agree(value, ball, exact, rel=1e-11, tol=tol)
    assert jax.jit(margins.deficit_bound_approximate)(*arguments) == pytest.approx(value, abs=tol)


@pytest.mark.parametrize("beta", [1.0, 1.25])
@pytest.mark.parametrize(
    ("s", "gamma_star", "n", "l"), [(0.5, 1.0, 208, 50), (3.0, 2.0, 7, 2), (900.0, 0.9, 10, 3)]
)
def test_the_deficit_bounds_have_the_derivatives_of_their_definition(s, gamma_star, n, l, beta):
    """With respect to s, γ*, λ and β, also where the loss alone would underflow or overflow."""
    point = (s, gamma_star, 1e-3, beta)
    found = jax.grad(margins.deficit_bound_approximate, argnums=(0, 1, 2, 3))(*point, 1.5, n, l)
    with mpmath.workdps(2000):
        for k, slope in enumerate(found):
            h = mpmath.mpf(10) ** -900
            up = [mpmath.mpf(x) + h * (j == k) for j, x in enumerate(point)]
            rise = mp_deficit(*up, mpmath.mpf("1.5"), n, l)
            rise -= mp_deficit(*map(mpmath.mpf, point), mpmath.mpf("1.5"), n, l)
            if abs(rise / h) < 1e300:  # at β = 1 the derivative in β is of the order e^{sγ*}
                assert slope == pytest.approx(float(rise / h), rel=1e-9, abs=1e-11)
    if beta == 1:
        plain = jax.grad(margins.deficit_bound, argnums=(0, 1))(s, gamma_star, n, l)
        assert np.asarray(plain) == pytest.approx(np.asarray(found[:2]), rel=1e-9, abs=1e-11)


def test_deficit_bounds_that_once_left_the_range_of_floats():
    assert margins.deficit_bound(0.5, 1.0, 208, 50) == pytest.approx(1425.764217341079, rel=1e-14)
    assert margins.deficit_bound(740.0, 1.0, 10) == pytest.approx(math.log(10) / 740, rel=1e-14)
    approximate = margins.deficit_bound_approximate(740.0, 1.0, 1e-300, 1 + 1e-9, 1.0, 10)
    assert approximate == pytest.approx(0.05055465084698987, rel=1e-13)
    assert margins.deficit_bound(1e16, 1e-12, 10**6) == pytest.approx(math.log(1e6) / 1e16)


def test_a_curve_of_deficit_bounds_may_leave_its_domain():
    curve = margins.deficit_bound(np.array([0.0, 2.0, np.nan]), 0.1, 8)
    assert curve[0] == np.inf and np.isnan(curve[2])
    assert curve[1] == margins.deficit_bound(2.0, 0.1, 8)


@given(powers_of_ten(-300, 4))
def test_log_expm1_is_a_logarithm_at_every_scale(x):
    exact = in_digits(lambda x: mpmath.log(mpmath.exp(x) - 1), 1000, x)
    with flint.ctx.workprec(128):
        ball = margins.log_expm1(flint.arb(x))
    agree(margins.log_expm1(x), ball, exact, tol=1e-15)
    wide = margins.log_expm1(flint.arb(x).union(flint.arb(2 * x)))
    assert margins.log_expm1(flint.arb(1.5 * x)) in wide
    assert jax.grad(margins.log_expm1)(x) == pytest.approx(float(1 / -mpmath.expm1(-x)), rel=1e-12)


@settings(max_examples=40)
@given(products, tiny_gammas, st.sampled_from([1, -1]), examples, classes)
def test_losses_and_their_logarithms_are_their_definitions(product, gamma, sign, n, l):
    s, gamma = product / gamma, sign * gamma
    upper = in_digits(mp_loss, product, s, gamma, l)
    lower = in_digits(lambda *a: mp_loss(*a[:2], 2) / a[2], product, s, gamma, n)
    for plain, logarithm, count, exact in (
        (margins.loss_upper, margins.log_loss_upper, l, upper),
        (margins.loss_lower, margins.log_loss_lower, n, lower),
    ):
        with mpmath.workdps(60), flint.ctx.workprec(128):
            balls = [f(flint.arb(s), gamma, count) for f in (plain, logarithm)]
            log_exact = mpmath.log(exact)
        agree(logarithm(s, gamma, count), balls[1], log_exact, tol=1e-14)
        assert contains(balls[0], exact)
        assert plain(s, gamma, count) == pytest.approx(float(exact), rel=1e-11, abs=1e-307)
        assert np.isfinite(jax.grad(logarithm, argnums=(0, 1))(s, gamma, count)).all()


@given(tiny_lams, tiny_gammas, ratios, powers_of_ten(-9, -0.2), betas, examples)
def test_what_an_upper_bound_implies_is_its_definition(lam, gamma, q, share, beta, n):
    """`share` is nβU, between 1e-9 and 0.63."""
    U = share / n / beta

    def mp_margin(U, lam, beta, q, n):
        return -mpmath.log(mpmath.expm1(n * beta * U)) * (lam / (beta * U)) ** (1 / q)

    with mpmath.workdps(60), flint.ctx.workprec(128):
        for f, definition, arguments in (
            (
                margins.scale_lower,
                lambda U, g, n: -mpmath.log(mpmath.expm1(n * U)) / g,
                (U, gamma, n),
            ),
            (margins.scale_upper, lambda U, lam, q: (U / lam) ** (1 / q), (U, lam, q)),
            (margins.approximate_margin, mp_margin, (U, lam, beta, q, n)),
        ):
            exact = definition(*map(mpmath.mpf, arguments))
            ball = f(*map(flint.arb, arguments))
            assert contains(ball, exact)
            if 1e-300 < abs(exact) < 1e300:
                assert f(*arguments) == pytest.approx(float(exact), rel=1e-11)


@given(tiny_gammas, ratios, st.floats(-300, 0), classes, examples, betas)
def test_closed_forms_are_their_definitions(gamma, q, exponent, l, n, beta):
    lam = 10.0 ** max(exponent, -300 - q * math.log10(gamma)) * gamma**q
    with mpmath.workdps(60):
        g, mu, power = mpmath.mpf(gamma), mpmath.mpf(lam), mpmath.mpf(q)
        ratio = (l - 1) * g**power / mu
        assume(1e-250 < lam < 1e250 and ratio > 1.01)
        penalty = 1 + mpmath.log(ratio) ** power
        numerator = mpmath.log(g**power / (2 * mpmath.mpf(beta) * n * mu) / penalty)
        closed = g / mpmath.mpf(beta) ** (1 / power) * numerator / penalty ** (1 / power)
        assert margins.log_ratio(lam, gamma, q, l) == pytest.approx(
            float(mpmath.log(ratio)), rel=1e-10, abs=1e-12
        )
        assert margins.objective_closed_form(lam, gamma, q, l) == pytest.approx(
            float(mu / g**power * penalty), rel=1e-10
        )
    if numerator > 1e-3:
        value = margins.approximate_margin_closed_form(lam, gamma, beta, q, n, l)
        assert value == pytest.approx(float(closed), rel=1e-9)
    elif numerator < -1e-3:
        with pytest.raises(ValueError, match="too large"):
            margins.approximate_margin_closed_form(lam, gamma, beta, q, n, l)


@given(st.floats(0.01, 300), gammas, examples, classes)
def test_deficit_bound_is_below_its_simple_form_and_not_increasing(margin, gamma_star, n, l):
    s = flint.arb(margin) / flint.arb(gamma_star)
    gamma = flint.arb(gamma_star)
    h = margins.deficit_bound(s, gamma, n, l)
    assert not h > margins.deficit_bound_simple(s, gamma, n, l)
    assert not margins.deficit_bound(2 * s, gamma, n, l) > h


def test_one_binary_example_has_no_deficit():
    assert margins.deficit_bound(7.0, 0.3, n=1, l=2) == pytest.approx(0.0, abs=1e-15)


@given(st.floats(-690, 30), gammas, ratios, classes)
def test_best_scale_beats_zero_and_a_fine_grid(log_lam, gamma_star, q, l):
    lam = math.exp(log_lam)
    best = margins.objective_upper(margins.best_scale(lam, gamma_star, q, l), lam, gamma_star, q, l)
    grid = np.append(0.0, np.exp(np.linspace(-20, 8, 20001)) / gamma_star)
    values = np.logaddexp(0, math.log(l - 1) - grid * gamma_star) + lam * grid**q
    assert best <= np.min(values) * (1 + 1e-12)


@pytest.mark.parametrize("l", [2, 5])
def test_the_best_scale_of_a_linear_penalty_is_zero_from_the_slope_of_the_loss_on(l):
    """U'(0) = λ − γ*(l−1)/l for q = 1; below, (l−1)e^{−sγ*} = λ/(γ* − λ)."""
    gamma_star, slope = 0.3, 0.3 * (l - 1) / l
    assert margins.best_scale(1.001 * slope, gamma_star, 1.0, l) == 0
    assert margins.best_scale(1e12, gamma_star, 0.5, l) == 0
    lam = 0.9 * slope
    exact = math.log((l - 1) * (gamma_star - lam) / lam) / gamma_star
    assert margins.best_scale(lam, gamma_star, 1.0, l) == pytest.approx(exact, rel=1e-6)


def test_a_scale_that_no_float_holds_is_refused():
    with pytest.raises(ValueError, match="scale the data"):
        margins.best_scale(1e-300, 1e-308, 0.5)


@given(st.floats(-40, 3), gammas, ratios, classes)
def test_closed_form_bounds_the_objective_when_the_logarithm_is_not_negative(lg, gamma_star, q, l):
    lam = math.exp(lg) * gamma_star**q
    assume(margins.log_ratio(lam, gamma_star, q, l) >= 0)
    scale = margins.best_scale(lam, gamma_star, q, l)
    upper = margins.objective_upper(scale, lam, gamma_star, q, l)
    assert upper <= margins.objective_closed_form(lam, gamma_star, q, l) * (1 + 1e-12)


@given(st.floats(-30, -3), ratios, st.integers(1, 50), classes, st.floats(1, 2))
def test_the_adversary_of_2_1_q_and_2_2_q_cannot_beat_the_bounds(log_lam, q, n, l, beta):
    """All that is known of a β-approximate minimiser is (A.3): scan every norm it may have.

    The smallest margin compatible with (A.3) and L ≤ βU must be at least the bound of 2.2-Q, and
    its deficit at norm^a s at most the approximate form of 2.1-Q.
    """
    lam, gamma_star = math.exp(log_lam), 1.0
    scale = margins.best_scale(lam, gamma_star, q, l)
    U = float(margins.objective_upper(scale, lam, gamma_star, q, l))
    assume(n * beta * U < math.log(2) * 0.999)
    share = np.geomspace(1e-9, 1 - 1e-9, 400)
    s = (beta * U * share / lam) ** (1 / q)
    worst = -np.log(np.expm1(n * beta * U * (1 - share))) / s
    bound = margins.approximate_margin(U, lam, beta, q, n)
    assert np.min(worst) >= bound - 1e-9 * abs(bound)
    least = margins.scale_lower(beta * U, gamma_star, n)
    assert np.all((s >= least * (1 - 1e-9)) | (worst > gamma_star))
    assert np.max(s) <= margins.scale_upper(beta * U, lam, q) * (1 + 1e-9)
    Lambda = float(margins.log_ratio(lam, gamma_star, q, l))
    if Lambda >= 0 and 2 * beta * n * lam * (1 + Lambda**q) < gamma_star**q:
        closed = margins.approximate_margin_closed_form(lam, gamma_star, beta, q, n, l)
        assert bound >= closed - 1e-9


def guaranteed_share(log_lam, gamma_star, q, n, l, beta):
    """β^{1/q} γ'/γ*: all that (A.2) and (A.3) say of a β-approximate minimiser, in 60 digits.

    `scale` is nearly the best one; any scale gives a valid U.
    """
    with mpmath.workdps(60):
        gamma_star, q, lam = mpmath.mpf(gamma_star), mpmath.mpf(q), mpmath.exp(log_lam)
        Lambda = mpmath.log((l - 1) * gamma_star**q / (q * lam))
        scales = [(Lambda - c * mpmath.log(Lambda)) / gamma_star for c in (0, (q - 1) / 2, q - 1)]
        U = min(mp_loss(s, gamma_star, l) + lam * s**q for s in scales)
        assert n * beta * U < mpmath.log(2)
        return -mpmath.log(mpmath.expm1(n * beta * U)) * (lam / U) ** (1 / q) / gamma_star


qs = st.one_of(st.floats(1e-3, 1.0), st.floats(1.0, 20.0))


@given(tiny_gammas, qs, examples, classes, st.floats(1, 2))
def test_the_improved_lambda_reaches_a_tenth_of_the_margin(gamma_star, q, n, l, beta):
    assume(n * (l - 1) >= 2)
    log_lam = margins.log_improved_lam(gamma_star, q, n, l)
    assert guaranteed_share(log_lam, gamma_star, q, n, l, beta) > 0.1
    if -700 < log_lam < 700:
        assert margins.improved_lam(gamma_star, q, n, l) == pytest.approx(math.exp(log_lam))


@given(tiny_gammas, st.floats(0.05, 20.0), examples, classes)
def test_the_printed_lambda_reaches_a_tenth_of_the_margin_at_the_sufficient_exponent(
    gamma_star, q, n, l
):
    assume(n * (l - 1) >= 2)
    c = margins.sufficient_exponent(q)
    log_lam = margins.log_printed_lam(gamma_star, q, c, n, l)
    assert guaranteed_share(log_lam, gamma_star, q, n, l, 2.0) > 0.1


def test_the_lambdas_have_the_values_of_the_text():
    assert margins.printed_lam(0.5, 2.0, 3.0, n=4, l=3) == pytest.approx(
        math.exp(-1 / math.sqrt(3)) / 4 / 512, rel=1e-14
    )
    assert margins.printed_lam(1.0, 1.0, 2.5, 2) == pytest.approx(math.exp(-1) / 2**2.5, rel=1e-14)
    with mpmath.workdps(30):
        small = -((mpmath.mpf(2) ** mpmath.mpf("0.01") - 1) ** -100) - 8 * mpmath.log(7)
    assert margins.log_printed_lam(1.0, 0.01, 8.0, 7) == pytest.approx(float(small), rel=1e-12)
    assert margins.improved_lam(1e-12, 0.5, n=2, l=3) == pytest.approx(1e-6 / 8**9.88, rel=1e-13)
    assert margins.improved_lam(0.5, 2.0, n=2, l=3) == pytest.approx(
        0.25 / 4 ** (6.9 + 4.56 * math.log(4.42)), rel=1e-13
    )


def test_a_lambda_that_no_float_holds_is_refused():
    with pytest.raises(ValueError, match="log_printed_lam"):
        margins.printed_lam(1.0, 0.1, 8.0, n=2)
    with pytest.raises(ValueError, match="log_printed_lam"):
        margins.printed_lam(1.0, 1.0, 60.0, n=10**6)
    with pytest.raises(ValueError, match="log_improved_lam"):
        margins.improved_lam(1.0, 20.0, n=10**6)
    with pytest.raises(ValueError, match="log_improved_lam"):
        margins.improved_lam(1e300, 5.0, n=2)


@pytest.mark.parametrize(("q", "least"), [(0.5, 8.06), (1.0, 10.62), (2.0, 18.25)])
def test_the_sufficient_exponent_has_the_values_of_the_text(q, least):
    assert margins.sufficient_exponent(q) == pytest.approx(least, abs=0.02)


def test_theorem_2_2_refuses_one_binary_example():
    with pytest.raises(ValueError, match="one binary example"):
        margins.improved_lam(1.0, 1.0, n=1, l=2)
    with pytest.raises(ValueError, match="one binary example"):
        margins.printed_lam(1.0, 1.0, 2.0, n=1)
    assert margins.printed_lam(1.0, 1.0, 2.0, n=2) > 0
    assert margins.improved_lam(1.0, 1.0, n=1, l=3) > 0


TWO_CLASSES = {
    margins.loss_upper: (3.0, 0.5),
    margins.log_loss_upper: (3.0, 0.5),
    margins.objective_upper: (3.0, 0.01, 0.5, 1.0),
    margins.best_scale: (0.01, 0.5, 1.0),
    margins.log_ratio: (0.01, 0.5, 1.0),
    margins.objective_closed_form: (0.01, 0.5, 1.0),
    margins.deficit_bound: (3.0, 0.5, 4),
    margins.deficit_bound_simple: (3.0, 0.5, 4),
    margins.deficit_bound_approximate: (3.0, 0.5, 0.01, 1.5, 1.0, 4),
    margins.approximate_margin_closed_form: (1e-9, 0.5, 1.5, 1.0, 4),
    margins.printed_lam: (0.5, 1.0, 3.0, 4),
    margins.log_printed_lam: (0.5, 1.0, 3.0, 4),
    margins.improved_lam: (0.5, 1.0, 4),
    margins.log_improved_lam: (0.5, 1.0, 4),
}


@pytest.mark.parametrize("formula", TWO_CLASSES, ids=lambda f: f.__name__)
def test_two_classes_are_the_default(formula):
    arguments = TWO_CLASSES[formula]
    assert formula(*arguments) == formula(*arguments, 2) == formula(*arguments, l=2)
    assert formula(*arguments) != pytest.approx(float(formula(*arguments, 3)), rel=1e-6)


FORMULAS = TWO_CLASSES | {
    margins.loss_lower: (3.0, 0.5, 4),
    margins.log_loss_lower: (3.0, 0.5, 4),
    margins.scale_lower: (0.1, 0.5, 4),
    margins.scale_upper: (0.1, 0.01, 1.0),
    margins.approximate_margin: (0.01, 0.001, 1.5, 1.0, 4),
    margins.sufficient_exponent: (2.0,),
}


@pytest.mark.parametrize("wrong", [math.nan, "much", 1j, None, [[1.0], [2.0, 3.0]]])
@pytest.mark.parametrize("formula", FORMULAS, ids=lambda f: f.__name__)
def test_a_formula_refuses_what_is_not_a_number(formula, wrong):
    arguments = FORMULAS[formula]
    for k in range(len(arguments)):
        with pytest.raises(ValueError):
            formula(*arguments[:k], wrong, *arguments[k + 1 :])


@pytest.mark.parametrize("number", [float, flint.arb])
@pytest.mark.parametrize(
    ("formula", "arguments", "word"),
    [
        (margins.deficit_bound, (-1, 1, 2), "s must be at least 0"),
        (margins.deficit_bound, (1, 0, 2), "gamma_star must be positive"),
        (margins.deficit_bound, (1, 1, 0.5), "n must be at least 1"),
        (margins.deficit_bound, (1, 1, 2, 1), "l must be at least 2"),
        (margins.deficit_bound_simple, (-1, 1, 2), "s must be at least 0"),
        (margins.deficit_bound_approximate, (1, 1, 1, 0.9, 1, 2), "beta must be at least 1"),
        (margins.deficit_bound_approximate, (1, 1, 0, 1, 1, 2), "lam must be positive"),
        (margins.deficit_bound_approximate, (1, 1, 1, 1, 0, 2), "q must be positive"),
        (margins.deficit_bound_approximate, (-1, 1, 1, 1, 1, 2), "s must be at least 0"),
        (margins.loss_upper, (1, 1, 1), "l must be at least 2"),
        (margins.log_loss_upper, (1, 1, 1), "l must be at least 2"),
        (margins.loss_lower, (1, 1, 0.5), "n must be at least 1"),
        (margins.log_loss_lower, (1, 1, 0.5), "n must be at least 1"),
        (margins.objective_upper, (-1, 1, 1, 1), "s must be at least 0"),
        (margins.objective_upper, (1, 0, 1, 1), "lam must be positive"),
        (margins.objective_upper, (1, 1, 1, -1), "q must be positive"),
        (margins.log_ratio, (1, 0, 1), "gamma_star must be positive"),
        (margins.log_ratio, (1, 1, 1, 1), "l must be at least 2"),
        (margins.objective_closed_form, (2, 1, 1), "closed form"),
        (margins.scale_lower, (0, 1, 2), "upper must be positive"),
        (margins.scale_lower, (1, 1, 0.5), "n must be at least 1"),
        (margins.scale_upper, (1, 0, 2), "lam must be positive"),
        (margins.approximate_margin, (0.4, 0.1, 1, 1, 2), "ln 2"),
        (margins.approximate_margin, (0.1, 0.1, 0.9, 1, 2), "beta must be at least 1"),
        (margins.approximate_margin_closed_form, (0.5, 1, 1, 1, 2), "too large"),
        (margins.approximate_margin_closed_form, (1e-9, 1, 0.5, 1, 2), "beta must be at least 1"),
    ],
)
def test_what_lies_outside_the_domain_of_a_formula_is_refused(number, formula, arguments, word):
    with pytest.raises(ValueError, match=word):
        formula(*map(number, arguments))


def test_a_bound_below_the_smallest_float_is_refused_and_a_ball_holds_it():
    point = (1e-9, 1e-300, 1e12, 5.0)
    with pytest.raises(ValueError, match="smallest float"):
        margins.objective_upper(*point)
    assert 0 < margins.objective_upper(flint.arb(1e-9), *point[1:]) < flint.arb("1e-340")


def test_floats_next_to_a_ball_become_balls_before_anything_is_rounded():
    """1/q for q = 2/3 as a float would be wrong by 1e-17."""
    with flint.ctx.workprec(200), mpmath.workdps(60):
        q, lam = mpmath.mpf(2 / 3), mpmath.mpf(1e-9)
        ball = margins.scale_upper(flint.arb(0.1), 1e-9, 2 / 3)
        assert ball.rad() < ball * 1e-50
        assert contains(ball, (mpmath.mpf(0.1) / lam) ** (1 / q))


@pytest.mark.parametrize(
    ("scores", "labels", "word"),
    [
        ([1.0, 2.0], [1, 0], "-1 or"),
        ([1.0, 2.0], [1], "must match"),
        ([1.0, np.nan], [1, 1], "finite"),
        ([], [], "empty"),
        ([[1.0], [2.0]], [0, 0], "l ≥ 2"),
        ([[1.0, 2.0]], [2], "0..1"),
        ([[1.0, 2.0]], [0.5], "whole numbers"),
        ([[1.0, 2.0]], [0, 1], "must match"),
        ([[[1.0]]], [0], "axes"),
    ],
)
def test_bad_scores_and_labels_are_refused(scores, labels, word):
    with pytest.raises(ValueError, match=word):
        margins.margin(np.asarray(scores), np.asarray(labels))


@pytest.mark.parametrize("lam", [0.0, -1.0, math.nan, math.inf])
def test_the_penalty_weight_must_be_positive_and_finite(lam):
    with pytest.raises(ValueError, match="lam"):
        margins.best_scale(lam, 1.0, 1.0)


def test_the_zero_network_has_no_normalised_margin():
    zero = networks.TwoLayer([0.0], [[0.0, 0.0]])
    with pytest.raises(ValueError, match="zero network"):
        margins.normalised_margin(zero, [[1.0, 0.0]], [1])


@given(seeds)
def test_the_balls_contain_norm_and_margin(seed):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(5, 2)), rng.choice([-1, 1], 5)
    net = networks.TwoLayer(rng.normal(size=4), rng.normal(size=(4, 2)))
    norm_squared, least = margins.in_balls(net, X, y)
    assert norm_squared.overlaps(flint.arb(float(net.norm_squared), 1e-12))
    assert least.overlaps(flint.arb(float(margins.margin(net(X), y)), 1e-12))
    assert least.rad() < 1e-12
