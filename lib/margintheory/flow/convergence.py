"""How long the perturbed flow needs: Claim E.19, Lemma E.16, Theorems E.4 and E.21 with constants.

Notation of the paper: the sphere is S^d, eps the accuracy, L_0 the loss at the start, sigma the
noise, L_U the loss of the uniform distribution, to which the noise pulls. W bounds the second
moment at all times, Y that of a minimiser, and tau = eps/(2Y). `c` holds the constants of the
problem, B, G, C_R, b_V, R_0, C_Phi and, made of them and others, B_L, c_2, K and C_L:
`flow.Constants`.

The formulas take floats, arrays or `flint.arb` balls, and where there is no logarithm SymPy symbols
as well: what a proof needs of them is shown for all values. What grows like c^d is kept as its
logarithm. Floats are rounded to nearest; where one argument is a ball the constants become balls
before anything is computed with them, and the result encloses the exact value.
"""

from functools import reduce
from types import SimpleNamespace
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from flint import arb

from margintheory.domains import alike, positive, refuse
from margintheory.rigour.elementary import exp, expm1, log, log1p, softplus

# ---------------------------------------------------------------------------------------------
# A descent direction lowers the loss: Claim E.19, Lemma E.16
# ---------------------------------------------------------------------------------------------


def log_cap(c, tau, d):
    """ln β, β = ½(τ/4c_2)^d: the share of S^d where L′ ≤ −τ/2 if L′ falls to −τ (Lemma E.14)."""
    c_2, tau, d, two = alike(c_2=c.c_2, tau=tau, d=d, two=2)
    positive(c_2=c_2, tau=tau)
    return d * log(tau / (4 * c_2)) - log(two)


def mass_in_descent(s, tau, sigma, log_beta):
    """σβ(e^{(τ−σ)s} − 1)/(τ − σ), a lower bound of N(s) while z(s) ≤ τ/4 (Claim E.19).

    Raises ValueError unless 0 < σ < τ.
    """
    s, tau, sigma, log_beta = alike(s=s, tau=tau, sigma=sigma, log_beta=log_beta)
    _below(sigma, tau)
    growth = (tau - sigma) * s
    return -sigma * exp(log_beta + growth) * expm1(-growth) / (tau - sigma)


def escape_time(c, W, tau, sigma, d):
    """The time l at which the bound of Claim E.19 reaches 2W, so that z(l) > τ/4 (Lemma E.16).

    Raises ValueError unless 0 < σ < τ.
    """
    W, tau, sigma = alike(W=W, tau=tau, sigma=sigma)
    positive(W=W)
    _below(sigma, tau)
    log_ratio = log(2 * (tau - sigma) * W / sigma) - log_cap(c, tau, d)
    return softplus(log_ratio) / (tau - sigma)


def noise_in_potential(c, W, sigma, l):
    """σlC_RB²(W + 1), how far the noise alone moves L′ on the sphere in a time l (Lemma E.12)."""
    c, W, sigma, l = _together(c, W, sigma, l)
    return sigma * l * c.C_R * c.B**2 * (W + 1)


def guaranteed_decrease(c, L_U, W, tau, sigma, l):
    """(τ/4 − noise)²/(C_R²B²G²Wl) − σL[U]l, by how much the loss falls in the time l (Lemma E.16).

    It says so if `noise_in_potential` is at most τ/4 and l at least the `escape_time`.
    """
    c, L_U, W, tau, sigma, l = _together(c, L_U, W, tau, sigma, l)
    force = tau / 4 - noise_in_potential(c, W, sigma, l)
    return force**2 / (_stiffness(c) * W * l) - sigma * L_U * l


def _stiffness(c):
    """C_R²B²G²: z(l)² is at most this times Wl times the loss spent, noise aside (Lemma E.12)."""
    return (c.C_R * c.B * c.G) ** 2


# ---------------------------------------------------------------------------------------------
# Theorem E.4
# ---------------------------------------------------------------------------------------------


class Bounds(NamedTuple):
    """What holds at all times: the noise pulls the loss to `L_U`, W_t² ≤ `W`, and L*/b_V ≤ `Y`."""

    L_U: Any
    W: Any
    Y: Any


class Guarantee(NamedTuple):
    """Noise `sigma` and a `time` by which the loss is within eps of its infimum (Theorem E.4).

    A window of length 2l lowers the loss by at least ½ min(Δ_1, Δ_2) as long as it stays more than
    eps above the infimum. After `time` it stays below eps + 2σL[U]l.
    """

    L_U: Any
    W: Any
    Y: Any
    A: Any
    q: Any
    sigma: Any
    Lam: Any
    l: Any
    Delta_1: Any
    Delta_2: Any
    time: Any


def guarantee(c, L_0, eps, d, L_U=None, L_star=None) -> Guarantee:
    """Theorem E.4. `L_U` ≥ L[U] and `L_star` ≥ L* are K and min(L_0, R(0)) if not given.

    Raises ValueError for eps, a loss or a constant that is not positive and finite, d < 1, or a
    sigma too small for floats.
    """
    c, L_0, eps, d, L_U, L_star = _arguments(c, L_0, eps, d, L_U, L_star)
    bounds = Bounds(L_U, largest(L_0, L_U) / c.b_V, L_star / c.b_V)
    A = smallest(*noise_limits(c, bounds, eps))
    q, sigma, Lam = noise(A, log_cells(c, bounds, eps, d), eps)
    l = 4 * bounds.Y * Lam / eps
    Delta_1, Delta_2 = decreases(c, bounds, eps, l)
    time = time_by_levels(c, bounds, eps, Lam)
    return Guarantee(*bounds, A, q, sigma, Lam, l, Delta_1, Delta_2, time)


def log_cells(c, bounds, eps, d):
    """ln H, H = (W/Y)(8c_2Y/ε)^d: about how many caps of the size that matters cover the sphere."""
    c_2, W, Y, eps, d = alike(c_2=c.c_2, W=bounds.W, Y=bounds.Y, eps=eps, d=d)
    positive(c_2=c_2, W=W, Y=Y, eps=eps)
    return log(W / Y) + d * log(8 * c_2 * Y / eps)


def noise_limits(c, bounds, eps):
    """The four upper limits of σ max(1, Λ²), one for each side condition of Theorem E.4's proof."""
    c, L_U, W, Y, eps = _together(c, *bounds, eps)
    return (
        eps**4 / (2**14 * L_U * _stiffness(c) * W * Y**4),
        eps**2 / (2**6 * c.C_R * c.B**2 * Y**2 * (W + 1)),
        eps / (4 * Y),
        eps**2 / (4 * L_U * W),
    )


def noise(A, log_H, eps):
    """q = ln(4(1 + εH)(1 + 1/A)), σ = A/(4q²) and Λ = ln(1 + εH/σ), which is at most 2q.

    Raises ValueError if σ is too small for a float.
    """
    A, log_H, eps, four = alike(A=A, log_H=log_H, eps=eps, four=4)
    positive(eps=eps)
    too_small = "sigma is too small for a float; give the constants as flint.arb balls."
    refuse(A <= 0, too_small)
    log_eps_H = log(eps) + log_H
    q = log(four) + softplus(log_eps_H) + log1p(1 / A)
    sigma = A / (4 * q**2)
    refuse(sigma <= 0, too_small)
    return q, sigma, softplus(log_eps_H - log(sigma))


def decreases(c, bounds, eps, l):
    """Δ_1 if L′ falls below −τ in a window of length l, Δ_2 if ∫L′dρ > ε/2 all along it."""
    c, _, W, Y, eps, l = _together(c, *bounds, eps, l)
    return eps**2 / (2**8 * _stiffness(c) * W * Y**2 * l), l * eps**2 / W


def time_by_levels(c, bounds, eps, Lam):
    """t_ε, the sum of `time_from_double` over the accuracies ε, 2ε, 4ε, …, or a little more."""
    c, _, W, Y, eps, Lam = _together(c, *bounds, eps, Lam)
    return (16 * Y * Lam + 8 * W) / eps + 2**17 * _stiffness(c) * W * Y**4 * Lam**2 / (7 * eps**3)


def time_from_double(c, bounds, e, Lam):
    """s(e) = 2l(1 + 2e/Δ_1 + 2e/Δ_2), in which L − L* falls from 2e to e; l = 4YΛ/e."""
    c, *bounds, e, Lam = _together(c, *bounds, e, Lam)
    bounds = Bounds(*bounds)
    l = 4 * bounds.Y * Lam / e
    Delta_1, Delta_2 = decreases(c, bounds, e, l)
    return 2 * l * (1 + 2 * e / Delta_1 + 2 * e / Delta_2)


# ---------------------------------------------------------------------------------------------
# Theorem E.21, the push-forward flow in discrete time
# ---------------------------------------------------------------------------------------------


class DiscreteGuarantee(NamedTuple):
    """Noise `sigma`, step `eta` and a number of `steps` that suffices (Theorem E.21, corrected).

    `m` steps are a time l = ηm, and all steps a `time`; other fields are as in `Guarantee`.
    """

    L_U: Any
    W: Any
    Y: Any
    A: Any
    q: Any
    sigma: Any
    Lam: Any
    eta: Any
    m: Any
    Delta_1: Any
    Delta_2: Any
    time: Any
    steps: Any


def discrete_guarantee(c, L_0, eps, d, L_U=None, L_star=None) -> DiscreteGuarantee:
    """Theorem E.21. `L_U` and `L_star` are as in `guarantee`.

    Raises ValueError as `guarantee`, and for eps ≥ L_0, where there is nothing to do.
    """
    c, L_0, eps, d, L_U, L_star = _arguments(c, L_0, eps, d, L_U, L_star)
    refuse(eps >= L_0, "eps is at least L_0: the start is within eps of the infimum already.")
    bounds = Bounds(L_U, largest(L_0, 2 * L_U) / c.b_V, L_star / c.b_V)
    A = smallest(*discrete_noise_limits(c, bounds, eps))
    q, sigma, Lam = noise(A, log_cells(c, bounds, eps, d), eps)
    eta = smallest(*step_limits(c, bounds))
    m = _ceil(16 * bounds.Y * Lam / (eps * eta))
    Delta_1, Delta_2 = discrete_decreases(c, bounds, eps, eta * m)
    time = discrete_time_by_levels(c, bounds, eps, Lam)
    return DiscreteGuarantee(*bounds, A, q, sigma, Lam, eta, m, Delta_1, Delta_2, time, time / eta)


def discrete_noise_limits(c, bounds, eps):
    """The upper limits of σ max(1, Λ²) in discrete time, for a time l of at most 32YΛ/ε."""
    c, L_U, W, Y, eps = _together(c, *bounds, eps)
    return (
        eps**4 / (2**24 * L_U * _stiffness(c) * W * Y**4),
        eps**2 / (2**9 * c.C_R * c.B**2 * Y**2 * (W + 1)),
        eps / (4 * W),
        eps**2 / (16 * L_U * W),
    )


def step_limits(c, bounds):
    """The upper limits of the step η, free of ε and d; they use σ ≤ b_V/4."""
    c, L_U, W, _ = _together(c, *bounds)
    return (
        1 / (4 * c.C_L),
        1 / (32 * c.C_R * c.G**2 * W),
        2 * c.G / (c.C_Phi * c.c_2),
        4 * L_U / (c.b_V * c.C_R * c.B**2 * (W + 1) ** 2),
        2 / (c.C_L + 2 * c.B_L),
    )


def discrete_decreases(c, bounds, eps, l):
    """Δ_1 and Δ_2 of `decreases` in discrete time."""
    c, _, W, Y, eps, l = _together(c, *bounds, eps, l)
    return eps**2 / (2**11 * _stiffness(c) * W * Y**2 * l), l * eps**2 / (2 * W)


def discrete_time_by_levels(c, bounds, eps, Lam):
    """ηn_ε: a sum over the accuracies ε, 2ε, 4ε, … as in `time_by_levels`."""
    c, _, W, Y, eps, Lam = _together(c, *bounds, eps, Lam)
    worst = 2**26 * _stiffness(c) * W * Y**4 * Lam**2 / (7 * eps**3)
    return (128 * Y * Lam + 16 * W) / eps + worst


# ---------------------------------------------------------------------------------------------
# Floats, arrays and balls alike
# ---------------------------------------------------------------------------------------------


def smallest(*values):
    """The minimum of floats, arrays or balls."""
    values = alike(**{f"value {k}": value for k, value in enumerate(values)})
    return reduce(arb.min if isinstance(values[0], arb) else jnp.minimum, values)


def largest(*values):
    """The maximum of floats, arrays or balls."""
    values = alike(**{f"value {k}": value for k, value in enumerate(values)})
    return reduce(arb.max if isinstance(values[0], arb) else jnp.maximum, values)


NAMES = "B", "G", "b_V", "C_R", "R_0", "C_Phi", "B_L", "c_2", "K", "C_L"


def _together(c, *numbers):
    """The constants and the numbers, as balls if one of them is a ball."""
    values = {name: getattr(c, name) for name in NAMES}
    if not any(isinstance(value, arb) for value in (*values.values(), *numbers)):
        return c, *numbers
    named = {f"number {k}": number for k, number in enumerate(numbers)}
    *balls, _ = alike(**values, **named, ball=arb(0))
    constants = SimpleNamespace(**dict(zip(NAMES, balls, strict=False)))
    return constants, *balls[len(NAMES) :]


def _arguments(c, L_0, eps, d, L_U, L_star):
    """What the two theorems need, checked and in one arithmetic."""
    given = [x for x in (L_0, eps, d, L_U, L_star) if x is not None]
    c, *_ = _together(c, *given)
    L_U = c.K if L_U is None else L_U
    L_star = L_0 if L_star is None else L_star
    values = {name: getattr(c, name) for name in NAMES}
    values |= dict(L_0=L_0, eps=eps, L_U=L_U, L_star=L_star)
    *numbers, d = alike(**values, d=d)
    found = dict(zip(values, numbers, strict=True))
    for name, value in found.items():
        refuse(value <= 0, f"{name} must be positive and finite, got {value}.")
        refuse(value >= np.inf, f"{name} must be positive and finite, got {value}.")
    refuse(d < 1, f"the sphere S^d needs d ≥ 1, got {d}.")
    *_, L_0, eps, L_U, L_star = numbers
    L_star = smallest(L_star, L_0, found["R_0"])
    return SimpleNamespace(**{name: found[name] for name in NAMES}), L_0, eps, d, L_U, L_star


def _ceil(x):
    return x.ceil() if isinstance(x, arb) else jnp.ceil(x)


def _below(sigma, tau):
    outside = f"the noise must lie strictly between 0 and tau, got {sigma}, {tau}."
    refuse(sigma <= 0, outside)
    refuse(sigma >= tau, outside)
