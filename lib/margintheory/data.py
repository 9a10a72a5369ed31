"""Data sets of the paper."""

from typing import Literal

import numpy as np
from jaxtyping import Float

from margintheory.validate import count


def line_set(
    n: int, seed: int = 1, labels: Literal["smooth", "random"] = "smooth"
) -> tuple[Float[np.ndarray, "n 2"], Float[np.ndarray, " n"]]:
    """The one-dimensional set of Section F.3: rows (x, 1) with x uniform on [−1, 1], sorted.

    The constant coordinate carries the bias. "smooth" labels are the sign of sin(5x + 0.3),
    "random" ones fair coins. The paper does not give its own labels; these are ours.
    """
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(-1, 1, count(n, "n")))
    if labels == "smooth":
        y = np.where(np.sin(5 * x + 0.3) > 0, 1.0, -1.0)
    elif labels == "random":
        y = rng.choice([-1.0, 1.0], n)
    else:
        raise ValueError(f'labels must be "smooth" or "random", got {labels!r}.')
    return np.column_stack([x, np.ones(n)]), y
