"""The formal proofs: what Coq said of them is said of these very files, and of all that they state.

Coq itself is `make proofs`; no test here needs it.
"""

import ast
import re
from pathlib import Path

import nbformat
import pytest

from refutable.audit import VERDICTS, read, refuse_assumptions
from refutable.coq import project

ROOT = Path(__file__).parents[1]
PROOFS = project(ROOT / "proofs")
RECORDED = read(ROOT / "proofs" / VERDICTS)
HERE = read(ROOT / "_build" / "proofs" / VERDICTS)
CHAPTERS = sorted((ROOT / "book").glob("*.ipynb"))


def named_in_chapters() -> set[str]:
    """The proofs and the twins that cells call."""
    cells = [cell for path in CHAPTERS for cell in nbformat.read(path, as_version=4).cells]
    calls = [
        node
        for cell in cells
        if cell.cell_type == "code" and "evidence.proved(" in cell.source
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Call)
    ]
    words = [a.value for call in calls for a in call.args if isinstance(a, ast.Constant)]
    return {word for word in words if word in RECORDED.proofs}


def test_verdicts_are_of_these_sources():
    assert RECORDED.digest == PROOFS.digest, "after an edit of proofs/, run `make verdicts`"


def test_every_statement_is_proved_and_every_twin_disproved():
    assert {name: v.statement for name, v in RECORDED.proofs.items()} == PROOFS.proofs
    for name, verdict in RECORDED.proofs.items():
        assert verdict.holds == (".Twin_" not in verdict.statement), name


def test_no_source_assumes_what_it_should_prove():
    refuse_assumptions(PROOFS)


def test_every_axiom_that_is_allowed_is_used():
    used = {axiom for verdict in RECORDED.proofs.values() for axiom in verdict.axioms}
    assert used == set(PROOFS.axioms)


def test_chapters_show_every_twin_and_what_it_is_a_twin_of():
    named = named_in_chapters()
    assert {name for name, verdict in RECORDED.proofs.items() if not verdict.holds} <= named
    assert all(
        RECORDED.proofs[name].statement.startswith(("Statements.", "Twins.")) for name in named
    )


def test_the_statement_that_the_page_shows_is_the_one_that_is_proved():
    page = (ROOT / "book" / "proved.md").read_text(encoding="utf-8")
    shown = re.findall(r"```coq\n(.*?)```", page, re.DOTALL)
    assert shown and all(code in PROOFS.sources["Statements"] for code in shown)


def test_coq_accepted_the_proofs_in_this_environment():
    if HERE is None:
        said = f"Coq did not run here; Coq {RECORDED.coq} accepted the proofs on {RECORDED.date}"
        pytest.skip(f"{said}. `make proofs` runs it.")
    assert HERE.same_as(RECORDED), "proofs/ has changed since Coq ran here; run `make proofs`"
