"""The book's Sphinx extension: the paper's numbers, evidence beside statements, ledger, graph."""

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from . import barriers, caching, errata, glossary, library, previews
from .claims import CLAIMS_FILE, load
from .evidence import recorded
from .graph import graph
from .live import live, skip
from .statements import Paper, paper
from .status import status
from .views import View, badge, claims_list, ledger, shown_by, summary

VIEWS = {
    "badge": badge,
    "claims": claims_list,
    "ledger": ledger,
    "ledger-summary": summary,
    "dependency-graph": graph,
    "shown-by": shown_by,
    "status": status,
}

BINDER = {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"}

logger = logging.getLogger(__name__)


class Show(SphinxDirective):
    """`{claims}`, `{ledger}`, `{dependency-graph}` and the like: the view of that name.

    The list of claims is that of the chapter it stands in. Statements still to come are linked to
    their row in the ledger, wherever that is.
    """

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(CLAIMS_FILE))
        if self.name == "ledger":
            paper(self.env).data["ledger"] = self.env.docname
        return [live(view=self.name, argument=self.env.docname.rpartition("/")[2])]


class ShownBy(SphinxDirective):
    """`{shown-by} E2`: links to the cells that show the erratum."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        return [live(view=self.name, argument=self.arguments[0])]


def write_live(translator: Any, node: live) -> None:
    """Fill a live place with HTML."""
    view = View(translator.builder, translator.builder.current_docname)
    translator.body.append(VIEWS[node["view"]](view, node["argument"]))
    raise nodes.SkipNode


def collect(app: Sphinx, doctree: nodes.document) -> None:
    """Note the evidence of the chapter that was just read."""
    docname = app.env.docname
    path = Path(app.env.doc2path(docname))
    if path.suffix != ".ipynb":
        return
    evidence = recorded(path, app.config.nb_execution_cache_path)
    names = {claim.name for claim in load().values()}
    for record in evidence:
        if record["claim"] not in names:
            logger.warning("%s is not in claims.yml", record["claim"], location=docname)
    anchors = [record["anchor"] for record in evidence]
    for anchor in {anchor for anchor in anchors if anchors.count(anchor) > 1}:
        logger.warning("two cells give the same evidence, %s", anchor, location=docname)
    paper(app.env).evidence[docname] = evidence


def rewrite_all(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Evidence of one chapter shows on many pages: write them all, whichever was read."""
    return sorted(env.found_docs)


def without_thebe(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Leave out the scripts for live cells, which need a server: Sphinx would run them twice."""
    context["script_files"] = [
        script
        for script in context["script_files"]
        if "thebe" not in str(script.filename) + script.attributes.get("body", "")
    ]


def launch_buttons(app: Sphinx, config: Config) -> None:
    """With a repository in _config.yml, chapters have buttons to run them on Binder."""
    options = config.html_theme_options
    if options.get("repository_url"):
        options["use_repository_button"] = True
        options["launch_buttons"] = BINDER


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_domain(Paper)
    app.add_node(live, html=(write_live, None), latex=(skip, None), text=(skip, None))
    for name in ("claims", "ledger", "ledger-summary", "dependency-graph", "status"):
        app.add_directive(name, Show)
    app.add_directive("shown-by", ShownBy)
    app.connect("config-inited", caching.place_caches)
    app.connect("config-inited", launch_buttons, priority=400)  # before the theme reads them
    app.connect("env-before-read-docs", caching.execute_ahead)
    app.connect("source-read", library.fill)
    app.connect("source-read", errata.fill)
    app.connect("source-read", glossary.fill)
    app.connect("doctree-read", collect)
    app.connect("env-updated", rewrite_all)
    app.connect("doctree-resolved", glossary.link_first_uses)
    app.add_js_file(previews.SCRIPT, loading_method="defer")
    app.connect("build-finished", previews.write)
    app.connect("html-page-context", without_thebe, priority=900)
    app.connect("html-page-context", barriers.remove)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
