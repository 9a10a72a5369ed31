"""The paper as Sphinx knows it: its items, where each is stated, what the chapters showed."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.builders import Builder
from sphinx.domains import Domain
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.roles import XRefRole
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

from . import claims, errata, formal, glossary
from .claims import Claim, item_of
from .errata import Erratum
from .evidence import Record
from .formal import Formal
from .glossary import Word

# kinds of item, and how the graph abbreviates them; `refutable_kinds` adds others
KINDS = {
    "Theorem": "Thm", "Proposition": "Prop", "Corollary": "Cor", "Lemma": "Lem", "Claim": "Claim",
    "Assumption": "Asm", "Example": "Ex", "Figure": "Fig", "Table": "Tab", "Definition": "Def",
    "Conjecture": "Conj", "Remark": "Rem", "Algorithm": "Alg", "Hypothesis": "Hyp",
    "Condition": "Cond", "Fact": "Fact", "Observation": "Obs", "Equation": "Eq",
}  # fmt: skip

logger = logging.getLogger(__name__)


class Stated(NamedTuple):
    """A box for a statement: its page, name and title, the labels that it cites, its source."""

    docname: str
    name: str
    title: str
    cites: tuple[str, ...]
    text: str


class Paper(Domain):
    """Where each statement is made, and the evidence that the chapters produced."""

    name = "prf"
    label = "Statements"
    roles = {"ref": XRefRole()}  # noqa: RUF012
    initial_data = {"statements": {}, "evidence": {}, "digests": {}, "ledger": "", "errata": ""}  # noqa: RUF012

    @cached_property
    def claims(self) -> dict[str, Claim]:
        """The items of the paper."""
        return claims.load(self.path("claims"))

    @cached_property
    def errata(self) -> dict[str, Erratum]:
        """What the book corrects. Raises `ExtensionError` if an erratum is about no listed item."""
        found = errata.load(self.path("errata"))
        for erratum in found.values():
            if erratum.item not in self.claims:
                raise ExtensionError(f"{erratum.id} is about {erratum.item}, which is not listed")
        return found

    @cached_property
    def glossary(self) -> list[Word]:
        return glossary.load(self.path("glossary"))

    @cached_property
    def formal(self) -> Formal | None:
        """The formal proofs, if there are any."""
        return formal.load(self.path("proofs"), Path(self.env.app.outdir).parent / formal.FOLDER)

    def path(self, file: str) -> Path:
        """Where the configuration has claims, errata, glossary or proofs."""
        return Path(self.env.srcdir) / self.env.config[f"refutable_{file}"]

    @property
    def short(self) -> dict[str, str]:
        """The kinds of item, as the graph abbreviates them."""
        return KINDS | self.env.config.refutable_kinds

    @property
    def statements(self) -> dict[str, Stated]:
        """By label."""
        return self.data["statements"]

    @property
    def evidence(self) -> dict[str, list[Record]]:
        """page → the evidence that its cells produced"""
        return self.data["evidence"]

    @property
    def digests(self) -> dict[str, str]:
        """page → the digest of its execution"""
        return self.data["digests"]

    def note_statement(self, label: str, stated: Stated, location: str) -> None:
        if label in self.statements:
            logger.warning("two statements have the label %s", label, location=location)
        self.statements[label] = stated

    def target(self, label: str) -> tuple[str, str, str] | None:
        """(page, anchor, name) of a statement; of one still to come, its row in the ledger."""
        if label in self.statements:
            stated = self.statements[label]
            return stated.docname, label, stated.name
        if label in self.claims and self.data["ledger"]:
            return self.data["ledger"], f"ledger-{label}", self.claims[label].name
        return None

    def statement_depends(self, id: str) -> list[str]:
        """The items that an item's statement cites."""
        cites = self.statements[id].cites if id in self.statements else ()
        items = (item_of(label, self.claims) for label in cites)
        return [item for item in dict.fromkeys(items) if item and item != id]

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
        hover = self.claims[target].summary if target in self.claims else None
        return make_refnode(builder, fromdocname, docname, anchor, nodes.inline("", text), hover)

    def resolve_any_xref(self, *args: Any) -> list[tuple[str, nodes.reference]]:
        return []  # statements are cited by {prf:ref} alone

    def get_objects(self) -> Iterator[tuple[str, str, str, str, str, int]]:
        """For other books; this one's search finds statements through the index (priority −1)."""
        for label, stated in self.statements.items():
            yield label, stated.name, "statement", stated.docname, label, -1

    def clear_doc(self, docname: str) -> None:
        self.data["statements"] = {
            label: stated for label, stated in self.statements.items() if stated.docname != docname
        }
        self.evidence.pop(docname, None)
        self.digests.pop(docname, None)
        for page in ("ledger", "errata"):
            if self.data[page] == docname:
                self.data[page] = ""


def paper(env: BuildEnvironment) -> Paper:
    """The domain of a build."""
    domain = env.get_domain("prf")
    assert isinstance(domain, Paper)
    return domain
