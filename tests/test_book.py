"""Chapters keep what claims.yml promises, and are stored in canonical form.

The checks are functions from a chapter to the list of what is wrong with it; the real chapters must
come out clean, and a chapter with each single fault must not.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from refutable.sphinx.canonical import RECORDED, code_digest, text
from refutable.sphinx.claims import Claim, item_of, load
from refutable.sphinx.evidence import KINDS

BOOK = Path(__file__).parents[1] / "book"
CHAPTERS = sorted(BOOK.glob("*.ipynb"))
CLAIMS = load(BOOK / "claims.yml")
PROVED = ("Theorem", "Proposition", "Corollary", "Lemma", "Claim")
CITATION = re.compile(r"\{prf:ref\}`(?:[^`<]*<)?([\w-]+)>?`")
DIRECTIVE = re.compile(r"\{([\w:-]+)\}\s*(.*)")
MARKDOWN = MarkdownIt().use(colon_fence_plugin)


# -------------------------------------------------------------------------------------------------
# Reading a chapter
# -------------------------------------------------------------------------------------------------


class Directive(NamedTuple):
    name: str
    title: str
    body: str

    @property
    def label(self) -> str:
        found = re.search(r"^:label:\s*(\S+)", self.body, re.MULTILINE)
        return found[1] if found else ""


def prose(notebook) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def directives(markdown: str) -> Iterator[Directive]:
    """The MyST directives of a text, those inside others too."""
    for token in MARKDOWN.parse(markdown):
        found = DIRECTIVE.match(token.info) if token.type in ("fence", "colon_fence") else None
        if found:
            yield Directive(found[1], found[2].strip(), token.content)
            yield from directives(token.content)


def cited(markdown: str) -> set[str]:
    """The items of the paper that a text refers to; our sharper form counts as the item."""
    return {item_of(label, CLAIMS) for label in CITATION.findall(markdown)} - {""}


def nodes(notebook) -> Iterator[ast.AST]:
    """The syntax of a chapter's code."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            code = re.sub(r"^(\s*)[%!].*$", r"\1pass", cell.source, flags=re.MULTILINE)
            yield from ast.walk(ast.parse(code))


def evidence_calls(notebook) -> Iterator[ast.Call]:
    """The calls `evidence.<kind>(…)` of a chapter."""
    for node in nodes(notebook):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name("evidence"), attr=kind)):
                if kind in KINDS:
                    yield node


def is_about(call: ast.Call, claim: Claim) -> bool:
    """Whether a call gives evidence for the statement itself, with a control."""
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    names_it = bool(call.args) and isinstance(call.args[0], ast.Constant)
    whole = ast.dump(keywords.get("part", ast.Constant(None))) == ast.dump(ast.Constant(None))
    return names_it and call.args[0].value == claim.name and whole and "control" in keywords


def printed(notebook) -> str:
    """The stored text outputs of a chapter."""
    outputs = [o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs]
    return "\n".join(o.get("text") or o.get("data", {}).get("text/plain", "") for o in outputs)


# -------------------------------------------------------------------------------------------------
# What can be wrong with a chapter
# -------------------------------------------------------------------------------------------------


def misstated(notebook, claims: list[Claim]) -> Iterator[str]:
    """Each item of the chapter has one box, and no other chapter's item has one."""
    boxes = [d for d in directives(prose(notebook)) if d.name.startswith("prf:")]
    for claim in claims:
        count = sum(d.name == f"prf:{claim.kind.lower()}" and d.label == claim.id for d in boxes)
        if count != 1:
            yield f"{claim.name} is stated {count} times"
    for box in boxes:
        if box.label in CLAIMS and CLAIMS[box.label] not in claims:
            yield f"{CLAIMS[box.label].name} belongs to another chapter"


def unproved(notebook, claims: list[Claim]) -> Iterator[str]:
    """Each result has one folded proof, which cites exactly what the item depends on.

    An item that is not proved cites its dependencies somewhere in the chapter.
    """
    folded = [d for d in directives(prose(notebook)) if d.name == "dropdown"]
    for claim in claims:
        depends = set(claim.depends)
        if claim.kind not in PROVED:
            missing, extra = depends - cited(prose(notebook)), set()
        else:
            proofs = [d.body for d in folded if d.title == f"Proof of {claim.name}"]
            if len(proofs) != 1:
                yield f"{claim.name} has {len(proofs)} proofs"
                continue
            missing = depends - cited(proofs[0])
            extra = cited(proofs[0]) - depends - {claim.id}
        for id in sorted(missing):
            yield f"{claim.name} depends on {id} but does not cite it"
        for id in sorted(extra):
            yield f"the proof of {claim.name} cites {id}, which is not among its dependencies"


def unevidenced(notebook, claims: list[Claim]) -> Iterator[str]:
    """Each item has evidence for the statement itself, with a control that was seen rejected."""
    calls = list(evidence_calls(notebook))
    for claim in claims:
        if not any(is_about(call, claim) for call in calls):
            yield f"no evidence with a control names {claim.name}"
        line = rf"^{re.escape(claim.name)} · .*controls? rejected: "
        if not re.search(line, printed(notebook), re.MULTILINE):
            yield f"no output shows the evidence for {claim.name}"


def rounded(notebook) -> Iterator[str]:
    """A float enters a ball by `exact`, which says that this very float is meant.

    A name may stand for a whole number or a decimal string; what is read off an array or a result,
    a float that is written out, and float(…) are floats.
    """
    for node in nodes(notebook):
        match node:
            case ast.Call(func=ast.Name("arb"), args=[value]):
                callees = [call.func for call in ast.walk(value) if isinstance(call, ast.Call)]
                if any(is_float(part) for part in ast.walk(value) if part not in callees):
                    yield f"{ast.unparse(node)} may hold a rounded float; write exact(…)"


def is_float(node: ast.AST) -> bool:
    """Whether a part of an expression is a float by its form."""
    match node:
        case ast.Constant(float()) | ast.Attribute() | ast.Subscript():
            return True
        case ast.Call(func=ast.Name("float")):
            return True
    return False


def unrecorded(source: str) -> Iterator[str]:
    """The file is canonical, its outputs come from its code, and no cell failed."""
    notebook = nbformat.reads(source, as_version=4)
    if source != text(notebook):
        yield "not in canonical form"
    if notebook.metadata.get(RECORDED) != code_digest(notebook):
        yield "the code has changed since its outputs were recorded"
    for cell in notebook.cells:
        if any(output.output_type == "error" for output in cell.get("outputs", [])):
            yield f"cell {cell.id} failed"


def problems(source: str, claims: list[Claim]) -> list[str]:
    notebook = nbformat.reads(source, as_version=4)
    return [
        *misstated(notebook, claims),
        *unproved(notebook, claims),
        *unevidenced(notebook, claims),
        *rounded(notebook),
        *unrecorded(source),
    ]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_states_proves_evidences_and_records_its_items(path):
    claims = [claim for claim in CLAIMS.values() if claim.is_in(path.stem)]
    found = problems(path.read_text(encoding="utf-8"), claims)
    assert not found, "\n".join([*found, "After an edit of code, run `make record`."])


# -------------------------------------------------------------------------------------------------
# Each fault is noticed
# -------------------------------------------------------------------------------------------------

EVIDENCE = """evidence.symbolic("Theorem A.3", equation, control=Control("sign", other))"""
SHOWN = "Theorem A.3 · symbolic · holds for all values · control rejected: sign"
STATEMENT = """```{prf:theorem} The binary case
:label: thm-A-3

It holds.
```"""
PROOF = """````{dropdown} Proof of Theorem A.3
By {prf:ref}`thm-2-1`, and by {prf:ref}`its rate <thm-2-1-Q>`.
````"""


def chapter(statement=STATEMENT, proof=PROOF, code=EVIDENCE, shown=SHOWN):
    """A chapter with one item, in canonical form."""
    cell = new_code_cell(code, outputs=[new_output("display_data", {"text/plain": shown})])
    notebook = new_notebook(cells=[new_markdown_cell(statement), new_markdown_cell(proof), cell])
    notebook.metadata[RECORDED] = code_digest(notebook)
    return text(notebook)


def faults(source) -> list[str]:
    return problems(source, [CLAIMS["thm-A-3"]])


def test_a_good_chapter_has_no_faults():
    assert faults(chapter()) == []


@pytest.mark.parametrize(
    ("fault", "changes"),
    [
        ("stated 0 times", {"statement": STATEMENT.replace("thm-A-3", "thm-A-4")}),
        ("stated 0 times", {"statement": STATEMENT.replace("prf:theorem", "prf:lemma")}),
        ("stated 2 times", {"statement": f"{STATEMENT}\n\n{STATEMENT}"}),
        ("another chapter", {"statement": STATEMENT + "\n\n" + STATEMENT.replace("A-3", "2-1")}),
        ("has 0 proofs", {"proof": PROOF.replace("A.3", "A.4")}),
        ("has 2 proofs", {"proof": f"{PROOF}\n\n{PROOF}"}),
        ("does not cite", {"proof": re.sub(r"\{prf:ref\}`[^`]*`", "the above", PROOF)}),
        ("cites lem-A-2", {"proof": PROOF.replace("its rate <thm-2-1-Q>", "lem-A-2")}),
        ("no evidence", {"code": EVIDENCE.replace("A.3", "2.1")}),
        ("no evidence", {"code": EVIDENCE.replace("control=", "part='step 1', control=")}),
        ("no evidence", {"code": EVIDENCE.replace("control=", "")}),
        ("no evidence", {"code": f"# {EVIDENCE}"}),
        ("no output", {"shown": SHOWN.replace("A.3 ·", "A.3 (step 1) ·")}),
        ("no output", {"shown": SHOWN.replace("rejected", "")}),
        ("arb(x[0]) may hold", {"code": f"{EVIDENCE}\narb(x[0])"}),
        ("arb(m.lam) may hold", {"code": f"{EVIDENCE}\narb(m.lam)"}),
        ("arb(float(x)) may hold", {"code": f"{EVIDENCE}\narb(float(x))"}),
        ("arb(0.1) may hold", {"code": f"{EVIDENCE}\narb(0.1)"}),
    ],
)
def test_a_faulty_chapter_is_rejected(fault, changes):
    assert any(fault in each for each in faults(chapter(**changes)))


def test_exact_numbers_enter_balls():
    code = f'{EVIDENCE}\narb("0.1"), arb(2), arb(n), arb(0, "1e-9"), exact(x), arb.pi()'
    assert faults(chapter(code=code)) == []


def test_a_proof_inside_another_directive_is_found():
    inside = f":::::{{admonition}} Proofs\n{PROOF}\n:::::"
    assert faults(chapter(proof=inside)) == []


def test_an_item_without_proof_cites_its_dependencies_in_the_chapter():
    statement = STATEMENT.replace("prf:theorem", "prf:figure").replace("thm-A-3", "fig-4")
    notebook = nbformat.reads(chapter(statement=statement), as_version=4)
    assert list(unproved(notebook, [CLAIMS["fig-4"]])) == [
        "Figure 4 depends on prop-4-1 but does not cite it",
        "Figure 4 depends on thm-A-3 but does not cite it",
    ]


def test_a_citation_of_another_item_with_the_same_beginning_is_not_mistaken():
    assert cited("{prf:ref}`lem-E-12`") == {"lem-E-12"}


def test_code_edited_after_recording_is_noticed():
    notebook = nbformat.reads(chapter(), as_version=4)
    notebook.cells[2].source += "\n1 + 1"
    assert "the code has changed since its outputs were recorded" in faults(text(notebook))


def test_prose_edited_after_recording_is_accepted():
    notebook = nbformat.reads(chapter(), as_version=4)
    notebook.cells[1].source = "A better word.\n\n" + notebook.cells[1].source
    assert faults(text(notebook)) == []


def test_a_chapter_that_was_never_run_is_noticed():
    notebook = nbformat.reads(chapter(), as_version=4)
    notebook.cells[2].outputs = []
    del notebook.metadata[RECORDED]
    assert "the code has changed since its outputs were recorded" in faults(text(notebook))


def test_an_error_in_the_outputs_is_noticed():
    notebook = nbformat.reads(chapter(), as_version=4)
    error = new_output("error", ename="ClaimRefuted", evalue="no", traceback=[])
    notebook.cells[2].outputs.append(error)
    assert any("failed" in each for each in faults(text(notebook)))
