"""The ledger: a table of every item of the paper with its evidence."""

from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby

from sphinx.util.osutil import relative_uri

from refutable.relations import SHARP

from .claims import Claim
from .data import LEDGER
from .evidence import Record, nearest_first
from .views import View, badge, summary

COLUMNS = ("Item", "Evidence", "Tightness", "Control and how it failed", "Rests on", "Erratum")


def ledger(view: View, _: str) -> str:
    """The table, with its totals above and a link to its data below."""
    head = "".join(f'<th scope="col">{column}</th>' for column in COLUMNS)
    claims = view.claims.values()
    body = "".join(
        f'<tbody><tr class="ledger-part"><th colspan="{len(COLUMNS)}" scope="rowgroup">'
        f"{escape(part)}</th></tr>{''.join(row(view, claim) for claim in of_part)}</tbody>"
        for part, of_part in groupby(claims, key=lambda claim: claim.part or view.heading(claim))
    )
    data = relative_uri(view.builder.get_target_uri(view.docname), LEDGER)
    return (
        f'{summary(view, "")}<table class="ledger"><thead><tr>{head}</tr></thead>{body}</table>'
        f'<p class="ledger-data">The same as data: <a href="{data}">{LEDGER}</a>.</p>'
    )


def row(view: View, claim: Claim) -> str:
    evidence = [record for _, record in view.of_statement(claim)]
    cells = (
        f'{view.statement_link(claim)}<span class="ledger-title">{escape(claim.title)}</span>',
        badge(view, claim.id) + _parts(view, claim) + _informal(view, claim),
        "".join(tightness(record) for record in evidence),
        controls([control for record in evidence for control in record["controls"]]),
        ", ".join(view.statement_link(view.claims[id]) for id in claim.depends),
        escape(claim.erratum) + "".join(_errata(view, claim)),
    )
    return f'<tr id="ledger-{claim.id}">' + "".join(_cells(cells)) + "</tr>"


def tightness(record: Record) -> str:
    """How much of the bound was reached; pointing at it says where, and why not more."""
    share, note = record["tightness"], escape(record["note"])
    if share is None:
        return f'<p class="ledger-note">{note}</p>' if note else ""
    where = f"reached at {record['where']}" if record["where"] else ""
    hover = escape("; ".join(filter(None, [where, record["unseen"]])))
    why = f'<span class="ledger-note">{note}</span>' if note and share < SHARP else ""
    return f'<p><span title="{hover}">{share:.4g}</span>{why}</p>'


def controls(rejected: list[Record]) -> str:
    """The control nearest to the claim, and the others folded."""
    nearest, *others = map(_control, nearest_first(rejected)) if rejected else ("",)
    if not others:
        return nearest
    return f"{nearest}<details><summary>{len(others)} more</summary>{''.join(others)}</details>"


def _control(control: Record) -> str:
    return f"<p>{escape(control['what'])} <em>{escape(control['how'])}</em></p>"


def _cells(contents: Iterable[str]) -> Iterator[str]:
    for column, content in zip(COLUMNS, contents, strict=True):
        yield f'<td data-label="{column}">{content}</td>' if content else '<td class="empty"></td>'


def _parts(view: View, claim: Claim) -> str:
    parts = sum(bool(record["part"]) for _, record in view.evidence(claim))
    plural = "" if parts == 1 else "s"
    return f'<span class="ledger-parts">and {parts} part{plural}</span>' if parts else ""


def _informal(view: View, claim: Claim) -> str:
    """Why an item has no formal proof, if it has none."""
    shown = claim.informal and view.kind(claim) != "proved"
    return f'<span class="ledger-note">{escape(claim.informal)}</span>' if shown else ""


def _errata(view: View, claim: Claim) -> Iterator[str]:
    """Links to the errata of an item, in a book that has their chapter."""
    page = view.domain.data["errata"]
    for erratum in view.domain.errata.values():
        if page and erratum.item == claim.id:
            url = view.url(page, erratum.id.lower())
            yield f' <a href="{url}" title="{escape(erratum.title)}">{erratum.id}</a>'
