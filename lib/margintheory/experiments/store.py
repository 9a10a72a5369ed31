"""Where the results of a run are kept, so that an interrupt costs at most the chunk in flight.

A folder has `config.json`, which says what the results are results of, and a JSON file for each
finished chunk. A chunk of many hours may leave checkpoints, NPZ without pickle. Each file appears
by a rename of a finished one, so a reader never sees half of it.
"""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

CONFIG, CHUNKS, RESULTS = "config.json", "chunks", "results.json"


class StoreError(RuntimeError):
    """A results folder cannot be used; the message says why and what to do."""


class Store:
    """The results of one experiment at one scale, in one folder.

    Opening creates the folder or resumes it. Raises `StoreError`, before any work, if the folder
    cannot be written, holds results of another config, or holds something else.
    """

    def __init__(self, folder: Path, config: dict[str, Any], *, fresh: bool = False) -> None:
        self.folder, self.chunks = Path(folder), Path(folder) / CHUNKS
        if fresh:
            self._clear()
        try:
            self.chunks.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.chunks):
                pass
        except OSError as error:
            raise StoreError(f"{folder} cannot be written: {error.strerror}.") from None
        self._agree(json.loads(to_json(config)))

    def _clear(self) -> None:
        """Delete what a store wrote, and nothing else."""
        if self.folder.is_dir() and any(self.folder.iterdir()) and not self._config().is_file():
            raise StoreError(f"{self.folder} is not a results folder; nothing was deleted.")
        shutil.rmtree(self.chunks, ignore_errors=True)
        for name in (CONFIG, RESULTS):
            (self.folder / name).unlink(missing_ok=True)

    def _config(self) -> Path:
        return self.folder / CONFIG

    def _agree(self, config: dict[str, Any]) -> None:
        if not self._config().is_file():
            if any(self.chunks.iterdir()):
                raise StoreError(f"{self.folder} has results but no {CONFIG}; take another folder.")
            write_json(self._config(), config)
        elif differing := list(differences(read_json(self._config()), config)):
            raise StoreError(
                f"{self.folder} holds results of another config:\n  "
                + "\n  ".join(differing)
                + "\nTake another folder, or --fresh to delete these results."
            )

    def finished(self) -> dict[str, dict[str, Any]]:
        """The contents of all finished chunks, by name."""
        return {path.stem: read_json(path) for path in sorted(self.chunks.glob("*.json"))}

    def finish(self, name: str, content: dict[str, Any]) -> None:
        """Keep a finished chunk; its checkpoint is no longer needed."""
        write_json(self.chunks / f"{name}.json", content)
        self.checkpoint(name).discard()

    def checkpoint(self, name: str) -> "Checkpoint":
        """The place of the checkpoint of an unfinished chunk."""
        return Checkpoint(self.chunks / f"{name}.npz")


class Checkpoint:
    """The last saved state of a long chunk: named arrays, replaced as a whole.

    Without a path it forgets, which is what a run in memory needs.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path

    def save(self, arrays: dict[str, np.ndarray]) -> None:
        if self.path is not None:
            with replacing(self.path) as file:
                np.savez(file, **arrays)  # type: ignore[arg-type]

    def load(self) -> dict[str, np.ndarray] | None:
        if self.path is None or not self.path.is_file():
            return None
        with np.load(self.path, allow_pickle=False) as arrays:
            return dict(arrays)

    def discard(self) -> None:
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def to_json(value: Any) -> str:
    """Readable JSON, a list of numbers on a line; arrays become lists, floats keep every digit."""
    text = json.dumps(value, default=lambda each: np.asarray(each).tolist(), indent=1)
    return re.sub(r'\[[^][{}"]*\]', lambda found: " ".join(found[0].split()), text) + "\n"


def read_json(path: Path) -> dict[str, Any]:
    """The object in a file; raises `StoreError` if it is damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise StoreError(f"{path} is damaged; delete it and run again.") from None


def write_json(path: Path, value: dict[str, Any]) -> None:
    with replacing(path) as file:
        file.write(to_json(value).encode())


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of `path` once it is complete and on the disk."""
    unfinished = path.with_name(path.name + ".tmp")
    with unfinished.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, path)


def differences(there: Any, here: Any, name: str = "") -> Iterator[str]:
    """What differs between two JSON values, a line for each leaf."""
    if isinstance(there, dict) and isinstance(here, dict):
        for key in sorted(there.keys() | here.keys()):
            inner = f"{name}.{key}" if name else key
            yield from differences(there.get(key), here.get(key), inner)
    elif there != here:
        yield f"{name}: {json.dumps(there)} there, {json.dumps(here)} here"
