"""The library page shows every public name of the packages as it is written, in one place."""

import re
from collections import Counter

import pytest

import library
import margincheck
import refutable
from test_book import BOOK


@pytest.fixture(scope="module")
def page() -> str:
    source = [(BOOK / "library.md").read_text(encoding="utf-8")]
    library.fill(None, "book/library", source)
    return source[0]


def section(page: str, title: str) -> str:
    return page.split(f"### {title}\n")[1].split("\n## ")[0].split("\n### ")[0]


def test_public_names_have_their_signature_as_written(page):
    networks = section(page, "networks")
    assert "{py:currentmodule} margintheory.networks\n" in networks
    assert "{py:class} TwoLayer(w: " in networks
    assert "{py:property} TwoLayer.norm_squared\n" in networks
    assert "{py:function} normalised_margin(net: Network, " in section(page, "margins")
    assert "._" not in page and "<!--" not in page


def test_each_module_has_its_section_and_no_name_stands_twice(page):
    titles = [line[4:] for line in page.splitlines() if line.startswith("### ")]
    package = library.PACKAGES["margintheory"]
    modules = {path.stem for path in package.iterdir() if not path.name.startswith(("_", "."))}
    assert modules | {"refutable", "margincheck"} == {t for t in titles if "." not in t}
    assert max(Counter(titles).values()) == 1
    for title in titles:
        names = re.findall(r"{py:\w+} ([\w.]+)", section(page, title))
        assert max(Counter(names).values()) == 1


def test_all_that_the_kit_offers_is_there(page):
    for name in refutable.__all__:
        assert f"}} {name}" in section(page, "refutable")


def test_the_ten_lines_run_and_their_certificate_is_proved(tmp_path, monkeypatch, page):
    monkeypatch.chdir(tmp_path)
    (lines,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict = {}
    exec(lines, names)
    margincheck.check((tmp_path / "margin.json").read_text())
    assert 2 * names["margins"].normalised_margin(names["net"], names["X"], names["y"]) == (
        pytest.approx(names["svm"].lower)
    )
