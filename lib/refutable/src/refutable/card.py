"""What a cell displays: one line of text, a card for the page, a record for the ledger."""

import html
import re
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

MIME_TYPE = "application/vnd.refutable+json"
NUMBERED = r"(Theorem|Lemma|Claim|Proposition|Corollary|Assumption|Example) ([1-9]|[A-F])\.[1-9]\d*"
CLAIM_NAME = re.compile(rf"{NUMBERED}|(Figure|Table) [1-9]\d*")


@dataclass(frozen=True)
class Title:
    """What the evidence is for: an item of the paper, possibly one part of it."""

    claim: str
    part: str | None
    kind: str
    checks: str

    def __post_init__(self):
        if not (isinstance(self.claim, str) and CLAIM_NAME.fullmatch(self.claim)):
            raise ValueError(
                f"{self.claim!r} does not name an item of the paper; write it as there, "
                'for example "Theorem 2.1", "Lemma A.2" or "Figure 4".'
            )
        if self.part is not None and not re.search("[a-z0-9]", sentence(self.part, "part").lower()):
            raise ValueError(f"part needs a letter or a digit to link to, got {self.part!r}.")
        sentence(self.checks, "checks")

    def __str__(self):
        return self.claim if self.part is None else f"{self.claim} ({self.part})"

    @property
    def anchor(self) -> str:
        """The card's identity on a page, such as evidence-lemma-a-2-step-c-symbolic."""
        return re.sub("[^a-z0-9]+", "-", f"evidence {self} {self.kind}".lower())


@dataclass(frozen=True)
class Rejection:
    """A negative control that was rejected: what was false about it, how the check told."""

    what: str
    how: str


@dataclass(frozen=True)
class Evidence:
    """A claim that passed its check, together with the controls that did not.

    `slack` is the smallest slack found, `where` the instance that has it and `tolerance` the
    largest violation put down to roundoff, each as text; `worst` is that instance itself, where
    the kind of evidence has one. `str(evidence)` is one line without a floating-point number, the
    same on every machine.
    """

    title: Title
    summary: str
    instances: int
    tolerance: str
    slack: str
    where: str
    controls: tuple[Rejection, ...]
    worst: Any = field(default=None, repr=False, compare=False)

    def __str__(self):
        rejected = "control rejected" if len(self.controls) == 1 else "controls rejected"
        whats = "; ".join(control.what for control in self.controls)
        return f"{self.title} · {self.title.kind} · {self.summary} · {rejected}: {whats}"

    def record(self) -> dict[str, Any]:
        """The entry of the ledger: strings and whole numbers; no part is the statement itself."""
        return {
            "claim": self.title.claim,
            "part": self.title.part,
            "kind": self.title.kind,
            "checks": self.title.checks,
            "instances": self.instances,
            "tolerance": self.tolerance,
            "slack": self.slack,
            "where": self.where,
            "controls": [{"what": c.what, "how": c.how} for c in self.controls],
            "anchor": self.title.anchor,
        }

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, Any]:
        return {"text/plain": str(self), "text/html": page_card(self), MIME_TYPE: self.record()}


def page_card(evidence: Evidence) -> str:
    """The card in HTML; colours come from the page, so that it reads on light and on dark."""
    title = evidence.title
    facts = [
        ("Checked", title.checks),
        ("Smallest slack", " at ".join(filter(None, [evidence.slack, evidence.where]))),
        ("Tolerance", evidence.tolerance),
    ]
    rows = "".join(f"<dt>{name}</dt><dd>{html.escape(text)}</dd>" for name, text in facts if text)
    controls = "".join(
        f'<dt class="evidence-control">Negative control</dt><dd class="evidence-control">'
        f"{html.escape(control.what)} — rejected: {html.escape(control.how)}</dd>"
        for control in evidence.controls
    )
    return (
        f'<div class="evidence evidence-{title.kind}" id="{title.anchor}" '
        'style="border-left: 3px solid var(--evidence-colour, currentColor); '
        'background: var(--evidence-ground, transparent); padding-left: 1em">'
        f'<div class="evidence-head"><span class="evidence-kind">{title.kind}</span> '
        f'<strong class="evidence-claim">{html.escape(str(title))}</strong> '
        f'<span class="evidence-verdict">{html.escape(evidence.summary)}</span></div>'
        f'<dl class="evidence-facts">{rows}{controls}</dl></div>'
    )


def sentence(text: str, name: str) -> str:
    """`text` if it can stand on a card: one line, not empty, without TeX."""
    if not (isinstance(text, str) and text.strip()):
        raise ValueError(f"{name} must say something, got {text!r}.")
    if "\n" in text or "$" in text or "\\" in text:
        raise ValueError(f"{name} must be one line, with γ ≤ 1 in Unicode, not TeX; got {text!r}.")
    return text


def two_digits(value: float) -> str:
    """`value` to two significant digits."""
    return f"{value:.2g}"


def shown(instance: Any) -> str:
    """A pytree of arrays as text: the names and the first entries of its leaves."""
    leaves, _ = jax.tree_util.tree_flatten_with_path(instance)
    return ", ".join(
        " = ".join(filter(None, [jax.tree_util.keystr(path, simple=True, separator="."), entries]))
        for path, leaf in leaves
        for entries in [_entries(np.asarray(leaf))]
    )


def _entries(leaf: np.ndarray, most: int = 6) -> str:
    numbers = [two_digits(x) if leaf.dtype.kind == "f" else str(x) for x in leaf.ravel()[:most]]
    if leaf.ndim == 0:
        return numbers[0]
    return f"[{', '.join(numbers)}{', …' if leaf.size > most else ''}]"
