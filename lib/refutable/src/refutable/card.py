"""What a cell displays: one line of text, a card for the page, a record for the ledger."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from refutable.relations import percent

MIME_TYPE = "application/vnd.refutable.evidence+json"
ROUGHLY = (0.8, 0.5, 0.25, 0.1)
CLAIM_NAME = re.compile(r"[A-Z][a-z]+ ([A-Z]|[A-Z]?[1-9]\d*)(\.[1-9]\d*)*")


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
                'for example "Theorem 2.1", "Lemma A.2", "Conjecture 4" or "Figure 4".'
            )
        if self.part is not None and not re.search("[a-z0-9]", sentence(self.part, "part").lower()):
            raise ValueError(f"part needs a letter or a digit to link to, got {self.part!r}.")
        sentence(self.checks, "checks")

    def __str__(self):
        return self.claim if self.part is None else f"{self.claim} ({self.part})"

    @property
    def anchor(self) -> str:
        """The card's identity on a page, such as evidence-lemma-a-2-step-c-symbolic."""
        return re.sub("[^a-z0-9]+", "-", f"evidence {self} {self.kind}".lower()).rstrip("-")


@dataclass(frozen=True)
class Rejection:
    """A negative control that was shown false: what was changed, and how the check told.

    `change` says what kind of change it is, and `distance` by which factor, where it is one.
    """

    what: str
    how: str
    change: str
    distance: float | None = None


@dataclass(frozen=True)
class Evidence:
    """A claim that passed its check, together with the controls that did not.

    `tightness` is how much of its bound the check reached, `where` the instance that did and
    `unseen` by how much the bound could change unnoticed; `note` says why, if that is much.
    `tolerance` is the largest violation put down to roundoff, as text, and `worst` the instance
    nearest to a violation, where the kind of evidence has one; `formal` is what is known of a
    formal proof. `str(evidence)` is the same on every machine.
    """

    title: Title
    summary: str
    instances: int
    tolerance: str
    tightness: float | None
    where: str
    unseen: str
    note: str
    controls: tuple[Rejection, ...]
    worst: Any = field(default=None, repr=False, compare=False)
    formal: Mapping[str, Any] | None = None

    def __str__(self):
        stated = [control.what for control in self.controls]
        rejected = "control rejected" if len(stated) == 1 else "controls rejected"
        facts = [str(self.title), self.title.kind, self.summary, *self.reached()]
        return " · ".join([*facts, f"{rejected}: {'; '.join(stated)}"])

    def reached(self) -> list[str]:
        """How much of the bound was reached, if the check knows.

        Training in floats differs from machine to machine, so trials say it roughly.
        """
        if self.tightness is None:
            return []
        if self.title.kind != "observed":
            return [f"reaches {percent(self.tightness)}"]
        rough = [step for step in ROUGHLY if step <= self.tightness]
        return [f"reaches at least {percent(rough[0])}" if rough else "reaches hardly anything"]

    def tightened(self) -> list[Rejection]:
        """The nearest control: the claim with the bound that its own instances just refute."""
        if self.tightness is None or not 0 < self.tightness < 1:
            return []
        what = f"{percent(self.tightness)} of the bound"
        how = f"refuted at {self.where}" if self.where else "refuted by an instance of the check"
        return [Rejection(what, how, "factor", self.tightness)]

    def record(self) -> dict[str, Any]:
        """The entry of the ledger: strings and numbers; no part is the statement itself."""
        return {
            "claim": self.title.claim,
            "part": self.title.part,
            "kind": self.title.kind,
            "checks": self.title.checks,
            "instances": self.instances,
            "tolerance": self.tolerance,
            "tightness": self.tightness,
            "where": self.where,
            "unseen": self.unseen,
            "note": self.note,
            "controls": [vars(control) for control in (*self.controls, *self.tightened())],
            "anchor": self.title.anchor,
            **({"formal": dict(self.formal)} if self.formal else {}),
        }

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, Any]:
        return {"text/plain": str(self), "text/html": page_card(self), MIME_TYPE: self.record()}


def page_card(evidence: Evidence) -> str:
    """The card in HTML; colours come from the page, so that it reads on light and on dark."""
    title, tightness = evidence.title, evidence.tightness
    share = "" if tightness is None else f"{percent(tightness)} of the bound"
    facts = [
        ("Checked", title.checks),
        ("Reached" if share else "Closest", " at ".join(filter(None, [share, evidence.where]))),
        ("So", evidence.unseen),
        ("Why", evidence.note),
        ("Tolerance", evidence.tolerance),
        *(of_proof(evidence.formal) if evidence.formal else ()),
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


def of_proof(formal: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the card says of a formal proof."""
    return [
        ("Proof", f"{formal['theorem']}, of {formal['statement']}"),
        ("Axioms", ", ".join(formal["axioms"]) or "none"),
        ("By", f"{formal['checker']} on {formal['date']}, sources {formal['digest'][:12]}"),
    ]


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
