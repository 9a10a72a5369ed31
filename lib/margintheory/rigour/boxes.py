"""Certified minima over boxes: branch and bound in ball arithmetic.

Evaluating a formula on a `flint.arb` ball encloses its values on an interval. Splitting the box
with the smallest lower end until the best value seen is within tolerance of it brackets the global
minimum rigorously, without convexity. For the few parameters of a worked example this is all that
is needed to know a global minimiser for certain.
"""

import dataclasses
import heapq
import itertools
from collections.abc import Callable, Sequence

from flint import arb

Point = list[arb]


@dataclasses.dataclass(frozen=True)
class BoxMinimum:
    """A rigorous bracket `lower` ≤ min f ≤ `upper`, with f(`argmin`) ≤ `upper`."""

    lower: arb
    upper: arb
    argmin: list[float]


def minimum(
    f: Callable[[Point], arb],
    box: Sequence[tuple[float, float]],
    *,
    rtol: float,
    where: Callable[[Point], arb] | None = None,
    max_boxes: int = 200_000,
) -> BoxMinimum:
    """Bracket the minimum of f over a box, over its points with `where` ≤ 0 if that is given.

    `f` and `where` map a list of balls to a ball that encloses their values there. Stops when
    upper − lower ≤ rtol·|upper|. Raises ValueError if the box is empty or no feasible point is
    found within `max_boxes` splits, and if the bracket does not close by then.
    """
    if not box or any(not low < high for low, high in box):
        raise ValueError(f"the box {list(box)} is empty; give (low, high) with low < high.")
    order = itertools.count()
    queue: list[tuple[float, int, list[tuple[float, float]]]] = []
    best: tuple[arb, list[float]] | None = None

    def visit(sides):
        nonlocal best
        ball = [arb((a + b) / 2, (b - a) / 2 * (1 + 1e-12)) for a, b in sides]
        if where is not None and where(ball) > 0:
            return
        middle = [(a + b) / 2 for a, b in sides]
        point = [arb(m) for m in middle]
        if where is None or where(point) <= 0:
            value = f(point).upper()
            if best is None or value < best[0]:
                best = value, middle
        heapq.heappush(queue, (_below(f(ball)), next(order), sides))

    visit([(float(low), float(high)) for low, high in box])
    for _ in range(max_boxes):
        if not queue:
            raise ValueError("no point of the box satisfies the constraint.")
        lower, _, sides = heapq.heappop(queue)
        if best is not None and best[0] - lower <= rtol * abs(best[0]):
            return BoxMinimum(arb(lower), best[0], best[1])
        widest = max(range(len(box)), key=lambda k: _share(sides[k], box[k]))
        a, b = sides[widest]
        for half in ((a, (a + b) / 2), ((a + b) / 2, b)):
            visit([*sides[:widest], half, *sides[widest + 1 :]])
    raise ValueError(f"the bracket did not close to rtol = {rtol:g} within {max_boxes} boxes.")


def _below(ball: arb) -> float:
    """A float that is not larger than any number in the ball (−∞ if the ball is not finite)."""
    if not ball.is_finite():
        return float("-inf")
    lower = float(ball.lower())
    return lower if arb(lower) <= ball.lower() else _below(ball - abs(ball) * 2.0**-50 - 2.0**-1000)


def _share(side: tuple[float, float], whole: tuple[float, float]) -> float:
    return (side[1] - side[0]) / (whole[1] - whole[0])
