"""Run chapters (.ipynb) and store them in canonical form, with fresh outputs.

    python -m refutable.sphinx.record CHAPTER.ipynb …

The picture of a cell tagged `picture:NAME` is kept as _static/NAME.svg beside the chapter.
"""

import argparse
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from .canonical import RECORDED, code_digest, text
from .execute import ChapterFailed, execute

SECONDS_PER_CELL = 600


def save_pictures(notebook: NotebookNode, folder: Path) -> None:
    """Keep the SVG of each cell tagged `picture:NAME`, on white."""
    for cell in notebook.cells:
        for tag in cell.metadata.get("tags", []):
            if tag.startswith("picture:"):
                (svg,) = (o.data["image/svg+xml"] for o in cell.outputs if "data" in o)
                ground = '<rect width="100%" height="100%" fill="white"/>\n <defs>'
                target = folder / f"{tag.removeprefix('picture:')}.svg"
                target.write_text(svg.replace("<defs>", ground, 1), encoding="utf-8")


def record(chapters: list[Path]) -> None:
    """Run each chapter, rewrite its file and keep its tagged pictures."""
    sources = ((chapter, nbformat.read(chapter, as_version=4)) for chapter in chapters)
    for chapter, notebook, seconds in execute(sources, SECONDS_PER_CELL):
        save_pictures(notebook, chapter.parent / "_static")
        notebook.metadata[RECORDED] = code_digest(notebook)
        chapter.write_text(text(notebook), encoding="utf-8")
        print(f"{chapter.name}: {seconds:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m refutable.sphinx.record", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("chapters", nargs="+", type=Path, help="notebooks to record")
    chapters = parser.parse_args().chapters
    missing = [str(chapter) for chapter in chapters if not chapter.is_file()]
    if missing:
        parser.error(f"no such chapter: {', '.join(missing)}")
    try:
        record(chapters)
    except ChapterFailed as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
