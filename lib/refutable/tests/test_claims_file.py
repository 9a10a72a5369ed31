"""claims.yml: read whole, or refused with a message that says what is wrong."""

import pytest
import yaml
from small_book import CLAIMS
from sphinx.errors import ExtensionError

from refutable.sphinx.claims import foundations, item_of, load


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "claims.yml"
        path.write_text(yaml.safe_dump(content, sort_keys=False))
        return path

    return write


def changed(**changes):
    return [{**CLAIMS[0], **changes}, *CLAIMS[1:]]


def test_items_keep_their_order_and_may_be_listed_by_part(write):
    assert list(load(write(CLAIMS))) == ["lem-1", "thm-2-1-3", "conj-G"]
    claims = load(write({"Section 1": CLAIMS[:1], "Section 2": CLAIMS[1:]}))
    assert [claim.part for claim in claims.values()] == ["Section 1", "Section 2", "Appendix G"]


def test_a_number_need_not_be_quoted(write):
    assert load(write(changed(number=1)))["lem-1"].name == "Lemma 1"


@pytest.mark.parametrize(
    ("message", "claims"),
    [
        ("lem-1 has an unknown field, sumary", changed(sumary="a")),
        ("lem-1 has no number", [{k: v for k, v in CLAIMS[0].items() if k != "number"}]),
        ("lem-1 depends on thm-9, which is not listed", changed(depends=["thm-9"])),
        ("a proof rests on itself", changed(depends=["conj-G"])),
        ("two items are lem-1", [*CLAIMS, CLAIMS[0]]),
        ("two items are Lemma 1", [*CLAIMS, {**CLAIMS[0], "id": "other"}]),
    ],
)
def test_a_fault_is_refused_and_named(write, message, claims):
    with pytest.raises(ExtensionError, match=message):
        load(write(claims))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ExtensionError, match=r"no .*claims\.yml; list the paper's items there"):
        load(tmp_path / "claims.yml")


def test_foundations_reach_all_the_way_down(write):
    claims = load(write(CLAIMS))
    assert foundations(claims["conj-G"], claims) == {"lem-1", "thm-2-1-3", "conj-G"}
    assert foundations(claims["lem-1"], claims) == {"lem-1"}


def test_a_sharper_form_belongs_to_its_item(write):
    claims = load(write(CLAIMS))
    assert [item_of(label, claims) for label in ("lem-1", "lem-1-Q", "lem-12", "def-a")] == [
        "lem-1",
        "lem-1",
        "",
        "",
    ]


def test_a_chapter_is_a_page_of_that_name_in_any_folder(write):
    claim = load(write(CLAIMS))["lem-1"]
    assert claim.is_in("02_margins") and claim.is_in("book/02_margins")
    assert not claim.is_in("book/102_margins")
