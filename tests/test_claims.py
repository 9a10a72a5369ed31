"""claims.yml lists the paper, whole and in order, and its dependencies make sense."""

from pathlib import Path

import pytest

from refutable.sphinx.claims import foundations, load

CLAIMS = load(Path(__file__).parents[1] / "book" / "claims.yml")
LABEL = {
    "Theorem": "thm", "Proposition": "prop", "Corollary": "cor", "Lemma": "lem", "Claim": "claim",
    "Assumption": "asm", "Example": "ex", "Figure": "fig", "Table": "tab",
}  # fmt: skip
CHAPTERS = {
    "02_weak_regularization", "03_generalization", "04_1_l1_svm", "04_2_kernel_bound",
    "04_3_sqrt_d_gap", "04_4_regression_gap", "05_1_flow", "05_2_descent",
    "05_3_global_convergence", "06_1_neural_vs_kernel", "06_2_width",
    "06_3_max_margin_convergence", "06_4_weight_decay",
}  # fmt: skip
PAPER = """
Theorem 2.1, Theorem 2.2, Proposition 3.1, Corollary 3.2, Theorem 3.3, Proposition 4.1, Lemma 4.2,
Theorem 4.3, Assumption 5.1, Example 5.2, Theorem 5.3, Claim A.1, Lemma A.2, Theorem A.3, Lemma B.1,
Claim B.2, Claim B.3, Claim B.4, Theorem C.1, Lemma C.2, Lemma C.3, Corollary C.4, Lemma D.1,
Lemma D.2, Lemma D.3, Claim D.4, Theorem D.5, Claim D.6, Claim D.7, Lemma D.8, Lemma D.9,
Theorem D.10, Lemma D.11, Claim D.12, Assumption E.1, Assumption E.2, Assumption E.3, Theorem E.4,
Lemma E.5, Lemma E.6, Lemma E.7, Corollary E.8, Lemma E.9, Lemma E.10, Lemma E.11, Lemma E.12,
Lemma E.13, Lemma E.14, Lemma E.15, Lemma E.16, Claim E.17, Claim E.18, Claim E.19, Lemma E.20,
Theorem E.21, Figure 1, Figure 2, Figure 3, Figure 4, Table 1
"""


def test_all_sixty_items_of_the_paper_are_listed_in_its_order():
    assert [claim.name for claim in CLAIMS.values()] == PAPER.replace("\n", " ").strip().split(", ")


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=lambda claim: claim.id)
def test_a_label_follows_from_kind_and_number(claim):
    assert claim.id == f"{LABEL[claim.kind]}-{claim.number.replace('.', '-')}"


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=lambda claim: claim.id)
def test_an_item_has_a_title_a_summary_and_a_chapter(claim):
    assert claim.title and not claim.title.endswith(".")
    assert claim.summary.endswith(".") and "$" not in claim.summary
    assert claim.chapter in CHAPTERS


def test_no_dependency_is_listed_twice():
    for claim in CLAIMS.values():
        assert len(set(claim.depends)) == len(claim.depends)


def test_the_ledger_has_the_sections_and_appendices_of_the_paper():
    for claim in CLAIMS.values():
        named = "Section" if claim.section[0].isdigit() else "Appendix"
        own = "Figures and table" if claim.kind in ("Figure", "Table") else ""
        assert claim.part == (own or f"{named} {claim.section[0]}")


def test_foundations_reach_all_the_way_down():
    assert foundations(CLAIMS["fig-4"], CLAIMS) == {
        "fig-4", "thm-A-3", "thm-2-1", "claim-A-1", "lem-A-2",
        "prop-4-1", "lem-B-1", "claim-B-2", "claim-B-3", "claim-B-4",
    }  # fmt: skip
