"""Rademacher complexities by brute force; bounds against mpmath, scipy and simulated failures."""

import itertools
import math

import jax
import mpmath
import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from margintheory import bounds, sphere
from margintheory.kernels import relu_kernel

seeds = st.integers(0, 10**6)
depths = st.integers(2, 30)
examples = st.integers(1, 10**6)


def all_signs(n):
    return np.array(list(itertools.product([-1, 1], repeat=n)))


# Exact complexities


@given(seeds, st.integers(1, 7), st.integers(1, 5))
def test_a_finite_class_has_the_complexity_of_its_definition(seed, n, m):
    values = np.random.default_rng(seed).normal(size=(m, n))
    suprema = [max(float(e @ f) for f in values) for e in all_signs(n)]
    expected = sum(suprema) / 2**n / n
    assert bounds.rademacher_finite(values) == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_signs_are_the_same_across_chunks(monkeypatch):
    values = np.random.default_rng(0).normal(size=(3, 9))
    whole = bounds.rademacher_finite(values)
    monkeypatch.setattr(bounds, "CHUNK", 7)
    assert bounds.rademacher_finite(values) == pytest.approx(whole, rel=1e-13)


def test_one_function_has_no_complexity_and_a_class_of_all_signs_has_the_largest():
    assert bounds.rademacher_finite(np.ones((1, 6))) == pytest.approx(0, abs=1e-15)
    assert bounds.rademacher_finite(all_signs(6)) == 1


@given(seeds, st.integers(1, 6), st.floats(0.1, 10))
def test_a_kernel_ball_has_the_complexity_of_a_supremum_over_a_finite_dimensional_ball(seed, n, B):
    features = np.random.default_rng(seed).normal(size=(n, 4))
    expected = sum(B * np.linalg.norm(e @ features) for e in all_signs(n)) / 2**n / n
    value = bounds.rademacher_kernel_ball(features @ features.T, B)
    assert value == pytest.approx(expected, rel=1e-12)


@settings(max_examples=15)
@given(seeds, st.integers(1, 6))
def test_two_layer_networks_have_the_complexity_of_a_fine_grid_of_neurons(seed, n):
    X = np.random.default_rng(seed).normal(size=(n, 2))
    angles = np.linspace(0, 2 * np.pi, 20_000)
    neurons = np.maximum(X @ np.stack([np.cos(angles), np.sin(angles)]), 0)
    on_grid = np.abs(all_signs(n) @ neurons).max(axis=1).mean() / (2 * n)
    value = float(bounds.rademacher_two_layer(X))
    between = np.linalg.norm(X, axis=1).sum() * (angles[1] - angles[0]) / 2 / (2 * n)  # Lipschitz
    assert on_grid * (1 - 1e-12) <= value <= on_grid + between


def test_two_layer_complexity_of_one_point_is_half_its_norm():
    assert bounds.rademacher_two_layer([[3.0, 4.0]]).overlaps(arb(2.5))


@pytest.mark.parametrize("exponent", [-1010, -301, 300, 1020])
def test_complexities_scale_exactly_with_powers_of_two(exponent):
    """Also where a sum of squares, or the sum over all signs, would leave the range of floats."""
    values = np.random.default_rng(0).uniform(1, 2, size=(3, 6))
    scaled = bounds.rademacher_finite(np.ldexp(values, exponent))
    assert scaled == np.ldexp(bounds.rademacher_finite(values), exponent)
    K = values[:, :3] @ values[:, :3].T
    scaled = bounds.rademacher_kernel_ball(np.ldexp(K, exponent // 2 * 2 - 6))
    assert scaled == np.ldexp(bounds.rademacher_kernel_ball(K), exponent // 2 - 3)
    odd = bounds.rademacher_kernel_ball(2 * K)
    assert odd == pytest.approx(math.sqrt(2) * bounds.rademacher_kernel_ball(K), rel=1e-14)


def test_a_matrix_that_is_no_kernel_is_refused():
    with pytest.raises(ValueError, match="not symmetric"):
        bounds.rademacher_kernel_ball([[1.0, 0.5], [0.0, 1.0]])
    with pytest.raises(ValueError, match="eigenvalue -1"):
        bounds.rademacher_kernel_ball([[0.0, 1.0], [1.0, 0.0]])


FORMULAS = {
    bounds.chi: (2,),
    bounds.deep_complexity: (3, 2.0, 10),
    bounds.two_layer_complexity: (2.0, 10),
    bounds.kernel_ball_complexity: (1.0, 2.0, 10),
    bounds.kernel_ball_complexity_lower: (1.0, 2.0, 10),
    bounds.relu_ball_complexity: (1.0, 2.0, 10, 3, 1.5),
    bounds.margin_bound: (0.1, 0.2, 1.0, 10, 0.1, 0.3),
    bounds.margin_bound_empirical: (0.1, 0.2, 1.0, 10, 0.1, 0.3),
    bounds.network_bound: (0.01, 3, 1.0, 10, 0.1),
    bounds.two_layer_bound: (0.1, 1.0, 10, 0.1),
    bounds.weakly_regularised_margin: (0.1, 1e-9, 2, 10),
    bounds.weakly_regularised_bound: (0.1, 1e-9, 2, 1.0, 10, 0.1),
    bounds.kernel_svm_bound: (0.01, 1.0, 10, 3, 0.1),
    bounds.l1_svm_bound: (0.2, 1.0, 10, 0.1),
}


@pytest.mark.parametrize("wrong", [math.nan, "much", 1j, None])
@pytest.mark.parametrize("formula", FORMULAS, ids=lambda f: f.__name__)
def test_a_bound_refuses_what_is_not_a_number(formula, wrong):
    arguments = FORMULAS[formula]
    formula(*arguments)
    for k in range(len(arguments)):
        with pytest.raises(ValueError):
            formula(*arguments[:k], wrong, *arguments[k + 1 :])


# Lemma C.2


def test_chi_decreases_from_1_54_to_its_limit():
    values = [float(bounds.chi(K)) for K in range(2, 200)]
    assert values == sorted(values, reverse=True)
    assert values[0] == pytest.approx(1.5396613923442453, rel=1e-14)
    assert bounds.chi(1e12) == pytest.approx(math.sqrt(2 * math.log(2)), rel=1e-5)


@given(depths, st.floats(1e-3, 1e3), examples)
def test_the_deep_complexity_is_the_best_scale_of_the_exponential_moment(K, frobenius, n):
    """Steps 2 to 5 of the proof: n R̂ ≤ min over μ of (1/μ) ln[2^{K−1} e^{μP‖X‖ + μ²P²‖X‖²/2}]."""
    size = K ** (-K / 2) * frobenius

    def moment(log_mu):
        mu = math.exp(log_mu) / size
        return ((K - 1) * math.log(2) + mu * size + (mu * size) ** 2 / 2) / mu

    best = minimize_scalar(moment, bounds=(-5, 5), method="bounded", options={"xatol": 1e-10}).fun
    assert bounds.deep_complexity(K, frobenius, n) == pytest.approx(best / n, rel=1e-9)


@settings(max_examples=20)
@given(seeds, st.integers(1, 7))
def test_the_complexity_of_two_layer_networks_is_between_half_its_bound_and_its_bound(seed, n):
    X = np.random.default_rng(seed).normal(size=(n, 2))
    value, frobenius = float(bounds.rademacher_two_layer(X)), np.linalg.norm(X)
    sharp, general = (
        bounds.two_layer_complexity(frobenius, n),
        bounds.deep_complexity(2, frobenius, n),
    )
    assert value <= sharp < general
    assert value > 0.25 * sharp  # so a bound with the constant 1/4 is false


@pytest.mark.parametrize("K", [3, 4, 6])
def test_an_extra_factor_of_the_depth_is_refuted_by_one_point(K):
    exact = float(bounds.rademacher_two_layer([[1.0, 0.0]])) * 2 * K ** (-K / 2)
    assert exact <= bounds.deep_complexity(K, 1.0, 1)
    assert exact > bounds.deep_complexity(K, 1.0, 1) / K


# Lemma C.3, Corollary C.4


@given(seeds, st.integers(1, 8), st.sampled_from([2, 4]), st.floats(0.1, 10))
def test_kernel_balls_obey_lemma_c_3_and_the_khintchine_lower_bound(seed, n, d, B):
    X = np.random.default_rng(seed).normal(size=(8, d))
    K, frobenius = np.asarray(relu_kernel(X))[:n, :n], np.linalg.norm(X[:n])
    value = bounds.rademacher_kernel_ball(K, B)
    upper = float(bounds.kernel_ball_complexity(B, np.trace(K), n))
    assert bounds.relu_ball_complexity(B, frobenius, n, d) == pytest.approx(upper, rel=1e-12)
    lower = bounds.kernel_ball_complexity_lower(B, np.trace(K), n)
    assert lower * (1 - 1e-12) <= value <= upper * (1 + 1e-12)
    assert value > 0.7 * upper  # the constant 0.7 is false on every instance


def test_khintchine_is_attained_by_two_equal_features_and_jensen_by_one():
    two = bounds.rademacher_kernel_ball(np.ones((2, 2)))
    assert two == pytest.approx(float(bounds.kernel_ball_complexity_lower(1, 2.0, 2)), rel=1e-14)
    one = bounds.rademacher_kernel_ball([[9.0]])
    assert one == pytest.approx(float(bounds.kernel_ball_complexity(1, 9.0, 1)), rel=1e-14)


def test_kappa_turns_the_normalised_ball_into_the_paper_s():
    value = bounds.relu_ball_complexity(2.0, 3.0, 5, 4, kappa=sphere.volume(4))
    assert value == pytest.approx(2 * 3 / 5 * math.sqrt(2 * math.pi**2 / 8), rel=1e-14)


# Theorem C.1


@given(st.floats(1e-8, 1), st.floats(1e-3, 1e3), examples, st.floats(1e-9, 0.999), st.floats(0, 1))
def test_the_margin_bound_pays_for_the_union_over_scales(ratio, C, n, delta, R):
    """The bound at the fixed scale below γ, with its share δ/k(k+1) of δ, is no larger."""
    gamma = ratio * C
    k = max(1, math.floor(math.log2(C / gamma)) + 1)  # C 2^{−k} < γ ≤ C 2^{−k+1}
    scale, share = C * 2.0**-k, delta / (k * (k + 1))
    assert scale < gamma <= 2 * scale
    fixed = 2 * R / scale + math.sqrt(math.log(1 / share) / (2 * n))
    assert fixed <= float(bounds.margin_bound(R, gamma, C, n, delta).total) * (1 + 1e-12)


def test_the_terms_are_those_of_the_theorem():
    with mpmath.workdps(40):
        R, gamma, C, n, delta = 0.01, 0.2, 3.0, 500, 0.05
        peeling = mpmath.sqrt(mpmath.log(mpmath.log(4 * C / gamma, 2)) / n)
        confidence = mpmath.sqrt(mpmath.log(1 / mpmath.mpf(delta)) / (2 * n))
        for bound, factor in (
            (bounds.margin_bound(R, gamma, C, n, delta, 0.1), 1),
            (bounds.margin_bound_empirical(R, gamma, C, n, delta, 0.1), 3),
        ):
            expected = 0.1, 4 * R / gamma, factor * peeling, factor * confidence
            assert np.allclose([float(term) for term in bound], [float(e) for e in expected])
            assert float(bound.total) == pytest.approx(float(sum(expected)), rel=1e-13)


def test_the_margin_bound_holds_for_random_labels_and_fails_without_the_margin():
    """f = η · signs on m atoms, fair labels: every f has population error 1/2."""
    rng, n, m, eta, delta = np.random.default_rng(0), 400, 100, 1e-3, 0.05
    failures = false_failures = 0
    for _ in range(300):
        counts = np.bincount(rng.integers(m, size=n), minlength=m)
        imbalance = np.abs(2 * rng.binomial(counts, 0.5) - counts)  # |Σ labels| at each atom
        wrong = (counts - imbalance).sum() / 2 / n  # training error of the majority labels
        R = eta * math.sqrt(m / n)  # at least the expected complexity, by Jensen
        bound = bounds.margin_bound(R, eta, eta, n, delta, wrong)
        failures += float(bound.total) < 0.5
        without = bound._replace(complexity=eta * bound.complexity)
        false_failures += float(without.total) < 0.5
    assert failures <= delta * 300
    assert false_failures > 0.5 * 300


# Proposition 3.1, Corollary 3.2, Lemma 4.2


@pytest.mark.parametrize(("n", "total"), [(10**3, 0.587), (10**4, 0.186), (10**5, 0.0587)])
def test_the_two_point_law_has_the_bounds_of_the_text(n, total):
    """x = (±1, 1), y = sign x_1: γ_ℓ1 = 1/√2, normalised margin half of it, C = √2."""
    bound = bounds.two_layer_bound(math.sqrt(2) / 4, math.sqrt(2), n, 0.01)
    assert float(bound.total) == pytest.approx(total, rel=2e-3)
    assert bound.total < bounds.network_bound(math.sqrt(2) / 4, 2, math.sqrt(2), n, 0.01).total


@given(depths, st.floats(0.1, 10), examples, st.floats(0.001, 0.99), st.floats(0.001, 0.99))
def test_every_bound_falls_with_the_margin(K, C, n, small, share):
    gamma = K ** (-K / 2) * C * small
    narrow = bounds.network_bound(share * gamma, K, C, n, 0.05)
    wide = bounds.network_bound(gamma, K, C, n, 0.05)
    assert narrow.complexity > wide.complexity
    assert narrow.peeling > wide.peeling
    assert narrow.confidence == wide.confidence
    assert wide.complexity == pytest.approx(
        float(4 * bounds.chi(K) * C / (gamma * K ** ((K - 1) / 2) * math.sqrt(n))), rel=1e-12
    )


@given(st.floats(1e-3, 1), st.integers(2, 1000), examples)
def test_the_kernel_svm_bound_is_that_of_lemma_4_2(share, d, n):
    C = 1.7
    gamma = share * C / math.sqrt(2 * d) * (1 - 1e-12)
    bound = bounds.kernel_svm_bound(gamma, C, n, d, 0.05)
    leading = 2 * math.sqrt(2) * C / (gamma * math.sqrt(d * n))
    inner = math.log2(2 * math.sqrt(2) * C / (math.sqrt(d) * gamma))
    assert inner >= 2
    assert bound.complexity == pytest.approx(leading, rel=1e-12)
    assert bound.peeling == pytest.approx(math.sqrt(math.log(inner) / n), rel=1e-9)


@given(st.floats(1e-3, 1), st.floats(0.1, 10), examples)
def test_the_l1_svm_bound_is_half_of_the_network_bound_at_half_the_margin(share, C, n):
    """Networks of norm one halve margin and range; a symmetric law halves the complexity again."""
    gamma = share * C
    network, svm = (
        bounds.two_layer_bound(gamma / 2, C, n, 0.05),
        bounds.l1_svm_bound(gamma, C, n, 0.05),
    )
    assert svm.complexity == pytest.approx(float(network.complexity) / 2, rel=1e-12)
    assert svm.complexity == pytest.approx(4 / (share * math.sqrt(n)), rel=1e-12)
    assert svm.peeling == pytest.approx(float(network.peeling), rel=1e-12)
    assert svm.confidence == network.confidence


def test_weak_regularisation_guarantees_the_margin_of_the_text_and_more_as_lam_falls():
    gamma_star = 0.0155346317  # F.3, n = 8: sheet of worked values
    lams = [1e-8, 1e-12, 1e-14, 1e-100, 1e-300]
    guaranteed = [float(bounds.weakly_regularised_margin(gamma_star, lam, 2, 8)) for lam in lams]
    assert np.allclose(
        gamma_star - np.array(guaranteed[:3]), [3.42e-3, 1.78e-3, 1.43e-3], rtol=5e-3
    )
    assert guaranteed == sorted(guaranteed)
    assert guaranteed[-1] == pytest.approx(gamma_star, rel=0.01)
    limit = bounds.network_bound(gamma_star, 2, 1.5, 8, 0.05).total
    totals = [
        float(bounds.weakly_regularised_bound(gamma_star, lam, 2, 1.5, 8, 0.05).total)
        for lam in lams
    ]
    assert totals == sorted(totals, reverse=True)
    assert limit < totals[-1] < 1.01 * limit


@given(st.floats(1e-12, 1e-6), st.sampled_from([2, 3, 5]), st.integers(2, 20))
def test_the_guaranteed_margin_is_the_deficit_bound_at_the_guaranteed_norm(lam, K, n):
    """By a grid of scales instead of `best_scale`: any scale gives a valid, smaller guarantee."""
    value = float(bounds.weakly_regularised_margin(1.0, lam, K, n))
    s = np.linspace(1, 200, 4000)
    U = np.min(np.log1p(np.exp(-s)) + lam * s ** (2 / K))
    s_0 = -np.log(np.expm1(n * U))
    with mpmath.workdps(60):
        h = float(1 + mpmath.log((1 + mpmath.exp(-mpmath.mpf(s_0))) ** n - 1) / s_0)
    assert 1 - h - 1e-9 <= value <= 1 - h + 1e-4


# Arithmetic


def test_balls_contain_what_floats_approximate():
    gamma, C, delta, lam = 0.01, 1.3, 0.05, 1e-12
    a, b, c, e = (arb(value) for value in (gamma, C, delta, lam))
    for in_balls, in_floats in (
        (bounds.margin_bound(a, a, b, 70, c), bounds.margin_bound(gamma, gamma, C, 70, delta)),
        (
            bounds.margin_bound_empirical(a, a, b, 70, c),
            bounds.margin_bound_empirical(gamma, gamma, C, 70, delta),
        ),
        (bounds.network_bound(a, 3, b, 70, c), bounds.network_bound(gamma, 3, C, 70, delta)),
        (bounds.two_layer_bound(a, b, 70, c), bounds.two_layer_bound(gamma, C, 70, delta)),
        (bounds.kernel_svm_bound(a, b, 70, 3, c), bounds.kernel_svm_bound(gamma, C, 70, 3, delta)),
        (bounds.l1_svm_bound(a, b, 70, c), bounds.l1_svm_bound(gamma, C, 70, delta)),
        (
            bounds.weakly_regularised_bound(a, e, 3, b, 70, c),
            bounds.weakly_regularised_bound(gamma, lam, 3, C, 70, delta),
        ),
    ):
        assert isinstance(in_balls.total, arb)
        assert in_balls.total.rad() < 1e-11 * in_balls.total.mid()
        assert in_balls.total.overlaps(arb(float(in_floats.total), 1e-12 * float(in_floats.total)))


def test_balls_stay_right_when_their_precision_grows():
    """A constant such as ln 2 in float64 would be wrong by 1e-17."""
    with ctx.workprec(200), mpmath.workdps(50):
        chi = (1 + mpmath.sqrt(4 * mpmath.log(2))) / mpmath.sqrt(3)
        peeling = mpmath.sqrt(mpmath.log(mpmath.log(40, 2)) / 70)
        bound = bounds.margin_bound(arb(1), arb(1), arb(10), 70, arb(1) / 20)
        for ball, exact in ((bounds.chi(arb(3)), chi), (bound.peeling, peeling)):
            assert abs(mpmath.mpf(ball.mid().str(50, radius=False)) - exact) < 1e-45


def test_bounds_take_arrays_and_traced_arguments():
    gamma = np.array([0.1, 0.2])
    each = [float(bounds.network_bound(g, 3, 2.0, 100, 0.05).total) for g in gamma]
    assert np.allclose(bounds.network_bound(gamma, 3, 2.0, 100, 0.05).total, each, rtol=1e-14)
    traced = jax.vmap(lambda g: bounds.network_bound(g, 3, 2.0, 100, 0.05).total)(gamma)
    assert np.allclose(traced, each, rtol=1e-14)
    by_depth = bounds.network_bound(0.01, np.arange(2, 5), 2.0, 100, 0.05).total
    assert by_depth[1] == pytest.approx(
        float(bounds.network_bound(0.01, 3, 2.0, 100, 0.05).total), rel=1e-14
    )


# Bad input


@pytest.mark.parametrize("complexity", [bounds.rademacher_finite, bounds.rademacher_kernel_ball])
@pytest.mark.parametrize(
    ("values", "word"),
    [
        (np.ones(3), "axes"),
        (np.zeros((0, 0)), "empty"),
        (np.full((2, 2), np.nan), "finite"),
        (np.ones((21, 21)), "at most 20"),
    ],
)
def test_complexities_refuse_bad_values_and_too_many_signs(complexity, values, word):
    with pytest.raises(ValueError, match=word):
        complexity(values)


def test_the_remaining_arguments_of_complexities_are_checked():
    with pytest.raises(ValueError, match="square"):
        bounds.rademacher_kernel_ball(np.ones((2, 3)))
    with pytest.raises(ValueError, match="B must be positive"):
        bounds.rademacher_kernel_ball(np.ones((2, 2)), B=0)
    with pytest.raises(ValueError, match="d = 3"):
        bounds.rademacher_two_layer(np.ones((2, 3)))
    with pytest.raises(ValueError, match="at most 20"):
        bounds.rademacher_two_layer(np.ones((21, 2)))


@pytest.mark.parametrize("number", [float, arb])
@pytest.mark.parametrize(
    ("gamma", "C", "delta", "word"),
    [
        (0.0, 1.0, 0.1, "margin"),
        (-1.0, 1.0, 0.1, "margin"),
        (math.nan, 1.0, 0.1, "gamma is not a number"),
        (1.1, 1.0, 0.1, "margin"),
        (0.1, math.inf, 0.1, "margin"),
        (0.1, 1.0, 0.0, "delta"),
        (0.1, 1.0, 1.0, "delta"),
        (0.1, 1.0, math.nan, "delta"),
        (0.1, math.nan, 0.1, "C is not a number"),
    ],
)
def test_margins_and_confidences_out_of_range_are_refused(number, gamma, C, delta, word):
    gamma, C, delta = number(gamma), number(C), number(delta)
    for bound in (bounds.margin_bound, bounds.margin_bound_empirical):
        with pytest.raises(ValueError, match=word):
            bound(number(0.1), gamma, C, 10, delta)


def test_the_largest_possible_margin_is_accepted_in_balls():
    C = arb(2).sqrt()
    assert bounds.margin_bound(C, C, C, 10, arb(0.1)).peeling.overlaps(
        arb(2).log().sqrt() / arb(10).sqrt()
    )


def test_depth_sample_size_and_lam_out_of_range_are_refused():
    with pytest.raises(ValueError, match="n must be"):
        bounds.margin_bound(0.1, 0.1, 1.0, 0, 0.1)
    with pytest.raises(ValueError, match="training must be"):
        bounds.margin_bound(0.1, 0.1, 1.0, 10, 0.1, training=-0.1)
    with pytest.raises(ValueError, match="rademacher must be"):
        bounds.margin_bound(-0.1, 0.1, 1.0, 10, 0.1)
    with pytest.raises(ValueError, match="lie in"):
        bounds.two_layer_bound(0.6, 1.0, 10, 0.1)
    with pytest.raises(ValueError, match="lie in"):
        bounds.kernel_svm_bound(0.6, 1.0, 10, 2, 0.1)
    with pytest.raises(ValueError, match="lie in"):
        bounds.l1_svm_bound(1.1, 1.0, 10, 0.1)
    with pytest.raises(ValueError, match="d must be"):
        bounds.kernel_svm_bound(0.1, 1.0, 10, 0.5, 0.1)
    with pytest.raises(ValueError, match="K must be"):
        bounds.chi(0.5)
    with pytest.raises(ValueError, match="frobenius must be"):
        bounds.deep_complexity(2, -1.0, 10)
    with pytest.raises(ValueError, match="n must be"):
        bounds.deep_complexity(2, 1.0, 0)
    with pytest.raises(ValueError, match="frobenius must be"):
        bounds.two_layer_complexity(-1.0, 10)
    with pytest.raises(ValueError, match="n must be"):
        bounds.two_layer_complexity(1.0, 0)
    with pytest.raises(ValueError, match="trace must be"):
        bounds.kernel_ball_complexity(1.0, -1.0, 2)
    with pytest.raises(ValueError, match="n must be"):
        bounds.kernel_ball_complexity_lower(1.0, 1.0, 0)
    with pytest.raises(ValueError, match="d must be"):
        bounds.relu_ball_complexity(1.0, 1.0, 2, 0)
    with pytest.raises(ValueError, match="kappa must be"):
        bounds.relu_ball_complexity(1.0, 1.0, 2, 2, -1)
    with pytest.raises(ValueError, match="frobenius must be"):
        bounds.relu_ball_complexity(1.0, -1.0, 2, 2)
    with pytest.raises(ValueError, match="K must be"):
        bounds.network_bound(0.1, 1, 1.0, 10, 0.1)
    with pytest.raises(ValueError, match="K must be"):
        bounds.weakly_regularised_margin(0.1, 1e-9, 1, 10)
    with pytest.raises(ValueError, match=r"n U\(λ\) < ln 2"):
        bounds.weakly_regularised_margin(0.1, 1.0, 2, 10)
    with pytest.raises(ValueError, match="positive margin"):
        bounds.weakly_regularised_margin(0.0155346317, 1e-4, 2, 8)
    with pytest.raises(ValueError, match="lam"):
        bounds.weakly_regularised_margin(0.1, 0.0, 2, 10)
    with pytest.raises(ValueError, match="n must be"):
        bounds.weakly_regularised_margin(0.1, 1e-9, 2, 0)
    with pytest.raises(ValueError, match="one at a time"):
        bounds.weakly_regularised_margin(0.1, np.array([1e-9, 1e-10]), 2, 10)
    with pytest.raises(ValueError, match="traced"):
        jax.jit(lambda lam: bounds.weakly_regularised_margin(0.1, lam, 2, 10))(1e-9)
