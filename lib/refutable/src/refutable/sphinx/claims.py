"""The items of the paper, as listed in claims.yml."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import yaml
from sphinx.errors import ExtensionError

REQUIRED = ("id", "kind", "number", "title", "chapter")
OPTIONAL = ("summary", "section", "part", "depends", "erratum", "informal", "pending")


@dataclass(frozen=True)
class Claim:
    """An item of the paper, with its fields in claims.yml.

    `kind` and `number` are the paper's, as "Theorem" and "2.1"; `part` is the heading under which
    the ledger has the item, `section` where the paper states it, `chapter` where the book does, and
    `depends` the items that its proof uses; `informal` says why no formal proof is there, and
    `pending` what is still to be run: until then no evidence counts for the item.
    """

    id: str
    kind: str
    number: str
    title: str
    chapter: str
    summary: str = ""
    section: str = ""
    part: str = ""
    depends: tuple[str, ...] = ()
    erratum: str = ""
    informal: str = ""
    pending: str = ""

    @property
    def name(self) -> str:
        """As the paper and the evidence call it: "Theorem 2.1"."""
        return f"{self.kind} {self.number}".strip()

    def is_in(self, docname: str) -> bool:
        """Whether a page is the chapter that states the item."""
        return f"/{docname}".endswith(f"/{self.chapter}")


def load(path: Path) -> dict[str, Claim]:
    """The items by their id, in the paper's order.

    The file is a list of items, or maps each part of the paper to the list of its items. Raises
    `ExtensionError` if there is no such file or an item is not as it should be.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ExtensionError(f"there is no {path}; list the paper's items there") from None
    parts = content if isinstance(content, dict) else {"": content}
    entries = [{"part": part, **entry} for part, items in parts.items() for entry in items or ()]
    claims = [_claim(entry, path) for entry in entries]
    _refuse([f"two items are {id}" for id in _repeated(claim.id for claim in claims)], path)
    _refuse([f"two items are {name}" for name in _repeated(claim.name for claim in claims)], path)
    return _without_loose_ends({claim.id: claim for claim in claims}, path)


def _claim(entry: dict[str, Any], path: Path) -> Claim:
    here = entry.get("id", entry.get("title", entry))
    missing = [f"{here} has no {field}" for field in REQUIRED if field not in entry]
    unknown = [f"{here} has an unknown field, {f}" for f in entry if f not in REQUIRED + OPTIONAL]
    _refuse(missing + unknown, path)
    depends = tuple(entry.get("depends", ()))
    return Claim(**{**entry, "number": str(entry["number"]), "depends": depends})


def _without_loose_ends(claims: dict[str, Claim], path: Path) -> dict[str, Claim]:
    """The items themselves, if each depends on listed items only, and none on itself."""
    pairs = [(claim.id, used) for claim in claims.values() for used in claim.depends]
    loose = [pair for pair in pairs if pair[1] not in claims]
    _refuse([f"{id} depends on {used}, which is not listed" for id, used in loose], path)
    try:
        TopologicalSorter({id: claim.depends for id, claim in claims.items()}).prepare()
    except CycleError as error:
        _refuse([f"a proof rests on itself: {' → '.join(error.args[1])}"], path)
    return claims


def _repeated(values: Iterable[str]) -> list[str]:
    return [value for value, times in Counter(values).items() if times > 1]


def _refuse(wrong: list[str], path: Path) -> None:
    if wrong:
        raise ExtensionError(f"{path}: {'; '.join(wrong)}")


def reached(id: str, steps: Callable[[str], tuple[str, ...]]) -> set[str]:
    """Everything that can be reached from an item, the item included."""
    found: set[str] = set()
    waiting = [id]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting.extend(steps(current))
    return found


def foundations(claim: Claim, claims: Mapping[str, Claim]) -> set[str]:
    """The ids of an item and of everything that its proof rests on."""
    return reached(claim.id, lambda id: claims[id].depends)


def item_of(label: str, claims: Mapping[str, Claim]) -> str:
    """The item that a label belongs to: its own, or that of which it is a sharper form, or none."""
    return next((id for id in (label, label.rpartition("-")[0]) if id in claims), "")
