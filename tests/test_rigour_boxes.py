"""Branch and bound: the bracket contains the minimum of functions whose minimum is known."""

import math

import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from margintheory.rigour import boxes

places = st.floats(-0.9, 0.9)


@settings(max_examples=20)
@given(places, places, st.floats(0.1, 10), st.sampled_from([2.0**-40, 1.0]))
def test_the_bracket_contains_the_minimum_of_a_bowl(a, b, c, unit):
    found = boxes.minimum(
        lambda p: unit * (1 + (p[0] - a) ** 2 + c * (p[1] - b) ** 2),
        [(-1, 1), (-1, 2)],
        rtol=1e-3,
        max_boxes=10**4,
    )
    assert found.lower <= unit <= found.upper
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


@given(st.floats(-3.2, 3.2), st.floats(1e-6, 3), st.booleans())
def test_an_end_of_a_box_is_not_lost(low, width, left):
    """A needle at an end is seen by every box that holds the end, and by no midpoint."""
    box = (low, low + width)
    needle = arb(box[0] if left else box[1])

    def f(p):
        return arb(0.5).union(arb(1)) if p[0].contains(needle) else arb(1)

    with pytest.raises(ValueError, match="did not close"):
        boxes.minimum(f, [box], rtol=0.1, max_boxes=40)


@given(st.floats(-3.2, 3.2), st.floats(1e-6, 3), st.booleans())
def test_a_needle_where_two_boxes_meet_is_not_lost(low, width, left):
    """Here the needle is a midpoint of a later box, where its value is found."""
    high = low + width
    middle = low / 2 + high / 2
    quarter = arb(low / 2 + middle / 2 if left else middle / 2 + high / 2)

    def f(p):
        if p[0] == quarter:
            return arb(1)
        return arb(1).union(arb(2)) if p[0].contains(quarter) else arb(2)

    found = boxes.minimum(f, [(low, high)], rtol=1e-6)
    assert found.upper == 1 and found.lower <= 1
    assert found.argmin == [float(quarter)] and found.enclosure[0].contains(quarter)


@settings(max_examples=20)
@given(places, places)
def test_the_enclosure_holds_all_minimisers_and_is_no_wider_than_the_bracket_tells(a, b):
    found = boxes.minimum(
        lambda p: 1 + ((p[0] - a) * (p[0] - b)) ** 2, [(-1, 1)], rtol=1e-6, max_boxes=10**4
    )
    assert found.enclosure[0].contains(arb(a)) and found.enclosure[0].contains(arb(b))
    assert found.enclosure[0] < max(a, b) + 0.15 and found.enclosure[0] > min(a, b) - 0.15


def test_the_enclosure_has_a_side_for_each_coordinate():
    found = boxes.minimum(
        lambda p: 2 - (p[0] + 2 * p[1] - 3) + 9 * p[0] ** 2, [(-1, 1), (0, 3)], rtol=1e-4
    )
    x, y = found.enclosure  # the minimum is at (1/18, 3)
    assert x.contains(arb(1) / 18) and y.contains(arb(3))
    assert x.rad() < 0.05 and y.rad() < 0.05 and y > 2.9


def test_a_constant_is_minimal_everywhere_also_where_the_constraint_is_just_met():
    for value in (0, 1, -1):
        found = boxes.minimum(
            lambda p, value=value: arb(value), [(0, 3)], rtol=1e-9, where=lambda p: arb(0)
        )
        assert found.lower == found.upper == value
        assert found.enclosure[0].contains(arb(0)) and found.enclosure[0].contains(arb(3))


def test_points_where_the_function_is_not_a_number_are_no_minima():
    def f(p):
        return arb("nan") if p[0] == 0 else 1 + (p[0] - arb("0.3")) ** 2

    found = boxes.minimum(f, [(-1, 1)], rtol=1e-3)
    assert found.lower <= 1 <= found.upper <= 1.01


def test_boxes_at_the_ends_of_the_floats():
    top = 1.7e308
    found = boxes.minimum(lambda p: 1 + (p[0] / top - 1) ** 2, [(top / 2, top)], rtol=1e-3)
    assert found.lower <= 1 <= found.upper
    tiny = boxes.minimum(lambda p: 1 + p[0], [(5e-324, 1e-322)], rtol=1e-3)
    assert tiny.upper <= 1.001 and 5e-324 <= tiny.argmin[0] <= 1e-322


def test_the_longest_side_in_units_of_the_box_is_halved_first():
    """A function of the second coordinate alone, on a box that is a million times shorter there."""
    seen = []

    def f(p):
        seen.append(p)
        return 1 + (p[1] * 1000) ** 2

    boxes.minimum(f, [(0, 1000), (0, 1e-3)], rtol=0.2)
    assert len(seen) < 40


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"box": []}, "empty"),
        ({"box": [(1, 1)]}, "low < high"),
        ({"box": [(0, 1), (2, 1)]}, "low < high"),
        ({"box": [(math.nan, 1)]}, "low < high"),
        ({"box": [(0, math.inf)]}, "too wide"),
        ({"box": [(-1.7e308, 1.7e308)]}, "too wide"),
        ({"box": [(0, 1)], "where": lambda p: p[0] + 1}, "satisfies the constraint"),
        ({"box": [(0, 1)], "max_boxes": 3}, "did not close"),
    ],
)
def test_what_cannot_be_bracketed_is_refused(arguments, word):
    with pytest.raises(ValueError, match=word):
        boxes.minimum(lambda p: 1 + (p[0] - arb("0.3")) ** 2, rtol=1e-8, **arguments)
