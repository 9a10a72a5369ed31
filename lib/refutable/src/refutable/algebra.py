"""Symbolic evidence: computer algebra shows a relation for all values of its symbols.

A relation is refuted by a witness, a point at which it is certainly false, and shown by rewriting.
The search for a witness comes first, so that no rewriting is believed against a counterexample.
"""

import itertools
import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from typing import Any, TypeAlias

import sympy as sp
from flint import arb, ctx, fmpq
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom

from refutable.card import Evidence, Title, two_digits
from refutable.verdict import Control, Finding, establish

Relation: TypeAlias = Relational | BooleanAtom
Point: TypeAlias = dict[sp.Symbol, sp.Rational]

RELATIONS = (sp.Eq, sp.Ge, sp.Gt, sp.Le, sp.Lt)
REWRITINGS: tuple[Callable[[sp.Expr], sp.Expr], ...] = (
    lambda expression: expression,
    sp.expand,
    sp.factor,
    sp.simplify,
    lambda expression: sp.factor(sp.simplify(expression)),
)
INTEGERS = [0, 1, -1, 2, -2, 3, 5, -5, 10, -10, 100]
FRACTIONS = [(1, 2), (-1, 2), (1, 3), (3, 2), (1, 10), (1, 100)]
VALUES = [*map(sp.Integer, INTEGERS), *(sp.Rational(p, q) for p, q in FRACTIONS)]
POINTS = 200
PRECISION = 256


def symbolic(
    claim: str,
    statement: Relation | Iterable[Relation],
    *,
    control: Control | Sequence[Control],
    checks: str,
    part: str | None = None,
) -> Evidence:
    """Each relation holds for all values that the assumptions on its symbols allow.

    `statement` is `sp.Eq`, `sp.Ge`, `sp.Gt`, `sp.Le` or `sp.Lt` of exact expressions, or several.
    It speaks of the values for which both sides are defined. An equality is shown by reducing the
    difference of its sides to 0; an inequality by a form of the difference whose sign follows from
    the assumptions, or by its value at 0 and the sign of its derivative. A control is rejected by
    a rational point that the assumptions allow and at which it is false in ball arithmetic.

    Raises `ClaimRefuted` if a relation has such a point (refuted) or could not be shown,
    `ControlNotRejected`, and `ValueError` for what is not an exact relation between real numbers.
    """
    title = Title(claim, part, "symbolic", checks)
    return establish(title, show, {"statement": statement}, control)


def show(statement: Relation | Iterable[Relation]) -> Finding:
    """Whether each relation can be shown, or some relation has a witness against it, or neither."""
    relations = exact_relations(statement)
    count = len(relations)
    for relation in relations:
        if (witness := counterexample(relation)) is not None:
            return Finding("fails", "", f"false {witness}", count)
    for relation in relations:
        if not shown_for_all_values(relation):
            detail = f"neither shown nor refuted at {POINTS} points: {relation}"
            return Finding("undecided", "", detail, count)
    summary = "shown for all values" if count == 1 else f"{count} relations shown for all values"
    return Finding("holds", summary, summary, count, tolerance="none: exact")


def exact_relations(statement: Any) -> list[Relation]:
    """The relations of a statement, if each is exact and, for an inequality, between reals."""
    several = isinstance(statement, Iterable) and not isinstance(statement, sp.Basic)
    relations = list(statement) if several else [statement]
    if not relations:
        raise ValueError("there is no relation to show; the statement is empty.")
    for relation in relations:
        if isinstance(relation, BooleanAtom):
            continue
        if not isinstance(relation, RELATIONS):
            raise ValueError(
                f"a statement must be sp.Eq, sp.Ge, sp.Gt, sp.Le or sp.Lt, got {relation!r} "
                "(== compares how two expressions are written)."
            )
        if relation.atoms(sp.Float):
            raise ValueError(f"{relation} has a float; write sp.Rational(1, 2) for 0.5.")
        unreal = [s for s in relation.free_symbols if not s.is_extended_real]
        if unreal and not isinstance(relation, sp.Eq):
            raise ValueError(f"declare the symbols of {relation} real: {unreal}.")
    return relations


def difference(relation: Relational) -> sp.Expr:
    """The larger side minus the smaller; for an equality, left minus right."""
    if isinstance(relation, sp.Eq):
        return relation.lhs - relation.rhs
    return relation.gts - relation.lts


# Refuting


def counterexample(relation: Relation) -> str | None:
    """A point at which the relation is certainly false, as text."""
    if isinstance(relation, BooleanAtom):
        return None if relation else "for all values of its symbols"
    gap = difference(relation)
    for point in points(sorted(gap.free_symbols, key=str)):
        with ctx.workprec(PRECISION):
            value = value_at(point, gap)
        if violates(relation, value):
            at = ", ".join(f"{symbol} = {number}" for symbol, number in point.items())
            side = "left − right" if isinstance(relation, sp.Eq) else "larger − smaller side"
            return f"at {at or 'the numbers given'}: {side} is {two_digits(float(value.mid()))}"
    return None


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


# Showing


def shown_for_all_values(relation: Relation) -> bool:
    """Whether the relation follows from the assumptions on its symbols."""
    if isinstance(relation, BooleanAtom):
        return bool(relation)
    gap = difference(relation)
    if isinstance(relation, sp.Eq):
        return any(rewrite(gap) == 0 for rewrite in REWRITINGS) or (
            gap.is_extended_real and sp.simplify(sp.exp(gap)) == 1
        )
    return positive(gap) if isinstance(relation, sp.Gt | sp.Lt) else nonnegative(gap)


def nonnegative(gap: sp.Expr, depth: int = 3) -> bool:
    """Whether gap >= 0: by its form; or gap(0) >= 0 and gap'(x) >= 0 in some symbol x >= 0."""
    return any(rewrite(gap).is_nonnegative for rewrite in REWRITINGS) or any(
        nonnegative(start, depth - 1) and nonnegative(slope, depth - 1)
        for _, start, slope in growths(gap, depth)
    )


def positive(gap: sp.Expr, depth: int = 3) -> bool:
    """Whether gap > 0: by its form; or as above, where one of the two signs is strict."""
    return any(rewrite(gap).is_positive for rewrite in REWRITINGS) or any(
        (positive(start, depth - 1) and nonnegative(slope, depth - 1))
        or (symbol.is_positive and nonnegative(start, depth - 1) and positive(slope, depth - 1))
        for symbol, start, slope in growths(gap, depth)
    )


def growths(gap: sp.Expr, depth: int) -> Iterator[tuple[sp.Symbol, sp.Expr, sp.Expr]]:
    """Symbols x >= 0 in which gap is smooth on [0, ∞), with gap(0), and gap'(x) for x > 0.

    The derivative is over the reals, also where the symbol is a whole number. A positive
    denominator is left out, which changes no sign.
    """
    numerator, denominator = sp.fraction(sp.together(gap))
    forms = [gap, sp.simplify(gap), *([numerator] if denominator.is_positive else [])]
    symbols = [s for s in gap.free_symbols if s.is_nonnegative] if depth else []
    for symbol, form in itertools.product(sorted(symbols, key=str), dict.fromkeys(forms)):
        x = sp.Dummy("x", nonnegative=True)
        curve = form.subs(symbol, x)
        if smooth(curve, x):
            yield symbol, curve.subs(x, 0), curve.diff(x).subs(x, sp.Dummy("x", positive=True))


def smooth(expression: sp.Expr, x: sp.Symbol) -> bool:
    """Whether the expression is differentiable in x by its form: no pole, no kink, no branch."""
    if not expression.has(x) or expression == x:
        return True
    if isinstance(expression, sp.Pow):
        natural = expression.exp.is_integer and expression.exp.is_nonnegative
        innocent = natural or expression.base.is_positive
    else:
        positive_log = isinstance(expression, sp.log) and expression.args[0].is_positive
        innocent = positive_log or isinstance(expression, sp.Add | sp.Mul | sp.exp)
    return bool(innocent) and all(smooth(argument, x) for argument in expression.args)
