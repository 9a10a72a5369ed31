"""Run chapters, two at a time: each starts a kernel, and most of a chapter is one thread's work."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from nbformat import NotebookNode

AT_ONCE = 2


class ChapterFailed(Exception):
    """A cell raised; the message has the chapter and the traceback."""


def execute(
    chapters: Iterable[tuple[Path, NotebookNode]], seconds_per_cell: float
) -> Iterator[tuple[Path, NotebookNode, float]]:
    """(file, executed notebook, seconds) in the order given, until one fails."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for path, notebook, result in pool.map(partial(_run, seconds_per_cell), chapters):
            if result.err is not None:
                pool.shutdown(cancel_futures=True)
                raise ChapterFailed(f"{path}: {result.err}")
            yield path, notebook, result.time


def _run(
    seconds_per_cell: float, chapter: tuple[Path, NotebookNode]
) -> tuple[Path, NotebookNode, ExecutionResult]:
    path, notebook = chapter
    result = single_nb_execution(
        notebook, cwd=str(path.parent), timeout=seconds_per_cell, allow_errors=False
    )
    return path, notebook, result
