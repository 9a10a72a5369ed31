"""What readers see of the evidence: badges, the list of a chapter's items, the ledger."""

from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby

from sphinx.builders import Builder

from . import errata
from .claims import Claim, foundations, in_chapter, load
from .evidence import KINDS, TO_COME, Record, strongest, weakest
from .statements import paper


class View:
    """The items and their evidence as one page sees them: with links from that page."""

    def __init__(self, builder: Builder, docname: str) -> None:
        self.builder = builder
        self.docname = docname
        self.domain = paper(builder.env)
        self.claims = load()

    def evidence(self, claim: Claim) -> list[tuple[str, Record]]:
        """(page, evidence) of the statement itself and of its parts, strongest first."""
        found = [
            (docname, record)
            for docname, records in self.domain.evidence.items()
            for record in records
            if record["claim"] == claim.name
        ]
        return sorted(found, key=lambda pair: (bool(pair[1]["part"]), _rank(pair[1])))

    def of_statement(self, claim: Claim) -> list[tuple[str, Record]]:
        """The evidence of the statement itself."""
        return [pair for pair in self.evidence(claim) if not pair[1]["part"]]

    def kind(self, claim: Claim) -> str:
        return strongest(record["kind"] for _, record in self.of_statement(claim))

    def kind_of_foundations(self, claim: Claim) -> str:
        """The weakest kind among an item and all that it rests on."""
        return weakest(self.kind(self.claims[id]) for id in foundations(claim, self.claims))

    def url(self, docname: str, anchor: str) -> str:
        return f"{self.builder.get_relative_uri(self.docname, docname)}#{anchor}"

    def statement_url(self, claim: Claim) -> str:
        """Where the item is stated; until then, its row in the ledger."""
        found = self.domain.target(claim.id)
        return self.url(*found[:2]) if found else f"#{claim.id}"

    def statement_link(self, claim: Claim) -> str:
        return (
            f'<a href="{self.statement_url(claim)}" title="{escape(claim.summary)}">'
            f"{claim.name}</a>"
        )


def badge(view: View, id: str) -> str:
    """The kind of evidence for an item, linked to the cell that produced it."""
    evidence = view.of_statement(view.claims[id])
    if not evidence:
        return tag(TO_COME)
    docname, record = evidence[0]
    url, kind, checks = view.url(docname, record["anchor"]), record["kind"], record["checks"]
    return f'<a class="{css(kind)}" href="{url}" title="{escape(checks)}">{kind}</a>'


def claims_list(view: View, chapter: str) -> str:
    """The items of a chapter, each with its badge."""
    items = "".join(
        f"<li>{view.statement_link(claim)} <span>{escape(claim.title)}</span> "
        f"{badge(view, claim.id)}</li>"
        for claim in in_chapter(view.claims.values(), chapter)
    )
    return f'<ul class="claims">{items}</ul>'


COLUMNS = ("Item", "Evidence", "Slack", "Control and how it failed", "Rests on", "Erratum")


def ledger(view: View, _: str) -> str:
    """Every item of the paper with its evidence."""
    head = "".join(f'<th scope="col">{column}</th>' for column in COLUMNS)
    body = "".join(
        f'<tbody><tr class="ledger-part"><th colspan="{len(COLUMNS)}" scope="rowgroup">{part}</th>'
        f"</tr>{''.join(row(view, claim) for claim in claims)}</tbody>"
        for part, claims in groupby(view.claims.values(), key=part_of_paper)
    )
    return f'{summary(view, "")}<table class="ledger"><thead><tr>{head}</tr></thead>{body}</table>'


def summary(view: View, _: str) -> str:
    """How many items carry which kind of evidence, and how many controls were rejected."""
    count = Counter(view.kind(claim) for claim in view.claims.values())
    kinds = "".join(f"<li>{count[kind]} {tag(kind)}</li>" for kind in (*KINDS, TO_COME))
    controls = sum(len(r["controls"]) for rs in view.domain.evidence.values() for r in rs)
    return (
        f'<ul class="ledger-summary"><li>{len(view.claims)} items</li>{kinds}'
        f"<li>{controls} negative controls rejected</li></ul>"
    )


def row(view: View, claim: Claim) -> str:
    cells = (
        f'{view.statement_link(claim)}<span class="ledger-title">{escape(claim.title)}</span>',
        badge(view, claim.id) + _parts(view, claim),
        "<br>".join(_slacks(view.of_statement(claim))),
        "".join(_controls(view.of_statement(claim))),
        ", ".join(view.statement_link(view.claims[id]) for id in claim.depends),
        escape(claim.erratum) + "".join(_errata(view, claim)),
    )
    return f'<tr id="ledger-{claim.id}">' + "".join(_cells(cells)) + "</tr>"


def shown_by(view: View, id: str) -> str:
    """Links to the cells that show an erratum."""
    links = [_cell(view, name, part) for name, part in errata.load()[id].evidence]
    return f"<p>{', '.join(links)}</p>"


def _cell(view: View, name: str, part: str) -> str:
    title = f"{name} ({part})" if part else name
    for docname, records in view.domain.evidence.items():
        for record in records:
            if record["claim"] == name and (record["part"] or "") == part:
                kind, url = record["kind"], view.url(docname, record["anchor"])
                return (
                    f'<a href="{url}">{escape(title)}</a> <span class="{css(kind)}">{kind}</span>'
                )
    return f"{escape(title)}, still to come"


def part_of_paper(claim: Claim) -> str:
    """Where the paper states an item: "Section 2", "Appendix A", or among its experiments."""
    if claim.kind in ("Figure", "Table"):
        return "Figures and table"
    section = claim.section[0]
    return f"Section {section}" if section.isdigit() else f"Appendix {section}"


def css(kind: str) -> str:
    return f"kind kind-{kind.replace(' ', '-')}"


def tag(kind: str) -> str:
    return f'<span class="{css(kind)}">{kind}</span>'


def _rank(record: Record) -> int:
    return KINDS.index(record["kind"])


def _cells(contents: Iterable[str]) -> Iterator[str]:
    for column, content in zip(COLUMNS, contents, strict=True):
        yield f'<td data-label="{column}">{content}</td>' if content else '<td class="empty"></td>'


def _parts(view: View, claim: Claim) -> str:
    parts = sum(bool(record["part"]) for _, record in view.evidence(claim))
    plural = "" if parts == 1 else "s"
    return f'<span class="ledger-parts">and {parts} part{plural}</span>' if parts else ""


def _errata(view: View, claim: Claim) -> Iterator[str]:
    """Links to the errata of an item, in a book that has their chapter."""
    pages = [page for page in view.builder.env.found_docs if page.endswith("errata")]
    for page in pages:
        for erratum in errata.of_item(claim):
            url = view.url(page, erratum.id.lower())
            yield f' <a href="{url}" title="{escape(erratum.title)}">{erratum.id}</a>'


def _slacks(evidence: list[tuple[str, Record]]) -> Iterator[str]:
    return (escape(record["slack"]) for _, record in evidence if record["slack"])


def _controls(evidence: list[tuple[str, Record]]) -> Iterator[str]:
    for _, record in evidence:
        for control in record["controls"]:
            yield f"<p>{escape(control['what'])} <em>{escape(control['how'])}</em></p>"
