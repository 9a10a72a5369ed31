"""Test the library with the lowest and the newest packages that pyproject.toml allows.

    python tests/compat.py [3.11 3.13 …]

For each Python present (or named) and each resolution, uv makes a throw-away environment under
`_build/compat` and the library's tests run there: not those of the book, its pages and its lock.
Prints a table; exit status 0 means that every environment could be made and passed.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

ROOT = Path(__file__).parent.parent
NOT_THE_LIBRARY = ["book", "browser", "claims", "environment", "errata", "glossary"]
PACKAGES = ["jax", "numpy", "scipy", "python-flint", "jaxtyping", "matplotlib", "sympy"]
RESOLUTIONS = {"lowest": "lowest-direct", "newest": "highest"}
VERSIONS = "from importlib.metadata import version; import sys; print(*map(version, sys.argv[1:]))"


def pythons(wanted: list[str]) -> Iterator[tuple[str, Path]]:
    """The version and the path of an interpreter for each Python from 3.11 on that is installed."""
    folders = [Path(folder) for folder in os.environ["PATH"].split(os.pathsep)]
    folders += sorted(Path.home().glob(".pyenv/versions/*/bin"))
    for version in wanted or [f"3.{minor}" for minor in range(11, 20)]:
        paths = (folder / f"python{version}" for folder in folders)
        path = next((path for path in paths if path.exists() and succeeds(path, "-V")), None)
        if path:
            yield version, path
        elif wanted:
            sys.exit(f"Python {version} is not installed.")


def succeeds(*command: object, **variables: str) -> bool:
    """Whether a command ends with status 0; its output is kept beside the environments."""
    environment = {**os.environ, "JAXTYPING_DISABLE": "1", **variables}
    with (ROOT / "_build/compat/log.txt").open("a") as log:
        print("$", *command, file=log, flush=True)
        arguments = list(map(str, command))
        return subprocess.call(arguments, cwd=ROOT, env=environment, stdout=log, stderr=log) == 0


def installs(environment: Path, python: Path, resolution: str) -> bool:
    """Whether the library and its test extra can be installed in a fresh environment."""
    uv, target = Path(sys.executable).with_name("uv"), ("--python", environment / "bin/python")
    dependencies = ("--resolution", resolution, "-r", "pyproject.toml", "--extra", "test")
    return (
        succeeds(uv, "venv", "--clear", "--python", python, environment)
        and succeeds(uv, "pip", "install", *target, *dependencies)
        and succeeds(uv, "pip", "install", *target, "--no-deps", "--editable", ".")
    )


def passes(environment: Path) -> bool:
    """Whether the library's tests pass."""
    others = [f"--ignore=tests/test_{name}.py" for name in NOT_THE_LIBRARY]
    options = ["-n", "2", "--dist", "loadfile", "-p", "no:cacheprovider"]
    return succeeds(environment / "bin/python", "-m", "pytest", *options, *others, "tests")


def main(wanted: list[str]) -> int:
    (ROOT / "_build/compat").mkdir(parents=True, exist_ok=True)
    print(*(f"{head:>13}" for head in ("python", "resolution", *PACKAGES, "tests")), flush=True)
    verdicts = []
    for (version, python), name in product(pythons(wanted), RESOLUTIONS):
        environment = ROOT / f"_build/compat/{version}-{name}"
        versions = ["—"] * len(PACKAGES)
        verdict = "no resolution"
        if installs(environment, python, RESOLUTIONS[name]):
            ask = [environment / "bin/python", "-c", VERSIONS, *PACKAGES]
            versions = subprocess.check_output(ask, text=True).split()
            verdict = "passed" if passes(environment) else "FAILED"
        print(*(f"{cell:>13}" for cell in (version, name, *versions, verdict)), flush=True)
        verdicts.append(verdict)
    print("What the commands printed: _build/compat/log.txt")
    return int(any(verdict != "passed" for verdict in verdicts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
