"""The formal proofs of a book: the folder `refutable_proofs`, and what Coq said of it.

The verdicts recorded in the folder come with the book. Those in the folder of the build say that
Coq ran on this machine, too.
"""

from dataclasses import dataclass
from pathlib import Path

from sphinx.errors import ExtensionError

from refutable.audit import VERDICTS, Verdicts, read
from refutable.coq import Project, ProofsError, project

FOLDER = "proofs"  # of the build, and of the built book


@dataclass(frozen=True)
class Formal:
    """The sources, the verdicts recorded beside them, and those of this machine, if it has Coq."""

    sources: Project
    recorded: Verdicts | None
    here: Verdicts | None

    @property
    def up_to_date(self) -> bool:
        """Whether the recorded verdicts are of these sources."""
        return self.recorded is not None and self.recorded.digest == self.sources.digest

    @property
    def by(self) -> str:
        """Who accepted the sources, and whether that was seen on this machine."""
        if self.recorded is None or not self.up_to_date:
            return "Coq has not accepted these sources."
        accepted = f"Coq {self.recorded.coq} accepted these sources on {self.recorded.date}"
        if self.here is None or not self.here.same_as(self.recorded):
            return f"{accepted}; on the machine that built this page they were not checked again."
        again = f"Coq {self.here.coq} on the machine that built this page, on {self.here.date}"
        return f"{accepted}, and so did {again}."


def load(folder: Path, build: Path) -> Formal | None:
    """The proofs in a folder, and what was found in the build; None if there is no such folder.

    Raises `ExtensionError` if the folder is not as it should be.
    """
    if not folder.is_dir():
        return None
    try:
        return Formal(project(folder), read(folder / VERDICTS), read(build / VERDICTS))
    except ProofsError as error:
        raise ExtensionError(str(error)) from None
