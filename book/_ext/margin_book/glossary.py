"""The glossary page, and a link to it from the first use of each word and symbol on a page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx

GLOSSARY_FILE = Path(__file__).parents[2] / "glossary.yml"
PLACE = "<!-- the words -->"
# where a link would disturb, or where words stand for something else
ELSEWHERE = (nodes.title, nodes.reference, nodes.literal, nodes.literal_block, nodes.raw,
             nodes.caption, nodes.rubric, nodes.table, nodes.math_block)  # fmt: skip


@dataclass(frozen=True)
class Word:
    """An entry of the glossary; glossary.yml explains the fields."""

    term: str
    text: str
    also: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    chapters: tuple[str, ...] = ("",)

    @property
    def pattern(self) -> re.Pattern[str]:
        """The word, its other forms and their plurals."""
        forms = "|".join(map(re.escape, sorted((self.term, *self.also), key=len, reverse=True)))
        return re.compile(rf"\b(?:{forms})s?\b", re.IGNORECASE)


@cache
def load(path: Path = GLOSSARY_FILE) -> list[Word]:
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [Word(**{key: _hashable(value) for key, value in entry.items()}) for entry in entries]


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def fill(app: Any, docname: str, source: list[str]) -> None:
    """Put the words where glossary.md wants them."""
    if docname.endswith("glossary"):
        app.env.note_dependency(str(GLOSSARY_FILE))
        words = sorted(load(), key=lambda word: word.term.lower())
        body = "\n\n".join(f"{word.term}\n  {_symbols(word)}{word.text}" for word in words)
        source[0] = source[0].replace(PLACE, f"```{{glossary}}\n{body}\n```")


def _symbols(word: Word) -> str:
    return f"Written {', '.join(f'${s}$' for s in word.symbols)}. " if word.symbols else ""


def link_first_uses(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """In a chapter, make the first use of each word or symbol a link to the glossary."""
    terms = app.env.get_domain("std").objects  # type: ignore[attr-defined]
    chapter = docname.rpartition("/")[2]
    if not chapter[0].isdigit():
        return
    # longer words first, so that "normalised margin" is not taken for "margin"
    for word in sorted(load(), key=lambda word: -len(word.term)):
        found = terms.get(("term", word.term))
        if found:
            target = f"{app.builder.get_relative_uri(docname, found[0])}#{found[1]}"
            _link(doctree, word, target, chapter)


def _link(doctree: nodes.document, word: Word, target: str, chapter: str) -> None:
    for node in _running_text(doctree):
        if isinstance(node, nodes.math):
            here = chapter.startswith(word.chapters) and node.astext() in word.symbols
            link = _reference(target, node.deepcopy())
            link["reftitle"] = word.term  # a picture of a formula has no name of its own
            parts: tuple[nodes.Node, ...] | None = (link,)
        else:
            use = word.pattern.search(node.astext())
            here = use is not None
            parts = use and _split(node.astext(), use, target)
        if here and parts:
            node.parent.replace(node, list(parts))
            return


def _running_text(doctree: nodes.document) -> Iterator[nodes.Node]:
    """Words and inline formulas of the prose."""
    for node in list(doctree.findall(lambda n: isinstance(n, nodes.Text | nodes.math))):
        above = node.parent
        while above is not None and not isinstance(above, ELSEWHERE):
            above = above.parent
        if above is None and not isinstance(node.parent, nodes.math):
            yield node


def _split(text: str, use: re.Match[str], target: str) -> tuple[nodes.Node, ...]:
    before, word, after = text[: use.start()], use[0], text[use.end() :]
    return nodes.Text(before), _reference(target, nodes.Text(word)), nodes.Text(after)


def _reference(target: str, content: nodes.Node) -> nodes.reference:
    return nodes.reference("", "", content, refuri=target, internal=True, classes=["term"])
