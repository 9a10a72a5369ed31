"""Symbolic evidence: shown by rewriting, refuted by a witness."""

import mpmath
import pytest
import sympy as sp
from flint import ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from refutable import AtLeast, AtMost, ClaimRefuted, Control, ControlNotRejected, Equal, symbolic
from refutable.algebra import exact_relations, growths, shown_for_all_values, smooth
from refutable.algebra import show as show_under
from refutable.witnesses import PRECISION, allowed, enclosure, points

x, z = sp.symbols("x z", real=True)
a, b, s, lam = sp.symbols("a b s lambda", positive=True)
y = sp.Symbol("y", nonnegative=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
complex_number = sp.Symbol("c")

TRUE = {
    "binomial": sp.Eq((x + z) ** 2, x**2 + 2 * x * z + z**2),
    "complex": sp.Eq((complex_number - 1) * (complex_number + 1), complex_number**2 - 1),
    "powers": sp.Eq(lam * (lam ** (-1 / (s + 1))) ** s, lam ** (1 / (s + 1))),
    "softmax": sp.Eq(sp.log(sp.exp(x) + sp.exp(-x)), x + sp.log(1 + sp.exp(-2 * x))),
    "loss is not negative": AtLeast(sp.log(1 + sp.exp(-z)), 0),
    "arithmetic and geometric mean": sp.Ge(a**2 + b**2, 2 * a * b),
    "Bernoulli": sp.Ge((1 + y) ** (k + 1), 1 + (k + 1) * y),
    "step (d)": sp.Le((1 + a) ** (k + 1) - 1, (k + 1) * a * (1 + a) ** k),
    "log below": sp.Ge(sp.log(1 + y), y / (1 + y)),
    "log above": sp.Le(sp.log(1 + y), y),
    "strict": sp.Gt(sp.exp(a), 1 + a),
    "second order": sp.Ge(sp.exp(y), 1 + y + y**2 / 2),
    "numbers": AtLeast(sp.pi, 3),
    "several": [sp.Eq(sp.exp(x + z), sp.exp(x) * sp.exp(z)), AtLeast(sp.Abs(x), 0)],
    "piecewise": AtMost(sp.Abs(sp.Max(x + z, 0) - sp.Max(x, 0)), sp.Abs(z)),
    "quartic": AtLeast(x**4 + 3, 4 * x),
}
FALSE = {
    "sign": sp.Eq((x + z) ** 2, x**2 - 2 * x * z + z**2),
    "exponent": sp.Eq(lam * (lam ** (-1 / s)) ** s, lam ** (1 / (s + 1))),
    "constant": sp.Ge(a**2 + b**2, sp.Rational(21, 10) * a * b),
    "n dropped": sp.Le((1 + a) ** (k + 1) - 1, a * (1 + a) ** k),
    "wrong way": sp.Ge(sp.log(1 + y), y),
    "not strict": sp.Gt(x**2, 0),
    "only above zero": sp.Ge(x**3, 0),
    "third order": sp.Ge(1 + y + y**2 / 2, sp.exp(y)),
    "pole": sp.Ge(1 / (1 - y), 0),
    "start": sp.Ge(sp.exp(y), 2),
    "tangent": sp.Ge(sp.tan(y), 0),
    "equality at zero": sp.Gt(sp.exp(y), 1 + y),
    "numbers": AtLeast(3, sp.pi),
    "piecewise": AtMost(sp.Abs(sp.Max(x + z, 0) - sp.Max(x, 0)), sp.Max(z, 0)),
    "quartic": AtLeast(x**4 + 3, sp.Rational(401, 100) * x),
    "irrational": sp.Eq(sp.sqrt(a**2 + b**2), a + b),
    "one of several": [sp.Eq(x - x, 0), sp.Le(sp.exp(x), 1)],
}


def show(statement, given=(), near=()):
    return show_under(statement, given, near=near)


REJECTED = Control("false", sp.Ge(-1 - x**2 + z, 0))


@pytest.mark.parametrize("name", TRUE)
def test_a_true_statement_is_shown(name):
    assert show(TRUE[name]).verdict == "holds"


@pytest.mark.parametrize("name", FALSE)
def test_a_false_statement_is_refuted_by_a_witness(name):
    with pytest.raises(ClaimRefuted, match="refuted\nfalse "):
        symbolic("Claim A.1", FALSE[name], control=REJECTED, checks="a falsehood")
    assert symbolic(
        "Claim A.1", TRUE["strict"], control=Control("false", FALSE[name]), checks="a truth"
    )


@pytest.mark.parametrize("name", FALSE)
def test_rewriting_alone_shows_no_false_statement(name):
    assert not all(map(shown_for_all_values, exact_relations(FALSE[name])))


@pytest.mark.parametrize("name", TRUE)
def test_a_control_that_is_true_is_not_rejected(name):
    with pytest.raises(ControlNotRejected, match="holds, too"):
        symbolic("Claim A.1", TRUE["strict"], control=Control("x", TRUE[name]), checks="a truth")


def test_a_card_prints_the_witness():
    card = symbolic(
        "Lemma A.2", AtLeast(a, 0), control=Control("any sign", sp.Ge(x, 0)), checks="a sign"
    )
    assert card.controls[0].how == "false at x = -1: larger − smaller side is -1"
    assert str(card) == (
        "Lemma A.2 · symbolic · shown for all values · reaches 0 % · control rejected: any sign"
    )


@pytest.mark.parametrize(
    "undecided",
    [
        # true, but beyond the methods; false, but only where no point looks; unknown functions
        sp.Ge(sp.exp(x), 1 + x),
        sp.Ge(sp.exp(x) * (x - sp.Rational(1, 7)) ** 2, sp.Rational(1, 10**9)),
        sp.Ge(sp.Function("f")(x) ** 3, 0),
        sp.Eq(sp.Function("f")(x), sp.Function("f")(-x)),
    ],
)
def test_what_cannot_be_decided_is_no_pass_and_no_rejection(undecided):
    with pytest.raises(ClaimRefuted, match="not shown\nneither shown nor refuted"):
        symbolic("Claim A.1", undecided, control=REJECTED, checks="a riddle")
    with pytest.raises(ControlNotRejected, match="could not be decided"):
        symbolic(
            "Claim A.1", TRUE["strict"], control=Control("riddle", undecided), checks="a truth"
        )


@pytest.mark.parametrize("kink", [1 / (1 - y), sp.Abs(y - 2), sp.log(y), sp.sqrt(y), sp.tan(y)])
def test_growth_from_zero_is_not_argued_across_poles_kinks_and_branches(kink):
    assert not smooth(kink, y)
    assert not list(growths(kink, depth=1))


def test_a_positive_slope_does_not_hide_a_pole():
    # (1 − y)⁻¹ is 1 at 0 and has a positive slope wherever it is defined, but is negative at 2
    assert show(sp.Ge(1 / (1 - y), 0)).verdict == "fails"


@pytest.mark.parametrize(
    "statement, message",
    [
        ([], "empty"),
        (True, "must be AtMost"),
        (x + 1, "must be AtMost"),
        ([sp.Eq(x, z), x], "must be AtMost"),
        (sp.Ne(x, z), "must be AtMost"),
        (sp.And(sp.Ge(x, 0), sp.Ge(z, 0)), "must be AtMost"),
        (sp.Ge(a, 0.5 * b), "float"),
        (sp.Ge(complex_number, 0, evaluate=False), "real"),
    ],
)
def test_a_statement_must_be_an_exact_relation_between_reals(statement, message):
    with pytest.raises(ValueError, match=message):
        symbolic("Claim A.1", statement, control=REJECTED, checks="nonsense")


@pytest.mark.parametrize("symbol", [x, y, a, k, sp.Symbol("p", prime=True)], ids=str)
def test_witnesses_respect_the_assumptions(symbol):
    values = [point[symbol] for point in points([symbol])]
    assert values and all(allowed(symbol, value) for value in values)
    assert all(value >= 0 for value in values) or symbol is x
    assert all(value.is_integer for value in values) or symbol in (x, y, a)


def test_a_symbol_without_allowed_points_leaves_the_claim_undecided():
    irrational = sp.Symbol("q", irrational=True)
    assert show(sp.Ge(irrational, 0)).verdict == "undecided"


def test_points_at_which_a_side_is_undefined_are_no_witnesses():
    assert show(sp.Eq((x**2 - 1) / (x - 1), x + 1)).verdict == "holds"
    assert show(sp.Ge(sp.sqrt(x), 0)).verdict != "fails"


numbers = st.fractions(-5, 5, max_denominator=20)
FORMULAS = [
    (
        sp.exp(x) * sp.log(2 + sp.Abs(x)) - sp.sqrt(x**2 + 1),
        lambda t: mpmath.exp(t) * mpmath.log(2 + abs(t)) - mpmath.sqrt(t**2 + 1),
    ),
    (
        sp.Max(x, sp.sin(x)) / sp.pi + sp.Min(sp.cos(x), sp.E),
        lambda t: max(t, mpmath.sin(t)) / mpmath.pi + min(mpmath.cos(t), mpmath.e),
    ),
    (
        sp.tanh(x) + sp.gamma(x**2 + 1) ** sp.Rational(1, 3),
        lambda t: mpmath.tanh(t) + mpmath.gamma(t**2 + 1) ** (mpmath.mpf(1) / 3),
    ),
]


@settings(deadline=None, max_examples=20, derandomize=True)
@given(numbers, st.sampled_from(FORMULAS))
def test_the_enclosure_contains_the_value_and_is_narrow(number, formula):
    expression, oracle = formula
    value = sp.Rational(number.numerator, number.denominator)
    with ctx.workprec(PRECISION):
        ball = enclosure(expression.subs(x, value))
    with mpmath.workdps(60):
        exact = oracle(mpmath.mpf(number.numerator) / number.denominator)
        assert abs(mpmath.mpf(ball.mid().str(70, radius=False)) - exact) < mpmath.mpf(10) ** -50


def test_what_is_polynomial_or_piecewise_is_decided_even_where_no_point_looks():
    found = show(sp.Ge((x - sp.Rational(1, 7)) ** 2, sp.Rational(1, 10**9)))
    assert found.verdict == "fails" and "at x = " in found.detail


def test_hypotheses_are_used_and_needed():
    circle = [sp.Eq(x**2 + z**2, 1)]
    statement = AtMost(x + z, sp.sqrt(2))
    control = Control("the hypothesis dropped", given=[])
    card = symbolic("Claim A.1", statement, given=circle, control=control, checks="a norm")
    assert card.tightness >= 0.99
    with pytest.raises(ClaimRefuted, match="refuted"):
        tighter = AtMost(x + z, sp.Rational(7, 5))
        symbolic("Claim A.1", tighter, given=circle, control=control, checks="a norm")


def test_hypotheses_that_nothing_satisfies_are_refused():
    for impossible in ([sp.Lt(x**2 + 1, 0)], [sp.Gt(x, 1), sp.Lt(x, 0)]):
        with pytest.raises(ValueError, match="no point was found"):
            show(AtLeast(x, 2), impossible)


def test_a_statement_that_sympy_already_decided_is_refused():
    for statement in (sp.true, sp.Ge(x**2, 0), [sp.Eq(x, z), sp.Ge(sp.Abs(x), 0)][1:]):
        with pytest.raises(ValueError, match="True as written"):
            show(statement)


@pytest.mark.parametrize(
    "statement, tightness",
    [
        (Equal((x + 1) ** 2, x**2 + 2 * x + 1), 1.0),
        (AtMost(2 * a * b, a**2 + b**2), 0.9999),
        (AtLeast(sp.log(1 + a), a / (1 + a)), 0.999),  # at a = 1/1000, the nearest point drawn
        (AtMost(sp.exp(-a), 2), 0.49),
        ([AtMost(a, 2 * a), AtMost(a * b, a * b + a)], 0.5),
        (AtMost(x / (1 + x**2), 1), 0.5),
        (AtMost(x, sp.Abs(x) * 4), 0.25),
    ],
    ids=str,
)
def test_the_tightness_is_that_of_the_loosest_relation(statement, tightness):
    found = show(statement)
    assert tightness - 0.011 <= found.tightness <= tightness


def test_points_may_be_given_at_which_a_bound_is_nearly_reached():
    statement = AtMost(sp.exp(-a), 1)
    assert show(statement, near=[{a: sp.Rational(1, 10**6)}]).tightness == 0.9999
    assert show(statement).tightness < 0.9999


def test_a_factor_scales_the_larger_side():
    for statement in (AtMost(2 * a * b, a**2 + b**2), sp.Ge(a**2 + b**2, 2 * a * b)):
        control = Control("one per cent less", factor=0.99)
        assert symbolic("Claim A.1", statement, control=control, checks="means")
        with pytest.raises(ControlNotRejected):
            symbolic("Claim A.1", AtMost(a, 2 * a), control=Control("x", factor=0.6), checks="x")


def test_the_same_statement_gives_the_same_record_twice():
    def record():
        control = Control("false", FALSE["constant"])
        return symbolic("Claim A.1", TRUE["Bernoulli"], control=control, checks="powers").record()

    assert record() == record()
