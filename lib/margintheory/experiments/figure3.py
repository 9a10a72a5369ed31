"""Margin and test error against width: Figure 3, Sections 6 and F.2.

Left, a teacher of ten relu units labels Gaussian points and networks of many widths learn from
them; right, networks of many widths learn digits. The paper gives neither n nor the initialisation
nor the size of a mini-batch. The size of the start decides which way the margin goes, so it is an
axis here.

Theorem 3.3 speaks of the *maximum* margin of each width. Beside descent, as in the paper, stand
normalised descent and an ascent on the margin, which come near it, and a certified bracket of the
maximum over all widths. Margins are the paper's, min_i y_i f(x_i)/‖Θ‖²; they are negative where a
trial does not fit its data.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from margintheory import data, images, l1svm, margins, plots, training
from margintheory.experiments.run import Chunk, Results
from margintheory.experiments.store import Checkpoint
from margintheory.networks import Deep

TITLE = "Figure 3: margin and test error against width, teacher data and digits"
ASCENT_INIT = 0.3
CLASSES = 10
PIECES = 10  # in which the epochs on the digits are run, with a checkpoint after each
Measured: TypeAlias = dict[str, Any]


class Series(NamedTuple):
    """What one method reached: the widths, and a row for each trial."""

    widths: Int[np.ndarray, " widths"]
    trials: Float[np.ndarray, "trials widths"]


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

# ---------------------------------------------------------------------------------------------
# The pieces of the work
# ---------------------------------------------------------------------------------------------


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

# ---------------------------------------------------------------------------------------------
# Reading the results
# ---------------------------------------------------------------------------------------------


def gathered(results: Results, method: str, what: str, **parameters) -> Series:
    """What the chunks of a method measured; NaN where a trial is missing."""
    columns: dict[int, list[float]] = {}
    for chunk in chunks(results.config):
        its = {key: v for key, v in chunk.parameters.items() if key not in ("width", "trials")}
        if its == {"method": method, **parameters}:
            missing = {what: [np.nan] * len(chunk.parameters["trials"])}
            values = results.chunks.get(chunk.name, missing)[what]
            columns.setdefault(chunk.parameters.get("width", 0), []).extend(values)
    trials = np.array(list(columns.values()), float)
    return Series(np.array(list(columns), int), np.atleast_2d(trials).T)


def where_fitted(results: Results, method: str, what: str, **parameters) -> Series:
    """The same over the trials that fit their data, NaN in the place of the others."""
    found = gathered(results, method, what, **parameters)
    margin = gathered(results, method, "margin", **parameters).trials
    return Series(found.widths, np.where(margin > 0, found.trials, np.nan))


def best_margins(results: Results) -> Series:
    """The best margin known for each width: a narrower network is also a wide one (Theorem 3.3)."""
    climbs = [gathered(results, method, "margin") for method in ("ascent", "normalised")]
    best = np.fmax(*(climb.trials for climb in climbs))
    return Series(climbs[0].widths, np.fmax.accumulate(best, axis=1))


def reached(results: Results, method: str, **parameters) -> Series:
    """The share of the best margin known for all widths; zero where a trial does not fit."""
    found = gathered(results, method, "margin", **parameters)
    best = best_margins(results).trials[:, -1]
    best = np.fmax(best, _padded(gathered(results, "bracket", "lower").trials.ravel(), len(best)))
    share = np.maximum(found.trials[: len(best)], 0) / best[:, None]
    return Series(found.widths, share)


def _padded(values, length):
    return np.append(values, np.full(length - len(values), np.nan))


LOOKS = {0.1: (plots.GREEN, "o-"), 0.3: (plots.ORANGE, "s--"), 1.0: (plots.RED, "v:")}


def draw(results: Results, recorded: Results | None = None) -> plots.Figure:
    """Figure 3, left: margin and test error of descent; recorded results are drawn fainter."""
    return _against_width("descent", results, recorded, "inits")


def draw_digits(results: Results, recorded: Results | None = None) -> plots.Figure:
    """Figure 3, right: margin and test error on digits."""
    return _against_width("digits", results, recorded, "digit_inits")


def _against_width(method, results, recorded, inits):
    fig, axes = plots.panels(2)
    for ax, what, name in zip(axes, ("margin", "test"), ("margin", "test error"), strict=True):
        titles = []
        for each, faint in ((results, False), (recorded, True)):
            for init in getattr(each.config, inits) if each is not None else ():
                found = where_fitted(each, method, what, init=init)
                drawn = found.trials
                if len(drawn) < 3:  # a band would say nothing else
                    drawn = drawn.mean(axis=0, keepdims=True)
                colour, style = LOOKS[init]
                look = {"color": colour, "alpha": 0.45 if faint else 1.0, "markersize": 4}
                label = {} if faint else {"label": f"start {init:g}"}
                plots.band(ax, found.widths, drawn, style, **look, **label)
            if each is not None:
                number = len(found.trials)
                shown = f"mean of {number}" if number < 3 else f"95 % band of {number} trials"
                titles.append(f"faint, recorded: {shown}" if faint else shown)
        _widths(ax, name)
    _legend(axes[1], "\n".join(titles))
    return fig


def draw_averages(results: Results, recorded: Results | None = None) -> plots.Figure:
    """How many trials fit, and the two averages of the test error, for the smallest start."""
    each = recorded or results
    init = min(each.config.inits)
    fig, (left, right) = plots.panels(2)
    for size, (colour, style) in LOOKS.items():
        margin = gathered(each, "descent", "margin", init=size)
        left.plot(
            margin.widths,
            (margin.trials > 0).mean(axis=0),
            style,
            color=colour,
            label=f"start {size:g}",
        )
    left.legend(title=f"{each.config.trials} trials", fontsize=8, title_fontsize=8)
    for read, name, colour, style in (
        (where_fitted, "trials that fit", plots.BLUE, "s--"),
        (gathered, "all trials", plots.GREEN, "o-"),
    ):
        found = read(each, "descent", "test", init=init)
        plots.band(right, found.widths, found.trials, style, color=colour, label=name)
    right.legend(title=f"start {init:g}, 95 % bands", fontsize=8, title_fontsize=8)
    _widths(left, "share of trials that fit")
    _widths(right, "test error")
    return fig


# label, method and its parameters, colour and style
REACHED: tuple[
    tuple[str, str, dict[str, float], str, str], ...
] = (  # label, method and parameters, colour and style
    ("ascent on the margin", "ascent", {}, plots.BLUE, "D-."),
    ("normalised descent", "normalised", {}, plots.PURPLE, "^-"),
    ("descent, start 0.1", "descent", {"init": 0.1}, *LOOKS[0.1]),
    ("descent, start 0.3", "descent", {"init": 0.3}, *LOOKS[0.3]),
    ("descent, start 1", "descent", {"init": 1.0}, *LOOKS[1.0]),
)


def draw_reached(results: Results, recorded: Results | None = None) -> plots.Figure:
    """The share of the maximum margin that each method reaches, and its test error."""
    each = recorded or results
    fig, (left, right) = plots.panels(2)
    for label, method, parameters, colour, style in REACHED:
        look = {"color": colour, "markersize": 4}
        share = reached(each, method, **parameters)
        plots.band(left, share.widths, share.trials, style, **look)
        test = gathered(each, method, "test", **parameters)
        trials = test.trials[: each.config.climbed]
        plots.band(right, test.widths, trials, style, label=label, **look)
    _widths(left, "share of the best margin known")
    left.set_ylim(0, 1.05)
    _widths(right, "test error, all trials")
    _legend(right, f"{each.config.climbed} trials, 95 % bands")
    return fig


def _legend(ax, title):
    """A legend in the upper right corner, and room for it."""
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.3 * (high - low))
    ax.legend(title=title, fontsize=8, title_fontsize=8, loc="upper right")


def _widths(ax, ylabel):
    widths = sorted({int(x) for line in ax.get_lines() for x in line.get_xdata()})
    ax.set(xscale="log", xlabel="width m", ylabel=ylabel)
    ax.set_xticks(widths, labels=widths)
    ax.minorticks_off()


FIGURES = {
    "figure3": draw,
    "figure3-digits": draw_digits,
    "figure3-averages": draw_averages,
    "figure3-reached": draw_reached,
}


def table(results: Results) -> str:
    """Mean over the trials that fit, and how many these are, for each width."""
    lines = []
    rows = [("descent", {"init": init}) for init in results.config.inits]
    rows += [("normalised", {}), ("ascent", {})]
    rows += [("digits", {"init": init}) for init in results.config.digit_inits]
    for method, parameters in rows:
        margin = where_fitted(results, method, "margin", **parameters)
        test = gathered(results, method, "test", **parameters).trials
        lines.append(f"{method} {' '.join(f'{k} {v:g}' for k, v in parameters.items())}")
        for k, width in enumerate(margin.widths):
            fitted = np.isfinite(margin.trials[:, k])
            mean = margin.trials[fitted, k].mean() if fitted.any() else np.nan
            lines.append(
                f"  width {width:6d}  fit {fitted.sum():3d} of {len(fitted):3d}"
                f"  margin {mean:.5f}  test error {test[:, k].mean():.4f}"
            )
    return "\n".join(lines)
