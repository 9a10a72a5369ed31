"""Proved evidence: what Coq says of a folder of proofs, and what counts of it."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import refutable as evidence
from refutable import ClaimRefuted, Control, ControlNotRejected
from refutable.__main__ import audited
from refutable.audit import VERDICTS, answers, audit, axioms_in, coq_version, read
from refutable.card import MIME_TYPE
from refutable.coq import ProofsError, assumed, bare, declarations, project, sentences

SMALL = Path(__file__).with_name("small_proofs")
TWIN = Control("the last factor dropped", "Sums.twin_1")

needs_coq = pytest.mark.skipif(
    coq_version() is None, reason="no coqc on the path: Coq checked no proof again here"
)


def proved(claim="Theorem 1", theorem="Sums.theorem_1", control=TWIN, proofs=SMALL, **options):
    return evidence.proved(
        claim, theorem, control=control, checks="all n", proofs=proofs, **options
    )


@pytest.fixture
def copy(tmp_path):
    """The small proofs in a folder of their own."""
    return Path(shutil.copytree(SMALL, tmp_path / "proofs"))


def edit(folder, file, old, new):
    text = (folder / file).read_text()
    assert text.count(old) >= 1, old
    (folder / file).write_text(text.replace(old, new))


# -------------------------------------------------------------------------------------------------
# Reading sources
# -------------------------------------------------------------------------------------------------


def test_comments_and_strings_are_blanked_and_nothing_moves():
    source = 'Lemma a (* Axiom (* nested *) "*)" still *) : P.\nCheck "(* no comment".'
    assert bare(source).split() == ["Lemma", "a", ":", "P.", "Check", "."]
    assert len(bare(source)) == len(source) and bare(source).count("\n") == 1


@given(st.text('(*)" a.\n', max_size=30))
def test_any_text_can_be_read(source):
    assert len(bare(source)) == len(source)
    assert list(declarations("A", source)) == list(assumed(source)) == []
    assert all(source[s.start :].strip() for s in sentences(source))


def test_a_declaration_comes_with_the_comment_above_it():
    found = project(SMALL).declared["Statements.Theorem_1"]
    assert found.text.startswith("(** Gauss: the sum")
    assert found.text.endswith("n * (n + 1).")
    line = (SMALL / "Statements.v").read_text().splitlines()[found.line - 1]
    assert line == "Definition Theorem_1 : Prop :="


def test_the_statements_are_the_closed_propositions_with_capitals():
    assert project(SMALL).statements == [
        f"Statements.{name}" for name in ("Theorem_1", "Twin_1", "Theorem_2", "Twin_2")
    ]


NESTED = """Definition A : Prop := True.
Module B. Definition C : Prop := True.
Section D. Definition E : Prop := True. Lemma f : True. Proof. exact I. Qed. End D.
Module G := B. End B.
Definition H : Prop := True. Definition small : Prop := True. Definition J x : Prop := x = 0."""


def test_statements_stand_in_modules_but_not_in_sections(copy):
    (copy / "Statements.v").write_text(NESTED)
    assert project(copy).statements == ["Statements.A", "Statements.B.C", "Statements.H"]
    assert (
        "Statements.B.f" in project(copy).declared and "Statements.f" not in project(copy).declared
    )


def test_a_statement_may_be_open_as_long_as_it_is(copy):
    opened = "open = ['Statements.Lemma_3']\n" + (SMALL / "audit.toml").read_text()
    (copy / "audit.toml").write_text(opened)
    with pytest.raises(ProofsError, match="Lemma_3 is open; there is no such one"):
        _ = project(copy).proofs
    with (copy / "Statements.v").open("a") as text:
        text.write("Definition Lemma_3 : Prop := 1 = 2.")
    assert len(project(copy).proofs) == 4
    with (copy / "Sums.v").open("a") as text:
        text.write("Definition lemma_3 := 1.\n")
    assert len(project(copy).proofs) == 4
    with (copy / "Sums.v").open("a") as text:
        text.write("Theorem lemma_3 : Small.Statements.Lemma_3. Admitted.\n")
    with pytest.raises(ProofsError, match="Lemma_3 is open; it has a proof"):
        _ = project(copy).proofs


ASSUMING = """Axiom a : False.
Parameter n : nat. | Lemma a : P. Proof. Admitted. | Time Axioms a b : P.
Lemma a : P. Proof. admit. Defined. | Hypothesis h : P. | Variable x : nat. | Context (x : nat).
Local Axiom a : P. | #[local] Axiom a : P. | Unset Guard Checking. | Set Type In Type. | Load "x".
#[bypass_check(guard)] Fixpoint f (n : nat) : False := f n. | Section A. End A. Variable x : nat.
Lemma a : P. Proof. - give_up. Abort. | Conjecture c : P."""
INNOCENT = """Section A. Variable x : nat. Hypothesis h : P. Lemma a : P. exact h. Qed. End A.
(* Axiom a : False. *) Definition a := 1. | Definition axiom := "Axiom a.".
Lemma admitted : P. Abort."""


@pytest.mark.parametrize("source", ASSUMING.replace("\n", " | ").split(" | "))
def test_what_assumes_without_proof_is_found(source):
    assert len(list(assumed(source))) == 1


@pytest.mark.parametrize("source", INNOCENT.replace("\n", " | ").split(" | "))
def test_what_proves_assumes_nothing(source):
    assert list(assumed(source)) == []


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("Extra.v", "Definition x := 1.", "does not list Extra.v"),
        ("_CoqProject", "-Q . Small\nSums.v\nStatements.v\nGone.v\n", "no folder of proofs"),
        ("_CoqProject", "-Q . Small\n-arg -type-in-type\nSums.v\nStatements.v\n", "nothing else"),
        ("_CoqProject", "-R .. Small\nSums.v\nStatements.v\n", "nothing else"),
        ("audit.toml", "statements = ['Claims']\n", "does not list Claims"),
        ("audit.toml", "statements = \n", "no folder of proofs"),
    ],
)
def test_a_folder_that_is_not_as_it_should_be_is_refused(copy, file, text, message):
    (copy / file).write_text(text)
    with pytest.raises(ProofsError, match=message):
        project(copy)


def test_warnings_may_be_switched_off(copy):
    edit(copy, "_CoqProject", "-Q . Small\n", "-Q . Small\n-arg -w\n-arg -ambiguous-paths\n\n")
    assert project(copy).root == "Small" and list(project(copy).sources) == ["Statements", "Sums"]


@pytest.mark.parametrize("file", ["Statements.v", "Sums.v", "audit.toml", "_CoqProject"])
def test_the_digest_changes_with_every_file(copy, file):
    with (copy / file).open("a") as text:
        text.write("\n")
    assert project(copy).digest != project(SMALL).digest


# -------------------------------------------------------------------------------------------------
# What counts as evidence
# -------------------------------------------------------------------------------------------------


def test_the_recorded_verdicts_are_of_these_sources():
    verdicts = read(SMALL / VERDICTS)
    assert verdicts.digest == project(SMALL).digest
    assert {verdict.statement for verdict in verdicts.proofs.values()} == {
        *project(SMALL).statements
    }


def test_the_text_says_neither_version_nor_machine():
    assert str(proved()) == (
        "Theorem 1 · proved · accepted by Coq, for all values · "
        "control rejected: the last factor dropped"
    )


def test_the_card_and_the_record_say_who_accepted_what_on_which_axioms():
    classic = Control("any proposition", "Sums.twin_2", change="hypothesis")
    card = proved("Theorem 2", "Sums.theorem_2", classic)
    record = card._repr_mimebundle_()[MIME_TYPE]
    assert record["kind"] == "proved" and record["tightness"] is None
    assert record["controls"][0]["how"] == "disproved: Sums.twin_2"
    formal = record["formal"]
    assert (formal["statement"], formal["axioms"], formal["twins"]) == (
        "Statements.Theorem_2", ["Classical_Prop.classic"], ["Sums.twin_2"],
    )  # fmt: skip
    assert formal["checker"] == f"Coq {read(SMALL / VERDICTS).coq}"
    page = card._repr_mimebundle_()["text/html"]
    assert all(text in page for text in (formal["date"], formal["digest"][:12], "proposition"))
    assert (
        "formal"
        not in evidence.certified(
            "Theorem 1", [1], control=Control("less", [-1]), checks="one"
        ).record()
    )


@pytest.mark.parametrize("file", ["Statements.v", "Sums.v", "audit.toml"])
def test_verdicts_on_other_sources_do_not_count(copy, file):
    assert proved(proofs=copy)
    with (copy / file).open("a") as text:
        text.write("\n")
    with pytest.raises(ClaimRefuted, match=r"(?s)not shown.*not those that Coq accepted"):
        proved(proofs=copy)


def test_sources_without_verdicts_do_not_count(copy):
    (copy / VERDICTS).unlink()
    with pytest.raises(ClaimRefuted, match="run python -m refutable audit"):
        proved(proofs=copy)


def test_a_name_that_coq_did_not_accept_is_no_proof():
    with pytest.raises(ClaimRefuted, match=r"Sums\.theorem_3 is not among"):
        proved(theorem="Sums.theorem_3")
    with pytest.raises(ControlNotRejected, match="could not be decided"):
        proved(control=Control("a twin", "Sums.twin_3"))


def test_claim_and_twin_cannot_change_places():
    with pytest.raises(ClaimRefuted, match=r"refuted\ndisproved: Sums\.twin_1"):
        proved(theorem="Sums.twin_1", control=TWIN)
    with pytest.raises(ControlNotRejected, match="control holds, too"):
        proved(control=Control("no twin", "Sums.theorem_1"))


def test_proof_and_twin_are_those_of_the_claim():
    for claim in ("Theorem 2", "Lemma 1", "Theorem 1.1", "Theorem 11"):
        with pytest.raises(ValueError, match="not named after"):
            proved(claim)
    assert str(proved("Lemma 1", part="step 2")).startswith("Lemma 1 (step 2) · proved")
    with pytest.raises(ValueError, match="not named after"):
        proved(control=Control("of another", "Sums.twin_2"))


def test_a_factor_makes_no_twin():
    with pytest.raises(ValueError, match="a factor makes no twin"):
        proved(control=Control("nine tenths", factor=0.9))


def test_the_folder_is_found_from_below(copy, monkeypatch):
    below = copy.parent / "book" / "chapters"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert proved(proofs="proofs")
    with pytest.raises(ProofsError, match="no folder theorems"):
        proved(proofs="theorems")


# -------------------------------------------------------------------------------------------------
# What Coq says
# -------------------------------------------------------------------------------------------------

PRINTED = """Axioms:
Classical_Prop.classic : forall P : Prop, P \\/ ~ P
functional_extensionality_dep
  : forall (A : Type) (B : A -> Type) (f g : forall x : A, B x),
    (forall x : A, f x = g x) -> f = g
bad is assumed to be guarded.
"""


def test_axioms_are_read_from_what_coq_prints():
    assert list(axioms_in(PRINTED)) == [
        "Classical_Prop.classic", "functional_extensionality_dep", "bad is assumed to be guarded.",
    ]  # fmt: skip
    assert list(axioms_in("Closed under the global context\n")) == []


def test_an_axiom_that_is_not_allowed_is_refused():
    small, proofs = project(SMALL), {"Sums.theorem_1": "Statements.Theorem_1"}
    with pytest.raises(ProofsError, match="rests on functional_extensionality_dep"):
        dict(answers(small, proofs, f"== Sums.theorem_1\n{PRINTED}"))


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """A build of the small proofs, so that a test compiles only what it changes."""
    build = tmp_path_factory.mktemp("proofs")
    audit(SMALL, build)
    return build


@needs_coq
def test_coq_says_what_is_recorded(compiled):
    assert read(compiled / VERDICTS).same_as(read(SMALL / VERDICTS))
    assert "accepts 2 proofs" in audited(SMALL, compiled, record=False)


ALTERED = {
    "a constant of a statement": ("Statements.v", "n * (n + 1)", "n * (n + 2)"),
    "a weaker statement": ("Statements.v", "P \\/ ~ P", "~ ~ (P \\/ ~ P)"),
    "a twin that is true": ("Statements.v", "2 * sum n = n * n.", "2 * sum n <= 2 * n * n."),
    "a proof of something else": ("Sums.v", "theorem_1 : Theorem_1", "theorem_1 : 1 = 1"),
    "a proof that assumes": ("Sums.v", "exact classic. Qed", "Admitted"),
    "an axiom that is not allowed": ("audit.toml", "Classical_Prop.classic", "Classical.other"),
    "a statement without a proof": ("Sums.v", "twin_2 :", "twin_two :"),
}  # fmt: skip


@needs_coq
@pytest.mark.parametrize("what", ALTERED)
def test_what_is_altered_is_refused(copy, compiled, tmp_path, what):
    build = shutil.copytree(compiled, tmp_path / "build")
    edit(copy, *ALTERED[what])
    with pytest.raises(ProofsError):
        audit(copy, build)
    assert not (build / VERDICTS).exists()


@needs_coq
def test_verdicts_are_recorded_only_when_asked(copy, compiled, tmp_path):
    build = shutil.copytree(compiled, tmp_path / "build")
    edit(copy, "Sums.v", "Qed.", "Qed. ")
    before = (copy / VERDICTS).read_text()
    with pytest.raises(ProofsError, match="speaks of other sources"):
        audited(copy, build, record=False)
    assert (copy / VERDICTS).read_text() == before
    audited(copy, build, record=True)
    assert proved(proofs=copy)


def test_without_coq_the_audit_says_so(copy, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProofsError, match="no coqc on the path"):
        audit(copy, tmp_path / "build")
