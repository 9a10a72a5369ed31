"""What nbval compares: the text of each output. Images, HTML and JSON are for the page."""

import hypothesis
from nbval.plugin import IPyNbCell

hypothesis.settings.register_profile("book", deadline=None, derandomize=True, max_examples=50)
hypothesis.settings.load_profile("book")

FOR_THE_PAGE = (
    "text/html",
    "image/svg+xml",
    "application/vnd.plotly.v1+json",
    "application/vnd.margintheory.evidence+json",
)


def pytest_collection_modifyitems(items):
    for notebook in {item.parent for item in items if isinstance(item, IPyNbCell)}:
        notebook.skip_compare += FOR_THE_PAGE
