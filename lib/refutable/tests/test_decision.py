"""The decision procedure, with cvc5 as a second opinion and points as a third."""

import cvc5
import pytest
import sympy as sp
import z3
from hypothesis import given
from hypothesis import strategies as st

from refutable.decision import Translation, solution

x, z = sp.symbols("x z", real=True)
p = sp.Symbol("p", positive=True)
k = sp.Symbol("k", integer=True)

STATEMENTS = {  # whether it has a solution
    "square": (sp.Lt(x**2, 0, evaluate=False), False),
    "root": (sp.And(sp.Eq(x**2, 2), sp.Gt(x, 0)), True),
    "kink": (sp.Lt(sp.Max(x, 0) + sp.Max(-x, 0), sp.Abs(x), evaluate=False), False),
    "triangle": (sp.Gt(sp.Abs(x + z), sp.Abs(x) + sp.Abs(z), evaluate=False), False),
    "min and max": (sp.Ne(sp.Min(x, z) + sp.Max(x, z), x + z, evaluate=False), False),
    "cases": (sp.Gt(sp.Piecewise((x, x > 1), (-x, x < -1), (0, True)), 5), True),
    "quotient": (sp.Lt(p + 1 / p, 2), False),
    "third root": (sp.Eq(p ** sp.Rational(1, 3), 5), True),
    "power 3/2": (sp.Lt((1 + p) ** sp.Rational(3, 2), 1 + 3 * p / 2), False),
    "whole number": (sp.Eq(2 * k, 1, evaluate=False), False),
    "relu": (sp.Gt(sp.Abs(sp.Max(x, 0) - sp.Max(z, 0)), sp.Abs(x - z), evaluate=False), False),
    "either": (sp.Or(sp.Lt(x**2, -1, evaluate=False), sp.Eq(x, 7)), True),
}


def second_opinion(statement):
    """What cvc5 says: whether there is a solution."""
    translation, solver = Translation(), z3.Solver()
    solver.add(translation.condition(statement))
    solver.add(*translation.defined)
    other = cvc5.Solver()
    logic = "QF_NIRA" if statement.has(k) else "QF_NRA"
    parser = cvc5.InputParser(other)
    parser.setStringInput(
        cvc5.InputLanguage.SMT_LIB_2_6,
        f"(set-logic {logic})\n" + solver.sexpr() + "(check-sat)",
        "text",
    )
    symbols, answer = parser.getSymbolManager(), ""
    while not (command := parser.nextCommand()).isNull():
        answer = command.invoke(other, symbols).strip()
    return {"sat": True, "unsat": False}.get(answer)


@pytest.mark.parametrize("name", STATEMENTS)
def test_two_procedures_agree(name):
    statement, solvable = STATEMENTS[name]
    assert (solution(statement) is not False) == solvable
    assert second_opinion(statement) == solvable


def test_solutions_satisfy_the_statement_and_the_hypotheses():
    statement = sp.Gt(x * z, 1)
    point = solution(statement, given=[sp.Eq(x + z, 10), sp.Gt(x, z)])
    assert statement.subs(point) == sp.true and sum(point.values()) == 10
    assert point[x] > point[z]


def test_roots_are_rounded():
    point = solution(sp.And(sp.Eq(x**2, 2), sp.Gt(x, 0)))
    assert abs(point[x] - sp.sqrt(2)) < sp.Rational(1, 10**20)


@given(st.integers(-20, 20), st.integers(-20, 20), st.integers(-20, 20))
def test_quadratics_are_decided_as_by_their_discriminant(a, b, c):
    found = solution(sp.Gt(a * x**2 + b * x + c, 0, evaluate=False))
    positive = a > 0 or (a == 0 and (b != 0 or c > 0)) or (a < 0 and b**2 > 4 * a * c)
    assert (found is not False) == positive
    if found:
        assert (a * x**2 + b * x + c).subs({x: 0, **found}) > 0


@pytest.mark.parametrize(
    "beyond", [sp.exp(x), sp.sin(x), x**z, sp.Symbol("c"), sp.Symbol("q", irrational=True)]
)
def test_other_functions_and_numbers_are_not_decided(beyond):
    assert solution(sp.Eq(beyond, 1, evaluate=False)) is None
