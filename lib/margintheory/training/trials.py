"""Training many networks at once, each with its own data, and what was reached."""

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import DTypeLike, Float, Int

from margintheory import validate
from margintheory.arrays import ArrayLike, Reals
from margintheory.networks import TwoLayer
from margintheory.training.devices import spread
from margintheory.training.trial import Loss, Rule, ascend, descend, log_loss


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
    trained, steps_taken = spread(descend, (loss, rule), X, y, networks, chunk, numbers)
    return _reached(trained, steps_taken, X, y, loss)


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
    trained, steps_taken = spread(ascend, ("logistic",), X, y, networks, chunk, numbers)
    return _reached(trained, steps_taken, X, y, "logistic")


def _reached(networks: TwoLayer, steps, X, y, loss: Loss) -> Trained:
    """The networks with the logarithm of the loss and the normalised margin, in float64."""
    f = scores(networks, X)
    w, U = np.asarray(networks.w, float), np.asarray(networks.U, float)
    margin = (y * f).min(axis=1) / ((w**2).sum(axis=1) + (U**2).sum(axis=(1, 2)))
    log_loss = np.asarray(_log_losses_of(f, y, loss=loss))
    margin = np.full_like(margin, np.nan) if loss == "squared" else margin
    return Trained(networks, log_loss, margin, steps)


@partial(jax.jit, static_argnames="loss")
def _log_losses_of(f, y, *, loss: Loss):
    return jax.vmap(partial(log_loss, loss=loss))(f, y)


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
