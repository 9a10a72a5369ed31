"""Networks against the 2-norm kernel method: Figure 2, Sections 6 and F.1.

A teacher of six relu units labels Gaussian points. A network of width n, trained by descent, and
the kernel method of Section 4 learn from n of them; test errors and the leading terms of the bounds
are set against n. The paper gives neither its learning rate nor its initialisation nor its n. The
initialisation decides much, so it is an axis here.

Beside the trained networks stand what the paper could not show: the maximum margin in a certified
bracket, and how much of it descent, normalised descent and an ascent on the margin reach. Margins
are in units of γ_ℓ1 (equation 4.2): those of a measure of total variation one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Float, Int

from margintheory import bounds, data, kernels, l1svm, l2svm, plots, training
from margintheory.arrays import Numbers
from margintheory.experiments.run import Chunk, Results
from margintheory.experiments.store import Checkpoint
from margintheory.networks import TwoLayer

TITLE = "Figure 2: networks against the 2-norm kernel method, test error and bounds against n"
ASCENT_INIT = 0.3
COLOURS = (plots.BLUE, plots.GREEN, plots.PURPLE, plots.ORANGE, plots.RED, plots.GREY)
TASKS = ("classification", "regression")
Task: TypeAlias = Literal["classification", "regression"]
Measured: TypeAlias = dict[str, Any]


class Series(NamedTuple):
    """What one method reached: the sizes n, and a row for each trial."""

    sizes: Int[np.ndarray, " sizes"]
    trials: Float[np.ndarray, "trials sizes"]


@dataclass(frozen=True)
class Config:
    """One scale of the experiment. Where the paper is silent the value is ours, and says so."""

    sizes: tuple[int, ...]  # n; the paper's grid is not given
    trials: int
    block: int  # trials in one chunk
    steps: int
    bracketed: tuple[int, ...]  # the n at which the maximum margin is bracketed
    bracketed_trials: int
    inits: tuple[float, ...] = (0.1, 0.3, 1.0)  # ours: u ~ N(0, s²/d), w ~ N(0, s²/n), s = 1 usual
    d: int = 20
    units: int = 6
    margin: float = 0.1
    lam: float = 1e-8
    n_test: int = 2000  # ours
    step_times_width: tuple[float, float] = (40.0, 4.0)  # ours; one step for all n diverges
    teacher: tuple[float, float] = (1.0, 20**-0.5)  # ours: the teacher's u ~ N(0, s²)
    normalised_step: float = 0.1  # ours
    ascent_steps: int = 4000  # ours
    first: int = 0  # trial


SCALES = {
    "quick": Config((25, 50, 100, 200), 10, 10, 2500, (25,), 10, ascent_steps=2500, first=200),
    "recorded": Config((25, 50, 100, 200, 400), 16, 4, 20000, (25, 50, 100), 6),
    "paper": Config((25, 50, 100, 200, 400, 800), 100, 10, 20000, (25, 50, 100, 200), 20),
}

# ---------------------------------------------------------------------------------------------
# The pieces of the work
# ---------------------------------------------------------------------------------------------


def chunks(config: Config) -> list[Chunk]:
    """Each method on each size, some trials at a time, and the control with random labels."""
    found = []

    def add(method, task, n, cost, trials=config.trials, **more):
        end = config.first + trials
        for start in range(config.first, end, config.block):
            some = range(start, min(start + config.block, end))
            name = "-".join([task, method, f"n{n}", *map(str, more.values()), f"{start}"])
            parameters = {"task": task, "n": n, "trials": tuple(some), **more}
            found.append(Chunk(name, 0.5 + cost * len(some), {"method": method, **parameters}))

    for n in config.sizes:
        descent = config.steps * n**2 * 1e-9
        for task in TASKS:
            add("kernel", task, n, 0.02)
            for init in config.inits:
                add("descent", task, n, descent, init=init)
        add("ascent", "classification", n, 2 * config.ascent_steps * n**2 * 1e-9)
        if n in config.bracketed:
            few = config.bracketed_trials
            add("normalised", "classification", n, 1.5 * descent, few)
            add("bracket", "classification", n, 0.06 * n, few)
    n, random = config.sizes[-1], {"labels": "random"}
    add("kernel", "classification", n, 0.02, **random)
    cost = config.steps * n**2 * 1e-9
    add("descent", "classification", n, cost, init=min(config.inits), **random)
    return found


def measure(config: Config, chunk: Chunk, checkpoint: Checkpoint | None = None) -> Measured:
    """The numbers of one chunk, a list with an entry for each trial under each name."""
    parameters = dict(chunk.parameters)
    return METHODS[parameters.pop("method")](config, **parameters)


def sample(
    config: Config, task: Task, n: int, trials: Sequence[int], labels: str = "true"
) -> data.TeacherSets:
    """The data of some trials; "random" gives each training label a random sign."""
    which = TASKS.index(task)
    sets = data.teacher_sets(
        trials,
        n,
        units=config.units,
        n_test=config.n_test,
        d=config.d,
        margin=config.margin,
        scale=config.teacher[which],
        task=task,
    )
    if labels == "true":
        return sets
    signs = [np.random.default_rng((trial, n)).choice([-1.0, 1.0], n) for trial in trials]
    return sets._replace(y=sets.y * np.stack(signs))


def error(task: Task, scores, y) -> Float[Numbers, "*trials"]:
    """The share of wrong signs, or the mean square error."""
    scores, y = np.asarray(scores, float), np.asarray(y)
    wrong = scores * y <= 0 if task == "classification" else (scores - y) ** 2
    return wrong.mean(axis=-1)


# ---------------------------------------------------------------------------------------------
# The methods
# ---------------------------------------------------------------------------------------------


def kernel(config: Config, task: Task, n: int, trials: Sequence[int], labels="true") -> Measured:
    """The 2-norm SVM (4.3), or the interpolant of least 2-norm (Claim D.12), over all relus.

    `strength` is √κ‖α‖₂ of the function that has margin 1, or interpolates.
    """
    sets = sample(config, task, n, trials, labels)

    def one(X, y, X_test, y_test):
        K = np.asarray(kernels.relu_kernel(X))
        if task == "classification":
            svm = l2svm.max_margin(K, y)
            coefficients, strength = svm.dual * y, 1 / svm.lower
        else:
            coefficients = np.linalg.solve(K, y)
            strength = np.sqrt(y @ coefficients)
        scores = np.asarray(kernels.relu_kernel(X_test, X)) @ coefficients
        complexity = bounds.relu_ball_complexity(strength, np.linalg.norm(X), n, config.d)
        return error(task, scores, y_test), 4 * complexity, strength

    columns = zip(*map(one, *sets), strict=True)
    return dict(zip(("test", "bound", "strength"), map(list, columns), strict=True))


def descent(
    config: Config, task: Task, n: int, trials: Sequence[int], init: float, labels="true"
) -> Measured:
    """The network of width n after gradient descent, as in the paper."""
    sets = sample(config, task, n, trials, labels)
    trained = training.train(
        sets.X,
        sets.y,
        training.initial_networks(np.array(trials), n, config.d, scale=init),
        loss="logistic" if task == "classification" else "squared",
        lam=config.lam,
        steps=config.steps,
        step_size=config.step_times_width[TASKS.index(task)] / n,
    )
    return judged(task, trained.network, sets)


def normalised(config: Config, task: Task, n: int, trials: Sequence[int]) -> Measured:
    """The network after normalised descent without regularisation."""
    sets = sample(config, task, n, trials)
    start = training.initial_networks(np.array(trials), n, config.d, scale=ASCENT_INIT)
    trained = training.train(
        sets.X,
        sets.y,
        start,
        rule="normalised",
        steps=config.steps,
        step_size=config.normalised_step,
    )
    return judged(task, trained.network, sets)


def ascent(config: Config, task: Task, n: int, trials: Sequence[int]) -> Measured:
    """The network after ascent on the smoothed margin: nearly the largest margin."""
    sets = sample(config, task, n, trials)
    start = training.initial_networks(np.array(trials), n, config.d, scale=ASCENT_INIT)
    trained = training.ascend_margin(sets.X, sets.y, start, steps=config.ascent_steps)
    return judged(task, trained.network, sets)


def bracket(config: Config, task: Task, n: int, trials: Sequence[int]) -> Measured:
    """The certified bracket of γ_ℓ1 and the measure of its lower end."""
    sets = sample(config, task, n, trials)
    solved = [l1svm.max_margin(X, y) for X, y in zip(sets.X, sets.y, strict=True)]
    scores = [
        np.maximum(X @ svm.atoms.T, 0) @ svm.weights
        for svm, X in zip(solved, sets.X_test, strict=True)
    ]
    return {
        "test": error(task, scores, sets.y_test),
        "lower": [svm.lower for svm in solved],
        "upper": [svm.upper for svm in solved],
        "bound": [network_term(1 / svm.lower, X) for svm, X in zip(solved, sets.X, strict=True)],
    }


METHODS: dict[str, Callable[..., Measured]] = {
    each.__name__: each for each in (kernel, descent, normalised, ascent, bracket)
}


def network_term(strength, X):
    """8‖α‖₁‖X‖_F/n, the leading term of Proposition 3.1 (at ‖α‖₁ = 1/γ_ℓ1) and of Lemma D.8.

    Proposition 3.1 with the complexity ‖X‖_F/n has 4‖X‖_F/(nγ̄), and γ̄ = γ_ℓ1/2.
    """
    return 8 * strength * bounds.two_layer_complexity(np.linalg.norm(X), len(X))


def judged(task: Task, trained: TwoLayer, sets: data.TeacherSets) -> Measured:
    """Test error, leading term of the bound and, for classification, the margin of each network.

    `margin` is that of the measure of the network, in units of γ_ℓ1: it does not change if neurons
    are rescaled. `unbalanced` is the paper's, 2 min y f/‖Θ‖², which is no larger. Both are NaN,
    and so is the bound, where a trial does not fit its data.
    """
    norms, squares = _norms(trained)
    measured = {"test": error(task, training.scores(trained, sets.X_test), sets.y_test)}
    scores = training.scores(trained, sets.X)
    if task == "classification":
        worst = (scores * sets.y).min(axis=1)
        worst = np.where(worst > 0, worst, np.nan)
        strengths = norms / worst
        measured |= {"margin": 1 / strengths, "unbalanced": 2 * worst / squares}
    else:
        strengths = norms
        measured |= {"train": error(task, scores, sets.y)}
    terms = [network_term(a, X) for a, X in zip(strengths, sets.X, strict=True)]
    return measured | {"bound": terms, "strength": strengths}


def _norms(trained: TwoLayer) -> tuple[Float[np.ndarray, " T"], Float[np.ndarray, " T"]]:
    """Σ_j |w_j|‖u_j‖, the total variation ‖α‖₁ of f = ⟨α, φ⟩, and ‖Θ‖²."""
    w, U = (np.asarray(part, float) for part in (trained.w, trained.U))
    lengths = np.linalg.norm(U, axis=2)
    return (np.abs(w) * lengths).sum(axis=1), (w**2 + lengths**2).sum(axis=1)


# ---------------------------------------------------------------------------------------------
# Reading the results
# ---------------------------------------------------------------------------------------------


def gathered(results: Results, task: str, what: str, **parameters) -> Series:
    """What the chunks with these parameters measured: all sizes and trials, NaN where missing."""
    sizes = list(results.config.sizes)
    values = np.full((results.config.trials, len(sizes)), np.nan)
    for chunk in chunks(results.config):
        its = {key: v for key, v in chunk.parameters.items() if key not in ("n", "trials")}
        if its == {"task": task, **parameters} and chunk.name in results.chunks:
            n = chunk.parameters["n"]
            trials = np.array(chunk.parameters["trials"]) - results.config.first
            values[trials, sizes.index(n)] = results.chunks[chunk.name][what]
    return Series(np.array(sizes), values)


LINES = (  # what is drawn: its label, its parameters, its colour and its style
    ("kernel", {"method": "kernel"}, plots.BLUE, "o-"),
    ("network, start 0.3", {"method": "descent", "init": 0.3}, plots.ORANGE, "s--"),
    ("network, usual start", {"method": "descent", "init": 1.0}, plots.RED, "v:"),
    ("largest margin (ascent)", {"method": "ascent"}, plots.GREEN, "D-."),
)

ERROR_TICKS = {"classification": (0.1, 0.15, 0.2, 0.3), "regression": (0.1, 0.2, 0.5, 1, 2)}


def draw(results: Results, recorded: Results | None = None) -> plots.Figure:
    """Figure 2: test errors against n; recorded results are drawn fainter."""
    return _against_n(results, recorded, "test", ("share of wrong signs", "mean square error"))


def draw_bounds(results: Results, recorded: Results | None = None) -> plots.Figure:
    """Figure 2: leading terms of the bounds against n."""
    label = "leading term of the bound"
    return _against_n(results, recorded, "bound", (label, label))


def _against_n(results, recorded, what, ylabels):
    fig, axes = plots.panels(2)
    for ax, task, ylabel in zip(axes, TASKS, ylabels, strict=True):
        for each, faint in ((results, False), (recorded, True)):
            for label, parameters, colour, style in LINES if each is not None else ():
                found = gathered(each, task, what, **parameters)
                look = {"color": colour, "alpha": 0.45 if faint else 1.0, "markersize": 4}
                name = {} if faint else {"label": label}
                plots.band(ax, found.sizes, found.trials, style, **look, **name)
        ax.set(title=task, xlabel="examples n", ylabel=ylabel, xscale="log")
        if what == "test":
            ax.set(yscale="log")
            ax.set_yticks(ERROR_TICKS[task], labels=ERROR_TICKS[task])
            ax.yaxis.minorticks_off()
        else:
            ax.set_ylim(bottom=0)
        _ticks(ax, results, recorded)
    lines = axes[0].get_legend_handles_labels()
    fig.legend(*lines, loc="outside lower center", ncols=4, title=trials_of(results, recorded))
    return fig


def trials_of(results: Results, recorded: Results | None) -> str:
    """How many trials a figure has."""
    text = f"{results.config.trials} trials, 95 % bands"
    return text if recorded is None else f"{text}; faint: {recorded.config.trials} recorded"


def _ticks(ax, *all_results):
    sizes = sorted({n for each in all_results if each is not None for n in each.config.sizes})
    ax.set_xticks(sizes, labels=sizes)
    ax.xaxis.minorticks_off()


def draw_starts(results: Results, recorded: Results | None = None) -> plots.Figure:
    """Test error of the network over that of the kernel method, against the size of the start."""
    each = recorded or results
    fig, axes = plots.panels(2)
    for ax, task in zip(axes, TASKS, strict=True):
        kernel = gathered(each, task, "test", method="kernel")
        starts = [gathered(each, task, "test", method="descent", init=s) for s in each.config.inits]
        for k, n in enumerate(kernel.sizes):
            ratio = np.stack([start.trials[:, k] / kernel.trials[:, k] for start in starts], axis=1)
            look = {"color": COLOURS[k], "label": f"n = {n}"}
            plots.band(ax, each.config.inits, ratio, "o-", **look)
        ax.axhline(1, color=plots.GREY, linestyle=":")
        ax.set(xscale="log", xlabel="size of the start (1 is usual)", title=task)
        ax.set_ylabel("test error, network / kernel")
        ax.set_xticks(each.config.inits, labels=each.config.inits)
        ax.xaxis.minorticks_off()
        ax.legend(title=f"{each.config.trials} trials, 95 % bands", fontsize=8, title_fontsize=8)
    return fig


REACHED = (  # how much of the maximum margin: label, parameters, what, colour, style
    ("ascent on the margin", {"method": "ascent"}, "margin", plots.GREEN, "D-."),
    ("normalised descent", {"method": "normalised"}, "margin", plots.PURPLE, "^-"),
    ("descent, start 0.3", {"method": "descent", "init": 0.3}, "margin", plots.ORANGE, "s--"),
    ("descent, usual start", {"method": "descent", "init": 1.0}, "margin", plots.RED, "v:"),
    ("the same, unbalanced", {"method": "descent", "init": 1.0}, "unbalanced", plots.GREY, "x:"),
)


def reached(results: Results, what: str = "margin", **parameters) -> Series:
    """The share of the best margin known, at the sizes and in the trials that are bracketed.

    The best margin known is the lower end of the bracket, or what the ascent found if that is more.
    """
    lower = gathered(results, "classification", "lower", method="bracket")
    best = gathered(results, "classification", "margin", method="ascent")
    found = gathered(results, "classification", what, **parameters)
    return Series(lower.sizes, found.trials / np.maximum(lower.trials, best.trials))


def draw_margins(results: Results, recorded: Results | None = None) -> plots.Figure:
    """Left: the share of the maximum margin that is reached. Right: what it does to the error."""
    each = recorded or results
    fig, (left, right) = plots.panels(2)
    for label, parameters, what, colour, style in REACHED:
        found = reached(each, what, **parameters)
        plots.band(left, found.sizes, found.trials, style, color=colour, label=label)
    left.set(
        xlabel="examples n", ylabel="share of the best margin known", xscale="log", ylim=(0, 1.1)
    )
    left.set_xticks(each.config.bracketed, labels=each.config.bracketed)
    left.xaxis.minorticks_off()
    few = each.config.bracketed_trials
    left.legend(title=f"{few} trials, 95 % bands", fontsize=8, title_fontsize=8, loc="lower left")
    for k, n in enumerate(each.config.sizes):
        margin, test = (_by_method(each, what)[:, :, k] for what in ("margin", "test"))
        share = np.ma.masked_invalid(margin / margin[:, -1:]).mean(axis=0).filled(np.nan)
        plots.band(right, share, test, "o-", color=COLOURS[k], label=f"n = {n}")
    right.set(xlabel="share of the margin of the ascent", ylabel="share of wrong signs")
    right.set_ylim(0, 1.5 * right.get_ylim()[1])
    right.legend(
        title=f"{each.config.trials} trials, 95 % bands", fontsize=8, title_fontsize=8, ncols=2
    )
    return fig


def _by_method(results: Results, what: str):
    """(trials, methods, sizes): the descents from the usual start down, then the ascent."""
    starts = [{"method": "descent", "init": s} for s in sorted(results.config.inits, reverse=True)]
    methods = [*starts, {"method": "ascent"}]
    found = [gathered(results, "classification", what, **each).trials for each in methods]
    return np.stack(found, axis=1)


FIGURES = {
    "figure2": draw,
    "figure2-bounds": draw_bounds,
    "figure2-starts": draw_starts,
    "figure2-margins": draw_margins,
}


def table(results: Results) -> str:
    """Mean and standard error over the trials, for each n; a dash where nothing is finished."""
    lines = []
    for task in TASKS:
        lines.append(
            f"{task + ': test error':40}" + "".join(f"{n:>16}" for n in results.config.sizes)
        )
        for label, parameters, _, _ in LINES:
            found = gathered(results, task, "test", **parameters)
            cells = [_cell(found.trials[:, found.sizes == n]) for n in results.config.sizes]
            lines.append(f"  {label:38}" + "".join(f"{cell:>16}" for cell in cells))
    return "\n".join(lines)


def _cell(values) -> str:
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return "–"
    return f"{values.mean():.4f} ± {values.std(ddof=1) / len(values) ** 0.5:.4f}"
