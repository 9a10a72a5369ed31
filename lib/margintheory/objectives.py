"""Weakly regularised objectives: equations (2.1) and (A.1), Section A.2, Theorem D.5.

Losses are means over the n examples, as in the paper's proofs (its display (2.1) prints a sum).
Each is written in margins or differences of scores, never as a difference of two large numbers, so
it keeps its relative accuracy when the loss is far below the smallest number next to one.

All may be traced by JAX. Then shapes are checked, and entries cannot be.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from margintheory import domains, validate
from margintheory.arrays import ArrayLike, Reals
from margintheory.networks import Network


def logistic_loss(margins: Reals[ArrayLike, " n"]) -> Float[Array, ""]:
    """(1/n) Σ ln(1 + e^{−m_i}), the binary loss of Section A.2 at margins m_i = y_i f(x_i).

    Raises ValueError unless the margins are a vector of finite numbers.
    """
    return jnp.mean(jax.nn.softplus(-domains.array(margins, "margins", ndim=1)))


def cross_entropy(
    scores: Reals[ArrayLike, "n l"], labels: Reals[ArrayLike, " n"]
) -> Float[Array, ""]:
    """(1/n) Σ ln(1 + Σ_{j≠y_i} e^{f_j − f_{y_i}}), the form (A.1) of the loss in (2.1).

    Raises ValueError as `rival_differences`.
    """
    rivals = rival_differences(scores, labels)
    return jnp.mean(jax.nn.softplus(jax.nn.logsumexp(rivals, axis=1)))


def squared_loss(
    scores: Reals[ArrayLike, " n"], targets: Reals[ArrayLike, " n"]
) -> Float[Array, ""]:
    """(1/n) Σ (f(x_i) − y_i)², the loss of Theorem D.5.

    Raises ValueError unless there is one target for each score.
    """
    scores = domains.array(scores, "scores", ndim=1)
    targets = domains.array(targets, "targets", ndim=1)
    if len(scores) != len(targets):
        raise ValueError(f"there are {len(scores)} scores but {len(targets)} targets; match them.")
    return jnp.mean((scores - targets) ** 2)


def rival_differences(
    scores: Reals[ArrayLike, "n l"], labels: Reals[ArrayLike, " n"]
) -> Float[Array, "n l"]:
    """f_j − f_{y_i} for every class j, with −∞ in the place of the true class j = y_i.

    Raises ValueError unless there are l ≥ 2 scores for each example and labels in {0, …, l−1}.
    """
    scores = domains.array(scores, "scores", ndim=2)
    n, classes = scores.shape
    if classes < 2:
        raise ValueError("scores (n, l) need l ≥ 2 classes; give binary scores as (n,).")
    y = _class_labels(labels, n, classes)[:, None]
    true = jnp.arange(classes)[None, :] == y
    return jnp.where(true, -jnp.inf, scores - jnp.take_along_axis(scores, y, axis=1))


def weakly_regularised(
    net: Network,
    X: Reals[ArrayLike, "n d"],
    y: Reals[ArrayLike, " n"],
    lam: Reals[ArrayLike, ""],
    r: float = 2.0,
) -> Float[Array, ""]:
    """L_λ(Θ) = loss + λ‖Θ‖^r with the Euclidean norm: equation (2.1), and Section A.2.

    Scores of shape (n, l) with labels in {0, …, l−1} use the cross-entropy, scores of shape (n,)
    with labels ±1 the logistic loss. Raises ValueError for other labels, λ < 0 and r ≤ 0.
    """
    weight, power = domains.alike(lam=lam, r=r)
    domains.at_least(0, lam=weight)
    domains.positive(r=power)
    scores = net(X)
    if scores.ndim == 2:
        loss = cross_entropy(scores, y)
    else:
        loss = logistic_loss(_binary_labels(y, len(scores)) * scores)
    return loss + jnp.asarray(lam) * net.norm_squared ** (r / 2)


def _class_labels(y, n, classes):
    if not isinstance(y, jax.core.Tracer):
        return jnp.asarray(validate.class_labels(y, n, classes))
    return _one_each(y, n).astype(int)


def _binary_labels(y, n):
    if not isinstance(y, jax.core.Tracer):
        return jnp.asarray(validate.binary_labels(y, n))
    return _one_each(y, n)


def _one_each(y, n):
    """Traced labels, one for each example."""
    if validate.finite_array(y, "y", ndim=1).shape != (n,):
        raise ValueError(f"there are {n} examples but y has {len(y)} labels; they must match.")
    return y
