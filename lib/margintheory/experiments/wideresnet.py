"""A 16-layer wide residual network without batch normalisation, and its training: Section F.4.

Three stages of two blocks x + W_2 ∗ relu(W_1 ∗ relu(x)), of 16k, 32k and 64k channels, between a
first convolution and, after the mean over all pixels, a linear layer. Where stage or size changes a
1×1 convolution takes the place of the identity. There are no biases. Batch normalisation is left
out as in the paper; what the paper does instead for the start is not said. Here the second
convolution of each block starts small, so that the network starts near a shallow one.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from margintheory.arrays import Leaf

BLOCKS = 2  # in each of three stages: with the 1×1 ones there are 6·2 + 4 = 16 convolutions
MOMENTUM = 0.9  # Nesterov's, as in the paper that introduced the architecture
SMALL = 0.3  # the second convolution of a block starts at this share of the usual scale
PAD = 4  # pixels that a crop may move by


class Block(NamedTuple):
    """The kernels of a residual block; `skip` is None where the identity fits."""

    first: Float[Array, "3 3 channels wider"]
    second: Float[Array, "3 3 wider wider"]
    skip: Float[Array, "1 1 channels wider"] | None


class WideResNet(NamedTuple):
    """All weights, which are also all parameters."""

    first: Float[Array, "3 3 channels 16"]
    blocks: tuple[Block, ...]
    last: Float[Array, "channels classes"]


def initial(seed: int, factor: int, channels: int, classes: int) -> WideResNet:
    """Random weights with variance 2/(number of inputs), which relus keep, in float32."""
    rng = np.random.default_rng(seed)

    def kernel(side, inputs, outputs, share=1.0):
        scale = share * (2 / (side**2 * inputs)) ** 0.5
        return jnp.asarray(scale * rng.normal(size=(side, side, inputs, outputs)), jnp.float32)

    first, blocks, width = kernel(3, channels, 16), [], 16
    for wider in (16 * factor, 32 * factor, 64 * factor):
        for _ in range(BLOCKS):
            skip = kernel(1, width, wider, 0.5**0.5) if width != wider else None
            new = Block(kernel(3, width, wider), kernel(3, wider, wider, SMALL), skip)
            blocks.append(new)
            width = wider
    return WideResNet(first, tuple(blocks), kernel(1, width, classes, 0.5**0.5)[0, 0])


def convolved(
    X: Float[Leaf, "n height width inputs"],
    kernel: Float[Leaf, "side side inputs outputs"],
    stride: int = 1,
) -> Float[Array, "n _ _ outputs"]:
    """X ∗ kernel with zeros around, as one matrix product over shifted copies.

    XLA's own convolution trains ten times slower on a processor.
    """
    side, _, inputs, outputs = kernel.shape
    around = [(0, 0), (side // 2, side // 2), (side // 2, side // 2), (0, 0)]
    rows = _copies(jnp.pad(X, around), side, stride, axis=1)
    both = _copies(rows, side, stride, axis=2)  # the last axis: column, row, channel
    return both @ kernel.swapaxes(0, 1).reshape(side**2 * inputs, outputs)


def _copies(X, side: int, stride: int, axis: int):
    """The shifts of X along an axis that a kernel of this side sees, beside each other."""
    last = X.shape[axis] - side
    shifted = [jax.lax.slice_in_dim(X, i, i + last + 1, stride, axis=axis) for i in range(side)]
    return jnp.concatenate(shifted, axis=-1)


def scores(net: WideResNet, X: Float[Array, "n side side channels"]) -> Float[Array, "n classes"]:
    """The scores of all classes."""
    h = convolved(X, net.first)
    for k, block in enumerate(net.blocks):
        stride = 2 if k in (BLOCKS, 2 * BLOCKS) else 1  # the later stages begin with half the size
        active = jax.nn.relu(h)
        skipped = h if block.skip is None else convolved(active, block.skip, stride)
        inner = jax.nn.relu(convolved(active, block.first, stride))
        h = skipped + convolved(inner, block.second)
    return jax.nn.relu(h).mean(axis=(1, 2)) @ net.last


def error(net: WideResNet, X, y, batch: int = 100) -> float:
    """The share of images of which another class has the highest score."""
    wrong = [
        jnp.sum(_classes(net, X[i : i + batch]) != y[i : i + batch])
        for i in range(0, len(X), batch)
    ]
    return float(sum(wrong)) / len(X)


@jax.jit
def _classes(net, X):
    return scores(net, X).argmax(axis=1)


@partial(jax.jit, static_argnames=("batch", "augmented"), donate_argnums=(0, 1))
def epoch(
    net: WideResNet,
    velocity: WideResNet,
    key: Array,
    X: Float[Array, "n side side channels"],
    y: Int[Array, " n"],
    step_size: Float[Array, ""],
    decay: Float[Array, ""],
    *,
    batch: int,
    augmented: bool,
) -> tuple[WideResNet, WideResNet, Float[Array, ""]]:
    """One pass over the images in random order; also the mean loss on the way.

    Stochastic gradient descent with Nesterov's momentum on the cross-entropy plus
    (decay/2)‖Θ‖², the convention of weight decay: in the notation of the theory λ is decay/2.
    """
    order_key, crop_key = jax.random.split(key)
    steps = len(X) // batch
    orders = jax.random.permutation(order_key, len(X))[: steps * batch].reshape(steps, batch)

    def step(state, turn):
        net, velocity = state
        order, key = turn
        images = crop_and_flip(key, X[order]) if augmented else X[order]
        value, gradient = jax.value_and_grad(loss)(net, images, y[order])
        gradient = jax.tree.map(lambda g, p: g + decay * p, gradient, net)
        velocity = jax.tree.map(lambda v, g: MOMENTUM * v + g, velocity, gradient)
        net = jax.tree.map(
            lambda p, g, v: p - step_size * (g + MOMENTUM * v), net, gradient, velocity
        )
        return (net, velocity), value

    turns = orders, jax.random.split(crop_key, steps)
    (net, velocity), values = jax.lax.scan(step, (net, velocity), turns)
    return net, velocity, values.mean()


def loss(net: WideResNet, X, y):
    """The mean cross-entropy."""
    f = scores(net, X)
    right = jnp.take_along_axis(f, y[:, None], axis=1)[:, 0]
    return jnp.mean(jax.nn.logsumexp(f, axis=1) - right)


def crop_and_flip(key: Array, X: Float[Array, "n side side channels"]):
    """Each image moved by up to 4 pixels, with zeros where it leaves, and half of them mirrored."""
    shift_key, flip_key = jax.random.split(key)
    shifts = jax.random.randint(shift_key, (len(X), 2), 0, 2 * PAD + 1)
    padded = jnp.pad(X, [(0, 0), (PAD, PAD), (PAD, PAD), (0, 0)])
    moved = jax.vmap(lambda image, at: jax.lax.dynamic_slice(image, (*at, 0), X.shape[1:]))(
        padded, shifts
    )
    mirrored = jax.random.bernoulli(flip_key, 0.5, (len(X), 1, 1, 1))
    return jnp.where(mirrored, moved[:, :, ::-1], moved)


def falling(start: float, factors: Sequence[tuple[int, float]], at: float) -> float:
    """The value at a time: `start`, multiplied by each factor whose time has come."""
    value = start
    for time, factor in factors:
        value *= factor if at >= time else 1.0
    return value
