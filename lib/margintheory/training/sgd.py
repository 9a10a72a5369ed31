"""Mini-batches, for the digits of Figure 3."""

from functools import partial

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from margintheory import objectives, validate
from margintheory.arrays import ArrayLike, Reals
from margintheory.networks import Deep
from margintheory.training.trial import moved


def sgd(
    X: Reals[ArrayLike, "n d"],
    labels: Reals[ArrayLike, " n"],
    network: Deep,
    key: Array,
    *,
    epochs: int,
    batch: int,
    step_size: float,
    lam: float = 0.0,
) -> Deep:
    """Stochastic gradient descent on the regularised cross-entropy (2.1), in the type of Θ.

    Each epoch visits the examples in a fresh random order in batches of `batch`, of which an
    incomplete last one is left out. Raises ValueError for bad data or a batch larger than n.
    """
    X = validate.points(X)
    classes = len(network.weights[-1])
    labels = validate.class_labels(labels, len(X), classes)
    batch = validate.count(batch, "batch")
    if batch > len(X):
        raise ValueError(f"a batch of {batch} is larger than the {len(X)} examples.")
    dtype = network.weights[0].dtype
    numbers = validate.positive(step_size, "step_size"), validate.real(lam, "lam")
    return _sgd(
        jnp.asarray(X, dtype),
        jnp.asarray(labels),
        network,
        jax.random.split(key, validate.count(epochs, "epochs")),
        *(jnp.asarray(number, dtype) for number in numbers),
        batch=batch,
    )


@partial(jax.jit, static_argnames="batch")
def _sgd(X, labels, network, keys, step_size, lam, *, batch):
    batches = len(X) // batch

    def step(net, chosen):
        slope = jax.grad(objectives.weakly_regularised)(net, X[chosen], labels[chosen], lam)
        return moved(net, -step_size, slope), None

    def epoch(net, key):
        order = jax.random.permutation(key, len(X))[: batches * batch]
        return lax.scan(step, net, order.reshape(batches, batch))[0], None

    return lax.scan(epoch, network, keys)[0]
