"""The global minimum L* of Example 5.2, certified by convex duality.

R is a sum of log(1 + e^{−z}) ≥ H(q) − q z with H(q) = −q log q − (1 − q) log(1 − q). So for q in
[0, 1]ⁿ and every measure ρ ≥ 0

    L[ρ] ≥ Σ_i H(q_i) + ∫ (λ‖θ‖² − Σ_i q_i y_i Φ_i(θ)) dρ,

and Σ_i H(q_i) is a lower bound of L* if the bracket is not negative on the sphere. Ball arithmetic
decides that on the whole sphere; a q that is not admissible is shortened until it is.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flint import arb, ctx
from jaxtyping import Float
from scipy.optimize import minimize

from margintheory import rigour, validate
from margintheory.arrays import ArrayLike, Reals
from margintheory.flow.problems import (
    Atoms,
    mean_features,
    project,
    spread,
    two_layer,
    variation,
)
from margintheory.flow.units import combine, minimum_on_sphere, second_order, units
from margintheory.rigour import dot

STARTS = 32  # particles at the start of the search, times D
ROUNDS = 8  # how often a direction may be added to it
GRID = 1000  # directions, times D, on which the search looks for a negative g


class Optimum(NamedTuple):
    """`lower` ≤ L* ≤ `upper`, both rigorous; `upper` is L at `atoms`, `lower` the value of `dual`.

    The atoms lie on the sphere; `dual` q: (n,) is admissible up to the rounding of its entries.
    """

    lower: float
    upper: float
    atoms: Atoms
    dual: Float[np.ndarray, " n"]


def optimum(
    X: Reals[ArrayLike, "n d"],
    y: Reals[ArrayLike, " n"],
    lam: float,
    smoothing: float,
    *,
    rtol: float = 1e-9,
) -> Optimum:
    """L* for the smoothed two-layer network of `problems.two_layer`.

    Particles descend, those that met are merged, Newton's method finishes; where the potential g of
    the result is still below −rtol·λ on a grid a particle is added, up to 8 times. Then ball
    arithmetic decides by how little the constraint fails between the points of the grid, to
    rtol·λ/100. The bracket is rigorous however far the search came; upper − lower is about
    rtol·upper if it succeeded. The effort grows with n and like a power of D: at the default rtol
    D = 2 takes 3 s for n = 4 and 10 s for n = 100, D = 3 takes 10 s for n = 5 and half a minute for
    n = 20, and D = 5 takes minutes even for n = 10.

    Raises ValueError for wrong data, λ ≤ 0 and smoothing = 0 (`regularized.solve` has the relu).
    """
    X, y = validate.binary_training_set(X, y)
    lam, rtol = validate.positive(lam, "lam"), validate.positive(rtol, "rtol")
    features, D = units(X, smoothing), X.shape[1] + 1
    problem = two_layer(X, y, lam, smoothing)
    theta, grid = 0.1 * spread(STARTS * D, D), spread(GRID * D, D)
    for _ in range(ROUNDS):
        theta = _newton(problem, _merge(_descend(problem, theta)))
        rho = Atoms(jnp.asarray(theta), jnp.ones(len(theta)))
        g = variation(problem, rho, grid)
        if g.min() >= -rtol * lam:
            break
        theta = np.concatenate([theta, 0.1 * grid[[jnp.argmin(g)]]])
    atoms = project(rho)
    q = np.asarray(-y * jax.grad(problem.R)(mean_features(problem, atoms)))
    reach = jax.vmap(problem.Phi)(grid) @ (q * y)
    lower, q = _lower(features, y, lam, q * min(1.0, lam / reach.max()), rtol / 100)
    return Optimum(lower, _upper(features, y, lam, atoms), atoms, q)


# ---------------------------------------------------------------------------------------------
# The two sides of the bracket
# ---------------------------------------------------------------------------------------------


def _upper(features, y, lam, atoms):
    """L[ν] in balls, rounded up."""
    with ctx.workprec(rigour.PRECISION):
        thetas = [list(map(arb, row)) for row in np.asarray(atoms.theta).tolist()]
        masses = list(map(arb, np.asarray(atoms.mass).tolist()))
        scores = [
            label * dot(masses, [unit.value(t) for t in thetas])
            for unit, label in zip(features, y.tolist(), strict=True)
        ]
        loss = sum(((-z).exp() + 1).log() for z in scores)
        return rigour.above(loss + arb(lam) * dot(masses, [dot(t, t) for t in thetas]))


def _lower(features, y, lam, q, rtol):
    """The value of the dual at t q for a t ≤ 1 that makes it admissible, and t q.

    Λ = λ‖θ‖² − Σ_i q_i y_i Φ_i(θ) is enclosed to second order; where it is positive it does not
    matter, and where it is negative it must be nearly 0 for the search to end soon.
    """
    D, lam = len(features[0].x), arb(lam)
    weights = list(map(arb, (-q * y).tolist()))
    identity = [[2 * lam * (j == k) for k in range(D)] for j in range(D)]

    def value(theta):
        return lam * dot(theta, theta) + dot(weights, [unit.value(theta) for unit in features])

    def gradient(theta):
        inward = combine(weights, [unit.gradient(theta) for unit in features])
        return [2 * lam * t + v for t, v in zip(theta, inward, strict=True)]

    def hessian(theta):
        rows = zip(identity, *(unit.hessian(theta) for unit in features), strict=True)
        return [combine([arb(1), *weights], row) for row in rows]

    slack = second_order(value, gradient, hessian)
    capped = lambda theta: lam + arb.min(slack(theta) / dot(theta, theta), arb(0))  # noqa: E731
    least = minimum_on_sphere(capped, D, rtol)
    with ctx.workprec(rigour.PRECISION):
        t = arb.min(arb(1), lam / (2 * lam - least))
        value = sum((_entropy(t * arb(p)) for p in q.tolist()), start=arb(0))
        return rigour.below(value), float(t) * q


def _entropy(q):
    return -q * q.log() - (1 - q) * (1 - q).log()


# ---------------------------------------------------------------------------------------------
# The search, over particles of mass 1
# ---------------------------------------------------------------------------------------------


def _loss(problem, theta):
    a = jnp.sum(jax.vmap(problem.Phi)(theta), axis=0)
    return problem.R(a) + jnp.sum(jax.vmap(problem.V)(theta))


def _descend(problem, theta):
    """L-BFGS from θ."""
    slope = jax.jit(jax.value_and_grad(lambda x: _loss(problem, x.reshape(theta.shape))))
    options = dict(maxiter=3000, maxfun=6000, ftol=1e-15, gtol=1e-9)
    found = minimize(slope, theta.ravel(), jac=True, method="L-BFGS-B", options=options)
    return found.x.reshape(theta.shape)


def _merge(theta):
    """Particles that are nearly parallel become one, those of nearly no mass are left out."""
    r = np.linalg.norm(theta, axis=1)
    order = [j for j in np.argsort(-r) if r[j] > 1e-4 * r.max()]
    groups: list[list[int]] = []
    for j in order:
        for group in groups:
            if theta[j] @ theta[group[0]] > (1 - 1e-4) * r[j] * r[group[0]]:
                group.append(j)
                break
        else:
            groups.append([j])
    mass = np.array([(r[group] ** 2).sum() for group in groups])
    mean = np.array([(r[group, None] * theta[group]).sum(axis=0) for group in groups])
    return mean * np.sqrt(mass / (mean**2).sum(axis=1))[:, None]


def _newton(problem, theta):
    """A few steps of Newton's method, as long as they lower the gradient."""
    slope = jax.jit(jax.grad(lambda x: _loss(problem, x.reshape(theta.shape))))
    bend = jax.jit(jax.hessian(lambda x: _loss(problem, x.reshape(theta.shape))))
    x = theta.ravel()
    while True:
        gradient = np.asarray(slope(x))
        trial = x - np.linalg.lstsq(np.asarray(bend(x)), gradient, rcond=1e-10)[0]
        if not np.linalg.norm(slope(trial)) < np.linalg.norm(gradient) / 2:
            return x.reshape(theta.shape)
        x = trial
