"""Formal proofs on the pages: the statement in Coq below its box, the sources, and who ran Coq."""

import json
import re
import shutil
from html import unescape
from pathlib import Path

import jsonschema
import pytest
from nbformat.v4 import new_code_cell
from small_book import Book, cell

from refutable.audit import VERDICTS, read
from refutable.coq import project

SMALL = Path(__file__).with_name("small_proofs")
CLAIMS = [
    {"id": "thm-1", "kind": "Theorem", "number": "1", "title": "Gauss", "chapter": "01_sums"},
    {"id": "thm-2", "kind": "Theorem", "number": "2", "title": "Or not", "chapter": "01_sums"},
    {"id": "lem-3", "kind": "Lemma", "number": "3", "title": "Limits", "chapter": "01_sums",
     "informal": "the limit is <still> to come"},
]  # fmt: skip
CHAPTER = """# Sums

```{prf:theorem} Gauss
:label: thm-1

By {coq}`Sums.theorem_1`.
```

```{prf:theorem} Or not
:label: thm-2

See {coq}`Sums`.
```

```{prf:theorem} Sharper
:label: thm-2-Q

Both.
```

```{prf:lemma} Limits
:label: lem-3

There are limits.
```

```{axioms}
```

```{unproved}
```

```{proof-sources}
```

```{status}
```
"""
PROVED = """import refutable as evidence
evidence.proved("Theorem {0}", "Sums.theorem_{0}", checks="all", part={1},
                control=evidence.Control("less < it is", "Sums.twin_{0}"))"""
CELLS = [(1, None), (2, None), (2, "2-Q"), (1, "step 3")]
FOLDED = re.compile(r'<details class="formal"><summary>(.*?)</summary>.*?</details>', re.DOTALL)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    book = Book(tmp_path_factory.mktemp("book")).claim(CLAIMS)
    shutil.copytree(SMALL, book.folder / "proofs")
    cells = [new_code_cell(PROVED.format(number, repr(part))) for number, part in CELLS]
    book.write(CHAPTER, *cells, cell(claim="Lemma 3"), name="01_sums").build(silent=[])
    return book


@pytest.fixture
def copy(book, tmp_path):
    return book.copied_to(tmp_path / "copy")


def plain(html):
    return unescape(re.sub(r"<[^>]*>", "", html))


def test_a_book_with_proofs_builds_without_a_warning(book):
    assert book.warned == ""


def test_a_proof_gives_the_strongest_badge_and_its_mark_in_the_graph(book):
    assert '<a class="kind kind-proved" href="#evidence-theorem-1-proved"' in book.page("01_sums")
    assert book.page("ledger").count(">∎</text>") == 2


def test_below_a_box_stand_statement_axioms_and_twin_of_its_own_proofs(book):
    page = book.page("01_sums")
    boxes = page.split('<div class="statement')
    below = {re.search('id="([^"]*)"', text)[1]: FOLDED.findall(text) for text in boxes[1:]}
    assert below == {
        "thm-1": ["Theorem 1 in Coq", "Theorem 1 (step 3) in Coq"],
        "thm-2": ["Theorem 2 in Coq"],
        "thm-2-Q": ["Theorem 2 (2-Q) in Coq"],
        "lem-3": [],
    }
    gauss = plain(FOLDED.search(page)[0])
    assert "(** Gauss: the sum" in gauss and "2 * sum n = n * (n + 1)." in gauss
    assert "Axioms: none." in gauss and "disproved: less < it is (Sums.twin_1)" in gauss
    assert "Definition Twin_1 : Prop := forall n : nat, 2 * sum n = n * n." in gauss
    assert "a proposition is true or false" in page


def test_names_lead_to_their_line_in_the_source_that_was_checked(book):
    page, source = book.page("01_sums"), book.page("proofs/Sums")
    assert '<a href="proofs/Sums.html#theorem_1"><code>Sums.theorem_1</code></a>' in page
    assert '<a href="proofs/Sums.html"><code>Sums</code></a>' in page
    for declared in project(SMALL).declared.values():
        if f'id="{declared.name}"' in source:
            line = next(row for row in source.split("\n") if f'id="{declared.name}"' in row)
            assert plain(line).startswith(f"Theorem {declared.name} ")
    html = book.folder / "_build" / "html" / "proofs"
    for file in ("Sums.v", "Statements.v", "_CoqProject", "audit.toml", VERDICTS):
        assert (html / file).read_bytes() == (SMALL / file).read_bytes()


def test_a_name_that_no_source_declares_is_a_warning(copy):
    copy.write(f"{CHAPTER}\n{{coq}}`Sums.gone`", name="01_sums").build()
    assert "no proof file declares Sums.gone" in copy.warned
    assert "<code>Sums.gone</code>" in copy.page("01_sums")


def test_axioms_are_counted_and_explained(book):
    row = re.search(r"<td><code>Classical_Prop.*?</tr>", book.page("01_sums"))[0]
    assert plain(row) == "Classical_Prop.classica proposition is true or false1 of 4"


def test_an_item_without_a_proof_is_listed_with_the_reason(book):
    listed = re.findall(r'<ul class="claims">(.*?)</ul>', book.page("01_sums"))
    assert [plain(each) for each in listed] == ["Lemma 3 the limit is <still> to come symbolic"]
    assert "the limit is &lt;still&gt; to come" in book.page("ledger")


def test_the_ledger_has_the_proof_and_follows_its_schema(book):
    html = book.folder / "_build" / "html"
    ledger, schema = (
        json.loads((html / f"ledger.{s}").read_text()) for s in ("json", "schema.json")
    )
    jsonschema.validate(ledger, schema)
    item = ledger["items"][0]
    assert (item["kind"], item["tightness"]) == ("proved", None)
    assert item["evidence"][0]["formal"]["twins"] == ["Sums.twin_1"]
    del item["evidence"][0]["formal"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(ledger, schema)


def test_the_tightness_of_a_proved_item_is_that_of_its_strongest_check(copy):
    check = cell(claim="Theorem 1", kind="certified", tightness=0.75, anchor="b")
    proof = new_code_cell(PROVED.format(1, None))
    copy.write(CHAPTER, proof, check, name="01_sums").build()
    ledger = json.loads((copy.folder / "_build" / "html" / "ledger.json").read_text())
    assert (ledger["items"][0]["kind"], ledger["items"][0]["tightness"]) == ("proved", 0.75)


def test_a_page_says_whether_coq_ran_on_its_machine(book, copy):
    assert "were not checked again" in book.page("01_sums")
    here = copy.folder / "_build" / "proofs"
    here.mkdir()
    shutil.copy(SMALL / VERDICTS, here)
    copy.build(silent=[])
    assert copy.warned == "" and "were not checked again" not in copy.page("01_sums")
    assert f"so did Coq {read(SMALL / VERDICTS).coq} on the machine" in copy.page("01_sums")


def test_proofs_that_changed_since_coq_accepted_them_are_a_warning(copy):
    with (copy.folder / "proofs" / "Sums.v").open("a") as source:
        source.write("\n")
    copy.build(silent=[])
    assert "has changed since Coq accepted it" in copy.warned
    assert "Coq has not accepted these sources." in copy.page("01_sums")
