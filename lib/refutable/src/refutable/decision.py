"""A decision procedure for polynomial and piecewise statements over all reals, by z3.

Sums, products, rational powers, |x|, max, min and cases of real or integer symbols are translated;
anything else is left to computer algebra. z3 works within a fixed number of steps, not of seconds,
so that its answer is the same on every machine.
"""

from collections.abc import Iterable
from fractions import Fraction
from functools import reduce
from typing import Any, TypeAlias

import sympy as sp
import z3
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

Point: TypeAlias = dict[sp.Symbol, sp.Rational]

STEPS = 20_000_000
DIGITS = 30  # of a root in a counterexample

ASSUMPTIONS = {
    "positive": lambda x: x > 0,
    "nonnegative": lambda x: x >= 0,
    "negative": lambda x: x < 0,
    "nonpositive": lambda x: x <= 0,
    "nonzero": lambda x: x != 0,
}


class NotPolynomial(ValueError):
    """A function that the decision procedure does not know."""


class Translation:
    """SymPy's terms as z3's, with what must hold for them to be defined."""

    def __init__(self):
        self.symbols: dict[sp.Symbol, Any] = {}
        self.defined: list[Any] = []

    def condition(self, statement: Any) -> Any:
        """A relation, or a combination of relations."""
        if statement in (sp.true, sp.false, True, False):
            return z3.BoolVal(bool(statement))
        if isinstance(statement, sp.And | sp.Or | sp.Not):
            parts = [self.condition(part) for part in statement.args]
            connective = {sp.And: z3.And, sp.Or: z3.Or, sp.Not: z3.Not}[type(statement)]
            return connective(*parts)
        if not isinstance(statement, Relational):
            raise NotPolynomial(f"{statement} is no relation")
        left, right = map(self.term, statement.args)
        return RELATIONS[statement.rel_op](left, right)

    def term(self, expression: Any) -> Any:
        """A real number."""
        if expression.is_Rational:
            return z3.RealVal(Fraction(expression.p, expression.q))
        if expression.is_Symbol:
            return self.symbol(expression)
        if isinstance(expression, sp.Abs):
            x = self.term(expression.args[0])
            return z3.If(x >= 0, x, -x)
        if isinstance(expression, sp.Pow):
            return self.power(expression)
        if isinstance(expression, sp.Piecewise):
            *cases, (last, default) = expression.args
            if default != sp.true:
                raise NotPolynomial(f"{expression} has no value in its last case")
            return reduce(
                lambda rest, case: z3.If(self.condition(case[1]), self.term(case[0]), rest),
                reversed(cases),
                self.term(last),
            )
        if expression.func not in OPERATIONS:
            raise NotPolynomial(f"{expression.func} is neither polynomial nor piecewise")
        return reduce(OPERATIONS[expression.func], map(self.term, expression.args))

    def symbol(self, symbol: sp.Symbol) -> Any:
        """A real or whole number with the properties that it is assumed to have."""
        if symbol not in self.symbols:
            known = {
                name: True for name in (*ASSUMPTIONS, "integer") if symbol.assumptions0.get(name)
            }
            if symbol.assumptions0 != sp.Symbol("x", real=True, **known).assumptions0:
                raise NotPolynomial(f"{symbol} is not just real, whole or of one sign")
            name = f"{symbol}.{len(self.symbols)}"
            x = z3.ToReal(z3.Int(name)) if symbol.is_integer else z3.Real(name)
            self.symbols[symbol] = x
            self.defined += [
                holds(x) for name, holds in ASSUMPTIONS.items() if getattr(symbol, f"is_{name}")
            ]
        return self.symbols[symbol]

    def power(self, expression: sp.Pow) -> Any:
        """x^(p/q): the product of |p| roots; a root is the number whose q-th power is x >= 0."""
        base, exponent = self.term(expression.base), expression.exp
        if not exponent.is_Rational or abs(exponent.p) > 64 or exponent.q > 16:
            raise NotPolynomial(f"{expression} is no power with a small rational exponent")
        if exponent.q > 1:
            root = z3.Real(f"root.{len(self.defined)}")
            self.defined += [base >= 0, root >= 0, product(root, exponent.q) == base]
            base = root
        if exponent.p >= 0:
            return product(base, exponent.p)
        self.defined.append(base != 0)
        return 1 / product(base, -exponent.p)


def product(base: Any, exponent: int) -> Any:
    """base · … · base."""
    return reduce(lambda a, b: a * b, [base] * exponent, z3.RealVal(1))


RELATIONS = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">=": lambda a, b: a >= b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    "<": lambda a, b: a < b,
}
OPERATIONS: dict[Any, Any] = {
    sp.Add: lambda a, b: a + b,
    sp.Mul: lambda a, b: a * b,
    sp.Max: lambda a, b: z3.If(a >= b, a, b),
    sp.Min: lambda a, b: z3.If(a <= b, a, b),
}


def solution(statement: Boolean, given: Iterable[Boolean] = ()) -> Point | bool | None:
    """A point at which a statement is true; False if there is none; None if that is not decided.

    `given` are hypotheses which the point satisfies. A root in the point is rounded.
    """
    translation = Translation()
    solver = z3.Solver()
    solver.set("rlimit", STEPS)
    try:
        solver.add(*[translation.condition(part) for part in (*given, statement)])
    except NotPolynomial:
        return None
    solver.add(*translation.defined)
    answer = solver.check()
    if answer == z3.unknown:
        return None
    if answer == z3.unsat:
        return False
    model = solver.model()
    return {s: rational(model.eval(x, True)) for s, x in translation.symbols.items()}


def rational(value: Any) -> sp.Rational:
    """A value of z3's, a root rounded."""
    if isinstance(value, z3.AlgebraicNumRef):
        value = value.approx(DIGITS)
    fraction = z3.simplify(value).as_fraction()
    return sp.Rational(fraction.numerator, fraction.denominator)
