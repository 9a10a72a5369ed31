"""Run chapters, two at a time: each starts a kernel, and most of a chapter is one thread's work."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from nbformat import NotebookNode

AT_ONCE = 2
SECONDS_PER_CELL = 600


class ChapterFailed(Exception):
    """A cell raised; the message has the chapter and the traceback."""


def execute(chapters: Iterable[Path]) -> Iterator[tuple[Path, NotebookNode, float]]:
    """(chapter, executed notebook, seconds) in the order given, until one fails."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for chapter, notebook, result in pool.map(_run, chapters):
            if result.err is not None:
                pool.shutdown(cancel_futures=True)
                raise ChapterFailed(f"{chapter}: {result.err}")
            yield chapter, notebook, result.time


def _run(chapter: Path) -> tuple[Path, NotebookNode, ExecutionResult]:
    notebook = nbformat.read(chapter, as_version=4)
    result = single_nb_execution(
        notebook, cwd=str(chapter.parent), timeout=SECONDS_PER_CELL, allow_errors=False
    )
    return chapter, notebook, result
