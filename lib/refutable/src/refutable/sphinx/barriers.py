"""Barriers in what Sphinx and docutils write, taken away before a page is saved."""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

LINES_OF_SIGNATURE = {
    "<dl>": "<span>",
    "</dl>": "</span>",
    "<dd>": '<span class="sig-line">',
    "</dd>": "</span>",
}


def remove(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Lists that a screen reader would announce and then not find to be lists."""
    body = context.get("body", "")
    # The parameters of a long signature are set as definitions of nothing.
    body = re.sub(r'<dt class="sig .*?</dt>', lambda match: _spans(match[0]), body, flags=re.DOTALL)
    # The entries of the bibliography have a role of their own, which is not that of list items.
    context["body"] = body.replace('<div role="list" class="citation-list">', "<div>")


def _spans(signature: str) -> str:
    """A definition list as spans, which book.css sets line by line."""
    return re.sub(r"</?d[ld]>", lambda match: LINES_OF_SIGNATURE[match[0]], signature)
