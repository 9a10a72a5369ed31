"""Boxes for statements, with the paper's own numbers, and references to them.

The names are those of MyST's `prf` directives, so that JupyterLab shows the same boxes:

    ```{prf:theorem} Weak regularisation finds the maximum margin
    :label: thm-2-1
    ...
    ```

and ``{prf:ref}`thm-2-1` `` reads "Theorem 2.1". A label that extends an item's, as `thm-2-1-Q`, is
our sharper form of it, "Theorem 2.1-Q". Boxes of our own have no number, and say so: `:nonumber:`.
"""

from collections.abc import Mapping
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.addnodes import pending_xref
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
        box += self.heading(name, self.arguments[0] if self.arguments else "", claim)
        self.state.nested_parse(self.content, self.content_offset, box)
        if label:
            box["ids"].append(label)
            stated = Stated(self.env.docname, name, cited(box), "\n".join(self.content))
            domain.note_statement(label, stated, self.get_location())
        return [box, live(view="formal", argument=label)]

    def heading(self, name: str, title: str, claim: Claim | None) -> nodes.title:
        """ "Theorem 2.1 (title)" and, for an item of the paper, the badge of its evidence."""
        heading = nodes.title("", "", nodes.inline("", name, classes=["statement-name"]))
        if title:
            inline, messages = self.state.inline_text(title, self.lineno)
            heading += nodes.inline("", " (", *inline, *messages, nodes.Text(")"))
        if claim:
            heading += live(view="badge", argument=claim.id)
        return heading


def cited(box: nodes.Element) -> tuple[str, ...]:
    """The labels of the statements that a statement refers to."""
    references = box.findall(pending_xref)
    return tuple(each["reftarget"] for each in references if each.get("refdomain") == "prf")
