"""Certified evidence: ball arithmetic holds both sides against each other on each instance."""

from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from functools import partial
from typing import Any, TypeAlias

from flint import arb, fmpq, fmpz

from refutable.card import Evidence, Title
from refutable.inputs import real
from refutable.relations import (
    AtLeast,
    AtMost,
    Equal,
    Relation,
    ordered,
    rounded_down,
    with_bound,
)
from refutable.verdict import Control, Finding, establish

Exact: TypeAlias = arb | fmpq | fmpz | Fraction | int
Instance: TypeAlias = Relation | Exact
Statement: TypeAlias = Instance | Iterable[Instance] | Iterable[tuple[str, Instance]]
Number: TypeAlias = arb | fmpq
Labelled: TypeAlias = list[tuple[str, Relation | Number]]


def certified(
    claim: str,
    statement: Statement | Callable[[], Statement],
    *,
    control: Control | Sequence[Control],
    checks: str,
    part: str | None = None,
    each: bool = False,
    loose: str | None = None,
) -> Evidence:
    """The claim holds in each listed instance, up to nothing: rounding is outward.

    `statement` lists relations such as `AtMost(left, right)`, or `(label, relation)` pairs, or is a
    function that returns such a list. A side is a ball (`flint.arb`) that contains the true value,
    or an exact rational. A number in place of a relation is a slack, claimed to be >= 0, which says
    nothing of a bound. The claim holds if each relation holds for all values in its balls; a
    control is rejected if some relation fails for all of them.

    The tightness is the largest share of its bound that an instance reaches; with `each`, where
    every instance is a statement of its own, that of the instance that reaches least. `loose` says
    why it is below one half, if it is.

    Raises `ClaimRefuted` if a relation is false (refuted) or its balls leave it open (not shown),
    `ControlNotRejected`, and `ValueError` for an empty list, a ball that is not finite, or a
    floating-point number, which certifies nothing.
    """
    return establish(
        Title(claim, part, "certified", checks),
        partial(certify, each=each),
        {"statement": statement},
        control,
        tighten=tightened,
        loose=loose,
    )


def tightened(factor: float, statement: Statement | Callable[[], Statement]) -> dict[str, Labelled]:
    """The same instances with their bounds times the factor."""
    fraction = number(Fraction(str(factor)), "factor")
    return {
        "statement": [(label, with_bound(pair, fraction)) for label, pair in labelled(statement)]
    }


def certify(statement: Statement | Callable[[], Statement], *, each: bool = False) -> Finding:
    """Whether each relation holds for all values in its balls, one fails for all, or neither."""
    instances = labelled(statement)
    slacks = [(label, slack(instance)) for label, instance in instances]
    sided = all(isinstance(instance, Relation) for _, instance in instances)
    gaps = [float(value.mid()) for _, value in slacks] if sided else []
    where, worst = min(slacks, key=lambda pair: pair[1].lower())
    falsest, false = min(slacks, key=lambda pair: pair[1].upper())
    if false < 0:
        detail = f"slack ≤ {rounded(false.upper(), up=True)} at {falsest}"
        return Finding("fails", "", detail, len(slacks), gaps=gaps)
    if not worst >= 0:
        ends = f"[{rounded(worst.lower())}, {rounded(worst.upper(), up=True)}]"
        return Finding("undecided", "", f"slack in {ends} straddles zero at {where}", len(slacks))
    plural = "instance" if len(slacks) == 1 else "instances"
    tightness, at = reached(instances, each, where)
    return Finding(
        verdict="holds",
        summary=f"holds in {len(slacks)} {plural}",
        detail=f"slack ≥ {rounded(worst.lower())}, smallest at {where}",
        instances=len(slacks),
        tightness=tightness,
        larger=isinstance(dict(instances).get(at), AtLeast),
        where=at,
        tolerance="none: rounded outward",
        gaps=gaps,
    )


def reached(instances: Labelled, each: bool, where: str) -> tuple[float | None, str]:
    """The largest (with `each`, the smallest) share of a bound, rounded down, and who reaches it.

    Slacks have no bound, and only the instance `where` it is smallest.
    """
    shares = [(label, share(i)) for label, i in instances if isinstance(i, Relation)]
    if len(shares) < len(instances):
        return None, where
    label, tightness = (min if each else max)(shares, key=lambda pair: pair[1])
    return tightness, label


def share(relation: Relation) -> float:
    """A lower bound of the share of the larger side that the smaller one reaches, rounded down."""
    smaller, larger = ordered(relation)
    if isinstance(relation, Equal):
        return 1.0
    if smaller > 0:
        return rounded_down(float(arb(smaller / larger).lower()))
    return rounded_down(float(arb(larger / smaller).lower())) if larger < 0 else 0.0


def slack(instance: Relation | Number) -> arb:
    """By how much the sides are on the claimed side of each other; 0 for sides that are equal."""
    if isinstance(instance, arb | fmpq):
        return arb(instance)
    smaller, larger = ordered(instance)
    return -abs(arb(larger - smaller)) if isinstance(instance, Equal) else arb(larger - smaller)


def labelled(statement: Any) -> Labelled:
    """The instances with their labels; one without is called by its place in the list."""
    if callable(statement):
        statement = statement()
    if isinstance(statement, Exact | Relation):
        statement = [statement]
    pairs = [
        item if type(item) is tuple else (f"instance {i}", item)
        for i, item in enumerate(statement, start=1)
    ]
    if not pairs:
        raise ValueError("there is no instance to certify; the list is empty.")
    return [(str(label), in_numbers(instance, str(label))) for label, instance in pairs]


def in_numbers(instance: Instance, label: str) -> Relation | Number:
    """A relation or a slack whose numbers are exact or finite balls."""
    if isinstance(instance, AtMost | AtLeast | Equal):
        return type(instance)(*(number(side, label) for side in instance))
    return number(instance, label)


def number(value: Exact, label: str) -> Number:
    """An exact number, or a finite ball."""
    if isinstance(value, bool) or not isinstance(value, Exact):
        raise ValueError(
            f"the number at {label} is a {type(value).__name__}, which certifies nothing; compute "
            "it in flint.arb balls or rationals, where a float enters by exact(x)."
        )
    if isinstance(value, Fraction):
        return fmpq(value.numerator, value.denominator)
    if not isinstance(value, arb):
        return fmpq(value)
    if not value.is_finite():
        raise ValueError(f"the number at {label} must be finite, got {value}.")
    return value


def exact(value: float) -> arb:
    """The very number that a float is, as a ball of radius 0: nothing was rounded before."""
    return arb(real(value, "what enters a ball"))


def rounded(end: arb, up: bool = False) -> str:
    """An end of a ball to two significant digits, rounded down (or up)."""
    exact = end.fmpq()
    context = Context(prec=2, rounding=ROUND_CEILING if up else ROUND_FLOOR)
    return f"{context.divide(Decimal(int(exact.p)), Decimal(int(exact.q))):.2g}"
