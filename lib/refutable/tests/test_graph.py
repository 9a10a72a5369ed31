"""The drawing of the dependency graph: every line leads right, and no two nodes overlap."""

from hypothesis import given
from hypothesis import strategies as st

from refutable.sphinx.graph import HEIGHT, WIDTH, columns, places, rows

# item k uses some of those before it
graphs = st.integers(1, 12).flatmap(
    lambda n: st.tuples(*(st.sets(st.integers(0, k - 1), max_size=3) if k else st.just(set())
                          for k in range(n)))
).map(lambda used: {str(k): tuple(map(str, sorted(each))) for k, each in enumerate(used)})  # fmt: skip


@given(graphs)
def test_every_line_of_the_graph_leads_to_the_right(depends):
    column = columns(depends)
    for item, used in depends.items():
        assert all(column[each] < column[item] for each in used)


@given(graphs, st.integers(1, 3))
def test_no_two_nodes_overlap_and_all_are_inside(depends, number):
    parts = {str(p): [item for item in depends if int(item) % number == p] for p in range(number)}
    place, heading, width, height = places(depends, {p: items for p, items in parts.items() if items})
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
