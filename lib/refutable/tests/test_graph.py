"""The drawing of the dependency graph: every line leads right, and no two nodes overlap."""

from hypothesis import given
from hypothesis import strategies as st

from refutable.sphinx.graph import HEIGHT, WIDTH, columns, places, rows


@st.composite
def graphs(draw):
    """Items, each of which uses some of those before it."""
    number = draw(st.integers(1, 12))
    used = [draw(st.sets(st.integers(0, k - 1), max_size=3)) if k else set() for k in range(number)]
    return {str(k): tuple(map(str, sorted(each))) for k, each in enumerate(used)}


@given(graphs())
def test_every_line_of_the_graph_leads_to_the_right(depends):
    column = columns(depends)
    for item, used in depends.items():
        assert all(column[each] < column[item] for each in used)


@given(graphs(), st.integers(1, 3))
def test_no_two_nodes_overlap_and_all_are_inside(depends, number):
    parts = {str(p): [k for k in depends if int(k) % number == p] for p in range(number)}
    parts = {part: items for part, items in parts.items() if items}
    place, _, width, height = places(depends, parts)
    assert set(place) == set(depends) and len(set(place.values())) == len(depends)
    for a in place.values():
        assert a.x >= 0 and a.y >= 0 and a.x + WIDTH <= width and a.y + HEIGHT <= height
        assert all(
            abs(a.x - b.x) >= WIDTH or abs(a.y - b.y) >= HEIGHT for b in place.values() if a != b
        )


def test_an_item_stands_next_to_the_first_that_uses_it():
    assert columns({"a": (), "b": (), "c": ("b",), "d": ("a", "c")}) == {
        "a": 1,
        "b": 0,
        "c": 1,
        "d": 2,
    }


def test_barycentres_untangle_crossed_lines():
    depends = {"a": (), "b": (), "c": ("b",), "d": ("a",)}
    row = rows(list(depends), columns(depends), depends)
    assert (row["a"] < row["b"]) == (row["d"] < row["c"])


def test_a_paper_without_items_has_an_empty_drawing():
    assert places({}, {})[:2] == ({}, {})
