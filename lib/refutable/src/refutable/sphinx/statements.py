"""Boxes for statements, with the paper's own numbers, and references to them.

The names are those of MyST's `prf` directives, so that JupyterLab shows the same boxes:

    ```{prf:theorem} Weak regularisation finds the maximum margin
    :label: thm-2-1
    ...
    ```

and ``{prf:ref}`thm-2-1` `` reads "Theorem 2.1". A label that extends an item's, as `thm-2-1-Q`, is
our sharper form of it, "Theorem 2.1-Q", and says that it is new here. Boxes of our own have no
number, and say so: `:nonumber:`. Search and index know each box by its name and by its title.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.addnodes import index, pending_xref
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from .claims import Claim
from .domain import Stated, paper
from .live import live

logger = logging.getLogger(__name__)


def number(label: str, claims: Mapping[str, Claim]) -> str:
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
        "nonumber": directives.flag,
    }

    def run(self) -> list[nodes.Node]:
        domain = paper(self.env)
        self.env.note_dependency(str(domain.path("claims")))
        kind = self.name.partition(":")[2]
        label = self.options.get("label", "")
        claim = domain.claims.get(label)
        numbered = number(label, domain.claims)
        name = f"{kind.title()} {numbered}".strip()
        if claim and claim.name.lower() != name.lower():
            logger.warning("%s is stated as %s", claim.name, name, location=self.get_location())
        if not (claim or numbered or "nonumber" in self.options):
            logger.warning(
                "%s is not in claims.yml; list it there, or give its box the option :nonumber:",
                label or self.arguments or name, location=self.get_location(),
                type="refutable", subtype="unclaimed",
            )  # fmt: skip

        box = nodes.admonition(
            classes=["statement", f"statement-{kind}", *self.options.get("class", [])]
        )
        title = self.arguments[0] if self.arguments else ""
        box += self.heading(name, title, label)
        self.state.nested_parse(self.content, self.content_offset, box)
        if not label:
            return [box]
        box["ids"].append(label)
        stated = Stated(self.env.docname, name, title, cited(box), "\n".join(self.content))
        domain.note_statement(label, stated, self.get_location())
        box += live(view="foot", argument=label)
        formal = live(view="formal", argument=label)
        return [index(entries=list(entries(stated, label))), box, formal]

    def heading(self, name: str, title: str, label: str) -> nodes.title:
        """ "Theorem 2.1 (title)", a link to the box, and the badge of its evidence."""
        heading = nodes.title("", "", nodes.inline("", name, classes=["statement-name"]))
        if title:
            inline, messages = self.state.inline_text(title, self.lineno)
            heading += nodes.inline("", " (", *inline, *messages, nodes.Text(")"))
        if label:
            link = {"refid": label, "reftitle": "Link to this statement"}
            heading += nodes.reference("", "#", classes=["headerlink"], internal=True, **link)
            heading += live(view="badge", argument=label)
        return heading


def entries(stated: Stated, label: str) -> Iterator[tuple[str, str, str, str, None]]:
    """What the index has for a box, and the page's own search with it: its name and its title.

    A title with formulas is left out: nobody types TeX.
    """
    yield "single", stated.name, label, "main", None
    if stated.title and "$" not in stated.title:
        yield "single", f"{stated.title} ({stated.name})", label, "main", None


def cited(box: nodes.Element) -> tuple[str, ...]:
    """The labels of the statements that a statement refers to."""
    references = box.findall(pending_xref)
    return tuple(each["reftarget"] for each in references if each.get("refdomain") == "prf")
