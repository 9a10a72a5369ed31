"""The work of Figure 3: its scales, its pieces and the methods that are compared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

from margintheory import data, l1svm, margins, training
from margintheory.experiments import images
from margintheory.experiments.run import Chunk
from margintheory.experiments.store import Checkpoint
from margintheory.networks import Deep

TITLE = "Figure 3: margin and test error against width, teacher data and digits"
ASCENT_INIT = 0.3
CLASSES = 10
PIECES = 10  # in which the epochs on the digits are run, with a checkpoint after each
Measured: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Config:
    """One scale of the experiment. Where the paper is silent the value is ours, and says so."""

    widths: tuple[int, ...]
    trials: int
    block: int  # trials in one chunk
    steps: int
    climbed: int  # trials in which normalised descent and ascent are run
    bracketed: int  # trials in which the maximum margin is bracketed
    digit_widths: tuple[int, ...]
    digit_trials: int
    digit_epochs: int
    digit_step: float
    shrunk: bool = False  # digits of 14×14 pixels in place of 28×28
    full_mnist: bool = False  # else 4,000 and 1,000 of its digits
    inits: tuple[float, ...] = (0.1, 0.3, 1.0)  # ours: u ~ N(0, s²/d), w ~ N(0, s²/m), s = 1 usual
    digit_inits: tuple[float, ...] = (0.1, 1.0)  # ours, likewise
    n: int = 200  # ours
    n_test: int = 2000  # ours
    d: int = 20
    units: int = 10
    margin: float = 0.01
    lam: float = 1e-5
    step_size: float = 0.1
    normalised_step: float = 0.1  # ours
    ascent_steps: int = 4000  # ours
    digit_batch: int = 50  # ours
    digit_lam: float = 1e-6
    first: int = 0  # trial


def _powers(first: int, last: int) -> tuple[int, ...]:
    return tuple(2**i for i in range(first, last + 1))


SCALES = {
    "quick": Config((16, 64, 256), 8, 8, 4000, 8, 0, (64, 256), 1, 30, 1.0, shrunk=True, first=200),
    "recorded": Config(_powers(4, 10), 20, 5, 20000, 10, 10, _powers(6, 12), 3, 30, 0.5),
    "paper": Config(
        _powers(4, 10), 20, 5, 80000, 20, 20, _powers(6, 15), 1, 600, 0.01, full_mnist=True
    ),
}


def chunks(config: Config) -> list[Chunk]:
    """Each method at each width, some trials at a time."""
    found = []

    def add(method, cost, trials, **parameters):
        end = config.first + trials
        for start in range(config.first, end, config.block):
            some = tuple(range(start, min(start + config.block, end)))
            name = "-".join(map(str, ("teacher", method, *parameters.values(), start)))
            whole = {"method": method, **parameters, "trials": some}
            found.append(Chunk(name, 3 + cost * len(some), whole))

    for width in config.widths:
        cost = config.n * width * 1e-9
        for init in config.inits:
            add("descent", config.steps * cost, config.trials, width=width, init=init)
        add("normalised", 1.5 * config.steps * cost, config.climbed, width=width)
        add("ascent", 2 * config.ascent_steps * cost, config.climbed, width=width)
    add("bracket", 0.1 * config.n, config.bracketed)
    for width in config.digit_widths:
        for init in config.digit_inits:
            for trial in range(config.first, config.first + config.digit_trials):
                parameters = {"method": "digits", "width": width, "init": init, "trials": (trial,)}
                cost = 6e-5 * width * config.digit_epochs * (15 if config.full_mnist else 1)
                found.append(Chunk(f"digits-{width}-{init}-{trial}", cost, parameters))
    return found


def measure(config: Config, chunk: Chunk, checkpoint: Checkpoint | None = None) -> Measured:
    """The numbers of one chunk, a list with an entry for each trial under each name."""
    parameters = dict(chunk.parameters)
    method = parameters.pop("method")
    if method == "digits":
        parameters["checkpoint"] = checkpoint or Checkpoint()
    return METHODS[method](config, **parameters)


def sample(config: Config, trials: Sequence[int]) -> data.TeacherSets:
    """The data of some trials, the same for every width."""
    return data.teacher_sets(
        trials,
        config.n,
        units=config.units,
        n_test=config.n_test,
        d=config.d,
        margin=config.margin,
    )


def descent(config: Config, width: int, trials: Sequence[int], init: float) -> Measured:
    """The network after gradient descent with a fixed step, as in the paper."""
    sets = sample(config, trials)
    trained = training.train(
        sets.X,
        sets.y,
        training.initial_networks(np.array(trials), width, config.d, scale=init),
        lam=config.lam,
        steps=config.steps,
        step_size=config.step_size,
    )
    return judged(trained, sets)


def normalised(config: Config, width: int, trials: Sequence[int]) -> Measured:
    """The network after normalised descent without regularisation."""
    sets = sample(config, trials)
    trained = training.train(
        sets.X,
        sets.y,
        training.initial_networks(np.array(trials), width, config.d, scale=ASCENT_INIT),
        rule="normalised",
        steps=config.steps,
        step_size=config.normalised_step,
    )
    return judged(trained, sets)


def ascent(config: Config, width: int, trials: Sequence[int]) -> Measured:
    """The network after ascent on the smoothed margin: nearly the largest margin of its width."""
    sets = sample(config, trials)
    start = training.initial_networks(np.array(trials), width, config.d, scale=ASCENT_INIT)
    return judged(training.ascend_margin(sets.X, sets.y, start, steps=config.ascent_steps), sets)


def judged(trained: training.Trained, sets: data.TeacherSets) -> Measured:
    """Normalised margin and share of wrong signs on the test set."""
    scores = training.scores(trained.network, sets.X_test)
    return {"margin": trained.margin, "test": (scores * sets.y_test <= 0).mean(axis=1)}


def bracket(config: Config, trials: Sequence[int]) -> Measured:
    """The certified bracket γ_ℓ1/2 of the maximum normalised margin over all widths."""
    sets = sample(config, trials)
    solved = [l1svm.max_margin(X, y) for X, y in zip(sets.X, sets.y, strict=True)]
    return {
        "lower": [svm.lower / 2 for svm in solved],
        "upper": [svm.upper / 2 for svm in solved],
    }


def digits(
    config: Config, width: int, trials: Sequence[int], init: float, checkpoint: Checkpoint
) -> Measured:
    """A network with ten outputs after stochastic gradient descent on the digits."""
    pictures = images.mnist() if config.full_mnist else images.mnist_subset()
    pictures = images.shrunk(pictures) if config.shrunk else pictures
    X, X_test = (part.reshape(len(part), -1) for part in (pictures.X, pictures.X_test))
    (trial,) = trials
    start_key, order_key = jax.random.split(jax.random.key(trial))
    kept = checkpoint.load() or _start(start_key, X.shape[1], width, init)
    for piece in range(int(kept["pieces"]), PIECES):
        trained = training.sgd(
            X,
            pictures.y,
            _network(kept),
            jax.random.fold_in(order_key, piece),
            epochs=config.digit_epochs // PIECES,
            batch=config.digit_batch,
            step_size=config.digit_step,
            lam=config.digit_lam,
        )
        W_1, W_2 = map(np.asarray, trained.weights)
        kept = {"W_1": W_1, "W_2": W_2, "pieces": np.array(piece + 1)}
        checkpoint.save(kept)
    trained = jax.tree.map(lambda W: W.astype(jnp.float64), _network(kept))
    wrong = np.argmax(trained(X_test), axis=1) != pictures.y_test
    margin = margins.normalised_margin(trained, X, pictures.y)
    return {"margin": [float(margin)], "test": [float(wrong.mean())]}


def _start(key, d: int, width: int, scale: float) -> dict[str, np.ndarray]:
    """W_1 ~ N(0, scale²/d) and W_2 ~ N(0, scale²/width) in each entry, as for two layers."""
    first, second = jax.random.split(key)
    W_1 = scale * d**-0.5 * jax.random.normal(first, (width, d), jnp.float32)
    W_2 = scale * width**-0.5 * jax.random.normal(second, (CLASSES, width), jnp.float32)
    return {"W_1": np.asarray(W_1), "W_2": np.asarray(W_2), "pieces": np.array(0)}


@jax.jit
def _network(kept) -> Deep:
    return Deep((kept["W_1"], kept["W_2"]))


METHODS: dict[str, Callable[..., Measured]] = {
    each.__name__: each for each in (descent, normalised, ascent, bracket, digits)
}
