"""Chapters in canonical form say the same on every machine."""

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from refutable.sphinx.canonical import canonical, digest, text


def messy():
    """A notebook as an editor leaves it."""
    outputs = [
        new_output("stream", name="stdout", text="printed\n"),
        new_output("stream", name="stderr", text="a warning\n"),
        new_output(
            "execute_result", {"text/plain": "2", "text/html": "<b>2</b>"}, execution_count=7
        ),
        new_output("display_data", {"image/png": "aGVsbG8="}),
    ]
    times = {"execution": {"iopub.status.busy": "2026-01-01T00:00:00Z"}}
    cell = new_code_cell("1 + 1", execution_count=7, outputs=outputs)
    cell.metadata = {"tags": ["hide-input"], "collapsed": True, **times}
    twice = [new_markdown_cell("same"), new_markdown_cell("same")]
    metadata = {"kernelspec": {"name": "my-kernel", "display_name": "Mine"}, "widgets": {}}
    return new_notebook(cells=[cell, *twice], metadata=metadata)


def test_canonical_form_keeps_text_and_tags_and_drops_the_rest():
    cell = canonical(messy()).cells[0]
    assert cell.execution_count is None
    assert cell.metadata == {"tags": ["hide-input"]}
    assert [output.get("text") or dict(output.data) for output in cell.outputs] == [
        "printed\n",
        {"text/plain": "2"},
    ]


def test_canonical_form_joins_what_was_printed_in_pieces():
    value = new_output("execute_result", {"text/plain": "1"})
    pieces = [new_output("stream", text=f"{letter}\n") for letter in "abcd"]
    cell = new_code_cell("f()", outputs=[*pieces[:2], value, *pieces[2:]])
    kept = canonical(new_notebook(cells=[cell])).cells[0].outputs
    assert [output.get("text") for output in kept] == ["a\nb\n", None, "c\nd\n"]


def test_canonical_form_names_the_standard_kernel():
    metadata = canonical(messy()).metadata
    assert metadata.kernelspec.name == "python3"
    assert set(metadata) == {"kernelspec", "language_info"}


def test_canonical_form_is_a_fixed_point():
    once = text(messy())
    assert text(nbformat.reads(once, as_version=4)) == once


def test_canonical_form_does_not_depend_on_the_ids_an_editor_gave():
    assert text(messy()) == text(messy())  # nbformat draws fresh random ids for each


def test_cells_of_the_same_source_have_different_ids():
    ids = [cell.id for cell in canonical(messy()).cells]
    assert len(set(ids)) == 3


def test_canonical_form_is_valid_and_leaves_its_argument_alone():
    notebook = messy()
    nbformat.validate(canonical(notebook))
    assert notebook.cells[0].execution_count == 7


def test_the_digest_changes_with_text_code_and_printed_outputs_alone():
    notebook = messy()
    before = digest(notebook)
    notebook.cells[0].outputs[1].text = "another warning\n"
    assert digest(notebook) == before
    notebook.cells[0].outputs[0].text = "printed otherwise\n"
    assert digest(notebook) != before
