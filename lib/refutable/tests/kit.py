"""Install refutable alone, with what a book needs, in a fresh environment and build books there.

    python lib/refutable/tests/kit.py

The wheel is built from a copy of the sources, so that nothing stale gets into it. A new book and
the example must build without a warning, and the ledger of the example must answer a question.
"""

import shutil
import subprocess
import sys
import venv
from pathlib import Path
from tempfile import TemporaryDirectory

KIT = Path(__file__).parents[1]
PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check")
BUILT = shutil.ignore_patterns("_build", "build", "*.egg-info", "__pycache__")


def main() -> int:
    with TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(KIT, folder / "kit", ignore=BUILT)
        subprocess.check_call(
            [sys.executable, *PIP, "wheel", "--no-deps", "--wheel-dir", folder, folder / "kit"]
        )
        (wheel,) = folder.glob("*.whl")
        venv.create(folder / "env", with_pip=True)

        def run(program: str, *arguments: object) -> None:
            subprocess.check_call([folder / "env/bin" / program, *arguments], cwd=folder)

        run("python", *PIP, "install", f"{wheel}[book]")
        run("python", "-m", "refutable", "new", "new")
        for book in ("new", "kit/example"):
            run("jupyter-book", "build", book, "-W", "-n", "--keep-going")
        ledger = "kit/example/_build/html/ledger.json"
        run("python", "-m", "refutable", "impact", "Lemma 2", "--ledger", ledger)
    print("The kit alone builds its books.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
