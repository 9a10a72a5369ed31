"""What readers see of the evidence: badges, the list of a chapter's items, links to cells."""

from collections import Counter
from fnmatch import fnmatch
from html import escape

from sphinx.builders import Builder

from .claims import Claim, foundations
from .domain import paper
from .evidence import KINDS, TO_COME, Record, strength, strongest, weakest


class View:
    """The items and their evidence as one page sees them: with links from that page."""

    def __init__(self, builder: Builder, docname: str) -> None:
        self.builder = builder
        self.docname = docname
        self.domain = paper(builder.env)
        self.claims = self.domain.claims

    def evidence(self, claim: Claim) -> list[tuple[str, Record]]:
        """(page, evidence) of the statement itself and of its parts, strongest first."""
        found = [
            (docname, record)
            for docname, records in self.domain.evidence.items()
            for record in records
            if record["claim"] == claim.name
        ]
        return sorted(found, key=lambda pair: strength(pair[1]))

    def of_statement(self, claim: Claim) -> list[tuple[str, Record]]:
        """The evidence of the statement itself."""
        return [pair for pair in self.evidence(claim) if not pair[1]["part"]]

    def kind(self, claim: Claim) -> str:
        return strongest(record["kind"] for _, record in self.of_statement(claim))

    def kind_of_foundations(self, claim: Claim) -> str:
        """The weakest kind among an item and all that it rests on."""
        return weakest(self.kind(self.claims[id]) for id in foundations(claim, self.claims))

    def heading(self, claim: Claim) -> str:
        """The part of the graph that has the item: as configured, else the paper's, else a page."""
        parts = self.builder.config.refutable_parts.items()
        configured = (heading for heading, chapters in parts if fnmatch(claim.chapter, chapters))
        return next(configured, claim.part or self.chapter_title(claim))

    def chapter_title(self, claim: Claim) -> str:
        titles = self.builder.env.titles
        return next((titles[page].astext() for page in titles if claim.is_in(page)), claim.chapter)

    def url(self, docname: str, anchor: str) -> str:
        return f"{self.builder.get_relative_uri(self.docname, docname)}#{anchor}"

    def statement_url(self, claim: Claim) -> str:
        """Where the item is stated; until then, its row in the ledger."""
        found = self.domain.target(claim.id)
        return self.url(*found[:2]) if found else f"#{claim.id}"

    def statement_link(self, claim: Claim) -> str:
        return (
            f'<a href="{self.statement_url(claim)}" title="{escape(claim.summary)}">'
            f"{escape(claim.name)}</a>"
        )


def badge(view: View, id: str) -> str:
    """The kind of evidence for an item, linked to the cell that produced it."""
    evidence = view.of_statement(view.claims[id])
    if not evidence:
        return tag(TO_COME)
    docname, record = evidence[0]
    url, kind, checks = view.url(docname, record["anchor"]), record["kind"], record["checks"]
    return f'<a class="{css(kind)}" href="{url}" title="{escape(checks)}">{kind}</a>'


def claims_list(view: View, docname: str) -> str:
    """The items of a chapter, each with its badge."""
    items = "".join(
        f"<li>{view.statement_link(claim)} <span>{escape(claim.title)}</span> "
        f"{badge(view, claim.id)}</li>"
        for claim in view.claims.values()
        if claim.is_in(docname)
    )
    return f'<ul class="claims">{items}</ul>'


def summary(view: View, _: str) -> str:
    """How many items carry which kind of evidence, and how many controls were rejected."""
    count = Counter(view.kind(claim) for claim in view.claims.values())
    kinds = "".join(f"<li>{count[kind]} {tag(kind)}</li>" for kind in (*KINDS, TO_COME))
    controls = sum(len(r["controls"]) for rs in view.domain.evidence.values() for r in rs)
    return (
        f'<ul class="ledger-summary"><li>{len(view.claims)} items</li>{kinds}'
        f"<li>{controls} negative controls rejected</li></ul>"
    )


def shown_by(view: View, id: str) -> str:
    """Links to the cells that show an erratum."""
    links = [_cell(view, name, part) for name, part in view.domain.errata[id].evidence]
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


def css(kind: str) -> str:
    return f"kind kind-{kind.replace(' ', '-')}"


def tag(kind: str) -> str:
    return f'<span class="{css(kind)}">{kind}</span>'
