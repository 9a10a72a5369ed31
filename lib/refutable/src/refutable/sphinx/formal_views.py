"""The formal proofs on the pages: statements in Coq, their twins, axioms, and all the sources."""

import shutil
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from refutable.audit import VERDICTS
from refutable.coq import AUDIT, PROJECT, file_of

from .claims import item_of
from .domain import paper
from .evidence import Record
from .formal import FOLDER, Formal
from .live import live
from .views import View, badge

logger = logging.getLogger(__name__)

# -------------------------------------------------------------------------------------------------
# Under a statement
# -------------------------------------------------------------------------------------------------


def formal(view: View, label: str) -> str:
    """Under a box, folded: what of its statement is proved in Coq."""
    found = view.domain.formal
    return "".join(block(view, found, record) for record in proved(view, label)) if found else ""


def proved(view: View, label: str) -> Iterator[Record]:
    """The proofs of the statement in a box, and of those parts that have no box of their own."""
    stated = view.domain.statements
    item = item_of(label, view.claims)
    for _, record in view.evidence(view.claims[item]) if item else ():
        if "formal" in record:
            own = f"{item}-{(record['part'] or '').rpartition('-')[2]}"
            if label == (own if own in stated else item):
                yield record


def block(view: View, found: Formal, record: Record) -> str:
    """The formal statement with its proof and its axioms, and each twin with the proof against."""
    about = record["claim"] + (f" ({record['part']})" if record["part"] else "")
    axioms = ", ".join(axiom(found, name) for name in record["formal"]["axioms"]) or "none"
    twins = "".join(
        f"<p>A false twin, disproved: {escape(control['what'])} "
        f"({_link(view, twin)})</p>{code(view, found, twin)}"
        for twin, control in zip(record["formal"]["twins"], record["controls"], strict=False)
    )
    theorem = record["formal"]["theorem"]
    return (
        f'<details class="formal"><summary>{escape(about)} in Coq</summary><div>'
        f"{code(view, found, theorem)}<p>Proof: {_link(view, theorem)}. Axioms: {axioms}.</p>"
        f'{twins}<p class="formal-by">{escape(found.by)}</p></div></details>'
    )


def code(view: View, found: Formal, proof: str) -> str:
    """The statement that a proof is about, as the source has it."""
    verdict = found.recorded.proofs.get(proof) if found.recorded else None
    declared = verdict and found.sources.declared.get(verdict.statement)
    return highlighted(view.builder, declared.text) if declared else ""


def axiom(found: Formal, name: str) -> str:
    """The name of an axiom; pointing at it says what it means."""
    meaning = found.sources.axioms.get(name, "")
    return f'<code title="{escape(meaning)}">{escape(name)}</code>'


def highlighted(builder: Builder, source: str) -> str:
    block = builder.highlighter.highlight_block(source, "coq", force=True)  # type: ignore[attr-defined]
    return f'<div class="highlight-coq notranslate">{block}</div>'


# -------------------------------------------------------------------------------------------------
# Links, lists
# -------------------------------------------------------------------------------------------------


class CoqRole(SphinxRole):
    """`` {coq}`Section2.step_3` ``: a link to where the source declares it."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        found = paper(self.env).formal
        if found and not page_of(found, self.text):
            logger.warning("no proof file declares %s", self.text, location=self.get_location(),
                           type="refutable", subtype="unknown")  # fmt: skip
        return [live(view="coq", argument=self.text)], []


def coq(view: View, name: str) -> str:
    """A link to a declaration, or to a file as a whole."""
    return _link(view, name)


def _link(view: View, name: str) -> str:
    found = view.domain.formal
    page = page_of(found, name) if found else None
    if page is None:
        return f"<code>{escape(name)}</code>"
    url = view.builder.get_relative_uri(view.docname, page[0])
    return f'<a href="{url}{page[1]}"><code>{escape(name)}</code></a>'


def page_of(found: Formal, name: str) -> tuple[str, str] | None:
    """The page of a file, or of what a file declares, and the anchor there."""
    if name in found.sources.sources:
        return f"{FOLDER}/{name}", ""
    declared = found.sources.declared.get(name)
    return (f"{FOLDER}/{declared.file}", f"#{declared.name}") if declared else None


def axioms(view: View, _: str) -> str:
    """What the proofs may rest on, in words, and how many of them do."""
    found = view.domain.formal
    proofs = found.recorded.proofs.values() if found and found.recorded else ()
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td>{escape(meaning)}</td>"
        f"<td>{sum(name in proof.axioms for proof in proofs)} of {len(proofs)}</td></tr>"
        for name, meaning in (found.sources.axioms.items() if found else ())
    )
    head = "<tr><th>Axiom</th><th>In words</th><th>Proofs that use it</th></tr>"
    return f'<table class="axioms"><thead>{head}</thead><tbody>{rows}</tbody></table>'


def unproved(view: View, _: str) -> str:
    """The items that have no formal proof, each with the reason that claims.yml gives."""
    items = "".join(
        f"<li>{view.statement_link(claim)} <span>{escape(claim.informal or claim.title)}</span> "
        f"{badge(view, claim.id)}</li>"
        for claim in view.claims.values()
        if view.kind(claim) != "proved"
    )
    return f'<ul class="claims">{items}</ul>'


def sources(view: View, _: str) -> str:
    """The files of proofs, to read and to download, and who accepted them."""
    found = view.domain.formal
    if found is None:
        return ""
    folder = view.builder.get_relative_uri(view.docname, f"{FOLDER}/{PROJECT}").rpartition("/")[0]
    files = "".join(
        f'<li>{_link(view, module)} <a download href="{folder}/{file_of(module)}" '
        f'aria-label="download {file_of(module)}">download</a></li>'
        for module in found.sources.sources
    )
    return f'<ul class="sources">{files}</ul><p class="formal-by">{escape(found.by)}</p>'


# -------------------------------------------------------------------------------------------------
# The sources in the built book
# -------------------------------------------------------------------------------------------------


def pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """A page for each source, with an anchor at each declaration."""
    found = paper(app.env).formal
    if found is None:
        return
    for module, source in found.sources.sources.items():
        lines = highlighted(app.builder, source).split("\n")
        for declared in found.sources.declared.values():
            if declared.file == module:
                anchor = f'<span id="{escape(declared.name)}"></span>'
                head, mark, rest = lines[declared.line - 1].rpartition("<pre><span></span>")
                lines[declared.line - 1] = f"{head}{mark}{anchor}{rest}"
        file = file_of(module)
        download = f'<p>{escape(found.by)} <a download href="{file}">{file}</a></p>'
        body = f"<h1>{escape(file)}</h1>{download}" + "\n".join(lines)
        yield f"{FOLDER}/{module}", {"title": file, "body": body}, "page.html"


def copy_sources(app: Sphinx, exception: Exception | None) -> None:
    """After the build, put the very files that were checked beside their pages."""
    found = None if exception else paper(app.env).formal
    if found and app.builder.format == "html":
        for name in (PROJECT, AUDIT, VERDICTS, *map(file_of, found.sources.sources)):
            if (found.sources.folder / name).exists():
                target = Path(app.outdir) / FOLDER / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(found.sources.folder / name, target)
