"""The one form in which chapters are stored.

A chapter in canonical form says the same on every machine: cell ids follow from the source, there
are no execution counts, outputs keep plain text and what was printed, metadata keep the kernel, the
tags of cells and the digest of the code that produced the outputs.
"""

import copy
import hashlib
from collections import Counter

import nbformat
from nbformat import NotebookNode

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
CELL_METADATA = ("tags", "mystnb")
RECORDED = "recorded"


def canonical(notebook: NotebookNode) -> NotebookNode:
    """The notebook in canonical form; the argument is left as it is."""
    notebook = copy.deepcopy(notebook)
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        cell.id = _cell_id(cell, seen)
        cell.metadata = _kept(cell.metadata, CELL_METADATA)
        cell.pop("attachments", None)
        if cell.cell_type == "code":
            cell.execution_count = None
            cell.outputs = _joined([kept for o in cell.outputs if (kept := _output(o))])
    recorded = _kept(notebook.metadata, (RECORDED,))
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}, **recorded}
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return nbformat.from_dict(notebook)


def text(notebook: NotebookNode) -> str:
    """The file of a chapter, character by character."""
    return nbformat.writes(canonical(notebook)) + "\n"


def code_digest(notebook: NotebookNode) -> str:
    """Changes with the code of the chapter, and with nothing else."""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return hashlib.sha256("\0".join(code).encode()).hexdigest()[:16]


def digest(notebook: NotebookNode) -> str:
    """Changes with the text, the code and the text outputs of the chapter."""
    return hashlib.sha256(text(notebook).encode()).hexdigest()


def _cell_id(cell: NotebookNode, seen: Counter[str]) -> str:
    """A hash of the source; a second cell of the same source counts up."""
    digest = hashlib.sha256(f"{cell.cell_type}\0{cell.source}".encode()).hexdigest()[:12]
    seen[digest] += 1
    return digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def _kept(metadata: dict, keys: tuple[str, ...]) -> dict:
    return {key: metadata[key] for key in keys if key in metadata}


def _output(output: NotebookNode) -> NotebookNode | None:
    """What is kept of an output: what was printed, the plain text of a result, an error."""
    if output.output_type == "stream":
        return output if output.name == "stdout" else None
    if output.output_type == "error":
        return output
    plain = _kept(output.data, ("text/plain",))
    if not plain:
        return None
    return nbformat.v4.new_output(output.output_type, data=plain)


def _joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """What was printed in one go, which a kernel may send in pieces."""
    joined: list[NotebookNode] = []
    for output in outputs:
        if joined and output.output_type == joined[-1].output_type == "stream":
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined
