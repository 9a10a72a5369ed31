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


def test_public_names_have_their_signature_as_written(page):
    assert "{py:class} margintheory.networks.TwoLayer(w: " in page
    assert "{py:property} margintheory.networks.TwoLayer.norm_squared\n" in page
    assert "{py:function} margintheory.margins.normalised_margin(net: Network, " in page
    assert "._" not in page and "<!--" not in page


def test_each_module_has_its_section_and_no_name_stands_twice(page):
    titles = [line[4:] for line in page.splitlines() if line.startswith("### ")]
    package = library.PACKAGES["margintheory"]
    modules = {path.stem for path in package.iterdir() if not path.name.startswith(("_", "."))}
    assert modules | {"refutable", "margincheck"} == {t for t in titles if "." not in t}
    names = [line.split("(")[0] for line in page.splitlines() if "{py:" in line]
    assert max(Counter(names).values()) == 1


def test_all_that_the_kit_offers_is_there(page):
    for name in refutable.__all__:
        assert f" refutable.{name}" in page


def test_the_ten_lines_run_and_their_certificate_is_proved(tmp_path, monkeypatch, page):
    monkeypatch.chdir(tmp_path)
    (lines,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict = {}
    exec(lines, names)
    margincheck.check((tmp_path / "margin.json").read_text())
    assert 2 * names["margins"].normalised_margin(names["net"], names["X"], names["y"]) == (
        pytest.approx(names["svm"].lower)
    )
