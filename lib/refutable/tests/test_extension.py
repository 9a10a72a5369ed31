"""A book of a few small pages: numbers, badges, ledger and graph come from the executed cells."""

import json
import re

import pytest
from nbformat.v4 import new_code_cell
from small_book import CHAPTER, CLAIMS, MYST_CHAPTER, Book, cell, displayed, factor
from sphinx.errors import SphinxError

from refutable.sphinx.caching import fingerprint
from refutable.sphinx.evidence import KINDS, TO_COME, nearest_first, strongest, weakest


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return Book(tmp_path_factory.mktemp("book")).write(CHAPTER, cell()).build()


@pytest.fixture
def copy(book, tmp_path):
    """A built book that a test may change."""
    return book.copied_to(tmp_path / "copy")


def plain(html):
    return " ".join(re.sub(r"<[^>]*>", "", html).split())


def ledger_row(book, id):
    return re.search(rf'<tr id="ledger-{id}">.*?</tr>', book.page("ledger"))[0]


def box(book, name):
    return re.search(
        rf'<p class="admonition-title">.{{0,80}}{name}</span>.*?</p>', book.page("02_margins")
    )[0]


def test_an_unfinished_book_builds_without_a_warning_if_told_so(book):
    assert book.warned == ""


def test_statements_and_references_carry_the_papers_numbers(book):
    page = plain(book.page("02_margins"))
    assert "Lemma 1 (A minimiser exists)" in page
    assert "By Lemma 1; later Conjecture G and its dual." in page
    assert "Sharper than Theorem 2.1.3; see Theorem 2.1.3-Q and Definition." in page


def test_a_reference_to_an_item_still_to_come_leads_to_its_row_in_the_ledger(book):
    assert 'href="ledger.html#ledger-conj-G"' in book.page("02_margins")


def test_a_badge_leads_to_the_cell_that_gave_the_evidence(book):
    badge = box(book, "Lemma 1")
    assert 'href="#evidence-lemma-1-symbolic"' in badge and ">symbolic</a>" in badge


def test_a_sharper_form_is_marked_as_new_and_has_the_badge_of_its_own_part(copy):
    others = [
        cell(claim="Theorem 2.1.3", part="2.1.3-Qa", anchor="other"),
        cell(claim="Theorem 2.1.3", part="2.1.3-Q, step 2", kind="sampled", anchor="weak"),
        cell(claim="Theorem 2.1.3", part="2.1.3-Q", kind="certified", anchor="strong"),
    ]
    copy.write(CHAPTER, cell(), *others).build()
    sharper = box(copy, "Theorem 2.1.3-Q")
    assert (
        "new here" in sharper and 'href="#strong"' in sharper and "new" not in box(copy, "Lemma 1")
    )
    assert "kind" not in box(copy, "Definition")


def test_search_and_index_know_statements_by_name_and_by_title_and_lead_to_the_box(book):
    found = re.search(r"Search.setIndex\((.*)\)", book.file("searchindex.js"))[1]
    entries, docs = json.loads(found)["indexentries"], json.loads(found)["docnames"]
    for name, label in (
        ("lemma 1", "lem-1"),
        ("theorem 2.1.3-q", "thm-2-1-3-Q"),
        ("a minimiser exists (lemma 1)", "lem-1"),
    ):
        ((page, anchor, main),) = entries[name]
        assert (docs[page], anchor, main) == ("02_margins", label, True)
    assert not any("$" in entry for entry in entries)
    assert 'href="02_margins.html#thm-2-1-3-Q"' in book.page("genindex")
    assert "prf:" not in book.file("searchindex.js")  # one answer, not two


def test_the_contents_of_a_page_list_its_statements_in_order(copy):
    copy.build(html_sidebars={"**": ["localtoc.html"]})
    contents = re.search(r"Table of Contents.*", copy.page("02_margins"), re.DOTALL)[0]
    listed = re.findall(r'<li><a class="reference internal" href="#([^"]*)">', contents)
    assert listed == ["", "lem-1", "thm-2-1-3", "thm-2-1-3-Q", "def-margin"]


def test_a_statement_says_where_it_is_used_and_how_to_cite_it(copy):
    copy.build(html_baseurl="https://book.example/", author="The authors")
    lemma, theorem = copy.page("02_margins").split('id="thm-2-1-3"')
    assert re.search(r'Used in 1</summary><ul><li><a href="#thm-2-1-3"', lemma)
    assert "Used in 1" in theorem  # by the conjecture to come
    assert "title = {Lemma 1: A minimiser exists}" in lemma
    assert "url = {https://book.example/02_margins.html#lem-1}" in lemma
    assert 'href="#lem-1" title="Link to this statement">#</a>' in lemma


def test_an_item_without_evidence_is_to_come_on_its_box_and_in_the_list(book):
    assert ">to come</span>" in box(book, "Theorem 2.1.3")
    listed = re.search(r'<ul class="claims">.*?</ul>', book.page("02_margins"))[0]
    assert listed.count("<li>") == 2 and listed.count("to come") == 1


def test_an_item_that_is_pending_says_what_is_there_and_its_evidence_does_not_count(copy):
    pending = [{**CLAIMS[0], "pending": "harness only"}, *CLAIMS[1:]]
    copy.claim(pending).build()
    assert ">harness only</span>" in box(copy, "Lemma 1")
    summary = plain(re.search(r'<ul class="ledger-summary">.*?</ul>', copy.page("ledger"))[0])
    assert "0 symbolic" in summary and "3 to come" in summary


def test_the_ledger_shows_kind_control_and_how_it_failed_escaped(book):
    row = ledger_row(book, "lem-1")
    assert 'href="02_margins.html#evidence-lemma-1-symbolic"' in row
    assert "<p>λ = 0 <em>no minimiser &lt;at all&gt;</em></p>" in row
    assert 'href="02_margins.html#lem-1"' in row
    assert ledger_row(book, "conj-G").count("to come") == 1


def test_the_ledger_counts_items_and_controls(book):
    summary = plain(re.search(r'<ul class="ledger-summary">.*?</ul>', book.page("ledger"))[0])
    assert summary.startswith("3 items0 proved1 symbolic0 certified")
    assert summary.endswith("2 to come1 negative controls rejected")


def test_the_ledger_is_grouped_by_part_or_else_by_chapter(book):
    heads = re.findall(r'scope="rowgroup">(.*?)</th>', book.page("ledger"))
    assert heads == ["Margins", "Appendix G"]


def test_the_graph_links_each_item_and_colours_it_by_the_weakest_underneath(book):
    svg = re.search(r"<svg.*</svg>", book.page("ledger"))[0]
    nodes = dict(re.findall(r'data-item="([^"]*)" class="kind kind-([^"]*)"', svg))
    assert nodes == {"lem-1": "symbolic", "thm-2-1-3": "to-come", "conj-G": "to-come"}
    assert ">Conj G</text>" in svg and ">Thm 2.1.3</text>" in svg


def test_parts_of_the_graph_are_configured_and_one_without_items_is_left_out(copy):
    copy.build(refutable_parts={"First": "01*", "The margin": "02*"})
    assert re.findall(r'class="part".*?>(.*?)</text>', copy.page("ledger")) == [
        "The margin",
        "Appendix G",
    ]


def test_tightness_names_its_instance_and_a_loose_check_says_why(copy):
    tight = cell(tightness=0.97, where="n = 3", unseen="3 % smaller", note="unseen", anchor="a")
    loose = cell(
        tightness=0.02, where="n = 4", note="only <large> n", anchor="b", claim="Theorem 2.1.3"
    )
    copy.write(CHAPTER, tight, loose).build()
    assert '<span title="reached at n = 3; 3 % smaller">0.97</span></p>' in ledger_row(
        copy, "lem-1"
    )
    row = ledger_row(copy, "thm-2-1-3")
    assert ">0.02</span>" in row and "only &lt;large&gt; n" in row


def test_the_nearest_control_comes_first_and_the_others_are_folded(copy):
    far, near = factor(0.1, "a tenth"), factor(0.9, "nine tenths")
    other = {**far, "what": "no hypothesis", "distance": None}
    copy.write(CHAPTER, cell(controls=[other, far, near])).build()
    first, folded = ledger_row(copy, "lem-1").split("<details><summary>2 more</summary>")
    assert "nine tenths" in first and "a tenth" not in first
    assert folded.index("a tenth") < folded.index("no hypothesis")


def test_a_control_above_one_is_as_far_as_its_inverse():
    controls = [factor(d) for d in (0.5, 1.5, 0.0, 0.9)]
    assert [c["distance"] for c in nearest_first(controls)] == [0.9, 1.5, 0.5, 0.0]


@pytest.mark.parametrize("url", ["", "https://github.com/owner/name"])
def test_a_repository_gives_each_chapter_a_button_that_runs_it(copy, url):
    options = {"repository_url": url, "repository_branch": "main"} if url else {}
    copy.build(html_theme="sphinx_book_theme", html_theme_options=options)
    button = "https://mybinder.org/v2/gh/owner/name/main?urlpath=lab/tree/02_margins"
    assert (button in copy.page("02_margins")) is bool(url)
    assert copy.warned == ""


def test_pages_need_no_network(book):
    page = book.page("02_margins")
    assert 'src="_static/mathjax/tex-svg-full.js' in page
    assert not re.findall(r'<(?:script|link)[^>]*(?:src|href)="http', page)
    for name in ("refutable.css", "graph.js", "previews.js", "mathjax/tex-svg-full.js"):
        assert (book.folder / "_build/html/_static" / name).is_file()


def test_what_a_solution_computes_is_inside_its_fold(copy):
    exercise = "\n**1.** Why?\n\n::::{dropdown} Solution\nBecause.\n::::\n"
    answer = new_code_cell("print('the answer')")
    copy.write(CHAPTER + exercise, answer, name="02_margins").build()
    page = copy.page("02_margins")
    inside = re.search(r"<details.*?Because.*?</details>", page, re.DOTALL)[0]
    assert "the answer\n" in inside and page.count("the answer\n") == 1


def test_evidence_in_a_myst_notebook_is_read(copy):
    copy.write_myst(MYST_CHAPTER, displayed(claim="Conjecture G", anchor="evidence-g")).build()
    assert 'href="03_deep.html#evidence-g"' in ledger_row(copy, "conj-G")
    assert "executed 03_deep.md" in copy.said and copy.warned == ""


def test_a_finished_book_builds_without_a_warning(copy):
    copy.write(CHAPTER, cell(), cell(claim="Theorem 2.1.3", anchor="b"))
    copy.write_myst(MYST_CHAPTER, displayed(claim="Conjecture G", anchor="c")).build(silent=[])
    assert copy.warned == ""


def test_a_second_build_from_the_cache_keeps_the_evidence(copy):
    copy.write(CHAPTER + "\nMore prose.\n", cell()).build()
    assert "executed" not in copy.said and copy.warned == ""
    assert ">symbolic</a>" in ledger_row(copy, "lem-1")


def test_evidence_of_a_part_does_not_count_for_the_statement(copy):
    copy.write(CHAPTER, cell(part="step (2)", anchor="evidence-step")).build(silent=[])
    row = ledger_row(copy, "lem-1")
    assert ">to come</span>" in row and "and 1 part<" in row
    assert "no cell gives evidence for Lemma 1" in copy.warned


def test_the_strongest_and_tightest_evidence_gives_the_badge(copy):
    weak = cell(kind="sampled", tightness=1.0, anchor="evidence-2")
    loose = cell(kind="attacked", tightness=0.1, anchor="evidence-3")
    tight = cell(kind="attacked", tightness=0.9, anchor="evidence-4")
    copy.write(CHAPTER, weak, loose, tight).build()
    assert ">attacked</a>" in box(copy, "Lemma 1") and "evidence-4" in box(copy, "Lemma 1")


def test_a_failing_cell_fails_the_build_and_names_the_chapter(copy):
    with pytest.raises(SphinxError, match=r"02_margins(.|\n)*ClaimRefuted.*: no"):
        failing = "class ClaimRefuted(Exception): ...\nraise ClaimRefuted('no')"
        copy.write(CHAPTER, new_code_cell(failing)).build()


@pytest.mark.parametrize(
    ("warning", "prose", "changes"),
    [
        ("evidence is for Theorem 9, which is not in", CHAPTER, {"claim": "Theorem 9"}),
        ("Lemma 1 is stated as Claim 1", CHAPTER.replace("prf:lemma", "prf:claim"), {}),
        ("two statements have the label lem-1", CHAPTER.replace("def-margin", "lem-1"), {}),
        ("def-margin is not in claims.yml", CHAPTER.replace(":nonumber:\n", ""), {}),
        ("target not found: nonsense", CHAPTER + "\n{prf:ref}`nonsense`\n", {}),
        ("no cell gives evidence for Theorem 2.1.3", CHAPTER, {}),
        ("for Lemma 1 reaches less than half of a bound", CHAPTER, {"tightness": 0.49}),
        ("for Lemma 1 reaches less than half of a bound", CHAPTER, {"tightness": None}),
        ("Conjecture G is stated on no page", CHAPTER, {}),
        (
            "Conjecture G is stated here and not in 03_deep",
            CHAPTER.replace("prf:definition", "prf:conjecture").replace("def-margin", "conj-G"),
            {},
        ),
    ],
)
def test_a_mistake_is_a_warning(copy, warning, prose, changes):
    assert warning in copy.write(prose, cell(**changes)).build(silent=[]).warned


def test_loose_evidence_that_says_why_is_no_mistake(copy):
    copy.write(CHAPTER, cell(tightness=0.1, note="no instance is known")).build(silent=[])
    assert "less than half" not in copy.warned


def test_the_same_evidence_twice_is_a_warning(copy):
    copy.write(CHAPTER, cell(), cell()).build()
    assert "two cells give the same evidence, evidence-lemma-1-symbolic" in copy.warned


def test_a_kind_of_item_can_be_added(copy):
    axiom = {
        "id": "ax-1",
        "kind": "Axiom",
        "number": "1",
        "title": "Choice",
        "chapter": "02_margins",
    }
    copy.claim([axiom]).write("# A\n\n```{prf:axiom}\n:label: ax-1\n\nYes.\n```\n")
    copy.build(refutable_kinds={"Axiom": "Ax"})
    assert "Axiom 1" in plain(copy.page("02_margins")) and ">Ax 1</text>" in copy.page("ledger")


@pytest.mark.parametrize("changed", ["lib/room.py", "requirements.lock"])
def test_a_change_of_library_or_lock_runs_the_chapters_again(copy, changed):
    patterns = "lib/**/*.py", "requirements.lock"
    before = fingerprint(copy.folder, patterns, [])
    (copy.folder / "lib").mkdir()
    (copy.folder / changed).write_text("changed\n")
    assert fingerprint(copy.folder, patterns, []) != before
    copy.build()
    assert "executed 02_margins" in copy.said


def test_another_version_of_a_package_runs_the_chapters_again(tmp_path):
    assert fingerprint(tmp_path, [], ["numpy"]) != fingerprint(tmp_path, [], ["not-installed"])


def test_errata_and_glossary_are_written_and_linked(copy):
    erratum = """- {id: E1, title: a sum, item: lem-1, where: Lemma 1, nature: slip, printed: A.,
   fails: B., correction: C., affects: D., evidence: [Lemma 1]}"""
    worse = erratum.replace("E1", "E2").replace("slip", "error")
    (copy.folder / "errata.yml").write_text(f"{erratum}\n{worse}")
    (copy.folder / "glossary.yml").write_text("- {term: minimiser, text: A point.}")
    (copy.folder / "04_words.md").write_text("# Words\n\n<!-- the words -->\n")
    (copy.folder / "05_slips.md").write_text("# Slips\n\n<!-- the errata -->\n")
    copy.write(CHAPTER + "\nA minimiser.\n", cell()).build()
    assert copy.warned == ""
    assert 'href="05_slips.html#e1"' in ledger_row(copy, "lem-1")
    slips = copy.page("05_slips")
    assert (
        slips.index("Error: ") < slips.index("E2 ·") < slips.index("Slip: ") < slips.index("E1 ·")
    )
    assert 'href="02_margins.html#evidence-lemma-1-symbolic">Lemma 1</a>' in copy.page("05_slips")
    assert 'href="04_words.html#term-minimiser"' in copy.page("02_margins")


def test_kinds_are_ordered_from_proved_to_to_come():
    assert strongest(KINDS) == "proved" and strongest([]) == TO_COME
    assert weakest(["certified", TO_COME, "symbolic"]) == TO_COME
    assert weakest(["certified", "observed"]) == "observed"
