"""The first use of a word leads to its meaning, and nothing else does."""

from docutils import nodes
from docutils.utils import new_document

from refutable.sphinx import glossary
from refutable.sphinx.glossary import Word


def page(*paragraphs):
    document = new_document("page")
    document += [nodes.paragraph("", "", *content) for content in paragraphs]
    return document


def linked(document, word, chapter="02_x"):
    glossary._link(document, word, "glossary.html#term", chapter)
    return [link.astext() for link in document.findall(nodes.reference)]


def test_only_the_first_use_is_linked_in_any_form_and_case():
    uses = page([nodes.Text("Large Margins and margins.")], [nodes.Text("A margin.")])
    assert linked(uses, Word("margin", "m")) == ["Margins"]
    assert uses.astext() == "Large Margins and margins.\n\nA margin."


def test_a_word_inside_another_word_or_a_link_or_code_is_left_alone():
    marginal = page([nodes.Text("marginal")], [nodes.literal("", "margin")])
    assert linked(marginal, Word("margin", "m")) == []
    cited = page([nodes.reference("", "margin", refuri="#x")])
    assert linked(cited, Word("margin", "m")) == ["margin"]
    assert not any("term" in link["classes"] for link in cited.findall(nodes.reference))


def test_a_symbol_is_linked_where_it_stands_for_the_word():
    formula = [nodes.math("", r"\kappa")], [nodes.math("", r"2\kappa")]
    kappa = Word("volume", "v", symbols=(r"\kappa",), chapters=("04",))
    assert linked(page(*formula), kappa, "05_1_flow") == []
    assert linked(page(*formula), kappa, "04_2_kernel_bound") == [r"\kappa"]
