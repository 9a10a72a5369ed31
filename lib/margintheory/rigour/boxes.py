"""Certified minima over boxes: branch and bound in ball arithmetic.

Evaluating a formula on a `flint.arb` ball encloses its values on an interval. Splitting the box
with the smallest lower end until the best value seen is within tolerance of it brackets the global
minimum rigorously, without convexity. For the few parameters of a worked example this is all that
is needed to know a global minimiser for certain.
"""

import dataclasses
import heapq
import itertools
import math
from collections.abc import Callable, Sequence

from flint import arb

from margintheory.rigour.balls import hull
from margintheory.rigour.numbers import below

Point = list[arb]
Box = list[tuple[float, float]]


@dataclasses.dataclass(frozen=True)
class BoxMinimum:
    """A rigorous bracket `lower` ≤ min f ≤ `upper`.

    The point `argmin` is one where f ≤ `upper`; it need not be near a minimiser. All minimisers lie
    in `enclosure`, the smallest box around the parts that were not excluded.
    """

    lower: arb
    upper: arb
    argmin: list[float]
    enclosure: Point


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
    if any(math.isinf(high - low) for low, high in box):
        raise ValueError(f"the box {list(box)} is too wide to be halved; give finite sides.")
    order = itertools.count()
    queue: list[tuple[float, int, Box]] = []
    best: tuple[arb, list[float]] | None = None

    def visit(sides: Box) -> None:
        nonlocal best
        ball = [hull(a, b) for a, b in sides]
        if where is not None and where(ball) > 0:
            return
        middle = [_middle(a, b) for a, b in sides]
        point = [arb(m) for m in middle]
        if where is None or where(point) <= 0:
            value = f(point).upper()
            if value.is_finite() and (best is None or value < best[0]):
                best = value, middle
        heapq.heappush(queue, (below(f(ball)), next(order), sides))

    visit([(float(low), float(high)) for low, high in box])
    for _ in range(max_boxes):
        if not queue:
            raise ValueError("no point of the box satisfies the constraint.")
        lower, _, sides = queue[0]
        if best is not None and best[0] - lower <= rtol * abs(best[0]):
            parts = [sides for low, _, sides in queue if not low > best[0]]
            enclosure = [
                hull(min(a for a, _ in sides), max(b for _, b in sides))
                for sides in zip(*parts, strict=True)
            ]
            return BoxMinimum(arb(lower), *best, enclosure)
        heapq.heappop(queue)
        widest = max(range(len(box)), key=lambda k: _share(sides[k], box[k]))
        a, b = sides[widest]
        middle = _middle(a, b)
        for half in ((a, middle), (middle, b)):
            visit([*sides[:widest], half, *sides[widest + 1 :]])
    raise ValueError(f"the bracket did not close to rtol = {rtol:g} within {max_boxes} boxes.")


def _middle(a: float, b: float) -> float:
    return a / 2 + b / 2  # a + b may overflow


def _share(side: tuple[float, float], whole: tuple[float, float]) -> float:
    return (side[1] - side[0]) / (whole[1] - whole[0])
