"""Margins, and what a weak regulariser guarantees for them: Theorems 2.1 and 2.2 with constants.

Notation of the paper: n examples, l classes, homogeneity degree a, penalty λ‖Θ‖^r, q = r/a,
s = ‖Θ‖^a, γ* the maximum normalised margin, γ_λ the normalised margin of a global minimiser Θ_λ.
The formulas take floats, JAX arrays or `flint.arb` balls.
"""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
from flint import arb
from jaxtyping import Array, Float
from scipy.optimize import minimize_scalar

from margintheory import objectives, validate
from margintheory.arrays import ArrayLike
from margintheory.networks import Network, TwoLayer
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
    norm_squared = net.norm_squared
    if not isinstance(norm_squared, jax.core.Tracer) and norm_squared == 0:
        raise ValueError("the zero network has no normalised margin.")
    return margin(net(validate.points(X)), y) / norm_squared ** (net.degree / 2)


def in_balls(net: TwoLayer, X: ArrayLike, y: ArrayLike) -> tuple[arb, arb]:
    """‖Θ‖² and the margin min_i y_i f(Θ; x_i) of a two-layer network in ball arithmetic.

    The floats of parameters and data are taken as they are; the quotient of the two is the
    normalised margin. Raises ValueError for bad data.
    """
    X, y = validate.binary_training_set(X, y)
    w, U = _balls(net.w), [_balls(u) for u in np.asarray(net.U)]
    norm_squared = _dot(w, w) + sum((_dot(u, u) for u in U), arb(0))
    scores = [_dot(w, [_dot(u, _balls(x)).max(arb(0)) for u in U]) for x in X]
    leads = [int(label) * score for label, score in zip(y, scores, strict=True)]
    return norm_squared, functools.reduce(arb.min, leads)


def _balls(values: ArrayLike) -> list[arb]:
    return [arb(float(value)) for value in np.asarray(values)]


def _dot(u: list[arb], v: list[arb]) -> arb:
    return sum((a * b for a, b in zip(u, v, strict=True)), arb(0))


# ---------------------------------------------------------------------------------------------
# The scaling sandwich (A.2), (A.3) and its best scale: Lemma A.2
# ---------------------------------------------------------------------------------------------


def loss_upper(s, gamma, l=2):
    """ln(1 + (l−1)e^{−sγ}): the loss of a network of norm^a s and normalised margin γ is at most
    this, (A.2)."""
    return log1p((l - 1) * exp(-s * gamma))


def loss_lower(s, gamma, n):
    """(1/n) ln(1 + e^{−sγ}): and at least this, (A.3)."""
    return softplus(-s * gamma) / n


def objective_upper(s, lam, gamma_star, q, l=2):
    """L_λ(s^{1/a} Θ*) ≤ ln(1 + (l−1)e^{−sγ*}) + λ s^q, the right side of (A.2) at scale s."""
    return loss_upper(s, gamma_star, l) + lam * s**q


def best_scale(lam: float, gamma_star: float, q: float, l: int = 2) -> float:
    """The scale s that minimises `objective_upper`, found by a grid in ln s and Brent's method.

    U(λ) = objective_upper(best_scale(…), …) is then a valid upper bound of min L_λ even where the
    scale is only nearly best. Raises ValueError unless λ, γ* and q are positive and l ≥ 2.
    """
    for name, value in (("lam", lam), ("gamma_star", gamma_star), ("q", q)):
        validate.positive(value, name)
    validate.count(l, "l", least=2)
    # In units of 1/γ* only λ(γ*)^{−q} matters, and beyond its logarithm the penalty alone grows.
    log_lam = math.log(lam) - q * math.log(gamma_star)

    def objective(t):
        return np.log1p((l - 1) * np.exp(-np.exp(t))) + np.exp(log_lam + q * t)

    top = math.log(max(abs(log_lam), 1.0) + math.log(l) + 10) + 1
    grid = np.linspace(-30.0, top, 1001)
    k = int(np.clip(np.argmin(objective(grid)), 1, len(grid) - 2))
    ends = grid[k - 1], grid[k + 1]
    best = minimize_scalar(objective, bounds=ends, method="bounded", options={"xatol": 1e-12})
    return math.exp(best.x) / gamma_star


def log_ratio(lam, gamma_star, q, l=2):
    """Λ_λ = ln((l−1)(γ*)^q / λ); the explicit bounds below need Λ_λ ≥ 0."""
    return log((l - 1) * gamma_star**q / lam)


def objective_closed_form(lam, gamma_star, q, l=2):
    """Ũ(λ) = λ(γ*)^{−q}(1 + Λ_λ^q) ≥ min L_λ for Λ_λ ≥ 0 (A.2-Q, and B in the proof of 2.2)."""
    return lam / gamma_star**q * (1 + log_ratio(lam, gamma_star, q, l) ** q)


def scale_lower(upper, gamma_star, n):
    """s_0 = (1/γ*) ln(1/(e^{nU} − 1)) ≤ ‖Θ_λ‖^a, for any upper bound U of min L_λ with nU < ln 2
    (A.2-Q)."""
    return -log(expm1(n * upper)) / gamma_star


def scale_upper(upper, lam, q):
    """‖Θ_λ‖^a ≤ (U/λ)^{1/q}, because λ‖Θ_λ‖^r ≤ min L_λ ≤ U (A.2-Q)."""
    return (upper / lam) ** (1 / q)


# ---------------------------------------------------------------------------------------------
# Theorem 2.1, non-asymptotic
# ---------------------------------------------------------------------------------------------


def deficit_bound(s, gamma_star, n, l=2):
    """h(s) = (1/s) ln(e^{sγ*}[(1 + (l−1)e^{−sγ*})^n − 1]) ≥ γ* − γ_λ at s = ‖Θ_λ‖^a (2.1-Q)."""
    return gamma_star + log(expm1(n * loss_upper(s, gamma_star, l))) / s


def deficit_bound_simple(s, gamma_star, n, l=2):
    """[ln(n(l−1)) + (n−1)(l−1)e^{−sγ*}]/s ≥ h(s), the readable form of 2.1-Q."""
    return (math.log(n * (l - 1)) + (n - 1) * (l - 1) * exp(-s * gamma_star)) / s


def deficit_bound_approximate(s, gamma_star, lam, beta, q, n, l=2):
    """γ* − γ' at most this for every Θ' with L_λ(Θ') ≤ β min L_λ and ‖Θ'‖^a = s (2.1-Q).

    At β = 1 it is h(s). A duality gap of a solver enters as β − 1.
    """
    total = n * (beta * loss_upper(s, gamma_star, l) + (beta - 1) * lam * s**q)
    return gamma_star + log(expm1(total)) / s


# ---------------------------------------------------------------------------------------------
# Theorem 2.2 with explicit constants
# ---------------------------------------------------------------------------------------------


def approximate_margin(upper, lam, beta, q, n):
    """γ' ≥ −ln(e^{nβU} − 1)(λ/(βU))^{1/q} for every β-approximate minimiser, nβU < ln 2 (2.2-Q).

    `upper` is any upper bound U of min L_λ.
    """
    return -log(expm1(n * beta * upper)) * (lam / (beta * upper)) ** (1 / q)


def approximate_margin_closed_form(lam, gamma_star, beta, q, n, l=2):
    """(γ*/β^{1/q}) [ln((γ*)^q/(2βnλ)) − ln(1 + Λ^q)]/(1 + Λ^q)^{1/q} ≤ γ' (2.2-Q, closed form).

    Valid where the numerator is positive and Λ_λ ≥ 0.
    """
    penalty = 1 + log_ratio(lam, gamma_star, q, l) ** q
    numerator = log(gamma_star**q / (2 * beta * n * lam)) - log(penalty)
    return gamma_star * beta ** (-1 / q) * numerator / penalty ** (1 / q)


def sufficient_exponent(q: float) -> float:
    """c_0(q) = 8 + 3.61 q max(0, ln 2.07q): Theorem 2.2 as printed holds for every c ≥ c_0(q)."""
    return 8 + 3.61 * q * max(0.0, math.log(2.07 * q))


def printed_lam(gamma_star, q, c, n, l=2):
    """λ = exp(−(2^q − 1)^{−1/q}) (γ*)^q / (n(l−1))^c, the choice printed in Theorem 2.2."""
    return math.exp(-((2.0**q - 1) ** (-1 / q))) * gamma_star**q / (n * (l - 1)) ** c


def improved_lam(gamma_star, q, n, l=2):
    """A λ that needs no exp(−(2^q − 1)^{−1/q}) and guarantees γ' ≥ γ*/(10 β^{1/q}) (2.2-I).

    (γ*)^q (q/(n(l−1)))^10.14 for q ≤ 1, which covers networks of depth K ≥ 2 with r = 2, and
    (γ*)^q (n(l−1))^{−c} with c = 6.2 + 2.74 q ln(4.1q) for q ≥ 1. Needs n(l−1) ≥ 2.
    """
    if n * (l - 1) < 2:
        raise ValueError("Theorem 2.2 needs n(l−1) ≥ 2; it is false for one binary example.")
    if q <= 1:
        return gamma_star**q * (q / (n * (l - 1))) ** 10.14
    return gamma_star**q / (n * (l - 1)) ** (6.2 + 2.74 * q * math.log(4.1 * q))
