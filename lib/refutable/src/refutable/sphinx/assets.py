"""Style sheet, scripts and MathJax, which come along; buttons and scripts of the theme."""

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.ext.mathjax import MATHJAX_URL

from .previews import SCRIPT as TEXTS

STATIC = Path(__file__).with_name("static")
MATHJAX = "mathjax/tex-svg-full.js"
BINDER = {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"}


def setup(app: Sphinx) -> None:
    app.add_css_file("refutable.css")
    for script in ("graph.js", TEXTS, "previews.js"):
        app.add_js_file(script, loading_method="defer")
    app.connect("config-inited", bring_along)
    app.connect("config-inited", adapt_theme, priority=400)  # before the theme reads them
    app.connect("html-page-context", without_thebe, priority=900)


def bring_along(app: Sphinx, config: Config) -> None:
    """The files of the extension; its MathJax, which needs no network, unless another is named.

    Evidence as JSON is for the ledger; pages show its HTML, and myst-nb need not say so. The page
    of errata has lists of definitions.
    """
    config.myst_enable_extensions = {*config.myst_enable_extensions, "deflist"}
    config.suppress_warnings = [*config.suppress_warnings, "mystnb.unknown_mime_type"]
    config.html_context.setdefault("default_mode", "auto")  # light or dark, as the reader has it
    config.html_static_path = [str(STATIC), *config.html_static_path]
    # the Tab key goes from link to link; its menu is still under the pointer
    no_stops = {"options": {"menuOptions": {"settings": {"inTabOrder": False}}}}
    config.mathjax3_config = no_stops | (config.mathjax3_config or {})
    if config.mathjax_path == MATHJAX_URL:
        config.mathjax_path = MATHJAX


def adapt_theme(app: Sphinx, config: Config) -> None:
    """The contents of a page show its statements at once.

    With a repository in _config.yml, chapters have buttons to run them on Binder.
    """
    options = config.html_theme_options
    if config.html_theme == "sphinx_book_theme":
        options.setdefault("show_toc_level", 2)
    if options.get("repository_url"):
        options["use_repository_button"] = True
        options["launch_buttons"] = BINDER


def without_thebe(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Leave out the scripts for live cells, which need a server: Sphinx would run them twice."""
    context["script_files"] = [
        script
        for script in context["script_files"]
        if "thebe" not in str(script.filename) + script.attributes.get("body", "")
    ]
