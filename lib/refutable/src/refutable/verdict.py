"""One check, run on the claim and on its negative controls: the first holds, the others fail."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from refutable import relations
from refutable.card import Evidence, Rejection, Title, sentence
from refutable.inputs import real

Verdict: TypeAlias = Literal["holds", "fails", "undecided"]
Change: TypeAlias = Literal["factor", "hypothesis", "exponent", "printed", "other"]


@dataclass(frozen=True)
class Finding:
    """What a check found.

    "undecided" means that the check could show neither the statement nor its negation.
    `summary` says what it means if the statement holds, without floating-point numbers; `detail`
    says what was found, with numbers. `tightness` is None where no bound was stated; `larger` says
    that a larger bound would be a stronger claim. `gaps` is by how much each instance looked at is
    on the claimed side. The other fields are those of `Evidence`.
    """

    verdict: Verdict
    summary: str
    detail: str
    instances: int
    tightness: float | None = None
    larger: bool = False
    where: str = ""
    tolerance: str = ""
    gaps: Sequence[float] = ()
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
    """The check did not show a false variant of the claim to be false, so it proves nothing."""


class Control:
    """A negative control: the same check, of a statement that is false.

    `what` says what is false about it. Either `factor` tightens the bound of the claim itself, to
    `factor` times what it is (`AtLeast`: divided by it); or `statement` replaces the first argument
    of the check (the relation, the draws or the trials) and the named `changes` replace others, for
    example `family=` where a hypothesis is dropped. `change` says what kind of change that is, and
    `distance` by which factor, where it is one.
    """

    def __init__(
        self,
        what: str,
        statement: Any = None,
        *,
        factor: float | None = None,
        change: Change = "other",
        distance: float | None = None,
        **changes: Any,
    ):
        self.what = sentence(what, "what is false about the control")
        if change not in get_args(Change):
            raise ValueError(
                f"change must be one of {', '.join(get_args(Change))}; got {change!r}."
            )
        if factor is not None:
            if statement is not None or changes:
                raise ValueError(f"the control {what!r} has a factor and a statement; give one.")
            if not 0 <= real(factor, "factor") < 1:
                raise ValueError(f"a factor that makes the claim false is below 1, got {factor}.")
            change, distance = "factor", factor
        elif statement is None and not changes:
            raise ValueError(f"the control {what!r} changes nothing; give it a false statement.")
        self.statement, self.factor, self.changes = statement, factor, changes
        self.change: Change = "factor" if distance is not None else change
        self.distance = distance

    def applied_to(self, statement: dict[str, Any], tighten: Callable) -> dict[str, Any]:
        """The arguments of the check after this control's changes."""
        if self.factor is not None:
            return statement | tighten(self.factor, **statement)
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
    *,
    tighten: Callable[..., dict[str, Any]],
    loose: str | None,
) -> Evidence:
    """Evidence that `check(**statement)` holds while the same check fails on each control.

    `tighten(factor, **statement)` is what changes when the bound is tightened. Raises
    `ClaimRefuted`, `ControlNotRejected`, or `ValueError` for an ill-posed check and for one that is
    said to be `loose` and is not.
    """
    controls = [control] if isinstance(control, Control) else list(control)
    if not controls or not all(isinstance(c, Control) for c in controls):
        raise ValueError("control must be a Control or a non-empty sequence of them.")
    variants = [c.applied_to(statement, tighten) for c in controls]
    found = check(**statement)
    if found.verdict != "holds":
        outcome = "refuted" if found.verdict == "fails" else "not shown"
        raise ClaimRefuted(f"{title} · {title.kind} · {outcome}", found)
    t = found.tightness
    pairs = zip(controls, variants, strict=True)
    return Evidence(
        title=title,
        summary=found.summary,
        instances=found.instances,
        tolerance=found.tolerance,
        tightness=t,
        where=found.where,
        unseen="" if t is None else relations.unseen(t, found.larger),
        note=explained(title, found, loose),
        controls=tuple(rejection(title, check, found, *pair) for pair in pairs),
        worst=found.worst,
    )


def explained(title: Title, found: Finding, loose: str | None) -> str:
    """Why the check reaches less than half of its bound, or states none, if that is so and said."""
    if loose is None:
        return ""
    if found.tightness is not None and found.tightness >= relations.SHARP:
        reached = relations.percent(found.tightness)
        raise ValueError(f"{title} is not loose: it reaches {reached}; leave `loose` out.")
    return sentence(loose, "loose")


def rejection(
    title: Title,
    check: Callable[..., Finding],
    claim: Finding,
    control: Control,
    variant: dict[str, Any],
) -> Rejection:
    """How the check rejects the control, which may not be the negation of the claim's own data."""
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
    if negated(claim.gaps, found.gaps):
        raise ValueError(
            f"the control {control.what!r} is the negation of the claim's own data, which is false "
            "whenever the claim is true; change the claim instead."
        )
    return Rejection(control.what, found.detail, control.change, control.distance)


def negated(gaps: Sequence[float], others: Sequence[float]) -> bool:
    """Whether two checks compared the same numbers with the sign turned."""
    if len(gaps) != len(others) or not any(gaps):
        return False
    return all(a == -b for a, b in zip(gaps, others, strict=True))
