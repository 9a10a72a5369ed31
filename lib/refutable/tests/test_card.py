"""What all kinds of evidence share: names, controls, verdicts and the card."""

import json
import re
from html.parser import HTMLParser

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import refutable as evidence
from refutable import ClaimRefuted, Control, ControlNotRejected
from refutable.adversary import shown
from refutable.card import MIME_TYPE

FALSE = Control("minus one instead of one", [-1])


def certified(claim="Theorem 2.1", slack=(1, 2), control=FALSE, checks="two numbers", **options):
    return evidence.certified(claim, slack, control=control, checks=checks, **options)


NAMES = """Theorem 2.1, Lemma A.2, Claim A.1, Figure 4, Table 1, Assumption 5.1, Example 5.2,
Lemma E.16, Theorem 1, Lemma G.1, Theorem 2.1.3, Conjecture 4, Definition 2,
Remark A, Algorithm 1"""
MISNOMERS = """Theorem, theorem 2.1, 2.1, Lemma a.2, Lemma A.0, Theorem  2.1, Theorem 2.1 (c),
Table 0, Theorem 2."""


@pytest.mark.parametrize("claim", re.split(r",\s", NAMES))
def test_every_kind_of_item_of_the_paper_can_be_named(claim):
    assert str(certified(claim)).startswith(f"{claim} · certified · ")


@pytest.mark.parametrize("claim", [*re.split(r",\s", MISNOMERS), "", "Lemma A.2\n", None, 2.1])
def test_a_name_that_is_not_an_item_of_the_paper_is_an_error(claim):
    with pytest.raises(ValueError, match="does not name an item"):
        certified(claim)


@pytest.mark.parametrize("part", ["", " ", "★", "a\nb", "$x$", 3])
def test_a_part_must_be_one_line_that_can_be_linked_to(part):
    with pytest.raises(ValueError, match="part"):
        certified(part=part)


@pytest.mark.parametrize("text", ["", "  ", "two\nlines", "$\\gamma$", None])
def test_texts_of_the_card_are_one_line_without_tex(text):
    with pytest.raises(ValueError, match="checks"):
        certified(checks=text)
    with pytest.raises(ValueError, match="control"):
        Control(text, [-1])


def test_the_control_is_required():
    with pytest.raises(TypeError, match="control"):
        evidence.certified("Theorem 2.1", [1], checks="one number")
    for nothing in ([], None, "halved", [FALSE, "halved"]):
        with pytest.raises((ValueError, TypeError)):
            certified(control=nothing)


def test_a_control_must_change_something_that_the_claim_has():
    with pytest.raises(ValueError, match="changes nothing"):
        Control("the same")
    with pytest.raises(ValueError, match="changes tol"):
        certified(control=Control("a wider tolerance", tol=1.0))


def test_a_control_says_what_kind_of_change_it_is():
    dropped = Control("n dropped", [-1], change="hypothesis")
    nearer = Control("9/10 of the constant", [-1], distance=0.9)
    records = certified(control=[dropped, nearer]).record()["controls"]
    assert [(c["change"], c["distance"]) for c in records] == [
        ("hypothesis", None),
        ("factor", 0.9),
    ]
    with pytest.raises(ValueError, match="change must be one of factor, hypothesis"):
        Control("n dropped", [-1], change="constant")
    for options in ({"factor": 1.0}, {"factor": -0.5}, {"factor": 0.5, "statement": [-1]}):
        with pytest.raises(ValueError, match="factor"):
            Control("tightened", **options)


def test_a_control_that_is_the_claim_itself_is_not_rejected():
    with pytest.raises(ControlNotRejected, match="control holds, too: nothing is false"):
        certified(control=Control("nothing is false", (1, 2)))


def test_every_control_of_several_must_be_rejected():
    survivor = Control("survivor", [3])
    assert len(certified(control=[FALSE, FALSE]).controls) == 2
    for controls in ([FALSE, survivor], [survivor, FALSE]):
        with pytest.raises(ControlNotRejected, match="survivor"):
            certified(control=controls)


def test_a_false_claim_is_refuted_whatever_its_control():
    with pytest.raises(ClaimRefuted, match=r"Theorem 2\.1 · certified · refuted\nslack ≤ -2 at"):
        certified(slack=[1, -2], control=Control("holds", [1]))


def test_failures_are_assertions_and_carry_what_was_found():
    with pytest.raises(AssertionError) as caught:
        certified(slack=[-1])
    assert caught.value.finding.verdict == "fails"


def test_an_ill_posed_control_is_an_error_that_names_the_control():
    with pytest.raises(ValueError) as caught:
        certified(control=Control("no instance", []))
    assert "no instance" in caught.value.__notes__[0]


def test_the_text_is_one_line_with_the_part_and_all_controls():
    controls = [Control("ln(n(l−1)) halved", [-1]), Control("n dropped", statement=[-2])]
    card = certified(part="2.1-Q", control=controls)
    assert str(card) == (
        "Theorem 2.1 (2.1-Q) · certified · holds in 2 instances · "
        "controls rejected: ln(n(l−1)) halved; n dropped"
    )
    assert card._repr_mimebundle_()["text/plain"] == str(card)


def test_the_record_has_the_fields_of_the_ledger():
    record = certified(part="step (c)")._repr_mimebundle_()[MIME_TYPE]
    assert record == {
        "claim": "Theorem 2.1",
        "part": "step (c)",
        "kind": "certified",
        "checks": "two numbers",
        "instances": 2,
        "tolerance": "none: rounded outward",
        "tightness": None,
        "where": "instance 1",
        "unseen": "",
        "note": "",
        "controls": [
            {
                "what": "minus one instead of one",
                "how": "slack ≤ -1 at instance 1",
                "change": "other",
                "distance": None,
            }
        ],
        "anchor": "evidence-theorem-2-1-step-c-certified",
    }
    assert json.loads(json.dumps(record)) == record
    assert certified()._repr_mimebundle_()[MIME_TYPE]["part"] is None


class Page(HTMLParser):
    """The texts and the tags of a card, to see that it is well-formed."""

    def __init__(self, source):
        super().__init__()
        self.open, self.tags, self.text = [], [], ""
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@settings(deadline=None, max_examples=50, derandomize=True)
@given(st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="$\\"), min_size=1))
def test_the_html_shows_every_text_literally(text):
    card = certified(checks=text, control=Control(text, [("<b>" + text, -1)]))
    page = Page(card._repr_mimebundle_()["text/html"])
    assert page.open == []
    assert page.text.count(text) >= 3
    assert {tag for tag, _ in page.tags} == {"div", "span", "strong", "dl", "dt", "dd"}


def test_the_html_carries_its_anchor_and_the_classes_of_the_style_sheet():
    card = certified(part="2.1-Q", control=[FALSE, FALSE])
    page = Page(card._repr_mimebundle_()["text/html"])
    classes = " ".join(attributes.get("class", "") for _, attributes in page.tags).split()
    assert page.tags[0][1]["id"] == card.record()["anchor"]
    assert page.tags[0][1]["class"] == "evidence evidence-certified"
    for name in ("head", "kind", "claim", "verdict", "facts", "control"):
        assert f"evidence-{name}" in classes
    assert classes.count("evidence-control") == 4


def test_the_html_names_no_colour_of_its_own():
    source = certified()._repr_mimebundle_()["text/html"]
    assert not re.search(r"#[0-9a-f]{3,6}\b|rgb|white|black", source)


def test_anchors_are_plain_identifiers():
    for part in ("2.1-Q", "step (c)", "A.2: γ* > 0", "E5"):
        anchor = certified(part=part).record()["anchor"]
        assert re.fullmatch("[a-z][a-z0-9-]*[a-z0-9]", anchor)


def test_instances_are_shown_by_name_and_to_two_digits():
    instance = {"x": sp.Integer(2), "gamma": 0.12345, "w": [[1.0, -2.5], [1e-9, 0.0]], "n": 3}
    instance.pop("x")
    text = shown(instance)
    assert text == "gamma = 0.12, n = 3, w.0.0 = 1, w.0.1 = -2.5, w.1.0 = 1e-09, w.1.1 = 0"
