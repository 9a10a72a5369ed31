"""One trial: gradient descent and ascent on the margin, for JAX to trace.

The loss of a well-trained network is far below the smallest float. Only its logarithm is kept, and
rules other than "fixed" descend on ln L_λ, whose gradient is a mean of the ∇f_i weighted by a
softmax. The rows of U are columns here, so that no large array is ever transposed.
"""

from typing import Literal, TypeAlias

import jax
import jax.numpy as jnp
from jax import lax

Loss: TypeAlias = Literal["logistic", "squared"]
Rule: TypeAlias = Literal["fixed", "margin-aware", "normalised"]

BETA = 10.0, 1e4  # the sharpness of the smoothed margin at the first and at the last step


def _forward(theta, X):
    """The hidden units X Uᵀ before the relu, and the scores."""
    Ut, w = theta
    Z = X @ Ut
    return Z, jnp.maximum(Z, 0) @ w


def _gradient(theta, X, Z, r):
    """∇_Θ Σ_i r_i f(Θ; x_i): with G = Σ_i r_i 1[u_j·x_i > 0] x_i it is (w_j G_j, u_j·G_j)."""
    Ut, w = theta
    r = lax.optimization_barrier(r)  # computed once, not again for every column of X
    G = (X.T * r[None]) @ (Z > 0).astype(Z.dtype)
    return w[None] * G, jnp.sum(Ut * G, axis=0)


def _norm_squared(theta):
    return sum(jnp.sum(part**2) for part in theta)


def moved(theta, by, direction):
    return jax.tree.map(lambda p, v: p + by * v, theta, direction)


def _log_losses(v):
    """ln ln(1 + e^{−v}), also where e^{−v} is zero in floating point."""
    tail = -v - jnp.exp(-v) / 2
    return jnp.where(v > 17, tail, jnp.log(jax.nn.softplus(-jnp.minimum(v, 17))))


def log_loss(f, y, loss: Loss):
    """The logarithm of the mean loss."""
    if loss == "squared":
        return jnp.log(jnp.mean((f - y) ** 2))
    return jax.nn.logsumexp(_log_losses(y * f)) - jnp.log(y.size)


def _residuals(f, y, loss: Loss):
    """∂L/∂f_i."""
    slopes = 2 * (f - y) if loss == "squared" else -y * jax.nn.sigmoid(-y * f)
    return slopes / y.size


def _log_residuals(f, y):
    """∂ln L/∂f_i for the logistic loss: −y_i σ(−v_i)/Σ_j ln(1 + e^{−v_j}), v_i = y_i f_i."""
    v = y * f
    return -y * jnp.exp(jax.nn.log_sigmoid(-v) - jax.nn.logsumexp(_log_losses(v)))


def _fixed_step(theta, X, y, Z, f, lam, step_size, loss: Loss):
    loss_gradient = _gradient(theta, X, Z, _residuals(f, y, loss))
    return moved(theta, -step_size, moved(loss_gradient, 2 * lam, theta))


def _relative_step(theta, X, y, Z, f, lam, step_size, rule: Rule):
    """A step along ∇ln L_λ = q ∇ln L + (1 − q) 2Θ/‖Θ‖², where q = L/L_λ."""
    norm_squared = _norm_squared(theta)
    q = jax.nn.sigmoid(log_loss(f, y, "logistic") - jnp.log(lam * norm_squared))
    loss_gradient = _gradient(theta, X, Z, q * _log_residuals(f, y))
    direction = moved(loss_gradient, 2 * (1 - q) / norm_squared, theta)
    length = norm_squared if rule == "margin-aware" else jnp.sqrt(_norm_squared(direction))
    return moved(theta, -step_size / jnp.maximum(length, jnp.finfo(f.dtype).tiny), direction)


def descend(X, y, theta, loss: Loss, rule: Rule, *, lam, steps, step_size, stop):
    """One trial of `train`: (Θ, number of steps)."""

    def step(theta, Z, f):
        if rule == "fixed":
            return _fixed_step(theta, X, y, Z, f, lam, step_size, loss)
        return _relative_step(theta, X, y, Z, f, lam, step_size, rule)

    if stop is None:
        theta = lax.fori_loop(0, steps, lambda _, theta: step(theta, *_forward(theta, X)), theta)
        return theta, steps

    def advance(state):
        k, theta, _ = state
        Z, f = _forward(theta, X)
        done = log_loss(f, y, loss) <= stop
        moved = jax.tree.map(lambda p, q: jnp.where(done, p, q), theta, step(theta, Z, f))
        return k + ~done, moved, done

    start = jnp.zeros_like(steps), theta, jnp.array(False)
    k, theta, _ = lax.while_loop(lambda state: (state[0] < steps) & ~state[2], advance, start)
    return theta, k


def ascend(X, y, theta, loss: Loss, *, steps, step_size, warm_up):
    """One trial of `ascend_margin`: (Θ, number of steps)."""

    def warm(k, state):
        theta, moments = state
        Z, f = _forward(theta, X)
        downhill = _gradient(theta, X, Z, -_residuals(f, y, loss))
        return _adam(theta, moments, downhill, k, step_size)

    def climb(k, state):
        theta, moments, best, best_margin = state
        Z, f = _forward(theta, X)
        norm_squared = _norm_squared(theta)
        v = 2 * y * f / norm_squared
        better = v.min() > best_margin
        best = jax.tree.map(lambda p, q: jnp.where(better, p, q), theta, best)
        done = (k / steps).astype(X.dtype)
        p = jax.nn.softmax(-BETA[0] * (BETA[1] / BETA[0]) ** done * v)
        up = _gradient(theta, X, Z, 2 * p * y / norm_squared)
        uphill = moved(up, -2 * (p @ v) / norm_squared, theta)
        rate = step_size * (1 + jnp.cos(jnp.pi * done)) / 2
        return *_adam(theta, moments, uphill, k, rate), best, jnp.maximum(best_margin, v.min())

    theta, _ = lax.fori_loop(0, warm_up, warm, (theta, _no_moments(theta)))
    start = theta, _no_moments(theta), theta, jnp.array(-jnp.inf, X.dtype)
    return lax.fori_loop(0, steps, climb, start)[2], steps + warm_up


def _no_moments(theta):
    return jax.tree.map(jnp.zeros_like, theta), jax.tree.map(jnp.zeros_like, theta)


def _adam(theta, moments, direction, k, rate):
    """One step of Adam along a direction: Θ and the running means of it and of its square."""
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, moments[0], direction)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g**2, moments[1], direction)
    unbiased = jnp.sqrt(1 - 0.999 ** (k + 1.0)) / (1 - 0.9 ** (k + 1.0))
    ratio = jax.tree.map(lambda m, v: m / (jnp.sqrt(v) + 1e-8), first, second)
    return moved(theta, (rate * unbiased).astype(rate.dtype), ratio), (first, second)
