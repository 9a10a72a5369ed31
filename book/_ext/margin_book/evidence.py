"""Evidence, read from the outputs of the executed chapters."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
from jupyter_cache import get_cache

MIME = "application/vnd.margintheory.evidence+json"
KINDS = ("symbolic", "certified", "attacked", "sampled", "observed")  # strongest first
TO_COME = "to come"

Record = dict[str, Any]


def recorded(chapter: Path, execution_cache: str) -> list[Record]:
    """The evidence of a chapter whose execution is in the cache, in the order of its cells.

    The cache is the one place to look: on a cache hit the copy that myst-nb writes to
    jupyter_execute/ holds the outputs stored in the source, not the executed ones.
    """
    source = nbformat.read(chapter, as_version=4)
    _, executed = get_cache(execution_cache).merge_match_into_notebook(source)
    return [
        output["data"][MIME]
        for cell in executed.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if MIME in output.get("data", {})
    ]


def strongest(kinds: Iterable[str]) -> str:
    """The strongest of some kinds of evidence; of none, `TO_COME`."""
    return min(kinds, key=_rank, default=TO_COME)


def weakest(kinds: Iterable[str]) -> str:
    """The weakest of some kinds of evidence."""
    return max(kinds, key=_rank)


def _rank(kind: str) -> int:
    return (*KINDS, TO_COME).index(kind)
