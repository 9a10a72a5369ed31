"""pyproject.toml, requirements.lock and environment.yml name the same packages."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCKED = re.findall(
    r"^([a-z0-9][^ \\]*==[^\\]*?) *\\$", (ROOT / "requirements.lock").read_text(), re.M
)


def names(requirements):
    return {re.split(r"[\[<>=! ;]", r)[0].lower().replace("_", "-") for r in requirements}


def test_every_dependency_of_the_project_is_locked():
    extras = PROJECT["optional-dependencies"]
    wanted = [*PROJECT["dependencies"], *extras["book"], *extras["test"], *extras["dev"]]
    assert names(wanted) <= names(LOCKED)


def test_the_conda_environment_lists_exactly_the_locked_packages():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    pip = environment["dependencies"][-1]["pip"]
    assert pip == ["--editable .", *LOCKED]


def test_the_lock_names_no_registry():
    assert "://" not in (ROOT / "requirements.lock").read_text()


def test_the_tests_run_in_the_locked_environment():
    pins = [re.match(r"([a-z0-9-]+)==([^ ;]+)$", line) for line in LOCKED if ";" not in line]
    wrong = {p[1]: version(p[1]) for p in pins if p and version(p[1]) != p[2]}
    assert not wrong
