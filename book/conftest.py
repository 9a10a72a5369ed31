"""What nbval compares: the text of outputs. Images, HTML, JSON are for the page."""

from nbval.plugin import IPyNbCell

from refutable.card import MIME_TYPE

FOR_THE_PAGE = ("text/html", "image/svg+xml", MIME_TYPE)


def pytest_collection_modifyitems(items):
    cells = [item for item in items if isinstance(item, IPyNbCell)]
    for notebook in {cell.parent for cell in cells}:
        notebook.skip_compare += FOR_THE_PAGE
    for cell in cells:
        # Chapters are stored without counts, which nbval takes for "never run" and
        # would not compare; tests/test_book.py holds that they were run.
        cell.cell.execution_count = 1
