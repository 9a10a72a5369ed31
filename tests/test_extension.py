"""A book of three small pages: numbers, badges, ledger and graph come from the executed cells."""

import io
import re
import shutil

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.docutils import docutils_namespace

from margin_book import library
from margin_book.caching import fingerprint
from margin_book.evidence import KINDS, MIME, TO_COME, strongest, weakest

CHAPTER = """# Weak regularisation

```{claims}
```

```{prf:claim} A minimiser exists
:label: claim-A-1

It does.
```

```{prf:theorem} The $\\lambda$ limit
:label: thm-2-1

By {prf:ref}`claim-A-1`; later {prf:ref}`prop-4-1` and {prf:ref}`its dual <claim-B-3>`.
```

```{prf:theorem} With a rate
:label: thm-2-1-Q

Sharper than {prf:ref}`thm-2-1`; see {prf:ref}`thm-2-1-Q` and {prf:ref}`def-margin`.
```

```{prf:definition} Margin
:label: def-margin

The least of $y_i f(x_i)$.
```
"""
EVIDENCE = {
    "claim": "Claim A.1", "part": None, "kind": "symbolic", "checks": "L(0) = ln l", "instances": 1,
    "tolerance": "0", "slack": "", "where": "", "anchor": "evidence-claim-a-1-symbolic",
    "controls": [{"what": "λ = 0", "how": "no minimiser <at all>"}],
}  # fmt: skip
LEDGER = "# Ledger\n\n```{ledger}\n```\n\n```{dependency-graph}\n```\n"
INDEX = "# Book\n\n```{toctree}\n02_weak_regularization\nledger\n```\n"


def cell(**changes):
    bundle = {MIME: {**EVIDENCE, **changes}, "text/plain": "Claim A.1", "text/html": "<p>card</p>"}
    return new_code_cell(f"from IPython.display import display\ndisplay({bundle!r}, raw=True)")


class Book:
    """A book in a folder, and what its last build said."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "lib").mkdir(parents=True)
        (folder / "lib" / "room.py").write_text("x = 1\n")
        (folder / "requirements.lock").write_text("jax==0\n")
        (folder / "index.md").write_text(INDEX)
        (folder / "ledger.md").write_text(LEDGER)

    def write(self, prose, *cells):
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        notebook = new_notebook(cells=[new_markdown_cell(prose), *cells], metadata=kernel)
        nbformat.write(notebook, self.folder / "02_weak_regularization.ipynb")
        return self

    def build(self, **changes):
        out = self.folder / "_build"
        said, warned = io.StringIO(), io.StringIO()
        config = {
            "extensions": ["myst_nb", "sphinx_design", "margin_book"],
            "myst_enable_extensions": ["dollarmath", "colon_fence"],
            "nb_execution_mode": "cache",
            "nitpicky": True,
            "suppress_warnings": ["mystnb.unknown_mime_type"],
            "exclude_patterns": ["_build", "lib"],
            **changes,
        }
        with docutils_namespace():
            places = self.folder, None, out / "html", out / "trees"
            Sphinx(*places, "html", config, said, warned).build()
        self.said, self.warned = said.getvalue(), warned.getvalue()
        return self

    def page(self, name):
        return (self.folder / "_build" / "html" / f"{name}.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return Book(tmp_path_factory.mktemp("book")).write(CHAPTER, cell()).build()


@pytest.fixture
def copy(book, tmp_path):
    """A built book that a test may change."""
    shutil.copytree(book.folder, tmp_path / "copy")
    again = Book.__new__(Book)
    again.folder = tmp_path / "copy"
    return again


def plain(html):
    return " ".join(re.sub(r"<[^>]*>", "", html).split())


def ledger_row(book, id):
    return re.search(rf'<tr id="ledger-{id}">.*?</tr>', book.page("ledger"))[0]


def test_a_good_book_builds_without_a_warning(book):
    assert book.warned == ""


def test_statements_and_references_carry_the_papers_numbers(book):
    page = plain(book.page("02_weak_regularization"))
    assert "Claim A.1 (A minimiser exists)" in page
    assert "By Claim A.1; later Proposition 4.1 and its dual." in page
    assert "Sharper than Theorem 2.1; see Theorem 2.1-Q and Definition." in page


def test_a_reference_to_an_item_still_to_come_leads_to_its_row_in_the_ledger(book):
    page = book.page("02_weak_regularization")
    assert 'href="ledger.html#ledger-prop-4-1"' in page
    assert 'href="ledger.html#ledger-claim-B-3"' in page


def test_a_badge_leads_to_the_cell_that_gave_the_evidence(book):
    page = book.page("02_weak_regularization")
    box = re.search(r'<p class="admonition-title">.{0,80}Claim A.1.*?</p>', page)[0]
    assert 'href="#evidence-claim-a-1-symbolic"' in box and ">symbolic</a>" in box


def test_an_item_without_evidence_is_to_come_on_its_box_and_in_the_list(book):
    page = book.page("02_weak_regularization")
    box = re.search(r'<p class="admonition-title">.{0,80}Theorem 2.1</span>.*?</p>', page)[0]
    assert ">to come</span>" in box
    listed = re.search(r'<ul class="claims">.*?</ul>', page)[0]
    assert listed.count("<li>") == 5 and listed.count("to come") == 4


def test_the_ledger_shows_kind_control_and_how_it_failed_escaped(book):
    row = ledger_row(book, "claim-A-1")
    assert 'href="02_weak_regularization.html#evidence-claim-a-1-symbolic"' in row
    assert "<p>λ = 0 <em>no minimiser &lt;at all&gt;</em></p>" in row
    assert 'href="02_weak_regularization.html#claim-A-1"' in row
    assert ledger_row(book, "thm-E-21").count("to come") == 1


def test_the_ledger_counts_items_and_controls(book):
    summary = plain(re.search(r'<ul class="ledger-summary">.*?</ul>', book.page("ledger"))[0])
    assert summary.startswith("60 items1 symbolic0 certified")
    assert summary.endswith("59 to come1 negative controls rejected")


def test_the_graph_links_each_item_and_colours_it_by_the_weakest_underneath(book):
    svg = re.search(r"<svg.*</svg>", book.page("ledger"))[0]
    nodes = dict(re.findall(r'data-item="([^"]*)" class="kind kind-([^"]*)"', svg))
    assert len(nodes) == 60
    assert nodes["claim-A-1"] == "symbolic" and nodes["thm-2-2"] == "to-come"


@pytest.mark.parametrize("url", ["", "https://github.com/owner/name"])
def test_a_repository_gives_each_chapter_a_button_that_runs_it(copy, url):
    options = {"repository_url": url, "repository_branch": "main"} if url else {}
    copy.build(html_theme="sphinx_book_theme", html_theme_options=options)
    button = "https://mybinder.org/v2/gh/owner/name/main?urlpath=lab/tree/02_weak_regularization"
    assert (button in copy.page("02_weak_regularization")) is bool(url)
    assert copy.warned == ""


def test_a_second_build_from_the_cache_keeps_the_evidence(copy):
    copy.write(CHAPTER + "\nMore prose.\n", cell()).build()
    assert "executed" not in copy.said and copy.warned == ""
    assert ">symbolic</a>" in ledger_row(copy, "claim-A-1")


def test_evidence_of_a_part_does_not_count_for_the_statement(copy):
    copy.write(CHAPTER, cell(part="step (2)", anchor="evidence-step")).build()
    row = ledger_row(copy, "claim-A-1")
    assert ">to come</span>" in row and "and 1 part<" in row


def test_the_strongest_evidence_gives_the_badge(copy):
    cells = cell(kind="sampled", anchor="evidence-2"), cell(kind="attacked", anchor="evidence-3")
    copy.write(CHAPTER, *cells).build()
    box = re.search(r"Claim A.1</span>.*?</p>", copy.page("02_weak_regularization"))[0]
    assert ">attacked</a>" in box and "evidence-3" in box


def test_a_failing_cell_fails_the_build_and_names_the_chapter(copy):
    with pytest.raises(SphinxError, match=r"02_weak_regularization(.|\n)*ClaimRefuted.*: no"):
        failing = "class ClaimRefuted(Exception): ...\nraise ClaimRefuted('no')"
        copy.write(CHAPTER, new_code_cell(failing)).build()


@pytest.mark.parametrize(
    ("warning", "prose", "changes"),
    [
        ("Theorem 9.9 is not in claims.yml", CHAPTER, {"claim": "Theorem 9.9"}),
        ("Claim A.1 is stated as Lemma A.1", CHAPTER.replace("prf:claim", "prf:lemma"), {}),
        ("two statements have the label claim-A-1", CHAPTER.replace("def-margin", "claim-A-1"), {}),
        ("target not found: nonsense", CHAPTER + "\n{prf:ref}`nonsense`\n", {}),
    ],
)
def test_a_mistake_is_a_warning(copy, warning, prose, changes):
    assert warning in copy.write(prose, cell(**changes)).build().warned


def test_the_same_evidence_twice_is_a_warning(copy):
    copy.write(CHAPTER, cell(), cell()).build()
    assert "two cells give the same evidence, evidence-claim-a-1-symbolic" in copy.warned


@pytest.mark.parametrize("changed", ["lib/room.py", "requirements.lock"])
def test_a_change_of_library_or_lock_runs_the_chapters_again(copy, changed):
    before = fingerprint(copy.folder)
    (copy.folder / changed).write_text("changed\n")
    assert fingerprint(copy.folder) != before
    copy.build()
    assert "executed 02_weak_regularization" in copy.said


def test_kinds_are_ordered_from_symbolic_to_to_come():
    assert strongest(KINDS) == "symbolic" and strongest([]) == TO_COME
    assert weakest(["certified", TO_COME, "symbolic"]) == TO_COME
    assert weakest(["certified", "observed"]) == "observed"


def test_the_library_page_has_every_public_name_with_its_signature_as_written():
    source = [f"# The library\n\n{library.PLACE}\n"]
    library.fill(None, "book/library", source)
    assert "{py:class} margintheory.networks.TwoLayer(w: " in source[0]
    assert "{py:property} margintheory.networks.TwoLayer.norm_squared\n" in source[0]
    assert "{py:function} margintheory.margins.normalised_margin(net: Network, " in source[0]
    assert "{py:function} margintheory.evidence.attacked(claim: str, " in source[0]
    assert "._" not in source[0] and library.PLACE not in source[0]
