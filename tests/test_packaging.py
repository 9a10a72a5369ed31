"""What the library alone needs, and what the Makefile promises; `make wheel` installs it alone."""

import ast
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import yaml

from test_environment import PROJECT, names

ROOT = Path(__file__).parent.parent
OWN = {"margintheory", "margincheck", "refutable"}  # what the project installs


def imported(source):
    """The packages that a module imports when it is imported itself, not within a function."""
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module).split(".")[0]
        elif not isinstance(node, ast.FunctionDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def undeclared(source):
    """The packages from elsewhere that a module imports and the project does not depend on."""
    elsewhere = set(imported(source)) - sys.stdlib_module_names - OWN
    providers = packages_distributions()
    needed = names(PROJECT["dependencies"])
    return {package for package in elsewhere if not names(providers.get(package, ())) & needed}


def test_the_library_imports_only_what_the_project_depends_on():
    libraries = [(ROOT / "lib" / name).rglob("*.py") for name in ("margintheory", "margincheck")]
    engine = (ROOT / "lib/refutable/src/refutable").glob("*.py")
    sources = {path: path.read_text() for paths in (*libraries, engine) for path in paths}
    assert not {path: found for path, text in sources.items() if (found := undeclared(text))}


def test_a_package_that_only_an_extra_brings_is_undeclared():
    source = "import flint\ntry:\n    from sklearn.svm import SVC\nexcept ImportError:\n    pass\n"
    assert undeclared(source) == {"sklearn"}
    assert undeclared("def draw():\n    import sklearn\n") == set()


def test_bench_runs_every_script_and_fails_if_one_failed(tmp_path):
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks/a_broken.py").write_text("raise SystemExit(3)")
    (tmp_path / "benchmarks/b_sound.py").write_text("print('measured')")
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\n[ "$1" = -m ] || exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    (tmp_path / ".venv/.locked").touch()  # an environment that is up to date
    command = ["make", "--no-print-directory", "bench"]  # as when no other make runs this one
    bench = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert bench.returncode != 0
    assert "measured" in bench.stdout
    assert "benchmarks/a_broken.py" in bench.stdout.splitlines()[-1]
    assert "b_sound" not in bench.stdout.splitlines()[-1]


def test_a_codechecker_finds_what_the_manifest_names():
    manifest = yaml.safe_load((ROOT / "codecheck.yml").read_text())["manifest"]
    stored = [entry["file"] for entry in manifest if not entry["file"].startswith("_build/")]
    assert stored and all((ROOT / file).is_file() for file in stored)


def test_no_two_test_files_have_one_name():
    """pytest imports them by their names, and one would hide the other."""
    names = [
        path.name
        for folder in ("tests", "lib/refutable/tests")
        for path in (ROOT / folder).glob("*.py")
    ]
    assert sorted(set(names) - {"conftest.py"}) == sorted(
        name for name in names if name != "conftest.py"
    )
