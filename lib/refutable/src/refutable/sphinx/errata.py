"""The errata chapter: every erratum in one form, from errata.yml, with the cells that show it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .claims import Claim

PLACE = "<!-- the errata -->"
NATURES = {
    "error": "what is printed is false or has no meaning",
    "hypothesis": "true under a condition that is missing",
    "gap": "true, but not proved as printed",
    "slip": "a detail, or something that can be improved; harmless",
    "scan": "perhaps only our copy is damaged",
}


@dataclass(frozen=True)
class Erratum:
    """What the book corrects at one place of the paper; errata.yml explains the fields."""

    id: str
    title: str
    item: str
    where: str
    nature: str
    printed: str
    fails: str
    correction: str
    affects: str
    evidence: tuple[tuple[str, str], ...]  # item and part of the cells that show it


def load(path: Path) -> dict[str, Erratum]:
    """The errata by their id; none if there is no such file."""
    if not path.exists():
        return {}
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {entry["id"]: Erratum(**{**entry, "evidence": _pairs(entry)}) for entry in entries}


def _pairs(entry: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, part) for name, _, part in (e.partition(" · ") for e in entry["evidence"]))


def written(errata: Mapping[str, Erratum], claims: Mapping[str, Claim]) -> str:
    """The errata as the source of their page."""
    return "\n".join(_pages(errata.values(), claims))


def _place(erratum: Erratum, claims: Mapping[str, Claim]) -> str:
    """Where the paper has it, with a link to the item."""
    name, link = claims[erratum.item].name, f"{{prf:ref}}`{erratum.item}`"
    where = erratum.where.replace(name, link)
    return where if link in where else f"{where} · {link}"


def _pages(errata: Iterable[Erratum], claims: Mapping[str, Claim]) -> Iterator[str]:
    """By nature, what matters most first."""
    for nature, meaning in NATURES.items():
        found = [e for e in errata if e.nature == nature]
        if found:
            yield f"## {nature.capitalize()}: {meaning}"
            yield from (_page(e, claims) for e in found)


def _page(e: Erratum, claims: Mapping[str, Claim]) -> str:
    return f"""
({e.id})=
### {e.id} · {e.title}

{_place(e, claims)}

Printed
: {e.printed}

Why it will not do
: {e.fails}

Correction
: {e.correction}

What it affects
: {e.affects}

Shown by
: ```{{shown-by}} {e.id}
  ```
"""
