"""Weakly regularised objectives: equations (2.1) and (A.1), Section A.2, Theorem D.5.

Losses are means over the n examples, as in the paper's proofs (its display (2.1) prints a sum).
Each is written in margins or differences of scores, never as a difference of two large numbers, so
it keeps its relative accuracy when the loss is far below the smallest number next to one.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from margintheory.arrays import ArrayLike, Reals
from margintheory.networks import Network


def logistic_loss(margins: Reals[ArrayLike, " n"]) -> Float[Array, ""]:
    """(1/n) Σ ln(1 + e^{−m_i}), the binary loss of Section A.2 at margins m_i = y_i f(x_i)."""
    return jnp.mean(jax.nn.softplus(-jnp.asarray(margins)))


def cross_entropy(
    scores: Reals[ArrayLike, "n l"], labels: Reals[ArrayLike, " n"]
) -> Float[Array, ""]:
    """(1/n) Σ ln(1 + Σ_{j≠y_i} e^{f_j − f_{y_i}}), the form (A.1) of the loss in (2.1)."""
    rivals = rival_differences(scores, labels)
    return jnp.mean(jax.nn.softplus(jax.nn.logsumexp(rivals, axis=1)))


def squared_loss(
    scores: Reals[ArrayLike, " n"], targets: Reals[ArrayLike, " n"]
) -> Float[Array, ""]:
    """(1/n) Σ (f(x_i) − y_i)², the loss of Theorem D.5."""
    return jnp.mean((jnp.asarray(scores) - jnp.asarray(targets)) ** 2)


def rival_differences(
    scores: Reals[ArrayLike, "n l"], labels: Reals[ArrayLike, " n"]
) -> Float[Array, "n l"]:
    """f_j − f_{y_i} for every class j, with −∞ in the place of the true class j = y_i."""
    scores = jnp.asarray(scores)
    true = jnp.arange(scores.shape[1])[None] == jnp.asarray(labels)[:, None]
    own = jnp.take_along_axis(scores, jnp.asarray(labels)[:, None], axis=1)
    return jnp.where(true, -jnp.inf, scores - own)


def weakly_regularised(
    net: Network,
    X: Reals[ArrayLike, "n d"],
    y: Reals[ArrayLike, " n"],
    lam: Reals[ArrayLike, ""],
    r: float = 2.0,
) -> Float[Array, ""]:
    """L_λ(Θ) = loss + λ‖Θ‖^r with the Euclidean norm: equation (2.1), and Section A.2.

    Scores of shape (n, l) with labels in {0, …, l−1} use the cross-entropy, scores of shape (n,)
    with labels ±1 the logistic loss.
    """
    scores = net(X)
    loss = cross_entropy(scores, y) if scores.ndim == 2 else logistic_loss(jnp.asarray(y) * scores)
    return loss + jnp.asarray(lam) * net.norm_squared ** (r / 2)
