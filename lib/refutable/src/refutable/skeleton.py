"""A small book to begin with: one statement, its proof, one cell of evidence with its control."""

import shutil
from pathlib import Path

PAGES = Path(__file__).with_name("skeleton_pages")


def begin(folder: Path) -> None:
    """Write the book into a folder. Raises FileExistsError unless it is empty or missing."""
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise FileExistsError(f"{folder} is not an empty folder; name another")
    shutil.copytree(PAGES, folder, dirs_exist_ok=True)
