"""One check, run on the claim and on its negative controls: the first holds, the others fail."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from refutable.card import Evidence, Rejection, Title, sentence

Verdict: TypeAlias = Literal["holds", "fails", "undecided"]


@dataclass(frozen=True)
class Finding:
    """What a check found.

    "undecided" means that the check could show neither the statement nor its negation.
    `summary` says what it means if the statement holds, without floating-point numbers; `detail`
    says what was found, with numbers. The other fields are those of `Evidence`.
    """

    verdict: Verdict
    summary: str
    detail: str
    instances: int
    slack: str = ""
    where: str = ""
    tolerance: str = ""
    worst: Any = None


class EvidenceError(AssertionError):
    """An assertion of a chapter that is not true; `finding` is what the check found.

    The first line of its message has no floating-point number in it and the second says what was
    found.
    """

    def __init__(self, headline: str, finding: Finding):
        super().__init__(f"{headline}\n{finding.detail}")
        self.finding = finding


class ClaimRefuted(EvidenceError):
    """The claim is false, or could not be shown: the message says which."""


class ControlNotRejected(EvidenceError):
    """The check did not tell a false variant of the claim from the truth, so it proves nothing."""


class Control:
    """A negative control: the same check, of a statement that is false.

    `what` says what is false about it. `statement` replaces the first argument of the check (the
    relation, the slack, the draws or the trials) and the named `changes` replace others, for
    example `family=` where a hypothesis is dropped.
    """

    def __init__(self, what: str, statement: Any = None, **changes: Any):
        self.what = sentence(what, "what is false about the control")
        self.statement = statement
        self.changes = changes
        if statement is None and not changes:
            raise ValueError(f"the control {what!r} changes nothing; give it a false statement.")

    def applied_to(self, statement: dict[str, Any]) -> dict[str, Any]:
        """The arguments of the check after this control's changes."""
        first = next(iter(statement))
        changes = dict(self.changes)
        if self.statement is not None:
            changes = {first: self.statement, **changes}
        if unknown := sorted(changes.keys() - statement.keys()):
            raise ValueError(
                f"the control {self.what!r} changes {', '.join(unknown)}; "
                f"it can change {', '.join(statement)}."
            )
        return statement | changes


def establish(
    title: Title,
    check: Callable[..., Finding],
    statement: dict[str, Any],
    control: Control | Sequence[Control],
) -> Evidence:
    """Evidence that `check(**statement)` holds while the same check fails on each control.

    Raises `ClaimRefuted`, `ControlNotRejected`, or `ValueError` for an ill-posed check.
    """
    controls = [control] if isinstance(control, Control) else list(control)
    if not controls or not all(isinstance(c, Control) for c in controls):
        raise ValueError("control must be a Control or a non-empty sequence of them.")
    variants = [c.applied_to(statement) for c in controls]
    found = check(**statement)
    if found.verdict != "holds":
        outcome = "refuted" if found.verdict == "fails" else "not shown"
        raise ClaimRefuted(f"{title} · {title.kind} · {outcome}", found)
    pairs = zip(controls, variants, strict=True)
    return Evidence(
        title=title,
        summary=found.summary,
        instances=found.instances,
        tolerance=found.tolerance,
        slack=found.slack,
        where=found.where,
        controls=tuple(rejection(title, check, *pair) for pair in pairs),
        worst=found.worst,
    )


def rejection(
    title: Title, check: Callable[..., Finding], control: Control, variant: dict[str, Any]
) -> Rejection:
    """How the check rejects the control."""
    try:
        found = check(**variant)
    except ValueError as error:
        error.add_note(f"while checking the control: {control.what}")
        raise
    if found.verdict != "fails":
        outcome = "holds, too" if found.verdict == "holds" else "could not be decided"
        raise ControlNotRejected(
            f"{title} · {title.kind} · control {outcome}: {control.what}", found
        )
    return Rejection(control.what, found.detail)
