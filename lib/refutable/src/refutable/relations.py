"""What a check compares, and how much of its bound it reaches.

A statement about an instance is a relation between two sides: `AtMost(left, right)`, `AtLeast(left,
right)` or `Equal(left, right)`, where the right side is the bound. A check that passes has seen how
near the sides come to each other, and so by which factor the bound could change unseen:

    share = smaller side / larger side        1: sharp;  0.01: a constant 50 times off passes.

The *tightness* of a check is the largest share over its instances, rounded down so that it is the
same on every machine. An instance at which the statement is trivial has the share 0.
"""

from math import floor, isfinite, log10
from typing import Any, NamedTuple, TypeAlias


class AtMost(NamedTuple):
    """left ≤ right."""

    left: Any
    right: Any


class AtLeast(NamedTuple):
    """left ≥ right."""

    left: Any
    right: Any


class Equal(NamedTuple):
    """left = right."""

    left: Any
    right: Any


Relation: TypeAlias = AtMost | AtLeast | Equal

SHARP = 0.5  # a check below this tightness says why
NEAR_ONE = (0.9999, 0.999)
ROUNDOFF = 1e-7


def ordered(relation: Relation) -> tuple[Any, Any]:
    """The side that should be smaller, and the other."""
    left, right = relation
    return (right, left) if isinstance(relation, AtLeast) else (left, right)


def with_bound(relation: Any, factor: Any) -> Relation:
    """The relation with its bound tightened by a factor below 1: times it, or divided by it."""
    if not isinstance(relation, Relation):
        raise ValueError(
            "a slack has no bound to tighten; give both sides, as AtMost(left, right)."
        )
    left, right = relation
    if isinstance(relation, AtLeast):
        return AtLeast(left, right / factor)
    return type(relation)(left, right * factor)


def rounded_down(share: float, error: float = ROUNDOFF) -> float:
    """A share in (0, 1] as 0.9999, 0.999, whole per cents, or a power of ten.

    A share that is known up to a relative `error` counts as the step that it may have reached.
    """
    share = min(share * (1 + error), 1.0)
    for step in NEAR_ONE:
        if share >= step:
            return step
    if share >= 0.01:
        return floor(100 * share) / 100
    return 10.0 ** floor(log10(share)) if share > 1e-300 else 0.0


def percent(tightness: float) -> str:
    """A tightness as text."""
    return f"{100 * tightness:.6g} %" if tightness >= 0.01 or not tightness else f"{tightness:.0e}"


def unseen(tightness: float, larger: bool) -> str:
    """By how much the bound could change without the check noticing it."""
    if tightness == 0:
        return "no factor in the bound would have been noticed"
    if tightness >= SHARP:
        change = 1 / tightness - 1 if larger else 1 - tightness
        amount = f"more than {100 * change:.2g} % {'larger' if larger else 'smaller'}"
        return f"a bound {amount} would have been refuted"
    times = f"more than {1 / tightness:.2g} times {'larger' if larger else 'smaller'}"
    return f"only a bound {times} would have been refuted"


def as_share(smaller: float, larger: float) -> float:
    """The share of two finite sides; 0 if the statement is trivial for them."""
    if not (isfinite(smaller) and isfinite(larger)) or smaller * larger <= 0:
        return 0.0
    return smaller / larger if smaller > 0 else larger / smaller
