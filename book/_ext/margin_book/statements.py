"""Boxes for statements, with the paper's own numbers, and references to them.

The names are those of MyST's `prf` directives, so that JupyterLab shows the same boxes:

    ```{prf:theorem} Weak regularisation finds the maximum margin
    :label: thm-2-1
    ...
    ```

and ``{prf:ref}`thm-2-1` `` reads "Theorem 2.1". A label that extends an item's, as `thm-2-1-Q`, is
our sharper form of it, "Theorem 2.1-Q". Boxes without a paper's label have no number.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.addnodes import pending_xref
from sphinx.builders import Builder
from sphinx.domains import Domain
from sphinx.environment import BuildEnvironment
from sphinx.roles import XRefRole
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

from .claims import CLAIMS_FILE, Claim, load
from .evidence import Record
from .live import live

KINDS = (
    "theorem", "proposition", "corollary", "lemma", "claim", "assumption", "example", "figure",
    "table", "definition", "remark", "algorithm",
)  # fmt: skip

logger = logging.getLogger(__name__)


def number(label: str, claims: dict[str, Claim]) -> str:
    """The number that a label carries: the item's own, or that of our sharper form of it."""
    item, _, suffix = label.rpartition("-")
    if label in claims:
        return claims[label].number
    return f"{claims[item].number}-{suffix}" if item in claims else ""


class Statement(SphinxDirective):
    """A titled box; an item of the paper shows its number and the evidence for it."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {
        "label": directives.unchanged_required,
        "class": directives.class_option,
    }

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(CLAIMS_FILE))
        kind = self.name.partition(":")[2]
        label = self.options.get("label", "")
        claim = load().get(label)
        name = f"{kind.title()} {number(label, load())}".strip()
        if claim and claim.name != name:
            logger.warning("%s is stated as %s", claim.name, name, location=self.get_location())

        box = nodes.admonition(
            classes=["statement", f"statement-{kind}", *self.options.get("class", [])]
        )
        box += self.heading(name, self.arguments[0] if self.arguments else "", claim)
        if label:
            box["ids"].append(label)
            paper(self.env).note_statement(label, name, self.env.docname, self.get_location())
        self.state.nested_parse(self.content, self.content_offset, box)
        return [box]

    def heading(self, name: str, title: str, claim: Claim | None) -> nodes.title:
        """ "Theorem 2.1 (title)" and, for an item of the paper, the badge of its evidence."""
        heading = nodes.title("", "", nodes.inline("", name, classes=["statement-name"]))
        if title:
            inline, messages = self.state.inline_text(title, self.lineno)
            heading += nodes.inline("", " (", *inline, *messages, nodes.Text(")"))
        if claim:
            heading += live(view="badge", argument=claim.id)
        return heading


class Paper(Domain):
    """Where each statement is made, and the evidence that the chapters produced."""

    name = "prf"
    label = "Statements"
    roles = {"ref": XRefRole()}  # noqa: RUF012
    directives = {kind: Statement for kind in KINDS}  # noqa: RUF012
    initial_data = {"statements": {}, "evidence": {}, "ledger": ""}  # noqa: RUF012

    @property
    def statements(self) -> dict[str, tuple[str, str]]:
        """label → (page, name)"""
        return self.data["statements"]

    @property
    def evidence(self) -> dict[str, list[Record]]:
        """page → the evidence that its cells produced"""
        return self.data["evidence"]

    def note_statement(self, label: str, name: str, docname: str, location: str) -> None:
        if label in self.statements:
            logger.warning("two statements have the label %s", label, location=location)
        self.statements[label] = (docname, name)

    def target(self, label: str) -> tuple[str, str, str] | None:
        """(page, anchor, name) of a statement; of one still to come, its row in the ledger."""
        if label in self.statements:
            docname, name = self.statements[label]
            return docname, label, name
        if label in load() and self.data["ledger"]:
            return self.data["ledger"], f"ledger-{label}", load()[label].name
        return None

    def resolve_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        typ: str,
        target: str,
        node: pending_xref,
        contnode: nodes.Element,
    ) -> nodes.reference | None:
        found = self.target(target)
        if found is None:
            return None
        docname, anchor, name = found
        text = contnode.astext() if node["refexplicit"] else name
        hover = load()[target].summary if target in load() else None
        return make_refnode(builder, fromdocname, docname, anchor, nodes.inline("", text), hover)

    def resolve_any_xref(self, *args: Any) -> list[tuple[str, nodes.reference]]:
        return []  # statements are cited by {prf:ref} alone

    def get_objects(self) -> Iterator[tuple[str, str, str, str, str, int]]:
        for label, (docname, name) in self.statements.items():
            yield label, name, "statement", docname, label, 1

    def clear_doc(self, docname: str) -> None:
        self.data["statements"] = {
            label: place for label, place in self.statements.items() if place[0] != docname
        }
        self.evidence.pop(docname, None)


def paper(env: BuildEnvironment) -> Paper:
    """The domain of a build."""
    domain = env.get_domain("prf")
    assert isinstance(domain, Paper)
    return domain
