"""The ledger as data: `ledger.json` in the built book, with the schema that it follows."""

import json
import shutil
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from .claims import Claim
from .evidence import KINDS, Record
from .views import View

LEDGER = "ledger.json"
SCHEMA = Path(__file__).with_name("ledger.schema.json")


def write(app: Sphinx, exception: Exception | None) -> None:
    """After the build, write the ledger and its schema beside the pages."""
    if exception or app.builder.format != "html":
        return
    text = json.dumps(ledger(View(app.builder, "")), ensure_ascii=False, indent=1)
    (Path(app.outdir) / LEDGER).write_text(text + "\n", encoding="utf-8")
    shutil.copy(SCHEMA, app.outdir)


def ledger(view: View) -> dict[str, Any]:
    """Everything that the build knows of the paper's items."""
    return {
        "$schema": SCHEMA.name,
        "title": view.builder.config.html_title or view.builder.config.project,
        "kinds": list(KINDS),
        "chapters": [
            {"page": view.builder.get_target_uri(docname), "digest": digest}
            for docname, digest in sorted(view.domain.digests.items())
        ],
        "items": [item(view, claim) for claim in view.claims.values()],
    }


def item(view: View, claim: Claim) -> dict[str, Any]:
    """An item: `kind` is that of the strongest evidence for its statement, `tightness` that of the
    strongest check; a proof is no check."""
    stated = view.domain.statements.get(claim.id)
    of_statement = view.of_statement(claim)
    return {
        "id": claim.id,
        "name": claim.name,
        "title": claim.title,
        "summary": claim.summary,
        "statement": stated.text if stated else None,
        "place": {"part": claim.part, "section": claim.section, "chapter": claim.chapter},
        "url": page_url(view, stated.docname, claim.id) if stated else None,
        "statement_depends": view.domain.statement_depends(claim.id),
        "proof_depends": claim.depends,
        "kind": view.kind(claim),
        "informal": claim.informal,
        "tightness": next((r["tightness"] for _, r in of_statement if r["kind"] != "proved"), None),
        "evidence": [record(view, *pair) for pair in view.evidence(claim)],
        "errata": [
            {"id": erratum.id, "title": erratum.title, "nature": erratum.nature}
            for erratum in view.domain.errata.values()
            if erratum.item == claim.id
        ],
    }


def record(view: View, docname: str, evidence: Record) -> dict[str, Any]:
    """A piece of evidence, with its place in the book in place of its anchor."""
    kept = {key: value for key, value in evidence.items() if key not in ("claim", "anchor")}
    return {**kept, "url": page_url(view, docname, evidence["anchor"])}


def page_url(view: View, docname: str, anchor: str) -> str:
    """From the folder of the ledger."""
    return f"{view.builder.get_target_uri(docname)}#{anchor}"
