"""The entries of the glossary are sentences, and each form or symbol has one meaning."""

from pathlib import Path

import pytest

from refutable.sphinx.glossary import load

WORDS = load(Path(__file__).parents[1] / "book" / "glossary.yml")


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.term)
def test_an_entry_is_a_sentence(word):
    assert word.text.endswith((".", "$."))


def test_no_form_or_symbol_stands_for_two_words():
    forms = [form.lower() for word in WORDS for form in (word.term, *word.also)]
    assert len(set(forms)) == len(forms)
