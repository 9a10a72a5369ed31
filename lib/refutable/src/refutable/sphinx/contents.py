"""Statements in the contents of their page, each under its section."""

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx


def add(app: Sphinx, doctree: nodes.document) -> None:
    """A line for each labelled box; Sphinx has noted the sections before."""
    page = app.env.docname
    lines = {
        entry["anchorname"]: item
        for item in app.env.tocs[page].findall(nodes.list_item)
        for entry in item[0].findall(nodes.reference)
    }
    for section in doctree.findall(nodes.section):
        boxes = [box for box in section.children if is_labelled_statement(box)]
        # the page's own section has no anchor there
        line = lines.get(f"#{section['ids'][0]}", lines.get(""))
        if not boxes or line is None:
            continue
        below = [child for child in line.children if isinstance(child, nodes.bullet_list)]
        if not below:
            line += (new := nodes.bullet_list())
            below = [new]
        # in the page's order: what stands in a section comes before its subsections
        below[0][:0] = [entry_for(box, page) for box in boxes]
        app.env.toc_num_entries[page] += len(boxes)


def is_labelled_statement(node: nodes.Node) -> bool:
    return (
        isinstance(node, nodes.admonition) and "statement" in node["classes"] and bool(node["ids"])
    )


def entry_for(box: nodes.Element, page: str) -> nodes.list_item:
    name = next(box.findall(nodes.inline)).astext()
    anchor = f"#{box['ids'][0]}"
    link = nodes.reference("", name, internal=True, refuri=page, anchorname=anchor)
    return nodes.list_item("", addnodes.compact_paragraph("", "", link))
