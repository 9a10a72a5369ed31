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

from margintheory.experiments.figure3.drawing import (
    FIGURES,
    Series,
    best_margins,
    draw,
    draw_averages,
    draw_digits,
    draw_reached,
    gathered,
    reached,
    table,
    where_fitted,
)
from margintheory.experiments.figure3.work import (
    SCALES,
    TITLE,
    Config,
    chunks,
    measure,
    sample,
)

__all__ = [
    "FIGURES",
    "SCALES",
    "TITLE",
    "Config",
    "Series",
    "best_margins",
    "chunks",
    "draw",
    "draw_averages",
    "draw_digits",
    "draw_reached",
    "gathered",
    "measure",
    "reached",
    "sample",
    "table",
    "where_fitted",
]
