"""Proved evidence: Coq accepted a proof of the formal statement, and one against a false twin."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from refutable.audit import VERDICTS, Verdict, Verdicts, read
from refutable.card import Evidence, Title
from refutable.coq import TWIN, ProofsError, project
from refutable.verdict import Control, Finding, establish

SUMMARY = "accepted by Coq, for all values"


def proved(
    claim: str,
    theorem: str,
    *,
    control: Control | Sequence[Control],
    checks: str,
    part: str | None = None,
    proofs: str | Path = "proofs",
) -> Evidence:
    """Coq accepts the proof `theorem` of a formal statement of the claim, and rests on axioms
    that are named.

    `theorem` is the name of the proof, as "Section2.theorem_2_1"; a control names the proof of the
    negation of a false twin, as `Control("without the penalty", "Twins.twin_2_1")`. The statement
    of "Theorem 2.1" is called `Theorem_2_1…` and its twins `Twin_2_1…`; those of a part have any
    name. `proofs` is the folder, looked for here and in the folders above.

    Coq does not run here. `python -m refutable audit` runs it, and records its verdicts beside the
    sources; they count only for sources with that very digest, which is taken again. There is no
    tightness: a proof compares nothing, and how near the twin is its control says by `distance`.

    Raises `ClaimRefuted` if the sources are not those of the verdicts, if `theorem` is not among
    them, or proves the negation of its statement; `ControlNotRejected` if a twin does not; and
    `ValueError` if there is no such folder, or a statement is named after another claim.
    """
    title = Title(claim, part, "proved", checks)
    folder = located(Path(proofs))
    verdicts = read(folder / VERDICTS)
    check = partial(accepted, title, verdicts, project(folder).digest)
    evidence = establish(
        title, check, {"theorem": theorem}, control, tighten=untightened, loose=None
    )
    assert verdicts
    controls = [control] if isinstance(control, Control) else control
    twins = [each.applied_to({"theorem": theorem}, untightened)["theorem"] for each in controls]
    return replace(evidence, formal=formal(verdicts, theorem, twins))


def located(proofs: Path) -> Path:
    """The folder of that name here or above, whichever is nearest."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / proofs).is_dir():
            return folder / proofs
    raise ProofsError(f"there is no folder {proofs} in {here} or above")


def accepted(title: Title, verdicts: Verdicts | None, digest: str, *, theorem: str) -> Finding:
    """Whether Coq accepted, of these very sources, the proof of a statement or of its negation."""
    if verdicts is None or verdicts.digest != digest:
        detail = "the sources are not those that Coq accepted; run python -m refutable audit"
        return Finding("undecided", "", detail, 0)
    if theorem not in verdicts.proofs:
        return Finding("undecided", "", f"{theorem} is not among the proofs that Coq accepted", 0)
    found = verdicts.proofs[theorem]
    if title.part is None and not named_after(title.claim, found):
        raise ValueError(
            f"{theorem} is about {found.statement}, which is not named after {title.claim}."
        )
    if found.holds:
        return Finding("holds", SUMMARY, f"proved: {theorem}", 1, tolerance="none: exact")
    return Finding("fails", "", f"disproved: {theorem}", 1)


def named_after(claim: str, verdict: Verdict) -> bool:
    """Whether a statement bears the claim's name: `Theorem_2_1…`, or `Twin_2_1…` for a twin."""
    kind, number = claim.split(" ")
    stem = f"{kind if verdict.holds else TWIN}_{number.replace('.', '_')}"
    return re.match(rf"{stem}(?![A-Za-z0-9])", verdict.statement.rpartition(".")[2]) is not None


def untightened(factor: float, theorem: str) -> dict[str, Any]:
    raise ValueError("a factor makes no twin; name the proof of its negation, and its `distance`.")


def formal(verdicts: Verdicts, theorem: str, twins: list[str]) -> Mapping[str, Any]:
    """What stands on the card: the proof, what it rests on, who accepted it and when."""
    verdict = verdicts.proofs[theorem]
    return {
        "theorem": theorem,
        "statement": verdict.statement,
        "axioms": list(verdict.axioms),
        "twins": twins,
        "checker": f"Coq {verdicts.coq}",
        "date": verdicts.date,
        "digest": verdicts.digest,
    }
