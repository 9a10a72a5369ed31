"""Install the library alone, without extras, in a fresh environment and use it there.

    python tests/wheel.py

Builds the wheel from a copy of the sources, so that nothing stale gets into it, and compares what
it holds with them, the kit's pages and scripts included; then imports every module of the library,
runs the README's example, checks the certificate that it wrote, and runs the command line.
"""

import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

ROOT = Path(__file__).parent.parent
PACKAGES = {"margintheory": "lib", "margincheck": "lib", "refutable": "lib/refutable/src"}
IMPORT_EVERY_MODULE = """
import importlib, pkgutil, margintheory
for module in pkgutil.walk_packages(margintheory.__path__, "margintheory."):
    importlib.import_module(module.name)
"""


def sources() -> dict[str, str]:
    """The files of the packages: their paths in the wheel, and their paths here."""
    return {
        str(file.relative_to(ROOT / folder)): str(file.relative_to(ROOT))
        for package, folder in PACKAGES.items()
        for file in (ROOT / folder).glob(f"{package}/**/*")
        if file.is_file() and "__pycache__" not in file.parts
    }


def build(folder: Path) -> Path:
    """The wheel of a copy of the sources."""
    for file in sources().values():
        (folder / "source" / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, folder / "source" / file)
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, folder / "source")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    options = ["--no-deps", "--wheel-dir", folder]
    subprocess.check_call([*pip, "wheel", *options, folder / "source"])
    return next(folder.glob("*.whl"))


def main() -> int:
    with TemporaryDirectory() as name:
        folder = Path(name)
        wheel = build(folder)
        missing = set(sources()) - set(ZipFile(wheel).namelist())
        if missing:
            print("The wheel lacks", *sorted(missing))
            return 1
        venv.create(folder / "env", with_pip=True)

        def python(*arguments: object) -> None:
            subprocess.check_call([folder / "env/bin/python", *arguments], cwd=folder)

        python("-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel)
        python("-c", IMPORT_EVERY_MODULE)
        python("-c", re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)[0])
        python("-m", "margincheck", "margin.json")
        python("-m", "margintheory.experiments", "list")
    print("The wheel alone is complete.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
