"""What a margin buys: Rademacher complexities and generalisation bounds with every constant.

Section 3, Appendix C.1 and C.2, Section 4. Notation of the paper: n examples in dimension d with
‖x‖₂ ≤ C, depth K, confidence 1 − δ; L is the population error. The formulas take floats, arrays or
`flint.arb` balls, and raise ValueError outside their domain.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from flint import arb, ctx

from margintheory import margins, rigour, sphere, validate
from margintheory.arrays import ArrayLike, Reals
from margintheory.domains import alike, at_least, positive, refuse
from margintheory.rigour.elementary import exp, expm1, log, sqrt

# ---------------------------------------------------------------------------------------------
# Exact empirical Rademacher complexities, by all 2^n signs
# ---------------------------------------------------------------------------------------------

MOST_SIGNS = 20  # 2^20 sign vectors are a matter of seconds
CHUNK = 2**14


def rademacher_finite(values: Reals[ArrayLike, "m n"]) -> float:
    """(1/n) E_ε max_f Σ_i ε_i f(x_i) for a class of m functions with `values[f, i]` = f(x_i).

    All 2^n signs are summed, in float64. Raises ValueError for n > 20.
    """
    validate.concrete(values, "values")
    table, exponent = _moderate(validate.finite_array(values, "values", ndim=2))
    mean = _mean_over_signs(lambda signs: (signs @ table.T).max(axis=1), table.shape[1])
    return math.ldexp(mean, exponent)


def rademacher_kernel_ball(K: Reals[ArrayLike, "n n"], B: float = 1.0) -> float:
    """(B/n) E_ε √(εᵀKε), the complexity of {⟨α, φ(·)⟩ : ‖α‖₂ ≤ B} with kernel matrix K (Lemma C.3).

    With K from `kernels.relu_kernel` the ball is √κ‖α‖₂ ≤ B. All 2^n signs are summed, in float64.
    Raises ValueError for n > 20 or a K that is not symmetric and positive semidefinite, to a
    relative 1e-9.
    """
    validate.concrete(K, "K")
    whole, B = validate.finite_array(K, "K", ndim=2), validate.positive(B, "B")
    if whole.shape[0] != whole.shape[1]:
        raise ValueError(f"K must be square, got shape {whole.shape}.")
    matrix, exponent = _moderate(whole)
    matrix, exponent = np.ldexp(matrix, exponent % 2), exponent - exponent % 2
    if np.abs(matrix - matrix.T).max() > 1e-9:
        raise ValueError("K is not symmetric, so it is no kernel matrix.")
    if (least := np.linalg.eigvalsh(matrix)[0]) < -1e-9 * len(matrix):
        raise ValueError(f"K has the eigenvalue {np.ldexp(least, exponent):g}; no kernel has.")

    def norm(signs):
        return np.sqrt(np.maximum(((signs @ matrix) * signs).sum(axis=1), 0))

    return B * math.ldexp(_mean_over_signs(norm, len(matrix)), exponent // 2)


def rademacher_two_layer(X: Reals[ArrayLike, "n d"]) -> arb:
    """(1/2n) E_ε max_{u ∈ S¹} |Σ_i ε_i relu(u·x_i)| in a ball, for d ≤ 2 (Lemma C.2).

    It is the complexity of the two-layer relu networks of any width with ‖W_1‖_F, ‖W_2‖_F ≤ 1/√2,
    and 2K^{−K/2} times it bounds that of the class of depth K from below. Exact geometry makes it
    slow beyond n = 14. Raises ValueError for d > 2 or n > 20.
    """
    arcs = sphere.arrange(X)
    n = _few(len(arcs.X))
    with ctx.workprec(rigour.PRECISION):
        half = (sphere.max_abs(arcs, signs) for chunk in _signs(n) for signs in chunk)
        return sum(half, start=arb(0)) / (2**n * n)  # ε and −ε give the same: half of the signs


def _moderate(values):
    """The values over the power of two that leaves the greatest at about 1, and its exponent."""
    exponent = int(np.frexp(np.abs(values).max())[1])
    return np.ldexp(values, -exponent), exponent


def _mean_over_signs(supremum, n):
    """(1/n) E_ε supremum(ε), where `supremum` maps rows of signs to numbers."""
    chunks = _signs(_few(n))
    return sum(float(supremum(s * chunk).sum()) for chunk in chunks for s in (1, -1)) / 2**n / n


def _signs(n):
    """The 2^{n−1} sign vectors with ε_1 = 1, as rows of chunks."""
    for start in range(0, 2 ** (n - 1), CHUNK):
        numbers = np.arange(start, min(start + CHUNK, 2 ** (n - 1)))
        yield 1.0 - 2.0 * (numbers[:, None] >> np.arange(n - 1, -1, -1) & 1)


def _few(n):
    if n > MOST_SIGNS:
        raise ValueError(f"{n} examples have 2^{n} signs; take at most {MOST_SIGNS}.")
    return n


# ---------------------------------------------------------------------------------------------
# Bounds of Rademacher complexities: Lemmas C.2 and C.3, Corollary C.4
# ---------------------------------------------------------------------------------------------


def chi(K):
    """χ_K = (1 + √(2(K−1) ln 2))/√K, the explicit constant of Lemma C.2; 1.54 at K = 2."""
    K, two = alike(K=K, two=2)
    at_least(1, K=K)
    return (1 + sqrt(2 * (K - 1) * log(two))) / sqrt(K)


def deep_complexity(K, frobenius, n):
    """χ_K ‖X‖_F/(K^{(K−1)/2} n) ≥ R̂ of the depth-K networks with ‖W_k‖_F ≤ K^{−1/2} (Lemma C.2).

    ‖X‖_F ≤ C√n makes it a bound of the expected complexity as well.
    """
    K, frobenius, n = alike(K=K, frobenius=frobenius, n=n)
    at_least(0, frobenius=frobenius)
    at_least(1, n=n)
    return chi(K) * frobenius * exp((1 - K) / 2 * log(K)) / n


def two_layer_complexity(frobenius, n):
    """‖X‖_F/n ≥ R̂ of the class of Lemma C.2 at K = 2: the constant 1 in place of χ_2/√2 = 1.09."""
    frobenius, n = alike(frobenius=frobenius, n=n)
    at_least(0, frobenius=frobenius)
    at_least(1, n=n)
    return frobenius / n


def kernel_ball_complexity(B, trace, n):
    """Ξ = (B/n) √(Σ_i ‖φ(x_i)‖²) ≥ R̂ of {⟨α, φ(·)⟩ : ‖α‖₂ ≤ B}, `trace` = Σ_i ‖φ(x_i)‖² (C.3)."""
    B, trace, n = alike(B=B, trace=trace, n=n)
    at_least(0, B=B, trace=trace)
    at_least(1, n=n)
    return B * sqrt(trace) / n


def kernel_ball_complexity_lower(B, trace, n):
    """Ξ/√2 ≤ R̂ of the same class: the Khintchine–Kahane inequality with its best constant."""
    B, trace, n = alike(B=B, trace=trace, n=n)
    return kernel_ball_complexity(B, trace / 2, n)


def relu_ball_complexity(B, frobenius, n, d, kappa=1):
    """(B‖X‖_F/n) √(κ/2d), Lemma C.3 for relu features, where ‖φ(x)‖² = κ‖x‖²/(2d) (Corollary C.4).

    `kappa` is `sphere.volume(d)` for the ball ‖α‖₂ ≤ B, and 1 for the ball √κ‖α‖₂ ≤ B.
    """
    B, frobenius, n, d, kappa = alike(B=B, frobenius=frobenius, n=n, d=d, kappa=kappa)
    at_least(0, frobenius=frobenius, kappa=kappa)
    at_least(1, d=d)
    return kernel_ball_complexity(B * frobenius, kappa / (2 * d), n)


# ---------------------------------------------------------------------------------------------
# Generalisation bounds
# ---------------------------------------------------------------------------------------------


class Bound(NamedTuple):
    """The terms of a bound of the population error L, which holds with probability 1 − δ.

    `training`: the share of examples with margin below γ, 0 if γ is the margin of the worst one;
    `complexity`: the leading term 4R/γ; `peeling`: the price of choosing γ after seeing the data,
    √(ln log₂(4C/γ)/n); `confidence`: √(ln(1/δ)/2n).
    """

    training: Any
    complexity: Any
    peeling: Any
    confidence: Any

    @property
    def total(self):
        """The bound itself. It says nothing where it exceeds 1."""
        return self.training + self.complexity + self.peeling + self.confidence


def margin_bound(rademacher, gamma, C, n, delta, training=0.0) -> Bound:
    """L ≤ training + 4R/γ + √(ln log₂(4C/γ)/n) + √(ln(1/δ)/2n) (Theorem C.1, corrected).

    For every f of a class with |f| ≤ C and *expected* complexity R at once, and every γ in (0, C].
    Raises ValueError for γ or δ out of range.
    """
    rademacher, gamma, C, n, delta, training, two = alike(
        rademacher=rademacher, gamma=gamma, C=C, n=n, delta=delta, training=training, two=2
    )
    at_least(0, rademacher=rademacher, training=training)
    _in_range(gamma, C, n, delta)
    log_2 = log(4 * C / gamma) / log(two)
    peeling, confidence = sqrt(log(log_2) / n), sqrt(log(1 / delta) / (2 * n))
    return Bound(training, 4 * rademacher / gamma, peeling, confidence)


def margin_bound_empirical(rademacher, gamma, C, n, delta, training=0.0) -> Bound:
    """Theorem C.1 with the *empirical* complexity R̂: 3 times the two roots."""
    expected = margin_bound(rademacher, gamma, C, n, delta, training)
    return expected._replace(peeling=3 * expected.peeling, confidence=3 * expected.confidence)


def network_bound(gamma, K, C, n, delta) -> Bound:
    """L ≤ 4χ_K C/(γ K^{(K−1)/2} √n) + … for depth-K networks of normalised margin γ (Prop. 3.1).

    For all networks of all widths at once. They are rescaled into the class of Lemma C.2, where
    |f| ≤ K^{−K/2} C. Raises ValueError for K < 2, and for γ or δ out of range.
    """
    gamma, K, C, n, delta = alike(gamma=gamma, K=K, C=C, n=n, delta=delta)
    at_least(2, K=K)
    greatest = C * exp(-K / 2 * log(K))
    _in_range(gamma, greatest, n, delta)
    return margin_bound(deep_complexity(K, C * sqrt(n), n), gamma, greatest, n, delta)


def two_layer_bound(gamma, C, n, delta) -> Bound:
    """L ≤ 4C/(γ√n) + … for two-layer networks of normalised margin γ: Proposition 3.1 at K = 2 with
    the sharper `two_layer_complexity`."""
    gamma, C, n, delta = alike(gamma=gamma, C=C, n=n, delta=delta)
    _in_range(gamma, C / 2, n, delta)
    return margin_bound(two_layer_complexity(C * sqrt(n), n), gamma, C / 2, n, delta)


def weakly_regularised_margin(gamma_star, lam, K, n):
    """γ* − h(s_0(λ)) ≤ γ_λ, what 2.1-Q guarantees for the depth-K minimiser Θ_λ (a = K, r = 2).

    `gamma_star` is the maximum normalised margin. Raises ValueError where λ is too large for a
    guarantee, that is nU(λ) ≥ ln 2 or γ* ≤ h(s_0(λ)).
    """
    gamma_star, lam, K, n = alike(gamma_star=gamma_star, lam=lam, K=K, n=n)
    positive(gamma_star=gamma_star, lam=lam)
    at_least(2, K=K)
    at_least(1, n=n)
    for name, value in (("gamma_star", gamma_star), ("lam", lam), ("K", K)):
        validate.concrete(value, name)
        refuse(np.ndim(value), f"{name} is an array; give one at a time.")
    q = 2 / K
    scale = margins.best_scale(float(lam), float(gamma_star), float(q))
    upper = margins.objective_upper(scale, lam, gamma_star, q)
    if not expm1(n * upper) < 1:
        raise ValueError("lam is too large: Theorem 2.1-Q needs n U(λ) < ln 2; take a smaller one.")
    deficit = margins.deficit_bound(margins.scale_lower(upper, gamma_star, n), gamma_star, n)
    if not deficit < gamma_star:
        raise ValueError("lam is too large to guarantee a positive margin; take a smaller one.")
    return gamma_star - deficit


def weakly_regularised_bound(gamma_star, lam, K, C, n, delta) -> Bound:
    """L(Θ_λ) ≤ `network_bound` at γ* − h(s_0(λ)), and at γ* as λ → 0 (Corollary 3.2).

    Raises ValueError as `weakly_regularised_margin` and `network_bound`.
    """
    return network_bound(weakly_regularised_margin(gamma_star, lam, K, n), K, C, n, delta)


def kernel_svm_bound(gamma, C, n, d, delta) -> Bound:
    """L ≤ 2√2 C/(γ_ℓ2 √(dn)) + √(ln log₂(2√2 C/(√d γ_ℓ2))/n) + √(ln(1/δ)/2n) (Lemma 4.2).

    Theorem C.1 for the ball √κ‖α‖₂ ≤ 1, where |f| ≤ C/√(2d). Raises ValueError for γ_ℓ2 or δ out
    of range.
    """
    gamma, C, n, d, delta = alike(gamma=gamma, C=C, n=n, d=d, delta=delta)
    at_least(1, d=d)
    greatest = C / sqrt(2 * d)
    _in_range(gamma, greatest, n, delta)
    return margin_bound(relu_ball_complexity(1, C * sqrt(n), n, d), gamma, greatest, n, delta)


def l1_svm_bound(gamma, C, n, delta) -> Bound:
    """L ≤ 4C/(γ_ℓ1 √n) + … for the 1-norm SVM with relu features if x and −x have one law (4.5).

    Theorem C.1 for the ball ‖α‖₁ ≤ 1, where |f| ≤ C and, by Claim D.7-S, R ≤ C/√n. It is half of
    `two_layer_bound`, which asks nothing of the law. Raises ValueError for γ_ℓ1 or δ out of range.
    """
    gamma, C, n, delta = alike(gamma=gamma, C=C, n=n, delta=delta)
    _in_range(gamma, C, n, delta)
    return margin_bound(C / sqrt(n), gamma, C, n, delta)


def _in_range(gamma, C, n, delta):
    """Refuse what lies outside for certain; a ball that touches the end of a range may pass.

    So may γ = C where floats computed both, a few roundings apart.
    """
    for outside in (gamma <= 0, gamma > C * (1 + 2.0**-44), np.inf <= C):
        refuse(outside, f"the margin must lie in (0, C] where |f| ≤ C = {C}, got {gamma}.")
    for outside in (delta <= 0, delta >= 1):
        refuse(outside, f"delta must lie strictly between 0 and 1, got {delta}.")
    at_least(1, n=n)
