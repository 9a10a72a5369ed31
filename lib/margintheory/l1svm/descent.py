"""Descent of a network and ascent on the sphere, in JAX for all neurons and all starts at once."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

DESCENT = 1000  # steps
ASCENT, INNER = 20, 6  # steps, and steps within a step


@jax.jit
def descend(
    X: Float[Array, "n d"], y: Float[Array, " n"], U: Float[Array, "m d"]
) -> tuple[Float[Array, " m"], Float[Array, "m d"]]:
    """Weights (w, U) of a network that starts at U, after descent of minus its soft margin.

    Adam on ln Σ_i exp(−β y_i f(Θ; x_i)/½‖Θ‖²), in which β grows to a thousand margins.
    """
    w = jnp.where(jnp.arange(len(U)) % 2 == 0, 1.0, -1.0)

    def margins(Theta):
        w, U = Theta
        return 2 * y * (jnp.maximum(X @ U.T, 0) @ w) / ((w**2).sum() + (U**2).sum())

    def loss(Theta, beta):
        return jax.nn.logsumexp(-beta * margins(Theta))

    def step(state, t):
        Theta, mean, square = state
        beta = 1000.0**t / jnp.maximum(jnp.abs(margins(Theta).min()), 1e-30)
        gradient = jax.grad(loss)(Theta, beta)
        mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, mean, gradient)
        square = jax.tree.map(lambda v, g: 0.99 * v + 0.01 * g**2, square, gradient)
        rate = 0.02 * (1 - t)
        Theta = jax.tree.map(
            lambda x, m, v: x - rate * m / (jnp.sqrt(v) + 1e-12), Theta, mean, square
        )
        return (Theta, mean, square), None

    zero = jnp.zeros_like(w), jnp.zeros_like(U)
    state, _ = jax.lax.scan(step, ((w, U), zero, zero), jnp.linspace(0.0, 1.0, DESCENT))
    return state[0]


@jax.jit
def ascend(
    X: Float[Array, "n d"], w: Float[Array, " n"], U: Float[Array, "m d"]
) -> Float[Array, "m d"]:
    """Local maximisers on the sphere of F(u) = Σ_i w_i relu(u·x_i), from starts U; 0 if F ≤ 0 near.

    F is convex where w_i > 0 and concave where w_i < 0. At u the convex part is replaced by its
    tangent c·u. The maximum over |u| ≤ 1 of c·u − Σ_j |w_j| relu(u·x_j) is then
    min_{0 ≤ t ≤ 1} |c − Σ_j t_j |w_j| x_j|, attained in that direction: accelerated projected
    gradient on t.
    """
    convex, B = jnp.maximum(w, 0), jnp.maximum(-w, 0)[:, None] * X
    rate = 1 / jnp.maximum(jnp.linalg.eigvalsh(B.T @ B)[-1], 1e-300)

    def climb(u):
        def inner(k, state, c):
            t, ahead = state
            after = jnp.clip(ahead + rate * (B @ (c - ahead @ B)), 0, 1)
            return after, after + k / (k + 3) * (after - t)

        def step(state, _):
            u, t = state
            c = (convex * (X @ u > 0)) @ X
            t, _ = jax.lax.fori_loop(0, INNER, lambda k, state: inner(k, state, c), (t, t))
            return (c - t @ B, t), None

        (u, _), _ = jax.lax.scan(step, (u, jnp.where(X @ u > 0, 1.0, 0.0)), None, length=ASCENT)
        norm = jnp.linalg.norm(u)
        return jnp.where(norm > 0, u / norm, 0)

    return jax.vmap(climb)(U)
