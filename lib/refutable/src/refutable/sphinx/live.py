"""Places in a page that are filled when it is written, once all evidence is known."""

from typing import Any

from docutils import nodes


class live(nodes.General, nodes.Inline, nodes.Element):
    """`view` names what is shown here, `argument` of what: an item, a chapter."""


def skip(translator: Any, node: live) -> None:
    """Builders other than HTML leave the place empty."""
    raise nodes.SkipNode
