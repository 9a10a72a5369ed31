"""The items of the paper, as listed in claims.yml."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

CLAIMS_FILE = Path(__file__).parents[2] / "claims.yml"


@dataclass(frozen=True)
class Claim:
    """A numbered item of the paper; claims.yml explains the fields."""

    id: str
    kind: str
    number: str
    title: str
    summary: str
    section: str
    chapter: str
    depends: tuple[str, ...]
    erratum: str = ""

    @property
    def name(self) -> str:
        """As the paper and the evidence call it: "Theorem 2.1"."""
        return f"{self.kind} {self.number}"


@cache
def load(path: Path = CLAIMS_FILE) -> dict[str, Claim]:
    """The items by their id, in the paper's order."""
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    claims = [Claim(**{**entry, "depends": tuple(entry["depends"])}) for entry in entries]
    return {claim.id: claim for claim in claims}


def foundations(claim: Claim, claims: dict[str, Claim]) -> set[str]:
    """The ids of an item and of everything that it rests on."""
    found: set[str] = set()
    waiting: list[str] = [claim.id]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting.extend(claims[current].depends)
    return found


def in_chapter(claims: Iterable[Claim], chapter: str) -> list[Claim]:
    """The items that a chapter states."""
    return [claim for claim in claims if claim.chapter == chapter]
