"""What a link shows before one follows it: statements and glossary entries, in one shared script.

Pages opened from a folder may not fetch each other, so the texts travel as a script that sets a
variable; previews.js shows them.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from sphinx.application import Sphinx

SCRIPT = "preview-texts.js"


def write(app: Sphinx, exception: Exception | None) -> None:
    """After the build, gather the boxes of all pages into one script."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    texts = {
        f"{page.relative_to(out).as_posix()}#{id}": text
        for page in sorted(out.rglob("*.html"))
        if "_static" not in page.parts
        for id, text in previews(page.read_text(encoding="utf-8"))
    }
    script = f"window.previewTexts = {json.dumps(texts, ensure_ascii=False)};\n"
    (out / "_static" / SCRIPT).write_text(script, encoding="utf-8")


def previews(html: str) -> Iterator[tuple[str, str]]:
    """(anchor, HTML) of each statement and each glossary entry of a page."""
    if "statement" not in html and "glossary" not in html:
        return
    page = BeautifulSoup(html, "html.parser")
    for box in page.select("div.statement[id]"):
        for extra in box.select(".headerlink, .kind, .new, .claim-foot"):
            extra.decompose()
        yield str(box["id"]), _inside(box)
    for term in page.select("dl.glossary dt[id]"):
        meaning = term.find_next_sibling("dd")
        if isinstance(meaning, Tag):
            yield str(term["id"]), _inside(meaning)


def _inside(box: Tag) -> str:
    return box.decode_contents().strip()
