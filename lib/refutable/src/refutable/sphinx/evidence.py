"""Evidence, read from the outputs of the executed chapters."""

from collections.abc import Iterable
from math import inf, log
from pathlib import Path
from typing import Any

from jupyter_cache import get_cache
from myst_nb.core.read import create_nb_reader
from nbformat import NotebookNode
from sphinx.environment import BuildEnvironment

from refutable.card import MIME_TYPE

# strongest first, with what a check of each kind shows
KINDS = {
    "proved": "a proof assistant has accepted a formal proof",
    "symbolic": "computer algebra or a decision procedure shows it for all values of its symbols",
    "certified": "ball arithmetic compares both sides on finitely many instances",
    "attacked": "gradient descent found no counterexample in a family",
    "sampled": "an exact finite-sample bound shows it for a probability or a mean",
    "observed": "repeated trials of an experiment show it",
}
TO_COME = "to come"
NOTHING = "no evidence yet"

Record = dict[str, Any]


def notebook(env: BuildEnvironment, docname: str) -> NotebookNode | None:
    """The source of a chapter, whether .ipynb or MyST; None for a page that is no notebook."""
    path = Path(env.doc2path(docname))
    text = path.read_text(encoding="utf-8")
    reader = create_nb_reader(str(path), env.myst_config, env.mystnb_config, text)  # type: ignore[attr-defined]
    return reader and reader.read(text)


def executed(source: NotebookNode, execution_cache: str) -> NotebookNode | None:
    """A chapter as it was executed; None if it was not.

    The cache is the one place to look: on a cache hit the copy that myst-nb writes to
    jupyter_execute/ holds the outputs stored in the source, not the executed ones.
    """
    try:
        return get_cache(execution_cache).merge_match_into_notebook(source)[1]
    except KeyError:
        return None


def recorded(chapter: NotebookNode) -> list[Record]:
    """The evidence of an executed chapter, in the order of its cells."""
    return [
        output["data"][MIME_TYPE]
        for cell in chapter.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if MIME_TYPE in output.get("data", {})
    ]


def strongest(kinds: Iterable[str]) -> str:
    """The strongest of some kinds of evidence; of none, `TO_COME`."""
    return min(kinds, key=_rank, default=TO_COME)


def weakest(kinds: Iterable[str]) -> str:
    """The weakest of some kinds of evidence."""
    return max(kinds, key=_rank)


def strength(record: Record) -> tuple[bool, int, float]:
    """Sorts evidence: for the statement before for a part, by kind, and the tighter one first."""
    return bool(record["part"]), _rank(record["kind"]), -(record["tightness"] or 0.0)


def nearest_first(controls: Iterable[Record]) -> list[Record]:
    """Controls by how little they change the claim; those that are no factor of it last."""
    return sorted(controls, key=lambda control: _far(control["distance"]))


def _far(factor: float | None) -> float:
    return abs(log(factor)) if factor else inf


def _rank(kind: str) -> int:
    return (*KINDS, TO_COME).index(kind)
