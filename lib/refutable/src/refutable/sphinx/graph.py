"""The dependency graph as an SVG: parts of the paper from top to bottom, proofs left to right.

An item stands one column to the right of the last item that its proof uses, or further right, next
to the first item that uses it. Rows of a part are ordered by barycentres, so that few edges cross.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from html import escape
from statistics import fmean

from .claims import Claim
from .evidence import KINDS, TO_COME
from .views import View, css, tag

Depends = Mapping[str, tuple[str, ...]]

# so that kinds are not told by colour alone
MARKS = dict(zip((*KINDS, TO_COME), ("∎", "≡", "±", "×", "∼", "○", ""), strict=True))

ZOOMS = (("+", "+", "larger"), ("-", "−", "smaller"), ("0", "1 : 1", "as at first"))

WIDTH, HEIGHT = 94, 30  # of a node
COLUMN, ROW = 122, 42  # from one node to the next
MARGIN, HEADING = 12, 34  # around the drawing; above each part
LEGIBLE = 900  # a wider drawing shrinks to this width and no further
SWEEPS = 8


@dataclass(frozen=True)
class Place:
    """Top left corner of a node."""

    x: float
    y: float


def columns(depends: Depends) -> dict[str, int]:
    """Longest-path layering, each item then moved right to just before its first user."""
    order = list(TopologicalSorter(depends).static_order())
    column: dict[str, int] = {}
    for item in order:
        column[item] = max((column[used] + 1 for used in depends[item]), default=0)
    users = _users(depends)
    for item in reversed(order):
        if users[item]:
            column[item] = min(column[user] for user in users[item]) - 1
    return column


def rows(items: list[str], column: Mapping[str, int], depends: Depends) -> dict[str, float]:
    """The row of each item of one part: barycentre sweeps over its columns, each centred."""
    cells: dict[int, list[str]] = {}
    for item in items:
        cells.setdefault(column[item], []).append(item)
    height = max(len(cell) for cell in cells.values())
    row: dict[str, float] = {}

    def centre(cell: list[str]) -> None:
        for i, item in enumerate(cell):
            row[item] = i + (height - len(cell)) / 2

    for cell in cells.values():
        centre(cell)
    users = _users(depends)
    for sweep in range(SWEEPS):
        neighbours = depends if sweep % 2 == 0 else users
        for index in sorted(cells, reverse=sweep % 2 == 1):
            pull = {
                item: fmean([row[n] for n in neighbours[item] if n in row] or [row[item]])
                for item in cells[index]
            }
            cells[index].sort(key=lambda item: pull[item])
            centre(cells[index])
    return row


def places(
    depends: Depends, parts: Mapping[str, list[str]]
) -> tuple[dict[str, Place], dict[str, float], float, float]:
    """Where each node goes, where each part's heading goes, and the size of the drawing.

    Each part is the list of its items, and has at least one.
    """
    column = columns(depends)
    place: dict[str, Place] = {}
    heading: dict[str, float] = {}
    top = float(MARGIN)
    for part, items in parts.items():
        row = rows(items, column, depends)
        heading[part] = top
        for item in items:
            x = MARGIN + column[item] * COLUMN
            place[item] = Place(x, top + HEADING + row[item] * ROW)
        top += HEADING + (max(row.values()) + 1) * ROW
    return place, heading, MARGIN * 2 + max(column.values(), default=0) * COLUMN + WIDTH, top


def grouped(view: View) -> dict[str, list[str]]:
    """The items of each part: parts in the order of the configuration, then as they come."""
    parts: dict[str, list[str]] = {part: [] for part in view.builder.config.refutable_parts}
    for claim in view.claims.values():
        parts.setdefault(view.heading(claim), []).append(claim.id)
    return {part: items for part, items in parts.items() if items}


def graph(view: View, _: str) -> str:
    """All items and what each rests on, coloured by the weakest evidence underneath."""
    depends = {claim.id: claim.depends for claim in view.claims.values()}
    place, heading, width, height = places(depends, grouped(view))
    headings = "".join(
        f'<text class="part" x="{MARGIN}" y="{y + 16:g}">{escape(part)}</text>'
        for part, y in heading.items()
    )
    edges = "".join(
        f'<path data-from="{used}" data-to="{claim.id}" '
        f'd="{_curve(place[used], place[claim.id])}"/>'
        for claim in view.claims.values()
        for used in claim.depends
    )
    nodes = "".join(_node(view, claim, place[claim.id]) for claim in view.claims.values())
    legend = "".join(f"<li>{MARKS[kind]} {tag(kind)}</li>" for kind in MARKS)
    buttons = "".join(
        f'<button type="button" data-zoom="{step}" aria-label="{name}">{sign}</button>'
        for step, sign, name in ZOOMS
    )
    return (
        f'<figure class="graph"><ul class="graph-legend">{legend}</ul>'
        f'<div class="graph-zoom" role="group" aria-label="Zoom" hidden>{buttons}</div>'
        f'<div class="graph-scroll" tabindex="0" role="region" aria-label="Dependency graph">'
        f'<svg viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" '
        f'style="min-width: {min(width, LEGIBLE):g}px; max-width: {width:g}px" '
        f'role="group" aria-label="{len(view.claims)} items of the paper; lines lead from an item '
        f'to those whose proofs use it"><g class="edges" aria-hidden="true">{edges}</g>'
        f"{headings}{nodes}</svg></div></figure>"
    )


def _users(depends: Depends) -> dict[str, list[str]]:
    users: dict[str, list[str]] = {item: [] for item in depends}
    for item, used in depends.items():
        for each in used:
            users[each].append(item)
    return users


def _curve(source: Place, target: Place) -> str:
    x, y = source.x + WIDTH, source.y + HEIGHT / 2
    X, Y = target.x, target.y + HEIGHT / 2
    bend = max(24, (X - x) / 2)
    return f"M{x:g} {y:g}C{x + bend:g} {y:g} {X - bend:g} {Y:g} {X:g} {Y:g}"


def _node(view: View, claim: Claim, place: Place) -> str:
    kind, weakest = view.kind(claim), view.kind_of_foundations(claim)
    short = escape(view.domain.short.get(claim.kind, claim.kind))
    hover = (
        f"{claim.name}: {claim.title}. {claim.summary} "
        f"Evidence: {kind}; the weakest it rests on: {weakest}."
    )
    return (
        f'<a href="{view.statement_url(claim)}" data-item="{claim.id}" class="{css(weakest)}" '
        f'aria-label="{escape(hover)}"><title>{escape(hover)}</title>'
        f'<rect x="{place.x:g}" y="{place.y:g}" width="{WIDTH}" height="{HEIGHT}" rx="6"/>'
        f'<text x="{place.x + 9:g}" y="{place.y + 20:g}">{short} {claim.number}</text>'
        f'<text class="mark" x="{place.x + WIDTH - 8:g}" y="{place.y + 20:g}">{MARKS[weakest]}'
        "</text></a>"
    )
