"""Symbolic evidence: a relation is shown for all values of its symbols.

A relation is refuted by a witness, a point at which it is certainly false, and shown by rewriting
or by a decision procedure. The search for a witness comes first, so that no rewriting is believed
against a counterexample.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean, BooleanAtom

from refutable.card import Evidence, Title
from refutable.decision import Point, solution
from refutable.relations import AtLeast, AtMost, Equal, with_bound
from refutable.verdict import Control, Finding, establish
from refutable.witnesses import POINTS, Relation, counterexample, difference, points_of, sharpest

RELATIONS = (sp.Eq, sp.Ge, sp.Gt, sp.Le, sp.Lt)
AS_WRITTEN = {AtMost: sp.Le, AtLeast: sp.Ge, Equal: sp.Eq}
REWRITINGS: tuple[Callable[[sp.Expr], sp.Expr], ...] = (
    lambda expression: expression,
    sp.expand,
    sp.factor,
    sp.simplify,
    lambda expression: sp.factor(sp.simplify(expression)),
)


def symbolic(
    claim: str,
    statement: Relation | Iterable[Relation],
    *,
    control: Control | Sequence[Control],
    checks: str,
    part: str | None = None,
    given: Sequence[Boolean] = (),
    near: Sequence[Point] = (),
    loose: str | None = None,
) -> Evidence:
    """Each relation holds for all values that the assumptions on its symbols allow.

    `statement` is `AtMost(left, right)`, `AtLeast(left, right)`, `Equal(left, right)` or SymPy's
    `Eq`, `Ge`, `Gt`, `Le`, `Lt` of exact expressions, or several, under the hypotheses `given`. It
    speaks of the values for which both sides are defined. An equality is shown by reducing the
    difference of its sides to 0; an inequality by a form of the difference whose sign follows from
    the assumptions, by its value at 0 and the sign of its derivative, or, if it is polynomial or
    piecewise, by a decision procedure. A control is rejected by a point that the assumptions allow
    and at which it is false: a rational one, in ball arithmetic, or one of the decision procedure.

    The tightness is that of the inequality which reaches least of its larger side; the points at
    which that is measured include those of `near`. An equality is sharp. `loose` says why the
    tightness is below one half, if it is.

    Raises `ClaimRefuted` if a relation has such a point (refuted) or could not be shown,
    `ControlNotRejected`, and `ValueError` for what is not an exact relation between real numbers,
    for hypotheses that nothing satisfies, and for a relation which SymPy decided as it was written.
    """
    title = Title(claim, part, "symbolic", checks)
    check = partial(show, near=list(near))
    whole = {"statement": statement, "given": given}
    return establish(title, check, whole, control, tighten=tighten, loose=loose)


def tighten(factor: float, statement: Any, given: Sequence[Boolean]) -> dict[str, Any]:
    """The statement with each larger side times the factor."""
    fraction = sp.Rational(str(factor))
    return {"statement": [with_bound(as_sides(r), fraction) for r in listed(statement)]}


def show(statement: Any, given: Sequence[Boolean], *, near: Sequence[Point]) -> Finding:
    """Whether each relation can be shown, or some relation has a witness against it, or neither."""
    relations = exact_relations(statement)
    satisfiable(relations, given, near)
    count = len(relations)
    for relation in relations:
        if (witness := counterexample(relation, given, near)) is not None:
            return Finding("fails", "", f"false {witness}", count)
    for relation in relations:
        if isinstance(relation, BooleanAtom):
            raise ValueError(
                "a relation is True as written, since SymPy simplified it; give both sides, as in "
                "AtMost(left, right), so that something is left to show."
            )
        if not (shown_for_all_values(relation) or decided(relation, given)):
            detail = f"neither shown nor refuted at {POINTS} points: {relation}"
            return Finding("undecided", "", detail, count)
    tightness, where = min(sharpest(relation, given, near) for relation in relations)
    summary = "shown for all values" if count == 1 else f"{count} relations shown for all values"
    return Finding(
        verdict="holds",
        summary=summary,
        detail=summary,
        instances=count,
        tightness=tightness,
        where=where,
        tolerance="none: exact",
    )


def satisfiable(relations: list[Relation], given: Sequence[Boolean], near: Sequence[Point]) -> None:
    """Whether some values satisfy the hypotheses and the assumptions on the symbols."""
    for relation in relations:
        if next(points_of(relation, given, near), None) is None and not isinstance(
            solution(sp.true, given), dict
        ):
            raise ValueError(
                f"no point was found that the hypotheses of {relation} allow; if there is one, "
                "give it in `near`."
            )


def decided(relation: Relation, given: Sequence[Boolean]) -> bool:
    """Whether the decision procedure shows that the relation is nowhere false."""
    return solution(sp.Not(relation), given) is False


def listed(statement: Any) -> list[Any]:
    """The relations of a statement."""
    single = isinstance(statement, sp.Basic | AtMost | AtLeast | Equal)
    several = isinstance(statement, Iterable) and not single
    return list(statement) if several else [statement]


def exact_relations(statement: Any) -> list[Relation]:
    """The relations of a statement, if each is exact and, for an inequality, between reals."""
    relations = [as_written(relation) for relation in listed(statement)]
    if not relations:
        raise ValueError("there is no relation to show; the statement is empty.")
    for relation in relations:
        if isinstance(relation, BooleanAtom):
            continue
        if not isinstance(relation, RELATIONS):
            raise ValueError(
                "a statement must be AtMost, AtLeast, Equal, or sp.Eq, sp.Ge, sp.Gt, sp.Le or "
                f"sp.Lt, got {relation!r} (== compares how two expressions are written)."
            )
        if relation.atoms(sp.Float):
            raise ValueError(f"{relation} has a float; write sp.Rational(1, 2) for 0.5.")
        unreal = [s for s in relation.free_symbols if not s.is_extended_real]
        if unreal and not isinstance(relation, sp.Eq):
            raise ValueError(f"declare the symbols of {relation} real: {unreal}.")
    return relations


def as_written(relation: Any) -> Any:
    """A relation as one of SymPy's, not simplified."""
    if type(relation) not in AS_WRITTEN:
        return relation
    left, right = map(sp.sympify, relation)
    return AS_WRITTEN[type(relation)](left, right, evaluate=False)


def as_sides(relation: Any) -> AtMost | Equal:
    """One of SymPy's relations as one whose larger side is on the right."""
    relation = as_written(relation)
    if isinstance(relation, sp.Eq):
        return Equal(*relation.args)
    return AtMost(relation.lts, relation.gts)


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
