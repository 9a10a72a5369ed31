"""Networks against the 2-norm kernel method: Figure 2, Sections 6 and F.1.

A teacher of six relu units labels Gaussian points. A network of width n, trained by descent, and
the kernel method of Section 4 learn from n of them; test errors and the leading terms of the bounds
are set against n. The paper gives neither its learning rate nor its initialisation nor its n. The
initialisation decides much, so it is an axis here.

Beside the trained networks stand what the paper could not show: the maximum margin in a certified
bracket, and how much of it descent, normalised descent and an ascent on the margin reach. Margins
are in units of γ_ℓ1 (equation 4.2): those of a measure of total variation one.
"""

from margintheory.experiments.figure2.drawing import (
    FIGURES,
    Series,
    draw,
    draw_bounds,
    draw_margins,
    draw_starts,
    gathered,
    reached,
    table,
)
from margintheory.experiments.figure2.work import (
    SCALES,
    TASKS,
    TITLE,
    Config,
    chunks,
    descent,
    judged,
    kernel,
    measure,
    sample,
)

__all__ = [
    "FIGURES",
    "SCALES",
    "TASKS",
    "TITLE",
    "Config",
    "Series",
    "chunks",
    "descent",
    "draw",
    "draw_bounds",
    "draw_margins",
    "draw_starts",
    "gathered",
    "judged",
    "kernel",
    "measure",
    "reached",
    "sample",
    "table",
]
