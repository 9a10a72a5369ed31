"""What the results of Figure 3 show, from results alone."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from margintheory import plots
from margintheory.experiments.figure3.work import chunks
from margintheory.experiments.run import Results


class Series(NamedTuple):
    """What one method reached: the widths, and a row for each trial."""

    widths: Int[np.ndarray, " widths"]
    trials: Float[np.ndarray, "trials widths"]


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
