"""What the results of Figure 2 show, from results alone."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from margintheory import plots
from margintheory.experiments.figure2.work import TASKS, chunks
from margintheory.experiments.run import Results

COLOURS = (plots.BLUE, plots.GREEN, plots.PURPLE, plots.ORANGE, plots.RED, plots.GREY)


class Series(NamedTuple):
    """What one method reached: the sizes n, and a row for each trial."""

    sizes: Int[np.ndarray, " sizes"]
    trials: Float[np.ndarray, "trials sizes"]


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
