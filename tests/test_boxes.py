"""Branch and bound: the bracket contains the minimum of functions whose minimum is known."""

import math

import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from margintheory.rigour import boxes

places = st.floats(-0.9, 0.9)


@given(places, places, st.floats(0.1, 10))
def test_the_bracket_contains_the_minimum_of_a_bowl(a, b, c):
    found = boxes.minimum(
        lambda p: 1 + (p[0] - a) ** 2 + c * (p[1] - b) ** 2, [(-1, 1), (-1, 2)], rtol=1e-3
    )
    assert found.lower <= 1 <= found.upper
    assert found.upper - found.lower <= 1e-3 * found.upper
    assert math.dist(found.argmin, (a, b)) <= math.sqrt(2e-3 / min(1, c))


def test_the_deeper_of_two_wells_is_found():
    """−cos(5t) has its wells at 0 and ±2π/5; the tilt makes the left one the deepest."""
    found = boxes.minimum(lambda p: 2 - (5 * p[0]).cos() + p[0] / 10, [(-2, 2)], rtol=1e-6)
    assert found.argmin[0] == pytest.approx(-2 * math.pi / 5, abs=0.01)


def test_a_constraint_moves_the_minimum_to_its_boundary():
    found = boxes.minimum(
        lambda p: p[0] + p[1],
        [(-2, 2), (-2, 2)],
        rtol=1e-2,
        where=lambda p: p[0] ** 2 + p[1] ** 2 - 1,
    )
    assert found.lower <= -arb(2).sqrt() <= found.upper


def test_the_value_at_the_returned_point_is_the_upper_bound():
    found = boxes.minimum(lambda p: (p[0] ** 2 - 2) ** 2 + 1, [(0, 3)], rtol=1e-4)
    assert arb((found.argmin[0] ** 2 - 2) ** 2 + 1) <= found.upper + arb("1e-12")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"box": []}, "empty"),
        ({"box": [(1, 1)]}, "low < high"),
        ({"box": [(0, 1)], "where": lambda p: p[0] + 1}, "satisfies the constraint"),
        ({"box": [(0, 1)], "max_boxes": 3}, "did not close"),
    ],
)
def test_what_cannot_be_bracketed_is_refused(arguments, word):
    with pytest.raises(ValueError, match=word):
        boxes.minimum(lambda p: 1 + (p[0] - arb("0.3")) ** 2, rtol=1e-8, **arguments)
