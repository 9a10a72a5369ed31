"""Annealed against fixed weight decay: Table 1, Section F.4.

The paper's numbers are repeated beside what was run here. At the quick and the recorded scale the
images are real digits at half resolution: a test of the code from end to end, with the paper's
schedules squeezed into fewer epochs, and not a reproduction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from margintheory import plots
from margintheory.experiments import images, wideresnet
from margintheory.experiments.run import Chunk, Results
from margintheory.experiments.store import Checkpoint
from margintheory.experiments.wideresnet import falling

TITLE = "Table 1: weight decay, annealed and fixed, on a 16-layer wide residual network"
VARIANTS = ("annealed", "fixed")
PAPER = {  # test errors in per cent, one number for each data set and variant
    "CIFAR-10": {"annealed": 5.86, "fixed": 6.01},
    "CIFAR-100": {"annealed": 26.22, "fixed": 27.00},
}
EPOCHS = 200  # the paper's; its milestones are multiples of 1/200 of the training
STEP_SIZES = ((60, 0.2), (120, 0.2), (160, 0.2))
DECAYS = {  # the start and what multiplies it when
    "CIFAR-10": (2e-4, ((60, 0.2), (90, 0.5), (120, 0.5), (140, 0.5), (160, 0.5))),
    "CIFAR-100": (5e-4, ((60, 0.2), (120, 0.2), (160, 0.2))),
    "digits": (5e-4, ((60, 0.2), (120, 0.2), (160, 0.2))),  # ours: CIFAR-100's
}


@dataclass(frozen=True)
class Config:
    """One scale of the experiment. Where the paper is silent the value is ours, and says so."""

    datasets: tuple[str, ...]
    seeds: int  # the paper's number of runs is not given
    epochs: int
    factor: int  # k; the paper's is not given
    train: int  # at most so many training images
    step_size: float = 0.1
    batch: int = 128  # ours
    augmented: bool = True  # ours: crops and mirror images
    saved_every: int = 1  # epochs between checkpoints
    first: int = 0  # seed

    @property
    def all_seeds(self) -> range:
        """The seeds of the pairs of runs."""
        return range(self.first, self.first + self.seeds)


SCALES = {
    "quick": Config(("digits",), 8, 4, 1, 250, 0.025, 25, False, first=200),
    "recorded": Config(("digits",), 4, 10, 1, 800, 0.025, 25, False),
    "paper": Config(("CIFAR-10", "CIFAR-100"), 5, EPOCHS, 4, 50000),
}
SOURCES: dict[str, Callable[[], images.Images]] = {
    "digits": lambda: images.shrunk(images.mnist_subset()),
    "CIFAR-10": images.cifar10,
    "CIFAR-100": images.cifar100,
}


def chunks(config: Config) -> list[Chunk]:
    """One training run for each data set, variant and seed."""
    return [
        Chunk(f"{name}-{variant}-{seed}", 1.0, {"name": name, "variant": variant, "seed": seed})
        for name in config.datasets
        for seed in config.all_seeds
        for variant in VARIANTS
    ]


def schedule(config: Config, name: str, variant: str, epoch: int) -> tuple[float, float]:
    """Step size and weight decay of an epoch."""
    at = EPOCHS * epoch / config.epochs
    start, factors = DECAYS[name]
    return (
        falling(config.step_size, STEP_SIZES, at),
        falling(start, factors if variant == "annealed" else (), at),
    )


def measure(config: Config, chunk: Chunk, checkpoint: Checkpoint) -> dict[str, Any]:
    """Train one network; both variants of a seed start alike and see the images in one order."""
    name, variant, seed = (chunk.parameters[key] for key in ("name", "variant", "seed"))
    X, y, X_test, y_test, source = _prepared(config, name)
    net = wideresnet.initial(seed, config.factor, X.shape[-1], int(y.max()) + 1)
    before = wideresnet.error(net, X_test, y_test)
    state, losses = (net, jax.tree.map(jnp.zeros_like, net)), np.zeros(0)
    if (saved := checkpoint.load()) is not None:
        losses = saved.pop("losses")
        leaves = [jnp.asarray(saved[str(k)]) for k in range(len(saved))]
        state = jax.tree.unflatten(jax.tree.structure(state), leaves)
    for epoch in range(len(losses), config.epochs):
        step_size, decay = map(jnp.float32, schedule(config, name, variant, epoch))
        key = jax.random.fold_in(jax.random.key(seed), epoch)
        options = {"batch": config.batch, "augmented": config.augmented}
        *moved, value = wideresnet.epoch(*state, key, X, y, step_size, decay, **options)
        state, losses = tuple(moved), np.append(losses, float(value))
        if (epoch + 1) % config.saved_every == 0 and epoch + 1 < config.epochs:
            named = {str(k): np.asarray(leaf) for k, leaf in enumerate(jax.tree.leaves(state))}
            checkpoint.save({"losses": losses, **named})
    net = state[0]
    return {
        "test": wideresnet.error(net, X_test, y_test),
        "before": before,
        "train": wideresnet.error(net, X, y),
        "norm_squared": float(sum(jnp.sum(W**2) for W in jax.tree.leaves(net))),
        "losses": losses,
        "images": source,
        "numbers": [len(X), len(X_test)],
    }


def _prepared(config: Config, name: str):
    """Images with mean 0 and variance 1 over all training pixels."""
    X, y, X_test, y_test, source = SOURCES[name]()
    X, y = X[: config.train], y[: config.train]
    mean, deviation = X.mean(axis=(0, 1, 2)), X.std(axis=(0, 1, 2))
    normal = [jnp.asarray((part - mean) / deviation, jnp.float32) for part in (X, X_test)]
    return normal[0], jnp.asarray(y), normal[1], jnp.asarray(y_test), source


# ---------------------------------------------------------------------------------------------
# Reading the results
# ---------------------------------------------------------------------------------------------


def errors(results: Results, name: str) -> dict[str, np.ndarray]:
    """The test errors of both variants, an entry for each seed that both have finished."""
    both = [
        [results.chunks.get(f"{name}-{variant}-{seed}") for variant in VARIANTS]
        for seed in results.config.all_seeds
    ]
    pairs = [[run["test"] for run in pair if run] for pair in both if None not in pair]
    return dict(zip(VARIANTS, np.array(pairs).reshape(-1, 2).T, strict=True))


def table(results: Results) -> str:
    """The paper's table beside ours; what was not run says so."""
    names = [*PAPER, *(name for name in results.config.datasets if name not in PAPER)]
    lines = [f"{'test error, per cent':22}{'paper':>10}   here ({results.scale} scale)"]
    for name in names:
        here = errors(results, name) if name in results.config.datasets else {}
        for variant in VARIANTS:
            paper = f"{PAPER[name][variant]:.2f}" if name in PAPER else "–"
            lines.append(f"{name + ', ' + variant:22}{paper:>10}   {_mean(here.get(variant))}")
    return "\n".join(lines)


def _mean(values: np.ndarray | None) -> str:
    """Mean ± standard error over seeds."""
    if values is None or not len(values):
        return "not run here"
    if len(values) == 1:
        return f"{100 * values[0]:.2f} (one run)"
    spread = 100 * values.std(ddof=1) / len(values) ** 0.5
    return f"{100 * values.mean():.2f} ± {spread:.2f} ({len(values)} runs)"


def draw(results: Results, recorded: Results | None = None) -> plots.Figure:
    """The training loss along the epochs, and each pair of test errors; `recorded` adds pairs."""
    fig, (left, right) = plots.panels(2)
    name = results.config.datasets[0]
    colours = dict(zip(VARIANTS, (plots.BLUE, plots.ORANGE), strict=True))
    for variant, dashes in zip(VARIANTS, ("-", "--"), strict=True):
        runs = [run for key, run in results.chunks.items() if key.startswith(f"{name}-{variant}")]
        if runs:
            losses = np.array([run["losses"] for run in runs])
            label = f"{variant}, {len(runs)} runs"
            epochs = np.arange(1, losses.shape[1] + 1)
            plots.band(left, epochs, losses, dashes, color=colours[variant], label=label)
    for each, marker in ((results, "o"), (recorded, "s")):
        if each is not None:
            pairs = errors(each, name)
            fixed, annealed = 100 * pairs["fixed"], 100 * pairs["annealed"]
            right.plot(fixed, annealed, marker, label=f"{each.scale} runs", mfc="none")
    low, high = right.get_xlim()
    right.plot([low, high], [low, high], color=plots.GREY, linestyle=":", label="no difference")
    left.set(xlabel="epoch", ylabel="training loss", title=name)
    left.set_ylim(bottom=0)  # a band of few runs may reach below
    right.set(xlabel="test error with fixed decay, %", ylabel="with annealed decay, %")
    left.legend()
    right.legend()
    return fig


FIGURES = {"table1": draw}
