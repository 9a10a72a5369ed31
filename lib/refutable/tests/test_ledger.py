"""ledger.json follows its schema and says what the pages say; the questions are about it."""

import json
import subprocess
import sys

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_book import CHAPTER, MYST_CHAPTER, Book, cell, displayed, factor

from refutable.__main__ import main
from refutable.ledger import TO_COME, WAYS, LedgerError, find, load, loose, users, weakest

KINDS = ["proved", "symbolic", "certified", "attacked", "sampled", "observed"]


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    """A finished book: Lemma 1 ← Theorem 2.1.3 ← Conjecture G."""
    book = Book(tmp_path_factory.mktemp("book"))
    lemma = cell(tightness=0.2, note="only small n", controls=[factor(0.3), factor(0.9)])
    theorem = cell(claim="Theorem 2.1.3", kind="attacked", tightness=0.98, anchor="b")
    step = cell(claim="Theorem 2.1.3", part="step 1", kind="certified", anchor="c")
    book.write(CHAPTER, lemma, theorem, step)
    book.write_myst(MYST_CHAPTER, displayed(claim="Conjecture G", kind="observed", anchor="d"))
    return book.build(silent=[]).folder / "_build" / "html"


@pytest.fixture
def ledger(html):
    return json.loads((html / "ledger.json").read_text(encoding="utf-8"))


def ask(monkeypatch, capsys, *words):
    monkeypatch.setattr(sys, "argv", ["refutable", *map(str, words)])
    status = main()
    said = capsys.readouterr()
    return status, said.out.splitlines(), said.err


def test_the_ledger_follows_the_schema_beside_it(html, ledger):
    schema = json.loads((html / "ledger.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(ledger, schema)
    assert schema["$defs"]["kind"]["enum"] == ledger["kinds"]
    broken = {**ledger, "items": [{**ledger["items"][0], "tightness": 1.2}]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, schema)


def test_an_item_has_its_statement_its_evidence_and_both_kinds_of_dependencies(ledger):
    lemma, theorem, conjecture = ledger["items"]
    assert lemma["statement"] == "It does."
    assert theorem["statement_depends"] == ["lem-1", "conj-G"]
    assert theorem["proof_depends"] == ["lem-1"]
    assert (theorem["kind"], theorem["tightness"]) == ("attacked", 0.98)
    assert [e["part"] for e in theorem["evidence"]] == [None, "step 1"]
    assert theorem["url"] == "02_margins.html#thm-2-1-3"
    assert conjecture["evidence"][0]["url"] == "03_deep.html#d"
    assert conjecture["place"] == {"part": "Appendix G", "section": "", "chapter": "03_deep"}
    assert len(lemma["evidence"][0]["controls"]) == 2


def test_each_executed_chapter_has_a_digest(ledger):
    assert [chapter["page"] for chapter in ledger["chapters"]] == [
        "02_margins.html",
        "03_deep.html",
    ]


def test_the_ledger_page_links_its_data(html):
    assert 'href="ledger.json"' in (html / "ledger.html").read_text(encoding="utf-8")


def test_the_weakest_comes_first_and_the_looser_among_equals(html, monkeypatch, capsys):
    status, lines, _ = ask(monkeypatch, capsys, "weakest", "--ledger", html / "ledger.json")
    assert status == 0
    assert [line.split("  ")[0] for line in lines] == ["Conjecture G", "Theorem 2.1.3", "Lemma 1"]


def test_loose_rows_say_why(html, monkeypatch, capsys):
    _, lines, _ = ask(monkeypatch, capsys, "loose", "--ledger", html / "ledger.json")
    assert len(lines) == 1  # the conjecture is sharp
    assert lines[0].startswith("Lemma 1") and lines[0].endswith("0.2  only small n")


def test_what_is_at_risk_is_all_whose_proofs_use_the_item(html, monkeypatch, capsys):
    path = "--ledger", html / "ledger.json"
    _, lines, _ = ask(monkeypatch, capsys, "impact", "Lemma 1", *path)
    assert [line.split()[0] for line in lines] == ["Conjecture", "Theorem"]
    assert ask(monkeypatch, capsys, "impact", "conj-g", *path)[1] == ["nothing"]


def test_what_rests_on_an_item_says_where_it_is_used(html, monkeypatch, capsys):
    _, lines, _ = ask(
        monkeypatch, capsys, "what-rests-on", "lem-1", "--ledger", html / "ledger.json"
    )
    assert lines == [
        "Theorem 2.1.3  in its proof and its statement",
        "Conjecture G  in its proof, through Theorem 2.1.3",
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("weakest", "--ledger", "nowhere.json"), "there is no nowhere.json; build the book"),
        (("weakest", "--ledger", __file__), "is not the ledger of a book"),
    ],
)
def test_a_ledger_that_cannot_be_read_is_an_error(monkeypatch, capsys, words, message):
    status, lines, error = ask(monkeypatch, capsys, *words)
    assert status == 1 and not lines and message in error


def test_an_unknown_item_is_an_error(html):
    with pytest.raises(LedgerError, match=r"no item is called 'Theorem 9'"):
        find(load(html / "ledger.json")[1], "Theorem 9")


# item k may use any before it, in its statement or in its proof
papers = st.lists(
    st.tuples(st.sets(st.integers(0, 9)), st.sets(st.integers(0, 9))), max_size=8
).map(
    lambda uses: {
        str(k): {
            "id": str(k),
            "name": str(k),
            "statement_depends": [str(j) for j in stated if j < k],
            "proof_depends": [str(j) for j in proved if j < k],
        }
        for k, (stated, proved) in enumerate(uses)
    }
)


@given(papers, st.sampled_from([[way] for way in WAYS] + [list(WAYS)]))
def test_users_are_the_transitive_closure(items, ways):
    direct = {id: {used for way in ways for used in item[way]} for id, item in items.items()}

    def rests(id, on):
        return on in direct[id] or any(rests(used, on) for used in direct[id])

    for item in items.values():
        found = users(items, item, ways)
        assert list(found) == [id for id in items if rests(id, item["id"])]
        assert all(used in direct[id] for id, used in found.items())


@given(st.lists(st.tuples(st.sampled_from([*KINDS, TO_COME]), st.none() | st.floats(0, 1))))
def test_weakest_and_loose_keep_their_orders(shown):
    items = {
        str(k): {"id": str(k), "kind": kind, "tightness": share,
                 "evidence": [{"part": None, "kind": kind, "tightness": share}]}
        for k, (kind, share) in enumerate(shown)
    }  # fmt: skip
    order = [*KINDS, TO_COME]
    ranks = [(-order.index(i["kind"]), i["tightness"] or 0) for i in weakest(KINDS, items)]
    assert ranks == sorted(ranks)
    assert [i["id"] for i, _ in loose(items)] == [
        str(k)
        for k, (kind, share) in enumerate(shown)
        if kind != "proved" and (share is None or share < 0.5)
    ]


def test_help_names_every_command():
    command = [sys.executable, "-m", "refutable", "--help"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert all(
        word in said for word in ("new", "audit", "weakest", "loose", "impact", "what-rests-on")
    )
