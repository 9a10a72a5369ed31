"""What readers see of the evidence: badges, the list of a chapter's items, links to cells."""

import re
from collections import Counter
from fnmatch import fnmatch
from html import escape

from sphinx.builders import Builder

from .claims import Claim, foundations, item_of
from .domain import Stated, paper
from .evidence import KINDS, NOTHING, TO_COME, Record, strength, strongest, weakest


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
        counts = not claim.pending
        return [pair for pair in self.evidence(claim) if counts and not pair[1]["part"]]

    def of_form(self, label: str) -> list[tuple[str, Record]]:
        """The evidence of a sharper form: parts of its item's that begin with its number."""
        id = item_of(label, self.claims)
        number = rf"{re.escape(self.claims[id].number + label.removeprefix(id))}\b(?!-)"
        return [
            pair
            for pair in self.evidence(self.claims[id])
            if re.match(number, pair[1]["part"] or "")
        ]

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


def badge(view: View, label: str) -> str:
    """The kind of evidence for a statement, linked to the cell that produced it.

    A sharper form of an item is marked as new; a box that belongs to no item has no badge.
    """
    if label in view.claims:
        claim = view.claims[label]
        return linked(view, view.of_statement(claim)) or tag(TO_COME, claim.pending)
    if not item_of(label, view.claims):
        return ""
    return f'<span class="new">new here</span>{linked(view, view.of_form(label))}'


def linked(view: View, evidence: list[tuple[str, Record]]) -> str:
    """The badge of the strongest evidence; nothing if there is none."""
    if not evidence:
        return ""
    docname, record = evidence[0]
    url, kind, checks = view.url(docname, record["anchor"]), record["kind"], record["checks"]
    title = f"{kind}: {KINDS[kind]}. Here: {checks}"
    return f'<a class="{css(kind)}" href="{url}" title="{escape(title)}">{kind}</a>'


def foot(view: View, label: str) -> str:
    """Below a statement: what uses it, and how to cite it."""
    stated, claim = view.domain.statements[label], view.claims.get(label)
    users = [other for other in view.claims.values() if claim and claim.id in other.depends]
    used = "".join(f"<li>{view.statement_link(user)}</li>" for user in users)
    cite = f"<pre>{escape(bibtex(view, stated, label))}</pre>"
    folds = [fold(f"Used in {len(users)}", f"<ul>{used}</ul>")] if users else []
    return f'<div class="claim-foot">{"".join([*folds, fold("Cite", cite)])}</div>'


def fold(summary: str, html: str) -> str:
    return f"<details><summary>{summary}</summary>{html}</details>"


def bibtex(view: View, stated: Stated, label: str) -> str:
    """A BibTeX entry for a statement; without a base address its link is that within the book."""
    config = view.builder.config
    page = f"{view.builder.get_target_uri(stated.docname)}#{label}"
    title = f"{stated.name}: {stated.title}" if stated.title else stated.name
    fields = {
        "author": f"{{{config.author}}}",
        "title": title,
        "booktitle": config.html_title or config.project,
        "url": config.html_baseurl + page,
    }
    return (
        "@incollection{" + label + "".join(f",\n  {k} = {{{v}}}" for k, v in fields.items()) + "\n}"
    )


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


def tag(kind: str, text: str = "") -> str:
    hover = escape(KINDS.get(kind, NOTHING))
    return f'<span class="{css(kind)}" title="{hover}">{escape(text or kind)}</span>'
