"""Points at which a symbolic relation is looked at: is it false there, how near are its sides?"""

import itertools
import math
import random
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from typing import Any, NamedTuple, TypeAlias

import sympy as sp
from flint import arb, ctx, fmpq
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean, BooleanAtom

from refutable.card import two_digits
from refutable.decision import Point, solution
from refutable.relations import rounded_down

Relation: TypeAlias = Relational | BooleanAtom

INTEGERS = [0, 1, -1, 2, -2, 3, 5, -5, 10, -10, 100]
FRACTIONS = [(1, 2), (-1, 2), (1, 3), (3, 2), (1, 10), (1, 100), (1, 1000)]
VALUES = [*map(sp.Integer, INTEGERS), *(sp.Rational(p, q) for p, q in FRACTIONS)]
POINTS = 200
PRECISION = 256
SHARES = (0.9999, 0.99, 0.9)  # asked of the decision procedure


class Look(NamedTuple):
    """A relation at a point: larger minus smaller side, and the share of the larger one."""

    point: Point
    gap: arb
    share: float


def difference(relation: Relational) -> sp.Expr:
    """The larger side minus the smaller; for an equality, left minus right."""
    if isinstance(relation, sp.Eq):
        return relation.lhs - relation.rhs
    return relation.gts - relation.lts


def counterexample(
    relation: Relation, given: Sequence[Boolean] = (), near: Sequence[Point] = ()
) -> str | None:
    """A point at which the hypotheses hold and the relation is certainly false, as text."""
    if isinstance(relation, BooleanAtom):
        return None if relation else "for all values of its symbols"
    for point in points_of(relation, given, near):
        gap = look(relation, point).gap
        if violates(relation, gap):
            return at(point, relation, gap)
    found = solution(sp.Not(relation), given)
    return at(found, relation, look(relation, found).gap) if isinstance(found, dict) else None


def at(point: Point, relation: Relational, gap: arb) -> str:
    """Where a relation is false, and by how much."""
    side = "left − right" if isinstance(relation, sp.Eq) else "larger − smaller side"
    return f"at {written(point) or 'the numbers given'}: {side} is {two_digits(float(gap.mid()))}"


def written(point: Point) -> str:
    """A point as text; long fractions as decimals."""
    values = ((symbol, str(value), f"{float(value):.6g}") for symbol, value in point.items())
    return ", ".join(f"{s} = {exact if len(exact) < 12 else near}" for s, exact, near in values)


def sharpest(
    relation: Relation, given: Sequence[Boolean] = (), near: Sequence[Point] = ()
) -> tuple[float, str]:
    """The largest share of its larger side that an inequality reaches at a point, and where."""
    if isinstance(relation, sp.Eq):
        return 1.0, ""
    looks = (look(relation, point) for point in points_of(relation, given, near))
    best = max(looks, key=lambda seen: seen.share, default=Look({}, arb(0), 0.0))
    for share in SHARES:
        if share <= best.share:
            break
        nearly = sp.Gt(relation.lts, sp.Rational(str(share)) * relation.gts, evaluate=False)
        point = solution(sp.And(nearly, sp.Gt(relation.gts, 0, evaluate=False)), given)
        if isinstance(point, dict):
            return share, written(point)
    return best.share, written(best.point)


def look(relation: Relational, point: Point) -> Look:
    """Both sides of the relation at the point, in balls; NaN where they have no real value."""
    sides = relation.args if isinstance(relation, sp.Eq) else (relation.gts, relation.lts)
    with ctx.workprec(PRECISION):
        larger, smaller = (value_at(point, side) for side in sides)
        return Look(point, larger - smaller, share(smaller, larger))


def share(smaller: arb, larger: arb) -> float:
    """A lower bound of the share of the larger side, rounded down; 0 if the relation is trivial."""
    if not (smaller.is_finite() and larger.is_finite()):
        return 0.0
    if smaller > 0:
        return rounded_down(float((smaller / larger).lower()))
    return rounded_down(float((larger / smaller).lower())) if larger < 0 else 0.0


def points_of(
    relation: Relational, given: Sequence[Boolean], near: Sequence[Point]
) -> Iterator[Point]:
    """Points at which the hypotheses hold: those given as `near`, then drawn ones."""
    symbols = sorted(set().union(*(r.free_symbols for r in (relation, *given))), key=str)
    for point in itertools.chain(near, points(symbols)):
        if all(hypothesis.subs(point) == sp.true for hypothesis in given):
            yield point


def value_at(point: Point, expression: sp.Expr) -> arb:
    """A ball that contains the value of the expression; NaN if it has none in the reals."""
    try:
        return enclosure(expression.subs(point).doit())
    except TypeError:  # SymPy refuses to order complex numbers, say in Max(sqrt(-1), 0)
        return arb.nan()


def violates(relation: Relational, value: arb) -> bool:
    """Whether a difference of the sides anywhere in the ball breaks the relation."""
    if isinstance(relation, sp.Eq):
        return value.is_finite() and not value.contains(0)
    return value <= 0 if isinstance(relation, sp.Gt | sp.Lt) else value < 0


def points(symbols: list[sp.Symbol]) -> Iterator[Point]:
    """Rational points that the assumptions on the symbols allow, the simplest first."""
    choices = [[value for value in VALUES if allowed(symbol, value)] for symbol in symbols]
    if not all(choices):
        return
    draw = random.Random(0)
    drawn = dict.fromkeys(tuple(map(draw.choice, choices)) for _ in range(POINTS))
    for values in sorted(drawn, key=lambda values: sum(abs(v.p) + v.q for v in values)):
        yield dict(zip(symbols, values, strict=True))


def allowed(symbol: sp.Symbol, value: sp.Rational) -> bool:
    """Whether the value has each property that the symbol is assumed to have."""
    properties = symbol.assumptions0.items()
    return all(getattr(value, f"is_{name}") is truth for name, truth in properties)


OPERATIONS: dict[Any, Callable[..., arb]] = {
    sp.Add: lambda *terms: sum(terms, arb(0)),
    sp.Mul: lambda *factors: math.prod(factors, start=arb(1)),
    sp.Pow: lambda base, exponent: base**exponent,
    sp.exp: arb.exp,
    sp.log: arb.log,
    sp.sin: arb.sin,
    sp.cos: arb.cos,
    sp.tan: arb.tan,
    sp.acos: arb.acos,
    sp.tanh: arb.tanh,
    sp.sinh: arb.sinh,
    sp.cosh: arb.cosh,
    sp.erf: lambda x: x.erf(),
    sp.atan: arb.atan,
    sp.asin: arb.asin,
    sp.gamma: arb.gamma,
    sp.Abs: abs,
    sp.Max: lambda *values: reduce(arb.max, values),
    sp.Min: lambda *values: reduce(arb.min, values),
    type(sp.pi): arb.pi,
    type(sp.E): arb.const_e,
}


def enclosure(expression: sp.Expr) -> arb:
    """A ball that contains the value of a constant; NaN if it is undefined or not supported."""
    if expression.is_Rational:
        return arb(fmpq(expression.p, expression.q))
    operation = OPERATIONS.get(expression.func, lambda *_: arb.nan())
    return operation(*map(enclosure, expression.args))
