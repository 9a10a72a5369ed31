"""`python -m refutable new` writes a book that builds, and touches no folder that is in use."""

import subprocess
import sys
from pathlib import Path

import pytest

from refutable.skeleton import begin


def test_a_folder_in_use_is_refused_and_left_alone(tmp_path):
    (tmp_path / "mine.md").write_text("mine")
    with pytest.raises(FileExistsError, match="not an empty folder"):
        begin(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.md"]
    with pytest.raises(FileExistsError, match="not an empty folder"):
        begin(tmp_path / "mine.md")


def test_a_new_book_builds_without_a_warning(tmp_path):
    subprocess.run([sys.executable, "-m", "refutable", "new", tmp_path / "book"], check=True)
    build = [Path(sys.executable).with_name("jupyter-book"), "build", tmp_path / "book"]
    subprocess.run([*build, "-W", "-n", "--keep-going"], check=True)
    ledger = (tmp_path / "book/_build/html/ledger.html").read_text(encoding="utf-8")
    assert 'href="chapter.html#evidence-theorem-1-1-symbolic"' in ledger
    assert "nine tenths of the right side" in ledger
