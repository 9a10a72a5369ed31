"""One visual language for all figures: the only room that knows matplotlib.

Figures are SVG with dark ink on a transparent ground; the book's style sheet inverts their
lightness in dark mode, so the same file reads in both. Colours are the colour-blind-safe set of
Okabe and Ito, and series differ in line style or marker as well.
"""

import contextlib
import html
import io
import itertools
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import matplotlib.pyplot as plt
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import t as student_t

from margintheory.arrays import ArrayLike
from margintheory.validate import binary_training_set

BLUE, ORANGE, GREEN, PURPLE, RED, GREY = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#8E4585",
    "#B2182B",
    "#666666",
)

_STYLE: Any = {
    "figure.figsize": (7.0, 3.6),
    "figure.constrained_layout.use": True,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "axes.prop_cycle": plt.cycler(color=[BLUE, ORANGE, GREEN, PURPLE, RED, GREY]),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "grid.linewidth": 0.6,
    "font.size": 11,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "svg.hashsalt": "margintheory",
}


def use_style() -> None:
    """Give every figure from here on the book's style, shown as SVG."""
    plt.rcParams.update(_STYLE)
    with contextlib.suppress(ImportError):  # where there is no IPython, there is no notebook
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg", metadata={"Date": None})


def panels(columns: int, height: float = 3.4) -> tuple[Figure, list[Axes]]:
    """A row of axes in the book's style, for modules that draw without knowing matplotlib."""
    with plt.rc_context(_STYLE):
        fig, axes = plt.subplots(1, columns, figsize=(4.2 * columns, height), squeeze=False)
    return fig, list(axes[0])


def band(ax: Axes, x: ArrayLike, trials: ArrayLike, style: str = "-", **line: Any) -> None:
    """The mean over trials at each x and Student's 95 % band around it.

    `trials: (trials, points)`; trials that are not finite are left out at their point, and a point
    with fewer than two trials has no band.
    """
    x, trials = np.asarray(x, float), np.asarray(trials, float)
    kept = np.where(np.isfinite(trials), trials, np.nan)
    number = np.isfinite(kept).sum(axis=0)
    total = np.nansum(kept, axis=0)
    mean = total / np.where(number > 0, number, np.nan)
    square = np.nansum((kept - mean) ** 2, axis=0)
    degrees = np.where(number > 1, number - 1, np.nan)
    half = student_t.ppf(0.975, degrees) * np.sqrt(square / degrees / np.fmax(number, 1))
    (drawn,) = ax.plot(x, mean, style, **line)
    ax.fill_between(x, mean - half, mean + half, color=drawn.get_color(), alpha=0.15, linewidth=0)


def save(fig: Figure, path: Path) -> None:
    """Write a figure as SVG, the same bytes for the same figure, and close it."""
    with plt.rc_context(_STYLE):
        fig.savefig(path, format="svg", metadata={"Date": None})
    plt.close(fig)


class Slider:
    """A row of pictures and a slider that shows one of them; it needs no network.

    Without JavaScript the picture in the middle is shown.
    """

    _button = ""

    def __init__(
        self, draw: Callable[..., Figure], values: Sequence, *, label: str, alt: str
    ) -> None:
        """`draw(value)` returns a figure; `label` names the value and `alt` describes it."""
        self.pictures = [(str(value), _data_uri(draw, value)) for value in values]
        self.label, self.alt = label, alt

    def __repr__(self) -> str:
        first, last = self.pictures[0][0], self.pictures[-1][0]
        return f"{type(self).__name__} over {self.label} from {first} to {last}"

    def _repr_html_(self) -> str:
        middle = len(self.pictures) // 2
        label, alt = html.escape(self.label), html.escape(self.alt)
        images = "".join(
            f'<img src="{uri}" alt="{alt} ({label} = {html.escape(value)})"'
            f'{"" if k == middle else " hidden"} data-value="{html.escape(value)}">'
            for k, (value, uri) in enumerate(self.pictures)
        )
        move = (
            "const f=this.closest('figure');"
            "f.querySelectorAll('img').forEach((image,k)=>{image.hidden=(k!=this.value);"
            "if(!image.hidden){f.querySelector('output').value=image.dataset.value;"
            "this.ariaValueText=image.dataset.value}})"
        )
        shown = html.escape(self.pictures[middle][0])
        return (
            f'<figure class="slider">{self._button}<label>{label} = <output>{shown}</output> '
            f'<input type="range" min="0" max="{len(self.pictures) - 1}" value="{middle}" '
            f'aria-label="{label}" aria-valuetext="{shown}" oninput="{move}"></label>'
            f"{images}</figure>"
        )


class Animation(Slider):
    """A slider with a button that plays its pictures once, and pauses.

    It moves only when asked to. The style sheet takes the button away from readers who want less
    motion, and the slider remains.
    """

    FRAME = 0.2  # seconds
    _button = (
        '<button type="button" onclick="'
        "const range=this.closest('figure').querySelector('input');"
        "const show=k=>{range.value=k;range.oninput()};"
        "const pause=()=>{clearInterval(this.timer);this.timer=0;this.textContent='Play'};"
        "if(this.timer)return pause();"
        "if(!this.played||range.value==range.max)show(0);"
        "this.played=true;this.textContent='Pause';"
        "this.timer=setInterval("
        f"()=>range.value==range.max?pause():show(+range.value+1),{round(1000 * FRAME)})"
        '">Play</button>'
    )


class Explorer:
    """A map of two quantities, a marker that two sliders move, and a sentence for each place.

    It needs no network. Without JavaScript the marker stands in the middle, with its sentence.
    """

    _move = (
        "const ranges=[...this.querySelectorAll('input')],[i,j]=ranges.map(range=>+range.value),"
        "[across,up,sentences]=JSON.parse(this.dataset.places),"
        "mark=this.querySelector('.mark'),"
        "[a,b]=this.querySelectorAll('output');"
        "[a.value,mark.style.left]=across[i];[b.value,mark.style.top]=up[j];"
        "[ranges[0].ariaValueText,ranges[1].ariaValueText]=[a.value,b.value];"
        "this.querySelector('figcaption').textContent=sentences[i][j]"
    )

    def __init__(
        self,
        draw: Callable[[], Figure],
        say: Callable[[Any, Any], str],
        across: Sequence,
        up: Sequence,
        *,
        labels: tuple[str, str],
        alt: str,
    ) -> None:
        """`draw()` returns a figure whose first axes are the map, and `say(a, b)` the sentence.

        `across` and `up` are the values that the sliders take, in the coordinates of the map;
        `labels` are their names and `alt` describes the map.
        """
        self.labels, self.alt = labels, alt
        self.across, self.up = list(across), list(up)
        self.sentences = [[say(a, b) for b in self.up] for a in self.across]
        self.map = _data_uri(self._remember, draw)

    def _remember(self, draw: Callable[[], Figure]) -> Figure:
        """The figure; where the values lie in it is kept, in per cent from the left and the top."""
        figure = draw()
        figure.canvas.draw()  # the layout settles the axes, which stay where they are
        figure.set_layout_engine("none")
        ax, size = figure.axes[0], figure.bbox.size
        at = [ax.transData.transform((a, self.up[0])) / size for a in self.across]
        self._left = [f"{100 * x:.2f}%" for x, _ in at]
        at = [ax.transData.transform((self.across[0], b)) / size for b in self.up]
        self._top = [f"{100 * (1 - y):.2f}%" for _, y in at]
        return figure

    def __repr__(self) -> str:
        first, second = (
            f"{label} from {values[0]} to {values[-1]}"
            for label, values in zip(self.labels, (self.across, self.up), strict=True)
        )
        return f"Explorer over {first} and {second}"

    def _repr_html_(self) -> str:
        i, j = len(self.across) // 2, len(self.up) // 2
        places = [
            [[str(a), left] for a, left in zip(self.across, self._left, strict=True)],
            [[str(b), top] for b, top in zip(self.up, self._top, strict=True)],
            self.sentences,
        ]
        sliders = "".join(
            f"<label>{html.escape(label)} = <output>{values[k]}</output> "
            f'<input type="range" min="0" max="{len(values) - 1}" value="{k}" '
            f'aria-label="{html.escape(label)}" aria-valuetext="{values[k]}"></label>'
            for label, values, k in zip(self.labels, (self.across, self.up), (i, j), strict=True)
        )
        return (
            f'<figure class="slider explorer" oninput="{self._move}" '
            f'data-places="{html.escape(json.dumps(places, ensure_ascii=False))}">{sliders}'
            f'<div class="map"><img src="{self.map}" alt="{html.escape(self.alt)}">'
            f'<span class="mark" style="left:{self._left[i]};top:{self._top[j]}"></span></div>'
            f'<figcaption aria-live="polite">{html.escape(self.sentences[i][j])}</figcaption>'
            "</figure>"
        )


class Rotatable:
    """Labelled points in three dimensions that turn under the pointer and the arrow keys.

    One small SVG that needs no network; without JavaScript it shows the first view. Its lines and
    letters have the colour of the text around it.
    """

    VIEW = (0.5, 0.35)  # at first: the angle around the third axis, and the angle from above
    CENTRE, RADIUS = (200, 150), 140  # in the units of the SVG
    _marks: ClassVar = {
        1: f'<circle r="4.5" fill="{BLUE}"/>',
        -1: f'<rect x="-4" y="-4" width="8" height="8" fill="{ORANGE}"/>',
    }
    _redraw = (  # `_view` again, in the reader's browser
        "const a=+this.dataset.yaw,b=+this.dataset.pitch,"
        "view=t=>{const [x,y,z]=t.split(' '),f=x*Math.cos(a)+y*Math.sin(a);"
        f"return [{CENTRE[0]}+y*Math.cos(a)-x*Math.sin(a),"
        f"{CENTRE[1]}+f*Math.sin(b)-z*Math.cos(b),f*Math.cos(b)+z*Math.sin(b)]}};"
        "this.querySelectorAll('line').forEach(e=>{"
        "const [p,q]=[view(e.dataset.from),view(e.dataset.to)],"
        "ends={x1:p[0],y1:p[1],x2:q[0],y2:q[1]};"
        "for(const k in ends)e.setAttribute(k,ends[k])});"
        "const marks=[...this.querySelectorAll('[data-at]')];"
        "marks.forEach(e=>{const [x,y,near]=view(e.dataset.at);e.near=near;"
        "e.setAttribute('transform',`translate(${x} ${y})`)});"
        "marks.sort((p,q)=>p.near-q.near).forEach(e=>e.parentNode.append(e))"
    )
    _turn = (
        "this.dataset.yaw-=right;"
        "this.dataset.pitch=Math.max(-1.5,Math.min(1.5,+this.dataset.pitch+down));this.onchange()"
    )
    _drag = (
        "if(event.buttons)if(this.last){const [right,down]="
        "[(event.clientX-this.last[0])/100,(event.clientY-this.last[1])/100];"
        f"{_turn}}}this.last=[event.clientX,event.clientY]"
    )
    _press = (
        "const k=event.key,right=((k=='ArrowRight')-(k=='ArrowLeft'))/10,"
        "down=((k=='ArrowDown')-(k=='ArrowUp'))/10;"
        f"if(right||down){{event.preventDefault();{_turn}}}"
    )

    def __init__(self, X: ArrayLike, y: ArrayLike, *, alt: str) -> None:
        """`X: (n, 3)` with labels `y: (n,)` in {−1, +1}; `alt` describes the picture."""
        self.X, self.y = binary_training_set(X, y)
        if self.X.shape[1] != 3:
            raise ValueError(f"X must have 3 columns, got {self.X.shape[1]}.")
        self.alt = alt

    def __repr__(self) -> str:
        return f"{len(self.y)} points in three dimensions, to be turned"

    def _repr_html_(self) -> str:
        most = np.abs(self.X).max(axis=0)
        scale = self.RADIUS / np.linalg.norm(most)
        X, box = scale * self.X, scale * most
        corners = np.array(list(itertools.product([-1, 1], repeat=3))) * box
        edges = "".join(
            self._line(p, q) for p, q in itertools.combinations(corners, 2) if np.sum(p != q) == 1
        )
        order = np.argsort(self._view(X)[:, 2])  # the near ones last, on top of the others
        points = "".join(self._place(X[i], self._marks[int(self.y[i])]) for i in order)
        names = "".join(
            self._place(tip, f'<text text-anchor="middle" fill="currentColor">{name}</text>')
            for name, tip in zip(("x₁", "x₂", "x₃"), np.diag(box + 18), strict=True)
        )
        key = "".join(
            f'<g transform="translate({x} 312)">{self._marks[label]}'
            f'<text x="10" y="5" fill="currentColor">y = {name}</text></g>'
            for x, label, name in ((130, 1, "+1"), (220, -1, "−1"))
        )
        return (
            '<figure class="rotatable" style="margin:0.5rem 0;text-align:center">'
            '<svg viewBox="0 0 400 325" width="440" tabindex="0" role="application" '
            f'aria-roledescription="scatter plot" aria-label="{html.escape(self.alt)}" '
            f'data-yaw="{self.VIEW[0]}" data-pitch="{self.VIEW[1]}" '
            'style="max-width:100%;height:auto;touch-action:pan-y;cursor:grab;font-size:14px" '
            f'onpointerdown="this.setPointerCapture(event.pointerId);'
            'this.last=[event.clientX,event.clientY]" '
            f'onpointermove="{self._drag}" onkeydown="{self._press}" onchange="{self._redraw}">'
            f"<g>{edges}</g><g>{points}{names}</g>{key}</svg>"
            "<figcaption>Drag it, or use the arrow keys, to turn it.</figcaption></figure>"
        )

    def _view(self, X: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
        """Where points are drawn at first: x to the right, y down, and how near they are."""
        (a, b), (across, down) = self.VIEW, self.CENTRE
        x, y, z = X.T
        f = x * np.cos(a) + y * np.sin(a)
        right, up = y * np.cos(a) - x * np.sin(a), z * np.cos(b) - f * np.sin(b)
        return np.stack([across + right, down - up, f * np.cos(b) + z * np.sin(b)], axis=1)

    def _place(self, at: Float[np.ndarray, " 3"], mark: str) -> str:
        x, y, _ = self._view(at[None])[0]
        return f'<g data-at="{_numbers(at)}" transform="translate({x:.2f} {y:.2f})">{mark}</g>'

    def _line(self, start: Float[np.ndarray, " 3"], end: Float[np.ndarray, " 3"]) -> str:
        (x1, y1, _), (x2, y2, _) = self._view(np.stack([start, end]))
        return (
            f'<line data-from="{_numbers(start)}" data-to="{_numbers(end)}" x1="{x1:.2f}" '
            f'y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}" stroke="currentColor" opacity="0.35"/>'
        )


def _numbers(v: Float[np.ndarray, " 3"]) -> str:
    return " ".join(f"{number:.2f}" for number in v)


def _data_uri(draw: Callable[..., Figure], value: Any) -> str:
    """The figure for a value, in the book's style, as an SVG data URI; the figure is closed.

    Coordinates are cut to hundredths of a point, which no eye sees and which halves the weight.
    """
    buffer = io.StringIO()
    with plt.rc_context(_STYLE):
        figure = draw(value)
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    plt.close(figure)
    written = " ".join(buffer.getvalue().split())
    short = re.sub(r"(scale\([^)]*\)|\d\.\d\d)\d*", r"\1", written)  # letters keep their size
    return "data:image/svg+xml," + quote(short, safe=" '/:;,=().")
