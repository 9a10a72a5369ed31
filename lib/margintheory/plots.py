"""One visual language for all figures: the only room that knows matplotlib.

Figures are SVG with dark ink on a transparent ground; the book's style sheet inverts their
lightness in dark mode, so the same file reads in both. Colours are the colour-blind-safe set of
Okabe and Ito, and series differ in line style or marker as well.
"""

import base64
import html
import io
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib_inline.backend_inline import set_matplotlib_formats

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
    set_matplotlib_formats("svg", metadata={"Date": None})


class Slider:
    """A row of pictures and a slider that shows one of them; it needs no network.

    Without JavaScript the picture in the middle is shown.
    """

    def __init__(
        self, draw: Callable[..., Figure], values: Sequence, *, label: str, alt: str
    ) -> None:
        """`draw(value)` returns a figure; `label` names the value and `alt` describes it."""
        self.pictures = [(str(value), _data_uri(draw, value)) for value in values]
        self.label, self.alt = label, alt

    def __repr__(self) -> str:
        first, last = self.pictures[0][0], self.pictures[-1][0]
        return f"Slider over {self.label} from {first} to {last}"

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
            "if(!image.hidden)f.querySelector('output').value=image.dataset.value})"
        )
        return (
            f'<figure class="slider"><label>{label} = '
            f"<output>{html.escape(self.pictures[middle][0])}</output> "
            f'<input type="range" min="0" max="{len(self.pictures) - 1}" value="{middle}" '
            f'aria-label="{label}" oninput="{move}"></label>{images}</figure>'
        )


def _data_uri(draw: Callable[..., Figure], value: Any) -> str:
    """The figure for a value, in the book's style, as an SVG data URI; the figure is closed."""
    buffer = io.BytesIO()
    with plt.rc_context(_STYLE):
        figure = draw(value)
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    plt.close(figure)
    return "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue()).decode()
