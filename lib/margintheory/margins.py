"""Margins, and what a weak regulariser guarantees for them: Theorems 2.1 and 2.2 with constants.

Notation of the paper: n examples, l classes, homogeneity degree a, penalty λ‖Θ‖^r, q = r/a,
s = ‖Θ‖^a, γ* the maximum normalised margin, γ_λ the normalised margin of a global minimiser Θ_λ.
The formulas take floats, arrays or `flint.arb` balls. They are written in logarithms wherever a
loss or its inverse would leave the range of floats, and raise ValueError outside their domain.
"""

import functools
import math
import sys

import jax
import jax.numpy as jnp
import numpy as np
from flint import arb
from jaxtyping import Array, Float
from scipy.optimize import minimize_scalar

from margintheory import objectives, validate
from margintheory.arrays import ArrayLike
from margintheory.domains import alike, at_least, positive, refuse
from margintheory.networks import Network, TwoLayer, moderate
from margintheory.rigour import dot, exact_vector
from margintheory.rigour.elementary import exp, expm1, log, log1p, softplus

# ---------------------------------------------------------------------------------------------
# Margins: equation (2.2), Section A.2
# ---------------------------------------------------------------------------------------------


def margin(scores: ArrayLike, labels: ArrayLike) -> Float[Array, ""]:
    """The margin of the worst example.

    Binary scores `(n,)` with labels ±1: min_i y_i f(x_i). Scores `(n, l)` with labels in
    {0, …, l−1}: min_i [f_{y_i}(x_i) − max_{j≠y_i} f_j(x_i)]. Raises ValueError for non-finite
    scores, wrong shapes or other labels.
    """
    if np.ndim(scores) == 1:
        scores = validate.finite_array(scores, "scores", ndim=1)
        return jnp.min(validate.binary_labels(labels, len(scores)) * scores)
    scores = validate.finite_array(scores, "scores", ndim=2)
    n, classes = scores.shape
    if classes < 2:
        raise ValueError("scores (n, l) need l ≥ 2 classes; give binary scores as (n,).")
    rivals = objectives.rival_differences(scores, validate.class_labels(labels, n, classes))
    return jnp.min(-rivals.max(axis=1))


def normalised_margin(net: Network, X: ArrayLike, y: ArrayLike) -> Float[Array, ""]:
    """γ_Θ̄ = margin / ‖Θ‖^a, the margin of the parameters scaled to norm one (equation 2.2).

    Raises ValueError for the zero network, whose normalised margin is undefined.
    """
    net, _ = moderate(net)
    norm_squared = net.norm_squared
    if not isinstance(norm_squared, jax.core.Tracer) and norm_squared == 0:
        raise ValueError("the zero network has no normalised margin.")
    return margin(net(validate.points(X)), y) / norm_squared ** (net.degree / 2)


def in_balls(net: TwoLayer, X: ArrayLike, y: ArrayLike) -> tuple[arb, arb]:
    """‖Θ‖² and the margin min_i y_i f(Θ; x_i) of a two-layer network in ball arithmetic.

    The floats of parameters and data are taken as they are; the quotient of the two is the
    normalised margin. Raises ValueError for bad data.
    """
    validate.concrete(net.U, "net")
    X, y = validate.binary_training_set(X, y)
    w, U = exact_vector(np.asarray(net.w)), [exact_vector(u) for u in np.asarray(net.U)]
    norm_squared = dot(w, w) + sum((dot(u, u) for u in U), arb(0))
    scores = [dot(w, [dot(u, exact_vector(x)).max(arb(0)) for u in U]) for x in X]
    leads = [int(label) * score for label, score in zip(y, scores, strict=True)]
    return norm_squared, functools.reduce(arb.min, leads)


# ---------------------------------------------------------------------------------------------
# Logarithms of what underflows or overflows
# ---------------------------------------------------------------------------------------------


def log_expm1(x):
    """ln(e^x − 1) = x + ln(1 − e^{−x}) for x > 0."""
    if isinstance(x, arb):
        return _between_ends(lambda end: end + (-(-end).expm1()).log(), x)
    return x + log(-expm1(-x))


def log_softplus(z):
    """ln ln(1 + e^z), close to z where z is very negative."""
    return z + _softplus_over_exp(z)


def log_loss_upper(s, gamma, l=2):
    """The logarithm of `loss_upper`, where the loss itself is below the smallest float."""
    return log_softplus(_upper_exponent(s, gamma, l))


def log_loss_lower(s, gamma, n):
    """The logarithm of `loss_lower`."""
    exponent, n = _lower_exponent(s, gamma, n)
    return log_softplus(exponent) - log(n)


def _softplus_over_exp(z):
    """ln(ln(1 + e^z)/e^z) ≤ 0, which falls from 0 at −∞."""
    if isinstance(z, arb):
        return _between_ends(lambda end: softplus(end).log() - end, z)
    near = jnp.maximum(z, -18.0)  # below, e^z is less than the root of the unit round-off
    return jnp.where(z < -18.0, -exp(jnp.minimum(z, -18.0)) / 2, log(softplus(near)) - near)


def _expm1_over(x):
    """ln((e^x − 1)/x) ≥ 0 for x ≥ 0, which grows from 0 at 0."""
    if isinstance(x, arb):
        return _between_ends(lambda end: log_expm1(end) - end.log(), x)
    large = jnp.maximum(x, 1e-8)
    return jnp.where(x < 1e-8, x / 2, large + log(-expm1(-large) / large))


def _log_sum(log_a, b, log_c):
    """ln(a + b c) for a, c > 0 and b ≥ 0, where c/a may overflow."""
    gap = log_c - log_a
    if isinstance(gap, arb):
        return log_a + (b * gap.exp()).log1p()
    near = log_a + log1p(b * exp(jnp.minimum(gap, 600.0)))
    far = jnp.where(b > 0, log(jnp.where(b > 0, b, 1.0)) + log_c, log_a)
    return jnp.where(gap < 600.0, near, far)


def _between_ends(f, ball):
    """The values on a ball of a monotone function, from the two ends of the ball."""
    return f(ball.lower()).union(f(ball.upper()))


# ---------------------------------------------------------------------------------------------
# The scaling sandwich (A.2), (A.3) and its best scale: Lemma A.2
# ---------------------------------------------------------------------------------------------


def loss_upper(s, gamma, l=2):
    """ln(1 + (l−1)e^{−sγ}): the loss of a network of norm^a s and normalised margin γ is at most
    this, (A.2). As a float it is 0 from sγ = 745 on; see `log_loss_upper`."""
    return softplus(_upper_exponent(s, gamma, l))


def _upper_exponent(s, gamma, l):
    """ln(l − 1) − sγ."""
    s, gamma, l = alike(s=s, gamma=gamma, l=l)
    at_least(2, l=l)
    return log(l - 1) - s * gamma


def loss_lower(s, gamma, n):
    """(1/n) ln(1 + e^{−sγ}): and at least this, (A.3)."""
    exponent, n = _lower_exponent(s, gamma, n)
    return softplus(exponent) / n


def _lower_exponent(s, gamma, n):
    """−sγ, and n."""
    s, gamma, n = alike(s=s, gamma=gamma, n=n)
    at_least(1, n=n)
    return -s * gamma, n


def objective_upper(s, lam, gamma_star, q, l=2):
    """L_λ(s^{1/a} Θ*) ≤ ln(1 + (l−1)e^{−sγ*}) + λ s^q, the right side of (A.2) at scale s.

    Raises ValueError where that is below the smallest float.
    """
    s, lam, gamma_star, q, l = alike(s=s, lam=lam, gamma_star=gamma_star, q=q, l=l)
    at_least(0, s=s)
    positive(lam=lam, gamma_star=gamma_star, q=q)
    upper = loss_upper(s, gamma_star, l) + lam * s**q
    refuse(upper <= 0, "the bound is below the smallest float; give flint.arb balls.")
    return upper


def best_scale(lam: float, gamma_star: float, q: float, l: int = 2) -> float:
    """The scale s ≥ 0 that minimises `objective_upper`, by a grid in ln s and Brent's method.

    It is 0 where λ is so large that every network other than zero costs more than it gains, and
    where the best scale is below e^{−30}/γ*. U(λ) = objective_upper(best_scale(…), …) is a valid
    upper bound of min L_λ even where the scale is only nearly best. Raises ValueError unless λ, γ*
    and q are positive and l ≥ 2, and for a scale that no float holds.
    """
    for name, value in (("lam", lam), ("gamma_star", gamma_star), ("q", q)):
        validate.positive(value, name)
    validate.count(l, "l", least=2)
    # In units of 1/γ* only λ(γ*)^{−q} matters, and beyond its logarithm the penalty alone grows.
    log_lam = math.log(lam) - q * math.log(gamma_star)

    def objective(t):
        with np.errstate(over="ignore"):
            return np.log1p((l - 1) * np.exp(-np.exp(t))) + np.exp(log_lam + q * t)

    top = math.log(max(abs(log_lam), 1.0) + math.log(l) + 10) + 1
    grid = np.linspace(-30.0, top, 1001)
    k = int(np.clip(np.argmin(objective(grid)), 1, len(grid) - 2))
    ends = grid[k - 1], grid[k + 1]
    best = minimize_scalar(objective, bounds=ends, method="bounded", options={"xatol": 1e-12})
    if best.fun >= math.log(l):
        return 0.0
    log_scale = best.x - math.log(gamma_star)
    if log_scale > math.log(sys.float_info.max):
        raise ValueError(f"the best scale e^{log_scale:.4g} exceeds every float; scale the data.")
    return math.exp(log_scale)


def log_ratio(lam, gamma_star, q, l=2):
    """Λ_λ = ln((l−1)(γ*)^q / λ); the explicit bounds below need Λ_λ ≥ 0."""
    lam, gamma_star, q, l = alike(lam=lam, gamma_star=gamma_star, q=q, l=l)
    positive(lam=lam, gamma_star=gamma_star, q=q)
    at_least(2, l=l)
    return log(l - 1) + q * log(gamma_star) - log(lam)


def objective_closed_form(lam, gamma_star, q, l=2):
    """Ũ(λ) = λ(γ*)^{−q}(1 + Λ_λ^q) ≥ min L_λ for Λ_λ ≥ 0 (A.2-Q, and B in the proof of 2.2).

    Raises ValueError for Λ_λ < 0.
    """
    lam, gamma_star, q, l = alike(lam=lam, gamma_star=gamma_star, q=q, l=l)
    return exp(log(lam) - q * log(gamma_star)) * _penalty(lam, gamma_star, q, l)


def _penalty(lam, gamma_star, q, l):
    """1 + Λ_λ^q."""
    Lambda = log_ratio(lam, gamma_star, q, l)
    refuse(Lambda < 0, "lam exceeds (l−1)(γ*)^q; the closed form needs a smaller one.")
    return 1 + Lambda**q


def scale_lower(upper, gamma_star, n):
    """s_0 = (1/γ*) ln(1/(e^{nU} − 1)) ≤ ‖Θ_λ‖^a, for any upper bound U of min L_λ (A.2-Q).

    It says something where nU < ln 2, and is negative beyond.
    """
    upper, gamma_star, n = alike(upper=upper, gamma_star=gamma_star, n=n)
    positive(upper=upper, gamma_star=gamma_star)
    at_least(1, n=n)
    return -log_expm1(n * upper) / gamma_star


def scale_upper(upper, lam, q):
    """‖Θ_λ‖^a ≤ (U/λ)^{1/q}, because λ‖Θ_λ‖^r ≤ min L_λ ≤ U (A.2-Q)."""
    upper, lam, q = alike(upper=upper, lam=lam, q=q)
    positive(upper=upper, lam=lam, q=q)
    return (upper / lam) ** (1 / q)


# ---------------------------------------------------------------------------------------------
# Theorem 2.1, non-asymptotic
# ---------------------------------------------------------------------------------------------


def deficit_bound(s, gamma_star, n, l=2):
    """h(s) = (1/s) ln(e^{sγ*}[(1 + (l−1)e^{−sγ*})^n − 1]) ≥ γ* − γ_λ at s = ‖Θ_λ‖^a (2.1-Q).

    It is infinite at s = 0.
    """
    s, gamma_star, n, l = _deficit_arguments(s, gamma_star, n, l)
    z = log(l - 1) - s * gamma_star  # the loss is ln(1 + e^z)
    # e^{sγ*} has gone into the logarithms: nothing large is subtracted
    total = log(n * (l - 1)) + _softplus_over_exp(z) + _expm1_over(n * softplus(z))
    return _at_scale(total, s)


def deficit_bound_simple(s, gamma_star, n, l=2):
    """[ln(n(l−1)) + (n−1)(l−1)e^{−sγ*}]/s ≥ h(s), the readable form of 2.1-Q."""
    s, gamma_star, n, l = _deficit_arguments(s, gamma_star, n, l)
    return _at_scale(log(n * (l - 1)) + (n - 1) * (l - 1) * exp(-s * gamma_star), s)


def deficit_bound_approximate(s, gamma_star, lam, beta, q, n, l=2):
    """γ* − γ' at most this for every Θ' with L_λ(Θ') ≤ β min L_λ and ‖Θ'‖^a = s (2.1-Q).

    It is (1/s) ln(e^{sγ*}[e^{n(βℓ + (β−1)λs^q)} − 1]) with ℓ = ln(1 + (l−1)e^{−sγ*}), and h(s) at
    β = 1. A duality gap of a solver enters as β − 1.
    """
    lam, beta, q, s, gamma_star, n, l = alike(
        lam=lam, beta=beta, q=q, s=s, gamma_star=gamma_star, n=n, l=l
    )
    _deficit_arguments(s, gamma_star, n, l)
    positive(lam=lam, q=q)
    at_least(1, beta=beta)
    z = log(l - 1) - s * gamma_star
    loss = log(beta * (l - 1)) + _softplus_over_exp(z)  # ln(e^{sγ*} βℓ)
    excess = log(lam) + q * log(s) + s * gamma_star
    exponent = n * (beta * softplus(z) + (beta - 1) * lam * s**q)
    return _at_scale(log(n) + _log_sum(loss, beta - 1, excess) + _expm1_over(exponent), s)


def _deficit_arguments(s, gamma_star, n, l):
    s, gamma_star, n, l = alike(s=s, gamma_star=gamma_star, n=n, l=l)
    at_least(0, s=s)
    positive(gamma_star=gamma_star)
    at_least(1, n=n)
    at_least(2, l=l)
    return s, gamma_star, n, l


def _at_scale(total, s):
    """total/s, infinite at s = 0."""
    if isinstance(s, arb):
        return total / s
    return jnp.where(s == 0, jnp.inf, total / jnp.where(s == 0, 1.0, s))


# ---------------------------------------------------------------------------------------------
# Theorem 2.2 with explicit constants
# ---------------------------------------------------------------------------------------------


def approximate_margin(upper, lam, beta, q, n):
    """γ' ≥ −ln(e^{nβU} − 1)(λ/(βU))^{1/q} for every β-approximate minimiser (2.2-Q).

    `upper` is any upper bound U of min L_λ. Raises ValueError unless nβU < ln 2.
    """
    upper, lam, beta, q, n = alike(upper=upper, lam=lam, beta=beta, q=q, n=n)
    positive(upper=upper, lam=lam, q=q)
    at_least(1, beta=beta, n=n)
    lead = -log_expm1(n * beta * upper)
    refuse(lead <= 0, "nothing follows unless nβU < ln 2; take a smaller lam.")
    return lead * (lam / (beta * upper)) ** (1 / q)


def approximate_margin_closed_form(lam, gamma_star, beta, q, n, l=2):
    """(γ*/β^{1/q}) [ln((γ*)^q/(2βnλ)) − ln(1 + Λ^q)]/(1 + Λ^q)^{1/q} ≤ γ' (2.2-Q, closed form).

    Raises ValueError unless the numerator is positive and Λ_λ ≥ 0.
    """
    lam, gamma_star, beta, q, n, l = alike(lam=lam, gamma_star=gamma_star, beta=beta, q=q, n=n, l=l)
    at_least(1, beta=beta, n=n)
    penalty = _penalty(lam, gamma_star, q, l)
    numerator = q * log(gamma_star) - log(2 * beta * n) - log(lam) - log(penalty)
    refuse(numerator <= 0, "lam is too large for the closed form; take a smaller one.")
    return gamma_star * beta ** (-1 / q) * numerator / penalty ** (1 / q)


def sufficient_exponent(q: float) -> float:
    """c_0(q) = 8 + 3.61 q max(0, ln 2.07q): Theorem 2.2 as printed holds for every c ≥ c_0(q)."""
    q = validate.positive(q, "q")
    return 8 + 3.61 * q * max(0.0, math.log(2.07 * q))


def printed_lam(gamma_star: float, q: float, c: float, n: int, l: int = 2) -> float:
    """λ = exp(−(2^q − 1)^{−1/q}) (γ*)^q / (n(l−1))^c, the choice printed in Theorem 2.2.

    Raises ValueError where n(l−1) = 1, and where λ is no float: see `log_printed_lam`.
    """
    return _as_float(log_printed_lam(gamma_star, q, c, n, l), "log_printed_lam")


def log_printed_lam(gamma_star: float, q: float, c: float, n: int, l: int = 2) -> float:
    """The logarithm of `printed_lam`, which no float can hold for q of 0.2 or a large c."""
    log_gamma, q, log_N = _theorem_2_2(gamma_star, q, n, l)
    return (
        -(math.expm1(q * math.log(2)) ** (-1 / q)) + q * log_gamma - validate.real(c, "c") * log_N
    )


def improved_lam(gamma_star: float, q: float, n: int, l: int = 2) -> float:
    """A λ that needs no exp(−(2^q − 1)^{−1/q}) and guarantees γ' ≥ γ*/(10 β^{1/q}) (2.2-I).

    (γ*)^q (q/(n(l−1)))^9.88 for q < 1, which covers networks of depth K > 2 with r = 2, and
    (γ*)^q (n(l−1))^{−c} with c = 6.9 + 2.28 q ln(2.21q) for q ≥ 1. Raises ValueError where
    n(l−1) = 1, and where λ is no float: see `log_improved_lam`.
    """
    return _as_float(log_improved_lam(gamma_star, q, n, l), "log_improved_lam")


def log_improved_lam(gamma_star: float, q: float, n: int, l: int = 2) -> float:
    """The logarithm of `improved_lam`."""
    log_gamma, q, log_N = _theorem_2_2(gamma_star, q, n, l)
    if q < 1:
        return q * log_gamma + 9.88 * (math.log(q) - log_N)
    return q * log_gamma - (6.9 + 2.28 * q * math.log(2.21 * q)) * log_N


def _theorem_2_2(gamma_star, q, n, l):
    """ln γ*, q and ln(n(l−1))."""
    gamma_star, q = validate.positive(gamma_star, "gamma_star"), validate.positive(q, "q")
    N = validate.count(n, "n") * (validate.count(l, "l", least=2) - 1)
    if N < 2:
        raise ValueError("Theorem 2.2 needs n(l−1) ≥ 2; it is false for one binary example.")
    return math.log(gamma_star), q, math.log(N)


def _as_float(log_lam, name):
    if not math.log(sys.float_info.min) <= log_lam <= math.log(sys.float_info.max):
        raise ValueError(f"λ = e^{log_lam:.6g} is not in the range of floats; use {name}.")
    return math.exp(log_lam)
