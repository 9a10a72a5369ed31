"""Run chapters and store them in canonical form, with fresh outputs."""

import argparse
import sys
from pathlib import Path

from nbformat import NotebookNode

from canonical import RECORDED, code_digest, text
from execute import ChapterFailed, execute

BOOK = Path(__file__).parents[1]


def save_pictures(notebook: NotebookNode) -> None:
    """Keep the SVG of each cell tagged `picture:NAME`, on white, as _static/NAME.svg."""
    for cell in notebook.cells:
        for tag in cell.metadata.get("tags", []):
            if tag.startswith("picture:"):
                (svg,) = (o.data["image/svg+xml"] for o in cell.outputs if "data" in o)
                ground = '<rect width="100%" height="100%" fill="white"/>\n <defs>'
                target = BOOK / "_static" / f"{tag.removeprefix('picture:')}.svg"
                target.write_text(svg.replace("<defs>", ground, 1), encoding="utf-8")


def record(chapters: list[Path]) -> None:
    """Run each chapter, rewrite its file and keep its tagged pictures."""
    for chapter, notebook, seconds in execute(chapters):
        save_pictures(notebook)
        notebook.metadata[RECORDED] = code_digest(notebook)
        chapter.write_text(text(notebook), encoding="utf-8")
        print(f"{chapter.name}: {seconds:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "chapters", nargs="*", type=Path, help="notebooks to record (default: all chapters)"
    )
    chapters = parser.parse_args().chapters or sorted(BOOK.glob("*.ipynb"))
    missing = [str(chapter) for chapter in chapters if not chapter.is_file()]
    if missing:
        parser.error(f"no such chapter: {', '.join(missing)}")
    try:
        record(chapters)
    except ChapterFailed as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
