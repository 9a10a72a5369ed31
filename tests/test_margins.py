"""Margins, and the explicit functions of Theorems 2.1 and 2.2 against mpmath and brute force."""

import math

import flint
import mpmath
import numpy as np
import pytest
from hypothesis import assume, given
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


def exact_deficit_bound(s, gamma_star, n, l):
    """h(s) from its definition in 60 digits: no log1p, no expm1."""
    with mpmath.workdps(60 + int(2 * s * gamma_star)):
        s, gamma_star = mpmath.mpf(s), mpmath.mpf(gamma_star)
        inner = (1 + (l - 1) * mpmath.exp(-s * gamma_star)) ** n - 1
        return float(mpmath.log(mpmath.exp(s * gamma_star) * inner) / s)


@given(st.floats(0.5, 200), gammas, st.integers(1, 300), classes)
def test_deficit_bound_is_its_definition(margin, gamma_star, n, l):
    s = margin / gamma_star
    expected = exact_deficit_bound(s, gamma_star, n, l)
    value = margins.deficit_bound(s, gamma_star, n, l)
    assert value == pytest.approx(expected, rel=1e-9, abs=1e-11 * gamma_star)
    ball = margins.deficit_bound(flint.arb(s), flint.arb(gamma_star), n, l)
    assert ball.overlaps(flint.arb(float(value), 1e-9 * abs(expected) + 1e-11 * gamma_star))


@given(st.floats(0.01, 300), gammas, examples, classes)
def test_deficit_bound_is_below_its_simple_form_and_not_increasing(margin, gamma_star, n, l):
    s = flint.arb(margin) / flint.arb(gamma_star)
    gamma = flint.arb(gamma_star)
    h = margins.deficit_bound(s, gamma, n, l)
    assert not h > margins.deficit_bound_simple(s, gamma, n, l)
    assert not margins.deficit_bound(2 * s, gamma, n, l) > h


def test_one_binary_example_has_no_deficit():
    assert margins.deficit_bound(7.0, 0.3, n=1, l=2) == pytest.approx(0.0, abs=1e-15)


@given(st.floats(-30, -0.1), gammas, ratios, classes)
def test_best_scale_beats_a_fine_grid(log_lam, gamma_star, q, l):
    lam = math.exp(log_lam) * gamma_star**q
    best = margins.objective_upper(margins.best_scale(lam, gamma_star, q, l), lam, gamma_star, q, l)
    grid = np.exp(np.linspace(-20, 8, 20001)) / gamma_star
    assert best <= np.min(margins.objective_upper(grid, lam, gamma_star, q, l)) * (1 + 1e-12)


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
    log_term = margins.log_ratio(lam, gamma_star, q, l)
    closed = margins.approximate_margin_closed_form(lam, gamma_star, beta, q, n, l)
    if log_term >= 0 and closed > 0:
        assert bound >= closed - 1e-9


@given(st.floats(1e-3, 1.0), examples, classes, st.floats(1, 2))
def test_the_improved_lambda_reaches_a_tenth_of_the_margin(q, n, l, beta):
    """2.2-I in ball arithmetic, where λ is far below the smallest float."""
    assume(n * (l - 1) >= 2)
    q, N = flint.arb(q), n * (l - 1)
    lam = (q / N) ** flint.arb("10.14")
    Lambda = ((l - 1) / (q * lam)).log()
    U = lam * (q + Lambda**q)  # objective_upper at s = Λ, bounded by ln(1 + x) ≤ x
    share = margins.approximate_margin(U, lam, flint.arb(beta), q, n) * flint.arb(beta) ** (1 / q)
    assert share > flint.arb("0.1")


@pytest.mark.parametrize(("q", "least"), [(0.5, 8.06), (1.0, 10.62), (2.0, 18.25)])
def test_the_sufficient_exponent_has_the_values_of_the_text(q, least):
    assert margins.sufficient_exponent(q) == pytest.approx(least, abs=0.02)


def test_theorem_2_2_refuses_one_binary_example():
    with pytest.raises(ValueError, match="one binary example"):
        margins.improved_lam(1.0, 1.0, n=1, l=2)


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
