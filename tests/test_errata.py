"""errata.yml and the chapters agree on what is corrected, and each correction has its cell."""

import ast
import re

import nbformat
import pytest

from refutable.sphinx import errata
from test_book import BOOK, CHAPTERS, CLAIMS, evidence_calls, prose

ERRATA = errata.load(BOOK / "errata.yml")
NOTEBOOKS = [nbformat.read(path, as_version=4) for path in CHAPTERS]
CELLS = {
    (
        call.args[0].value,
        next((ast.literal_eval(k.value) for k in call.keywords if k.arg == "part"), ""),
    )
    for notebook in NOTEBOOKS
    for call in evidence_calls(notebook)
}


def test_errata_are_numbered_in_order():
    """Gaps are numbers that were withdrawn."""
    numbers = [int(id.removeprefix("E")) for id in ERRATA]
    assert numbers == sorted(set(numbers))


def test_the_chapters_note_exactly_the_errata_that_are_listed():
    noted = [id for nb in NOTEBOOKS for id in re.findall(r"^\*\*(E\d+) ·", prose(nb), re.MULTILINE)]
    assert set(noted) == set(ERRATA)


@pytest.mark.parametrize("erratum", ERRATA.values(), ids=lambda erratum: erratum.id)
def test_an_erratum_names_an_item_a_nature_and_cells_that_exist(erratum):
    assert erratum.item in CLAIMS
    assert erratum.nature in errata.NATURES
    assert erratum.evidence and set(erratum.evidence) <= CELLS
    text = (erratum.printed, erratum.fails, erratum.correction, erratum.affects)
    assert all(sentence.endswith((".", '."')) for sentence in text)
