"""Questions to the ledger of a built book, `ledger.json`: what is weak, what rests on what."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from refutable.relations import SHARP

Item: TypeAlias = Mapping[str, Any]
Items: TypeAlias = dict[str, Item]  # by id, in the paper's order

TO_COME = "to come"
WAYS = {"proof_depends": "its proof", "statement_depends": "its statement"}


class LedgerError(ValueError):
    """There is no such ledger, or no such item in it."""


def load(path: Path) -> tuple[list[str], Items]:
    """The kinds of evidence, strongest first, and the items."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return content["kinds"], {item["id"]: item for item in content["items"]}
    except FileNotFoundError:
        advice = "build the book, or name its ledger with --ledger"
        raise LedgerError(f"there is no {path}; {advice}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise LedgerError(f"{path} is not the ledger of a book: {error!r}") from None


def find(items: Items, name: str) -> Item:
    """The item of that id or name, as thm-2-1 or "Theorem 2.1"."""
    for item in items.values():
        if name.lower() in (item["id"].lower(), item["name"].lower()):
            return item
    raise LedgerError(f"no item is called {name!r}; the first is {next(iter(items), 'missing')!r}")


def weakest(kinds: list[str], items: Items) -> list[Item]:
    """All items, the one with the weakest evidence first, the least tight first among equals."""
    order = [*kinds, TO_COME]
    return sorted(
        items.values(), key=lambda item: (-order.index(item["kind"]), item["tightness"] or 0.0)
    )


def loose(items: Items) -> Iterator[tuple[Item, Item]]:
    """(item, check) of its statement that reaches less than half of its bound, or no share."""
    for item in items.values():
        for evidence in item["evidence"]:
            share, checks = evidence["tightness"], evidence["kind"] != "proved"
            if checks and not evidence["part"] and (share is None or share < SHARP):
                yield item, evidence


def users(items: Items, item: Item, ways: Iterable[str]) -> dict[str, str]:
    """The ids of what uses an item in one of these ways, transitively, and what each uses of it.

    `ways` are among `WAYS`. Ids come in the paper's order.
    """
    through: dict[str, str] = {}
    waiting = [item["id"]]
    while waiting:
        used = waiting.pop(0)
        for id, other in items.items():
            if id not in through and id != item["id"] and any(used in other[way] for way in ways):
                through[id] = used
                waiting.append(id)
    return {id: through[id] for id in items if id in through}
