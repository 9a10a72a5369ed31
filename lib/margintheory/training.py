"""Gradient descent on two-layer networks for many trials at once: Section 6, F.1 and F.2.

Every trial has its own data and its own network; arrays carry the trial axis in front, and a
`TwoLayer` whose leaves do, w (T, m) and U (T, m, d), is a batch of networks. Trials are spread
over all devices that JAX sees, on all hosts, and each device takes them in chunks that stay in its
cache. Nothing here carries a certificate: descent finds a network, not the best one.

The loss of a well-trained network is far below the smallest float. Only its logarithm is kept, and
rules other than "fixed" descend on ln L_λ, whose gradient is a mean of the ∇f_i weighted by a
softmax.
"""

import os
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import Array, DTypeLike, Float, Int

from margintheory import objectives, validate
from margintheory.arrays import ArrayLike, Reals
from margintheory.networks import Deep, TwoLayer

Loss: TypeAlias = Literal["logistic", "squared"]
Rule: TypeAlias = Literal["fixed", "margin-aware", "normalised"]

CACHE = 2**18  # bytes of hidden units that one chunk of trials may hold
BETA = 10.0, 1e4  # the sharpness of the smoothed margin at the first and at the last step
TRIALS = PartitionSpec("trials")


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Trained:
    """A batch of trained networks and, in float64, what was reached.

    `log_loss: (T,)` is the logarithm of the mean loss without the penalty, `margin: (T,)` the
    normalised margin min_i y_i f(x_i)/‖Θ‖² (nan for the squared loss; a trial fits its data if it
    is positive) and `steps: (T,)` the number of steps that each trial took.
    """

    network: TwoLayer
    log_loss: Float[np.ndarray, " T"]
    margin: Float[np.ndarray, " T"]
    steps: Int[np.ndarray, " T"]


def one_device_per_core() -> None:
    """Let JAX see each processor core as a device of its own, over which trials are then spread.

    Needed before the first computation; afterwards JAX raises RuntimeError. It changes nothing
    where JAX uses an accelerator.
    """
    usable = getattr(os, "sched_getaffinity", None)  # Linux only
    cores = len(usable(0)) if usable else os.cpu_count() or 1
    jax.config.update("jax_num_cpu_devices", cores)


def initial_networks(
    seeds: Reals[ArrayLike, " T"],
    width: int,
    d: int,
    *,
    scale: float = 1.0,
    dtype: DTypeLike = jnp.float32,
) -> TwoLayer:
    """Random networks with u_j ~ N(0, scale²/d) and w_j ~ N(0, scale²/width) in each entry.

    One for each of the whole numbers `seeds`, whatever the others are. Raises ValueError for a
    size below one or a scale that is not positive.
    """
    width, d = validate.count(width, "width"), validate.count(d, "d")
    scale = validate.positive(scale, "scale")
    seeds = validate.finite_array(seeds, "seeds", ndim=1).astype(np.int64)

    def draw(seed):
        rng = np.random.default_rng((seed, width, d))
        return rng.normal(size=width) / width**0.5, rng.normal(size=(width, d)) / d**0.5

    w, U = (np.stack(part) for part in zip(*map(draw, seeds), strict=True))
    return jax.vmap(TwoLayer)(jnp.asarray(scale * w, dtype), jnp.asarray(scale * U, dtype))


def scores(networks: TwoLayer, X: Reals[ArrayLike, "T n d"]) -> Float[np.ndarray, "T n"]:
    """f(Θ_t; x_ti) in float64, one trial after the other: only one has its units in memory."""
    w, U, X = (np.asarray(a, float) for a in (networks.w, networks.U, X))
    return np.stack([np.maximum(x @ u.T, 0) @ v for x, u, v in zip(X, U, w, strict=True)])


def train(
    X: Reals[ArrayLike, "T n d"],
    y: Reals[ArrayLike, "T n"],
    networks: TwoLayer,
    *,
    loss: Loss = "logistic",
    lam: float = 0.0,
    steps: int,
    step_size: float,
    rule: Rule = "fixed",
    stop: float | None = None,
    chunk: int | None = None,
) -> Trained:
    """Full-batch gradient descent on L_λ(Θ) = loss + λ‖Θ‖², in the floating-point type of Θ.

    With the step size η a step is, by `rule`,

    - "fixed": Θ − η ∇L_λ(Θ);
    - "margin-aware": Θ − (η/‖Θ‖²) ∇ln L_λ(Θ), whose step grows as the loss falls;
    - "normalised": Θ − η ∇L_λ(Θ)/‖∇L_λ(Θ)‖.

    A trial ends before `steps` once the logarithm of its loss is at most `stop`; below
    ln(ln 2/n) the logistic loss proves that every label is fitted. `chunk` trials run together on
    a device; the default suits a processor's cache. Training keeps no other state than Θ: k steps
    and then l more are k + l steps.

    Raises ValueError for arrays that do not belong together or are not finite, labels other than
    ±1 with the logistic loss, and "margin-aware" or "normalised" with the squared loss.
    """
    _one_of(loss, ("logistic", "squared"), "loss")
    _one_of(rule, ("fixed", "margin-aware", "normalised"), "rule")
    if loss == "squared" and rule != "fixed":
        raise ValueError(f'the rule {rule!r} is for the logistic loss; use rule="fixed".')
    X, y = _trials(X, y, networks, labels=loss == "logistic")
    lam = validate.real(lam, "lam")
    if lam < 0:
        raise ValueError(f"lam must not be negative, got {lam:g}.")
    numbers = {
        "lam": lam,
        "steps": validate.count(steps, "steps", least=0),
        "step_size": validate.positive(step_size, "step_size"),
        "stop": None if stop is None else validate.real(stop, "stop"),
    }
    return _spread(_descend, (loss, rule), X, y, networks, chunk, numbers)


def ascend_margin(
    X: Reals[ArrayLike, "T n d"],
    y: Reals[ArrayLike, "T n"],
    networks: TwoLayer,
    *,
    steps: int = 4000,
    step_size: float = 1e-2,
    warm_up: int = 300,
    chunk: int | None = None,
) -> Trained:
    """Ascent on the smoothed margin −(1/β) ln Σ_i exp(−β v_i), v_i = 2 y_i f(x_i)/‖Θ‖².

    Adam with a step that falls to zero along a cosine while β rises from 10 to 10⁴, after
    `warm_up` steps on the logistic loss; the network with the best margin on the way is kept.
    It reaches more of the maximum margin than descent on the loss, and proves as little.

    Raises ValueError as `train` does.
    """
    X, y = _trials(X, y, networks, labels=True)
    numbers = {
        "steps": validate.count(steps, "steps"),
        "step_size": validate.positive(step_size, "step_size"),
        "warm_up": validate.count(warm_up, "warm_up", least=0),
    }
    return _spread(_ascend, ("logistic",), X, y, networks, chunk, numbers)


# ---------------------------------------------------------------------------------------------
# One trial: the rows of U are columns here, so that no large array is ever transposed
# ---------------------------------------------------------------------------------------------


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


def _moved(theta, by, direction):
    return jax.tree.map(lambda p, v: p + by * v, theta, direction)


def _log_losses(v):
    """ln ln(1 + e^{−v}), also where e^{−v} is zero in floating point."""
    tail = -v - jnp.exp(-v) / 2
    return jnp.where(v > 17, tail, jnp.log(jax.nn.softplus(-jnp.minimum(v, 17))))


def _log_loss(f, y, loss: Loss):
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
    return _moved(theta, -step_size, _moved(loss_gradient, 2 * lam, theta))


def _relative_step(theta, X, y, Z, f, lam, step_size, rule: Rule):
    """A step along ∇ln L_λ = q ∇ln L + (1 − q) 2Θ/‖Θ‖², where q = L/L_λ."""
    norm_squared = _norm_squared(theta)
    q = jax.nn.sigmoid(_log_loss(f, y, "logistic") - jnp.log(lam * norm_squared))
    loss_gradient = _gradient(theta, X, Z, q * _log_residuals(f, y))
    direction = _moved(loss_gradient, 2 * (1 - q) / norm_squared, theta)
    length = norm_squared if rule == "margin-aware" else jnp.sqrt(_norm_squared(direction))
    return _moved(theta, -step_size / jnp.maximum(length, jnp.finfo(f.dtype).tiny), direction)


def _descend(X, y, theta, loss: Loss, rule: Rule, *, lam, steps, step_size, stop):
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
        done = _log_loss(f, y, loss) <= stop
        moved = jax.tree.map(lambda p, q: jnp.where(done, p, q), theta, step(theta, Z, f))
        return k + ~done, moved, done

    start = jnp.zeros_like(steps), theta, jnp.array(False)
    k, theta, _ = lax.while_loop(lambda state: (state[0] < steps) & ~state[2], advance, start)
    return theta, k


def _ascend(X, y, theta, loss: Loss, *, steps, step_size, warm_up):
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
        uphill = _moved(up, -2 * (p @ v) / norm_squared, theta)
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
    return _moved(theta, (rate * unbiased).astype(rate.dtype), ratio), (first, second)


# ---------------------------------------------------------------------------------------------
# Many trials
# ---------------------------------------------------------------------------------------------


def _spread(one, options, X, y, networks: TwoLayer, chunk: int | None, numbers) -> Trained:
    """`one` for every trial, over all devices of all hosts.

    The trials are padded by copies of the last one until each device has the same number.
    """
    dtype, T = networks.w.dtype, len(X)
    mesh = Mesh(np.array(jax.devices()), ("trials",))
    if chunk is None:
        chunk = max(1, CACHE // (X.shape[1] * networks.w.shape[1] * dtype.itemsize))
    chunk = min(validate.count(chunk, "chunk"), -(-T // mesh.size))
    columns = np.swapaxes(np.asarray(networks.U), 1, 2)
    batch = [_sharded(a, dtype, mesh) for a in (X, y, columns, networks.w)]
    numbers = {
        name: np.asarray(v, dtype) if isinstance(v, float) else v for name, v in numbers.items()
    }
    done = _run(batch, numbers, one=one, options=options, chunk=chunk, mesh=mesh)
    Ut, w, steps = (_gathered(a)[:T] for a in done)
    trained = jax.vmap(TwoLayer)(jnp.asarray(w), jnp.asarray(np.swapaxes(Ut, 1, 2)))
    log_loss, margin = _reached(trained, X, y, loss=options[0])
    return Trained(trained, log_loss, margin, steps)


@partial(jax.jit, static_argnames=("one", "options", "chunk", "mesh"))
def _run(batch, numbers, *, one, options, chunk, mesh):
    def share(batch, numbers):
        def trial(arrays):
            X, y, *theta = arrays
            theta, steps = one(X, y, tuple(theta), *options, **numbers)
            return *theta, steps

        return lax.map(trial, batch, batch_size=chunk if chunk > 1 else None)

    specs = {"in_specs": (TRIALS, PartitionSpec()), "out_specs": TRIALS, "check_vma": False}
    return jax.shard_map(share, mesh=mesh, **specs)(batch, numbers)


def _reached(networks: TwoLayer, X, y, loss: Loss):
    """Logarithm of the loss and normalised margin of each trial, in float64."""
    f = scores(networks, X)
    w, U = np.asarray(networks.w, float), np.asarray(networks.U, float)
    margin = (y * f).min(axis=1) / ((w**2).sum(axis=1) + (U**2).sum(axis=(1, 2)))
    log_loss = np.asarray(_log_losses_of(f, y, loss=loss))
    return log_loss, np.full_like(margin, np.nan) if loss == "squared" else margin


@partial(jax.jit, static_argnames="loss")
def _log_losses_of(f, y, *, loss: Loss):
    return jax.vmap(partial(_log_loss, loss=loss))(f, y)


def _sharded(a, dtype, mesh: Mesh):
    """An array of all hosts' devices from the copy that each host has."""
    a = np.asarray(a, dtype)
    a = np.concatenate([a, np.repeat(a[-1:], -len(a) % mesh.size, axis=0)])
    return jax.make_array_from_callback(a.shape, NamedSharding(mesh, TRIALS), a.__getitem__)


def _gathered(a):
    """The whole of an array on every host."""
    if jax.process_count() == 1:
        return np.asarray(a)
    return multihost_utils.process_allgather(a, tiled=True)


def _trials(X, y, networks: TwoLayer, *, labels: bool):
    """Data and networks of the same number of trials, checked."""
    X = validate.finite_array(X, "X", ndim=3)
    y = validate.finite_array(y, "y", ndim=2)
    if y.shape != X.shape[:2]:
        raise ValueError(f"X {X.shape} needs y of shape {X.shape[:2]}, got {y.shape}.")
    if labels:
        validate.binary_labels(y.ravel(), y.size)
    w = validate.finite_array(networks.w, "networks.w", ndim=2)
    U = validate.finite_array(networks.U, "networks.U", ndim=3)
    if U.shape != (*w.shape, X.shape[2]) or len(w) != len(X):
        raise ValueError(
            f"{len(X)} trials in {X.shape[2]} dimensions need w (T, m) and U (T, m, d), "
            f"got {w.shape} and {U.shape}; batch networks with jax.vmap(TwoLayer)."
        )
    return X, y


def _one_of(value, allowed, name: str):
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {value!r}.")


# ---------------------------------------------------------------------------------------------
# Mini-batches, for the digits of Figure 3
# ---------------------------------------------------------------------------------------------


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
        return _moved(net, -step_size, slope), None

    def epoch(net, key):
        order = jax.random.permutation(key, len(X))[: batches * batch]
        return lax.scan(step, net, order.reshape(batches, batch))[0], None

    return lax.scan(epoch, network, keys)[0]
