"""Certified evidence: ball arithmetic bounds the slack on each instance."""

from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from flint import arb, fmpq, fmpz

from refutable.card import Evidence, Title
from refutable.verdict import Control, Finding, establish

Exact: TypeAlias = arb | fmpq | fmpz | Fraction | int
Slacks: TypeAlias = Exact | Iterable[Exact] | Iterable[tuple[str, Exact]]


def certified(
    claim: str,
    slack: Slacks | Callable[[], Slacks],
    *,
    control: Control | Sequence[Control],
    checks: str,
    part: str | None = None,
) -> Evidence:
    """The claim holds in each listed instance, up to nothing: rounding is outward.

    `slack` lists the slack of each instance, or `(label, slack)` pairs, or is a function that
    returns such a list. A slack is a ball (`flint.arb`) that contains the true value, or an exact
    rational. The claim holds if the lower end of each ball is >= 0; a control is rejected if some
    ball lies below 0.

    Raises `ClaimRefuted` if a ball lies below 0 (refuted) or straddles it (not shown),
    `ControlNotRejected`, and `ValueError` for an empty list, a ball that is not finite, or a
    floating-point number, which certifies nothing.
    """
    return establish(Title(claim, part, "certified", checks), certify, {"slack": slack}, control)


def certify(slack: Slacks | Callable[[], Slacks]) -> Finding:
    """Whether each ball lies in [0, ∞), or some ball in (−∞, 0), or neither."""
    balls = labelled(slack() if callable(slack) else slack)
    where, worst = min(balls, key=lambda pair: pair[1].lower())
    falsest, false = min(balls, key=lambda pair: pair[1].upper())
    if false < 0:
        detail = f"slack ≤ {rounded(false.upper(), up=True)} at {falsest}"
        return Finding("fails", "", detail, len(balls))
    if not worst >= 0:
        ends = f"[{rounded(worst.lower())}, {rounded(worst.upper(), up=True)}]"
        return Finding("undecided", "", f"slack in {ends} straddles zero at {where}", len(balls))
    lowest = rounded(worst.lower())
    plural = "instance" if len(balls) == 1 else "instances"
    return Finding(
        verdict="holds",
        summary=f"holds in {len(balls)} {plural}",
        detail=f"slack ≥ {lowest}, smallest at {where}",
        instances=len(balls),
        slack=lowest,
        where=where,
        tolerance="none: rounded outward",
    )


def labelled(slacks: Any) -> list[tuple[str, arb]]:
    """The balls with their labels; an instance without one is called by its place in the list."""
    if isinstance(slacks, Exact):
        slacks = [slacks]
    pairs = [
        item if isinstance(item, tuple) else (f"instance {i}", item)
        for i, item in enumerate(slacks, start=1)
    ]
    if not pairs:
        raise ValueError("there is no instance to certify; the list of slacks is empty.")
    return [(str(label), ball(value, str(label))) for label, value in pairs]


def ball(value: Exact, label: str) -> arb:
    """An exact number or a ball as a finite ball."""
    if isinstance(value, bool) or not isinstance(value, Exact):
        raise ValueError(
            f"the slack at {label} is a {type(value).__name__}, which certifies nothing; "
            "compute it as a flint.arb ball or an exact rational."
        )
    if isinstance(value, Fraction):
        value = fmpq(value.numerator, value.denominator)
    enclosure = arb(value)
    if not enclosure.is_finite():
        raise ValueError(f"the slack at {label} must be finite, got {enclosure}.")
    return enclosure


def rounded(end: arb, up: bool = False) -> str:
    """An end of a ball to two significant digits, rounded down (or up)."""
    exact = end.fmpq()
    context = Context(prec=2, rounding=ROUND_CEILING if up else ROUND_FLOOR)
    return f"{context.divide(Decimal(int(exact.p)), Decimal(int(exact.q))):.2g}"
