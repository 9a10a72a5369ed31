"""Sphinx extension for executable papers: evidence beside statements, ledger, graph, previews.

README.md has the configuration; each value has a default.
"""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from . import (
    answers,
    assets,
    barriers,
    caching,
    consistency,
    contents,
    data,
    errata,
    formal_views,
    glossary,
    previews,
)
from .canonical import digest
from .domain import KINDS, Paper, paper
from .evidence import executed, notebook, recorded
from .graph import graph
from .live import live, skip
from .statements import Statement
from .status import status
from .table import ledger
from .views import View, badge, claims_list, foot, shown_by, summary

VIEWS = {
    "badge": badge,
    "claims": claims_list,
    "foot": foot,
    "ledger": ledger,
    "ledger-summary": summary,
    "dependency-graph": graph,
    "shown-by": shown_by,
    "status": status,
    "formal": formal_views.formal,
    "coq": formal_views.coq,
    "axioms": formal_views.axioms,
    "proof-sources": formal_views.sources,
    "unproved": formal_views.unproved,
}
SHOWN = (
    "claims", "ledger", "ledger-summary", "dependency-graph", "status", "axioms", "proof-sources",
    "unproved",
)  # fmt: skip


class Show(SphinxDirective):
    """`{claims}`, `{ledger}`, `{dependency-graph}` and the like: the view of that name.

    The list of claims is that of the chapter it stands in. Statements still to come are linked to
    their row in the ledger, wherever that is.
    """

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(paper(self.env).path("claims")))
        if self.name == "ledger":
            paper(self.env).data["ledger"] = self.env.docname
        return [live(view=self.name, argument=self.env.docname)]


class ShownBy(SphinxDirective):
    """`{shown-by} E2`: links to the cells that show the erratum."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        if self.arguments[0] not in paper(self.env).errata:
            raise self.error(f"there is no erratum {self.arguments[0]} in errata.yml")
        return [live(view=self.name, argument=self.arguments[0])]


def write_live(translator: Any, node: live) -> None:
    """Fill a live place with HTML."""
    view = View(translator.builder, translator.builder.current_docname)
    translator.body.append(VIEWS[node["view"]](view, node["argument"]))
    raise nodes.SkipNode


def fill(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the errata and the words of the glossary where a page wants them."""
    domain = paper(app.env)
    if errata.PLACE in source[0]:
        domain.data["errata"] = docname
        app.env.note_dependency(str(domain.path("errata")))
        text = errata.written(domain.errata, domain.claims)
        source[0] = source[0].replace(errata.PLACE, text)
    if glossary.PLACE in source[0]:
        app.env.note_dependency(str(domain.path("glossary")))
        source[0] = source[0].replace(glossary.PLACE, glossary.written(domain.glossary))


def collect(app: Sphinx, doctree: nodes.document) -> None:
    """Note the evidence of the chapter that was just read."""
    source = notebook(app.env, app.env.docname)
    chapter = source and executed(source, app.config.nb_execution_cache_path)
    if chapter:
        paper(app.env).evidence[app.env.docname] = recorded(chapter)
        paper(app.env).digests[app.env.docname] = digest(chapter)


def link_words(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """In a chapter, link the first use of each word to the glossary."""
    if docname not in paper(app.env).evidence:
        return
    terms = app.env.get_domain("std").objects  # type: ignore[attr-defined]
    targets = {
        term: f"{app.builder.get_relative_uri(docname, page)}#{anchor}"
        for (kind, term), (page, anchor) in terms.items()
        if kind == "term"
    }
    chapter = docname.rpartition("/")[2]
    glossary.link_first_uses(doctree, paper(app.env).glossary, targets, chapter)


def rewrite_all(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Evidence of one chapter shows on many pages: write them all, whichever was read."""
    return sorted(env.found_docs)


def add_kinds(app: Sphinx, config: Config) -> None:
    """A directive for each kind of item."""
    for kind in KINDS | config.refutable_kinds:
        app.add_directive_to_domain("prf", kind.lower(), Statement)


def setup(app: Sphinx) -> dict[str, Any]:
    for name, default in (
        ("claims", "claims.yml"),
        ("errata", "errata.yml"),
        ("glossary", "glossary.yml"),
        ("proofs", "proofs"),
        ("kinds", {}),
        ("parts", {}),
        ("rerun_on", caching.RERUN_ON),
        ("packages", caching.PACKAGES),
    ):
        app.add_config_value(f"refutable_{name}", default, "env", (type(default), list, tuple))
    app.add_domain(Paper)
    app.add_node(live, html=(write_live, None), latex=(skip, None), text=(skip, None))
    for name in SHOWN:
        app.add_directive(name, Show)
    app.add_role("coq", formal_views.CoqRole())
    app.add_directive("shown-by", ShownBy)
    app.connect("config-inited", add_kinds)
    app.connect("config-inited", caching.place_caches)
    app.connect("env-before-read-docs", caching.execute_ahead)
    app.connect("source-read", fill)
    app.connect("doctree-read", collect)
    app.connect("doctree-read", contents.add, priority=900)
    app.connect("doctree-read", answers.fold)
    app.connect("env-updated", rewrite_all)
    app.connect("env-check-consistency", consistency.warn)
    app.connect("doctree-resolved", link_words)
    app.connect("html-collect-pages", formal_views.pages)
    app.connect("build-finished", formal_views.copy_sources)
    app.connect("build-finished", previews.write)
    app.connect("build-finished", data.write)
    app.connect("html-page-context", barriers.remove)
    assets.setup(app)
    return {"version": "2", "parallel_read_safe": False, "parallel_write_safe": True}
