"""The glossary page, and a link to it from the first use of each word and symbol on a page."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes

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


def load(path: Path) -> list[Word]:
    """The entries; none if there is no such file."""
    if not path.exists():
        return []
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [Word(**{key: _hashable(value) for key, value in entry.items()}) for entry in entries]


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def written(words: list[Word]) -> str:
    """The entries as the source of their page."""
    listed = sorted(words, key=lambda word: word.term.lower())
    body = "\n\n".join(f"{word.term}\n  {_symbols(word)}{word.text}" for word in listed)
    return f"```{{glossary}}\n{body}\n```"


def _symbols(word: Word) -> str:
    return f"Written {', '.join(f'${s}$' for s in word.symbols)}. " if word.symbols else ""


def link_first_uses(
    doctree: nodes.document, words: list[Word], targets: Mapping[str, str], chapter: str
) -> None:
    """In a chapter, make the first use of each word or symbol a link to the glossary."""
    # longer words first, so that "normalised margin" is not taken for "margin"
    for word in sorted(words, key=lambda word: -len(word.term)):
        if word.term in targets:
            _link(doctree, word, targets[word.term], chapter)


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
