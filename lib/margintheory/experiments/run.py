"""Running an experiment chunk by chunk, in memory or into a store.

An experiment is a module with a `TITLE`, a frozen config for each scale in `SCALES`, and
`chunks`, the independent pieces of the work; `measure`, the numbers of one piece; `table` and
`FIGURES`, what they show, from results alone, also while some chunks are missing.
"""

import importlib
import json
import os
import platform
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

import jax

from margintheory import plots
from margintheory.experiments.store import (
    RESULTS,
    Checkpoint,
    Store,
    StoreError,
    read_json,
    to_json,
    write_json,
)

NAMES = ("figure2", "figure3", "figure4", "table1")


class Chunk(NamedTuple):
    """A piece of an experiment: a name that a file can have, its relative cost, its parameters."""

    name: str
    cost: float
    parameters: dict[str, Any]


class Results(NamedTuple):
    """The finished chunks of a run: numbers and lists by chunk and name, and their origin."""

    experiment: str
    scale: str
    config: Any
    chunks: dict[str, dict[str, Any]]
    provenance: list[dict[str, Any]]


@runtime_checkable
class Experiment(Protocol):
    """What this module asks of the module of an experiment."""

    TITLE: str
    SCALES: dict[str, Any]
    FIGURES: dict[str, Callable[..., plots.Figure]]

    def chunks(self, config: Any) -> list[Chunk]: ...
    def measure(self, config: Any, chunk: Chunk, checkpoint: Checkpoint) -> dict[str, Any]: ...
    def table(self, results: Results) -> str: ...


def experiment(name: str) -> Experiment:
    """The module of the experiment of this name. Raises ValueError if there is none."""
    if name not in NAMES:
        raise ValueError(f"there is no experiment {name!r}; take one of {', '.join(NAMES)}.")
    return importlib.import_module(f"margintheory.experiments.{name}")  # type: ignore[return-value]


def live(name: str, scale: str = "quick") -> Results:
    """Run an experiment in memory: what the chapters do at the quick scale."""
    module = experiment(name)
    config = config_of(module, scale)
    measured = {
        chunk.name: json.loads(to_json(module.measure(config, chunk, Checkpoint())))
        for chunk in module.chunks(config)
    }
    return Results(name, scale, config, measured, [provenance(name, scale)])


def into(
    name: str,
    scale: str,
    folder: Path,
    *,
    fresh: bool = False,
    report: Callable[[str], None] = print,
) -> Results:
    """Run an experiment into a results folder, or go on with it; finished chunks are not repeated.

    Raises `StoreError`, before any work, if the folder cannot be used (see `Store`).
    """
    module = experiment(name)
    config = config_of(module, scale)
    store = Store(folder, heading(name, scale, config), fresh=fresh)
    chunks, done = module.chunks(config), store.finished()
    todo = [chunk for chunk in chunks if chunk.name not in done]
    report(
        f"{name}, {scale} scale: {len(chunks)} chunks, {len(chunks) - len(todo)} finished before"
    )
    where = provenance(name, scale)
    progress = Progress(todo, len(chunks))
    for chunk in todo:
        start = time.monotonic()
        measured = module.measure(config, chunk, store.checkpoint(chunk.name))
        seconds = round(time.monotonic() - start, 2)
        store.finish(chunk.name, {"measured": measured, "seconds": seconds, "provenance": where})
        report(progress.line(chunk, seconds))
    return collect(folder)


def heading(name: str, scale: str, config: Any) -> dict[str, Any]:
    return {"experiment": name, "scale": scale, "config": asdict(config)}


def config_of(module: Experiment, scale: str) -> Any:
    if scale not in module.SCALES:
        raise ValueError(f"there is no scale {scale!r}; take one of {', '.join(module.SCALES)}.")
    return module.SCALES[scale]


class Progress:
    """How fast a run goes and how long it still takes, by the chunks' relative costs."""

    def __init__(self, todo: list[Chunk], total: int) -> None:
        self.left, self.todo, self.total = sum(c.cost for c in todo), len(todo), total
        self.seconds, self.cost, self.number = 0.0, 0.0, 0

    def line(self, chunk: Chunk, seconds: float) -> str:
        """The line for a chunk that has just been finished."""
        self.left -= chunk.cost
        self.cost += chunk.cost
        self.seconds += max(seconds, 1e-3)
        self.number += 1
        place = f"[{self.total - self.todo + self.number}/{self.total}] {chunk.name}"
        rate = 60 * self.number / self.seconds
        minutes = self.left / self.cost * self.seconds / 60
        return f"{place}: {seconds:.1f} s; {rate:.3g} chunks a minute, {minutes:.1f} min left"


def collect(folder: Path) -> Results:
    """The results in a folder, finished or not; also written to its results.json."""
    if not (folder / "config.json").is_file():
        raise StoreError(f"{folder} is not a results folder; run an experiment into it first.")
    head = read_json(folder / "config.json")
    done = Store(folder, head).finished()
    order = [chunk.name for chunk in experiment(head["experiment"]).chunks(_config(head))]
    kept = {name: done[name] for name in order if name in done}
    sources: list[dict[str, Any]] = []
    for content in kept.values():
        if content["provenance"] not in sources:
            sources.append(content["provenance"])
    seconds = round(sum(content["seconds"] for content in kept.values()), 1)
    measured = {name: content["measured"] for name, content in kept.items()}
    whole = {**head, "seconds": seconds, "provenance": sources, "chunks": measured}
    write_json(folder / RESULTS, whole)
    return read(folder / RESULTS)


def read(path: str | Path) -> Results:
    """The results in a results.json. Raises `StoreError` if it is damaged or of another version."""
    whole = read_json(Path(path))
    try:
        return Results(
            whole["experiment"],
            whole["scale"],
            _config(whole),
            whole["chunks"],
            whole["provenance"],
        )
    except (KeyError, TypeError) as error:
        raise StoreError(f"{path} was written by another version: {error}.") from None


def _config(head: dict[str, Any]) -> Any:
    """The config dataclass of an experiment from its JSON, where tuples are lists."""
    kind = type(next(iter(experiment(head["experiment"]).SCALES.values())))
    return kind(**{name: _tuples(value) for name, value in head["config"].items()})


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def provenance(name: str, scale: str) -> dict[str, Any]:
    """The command, the code, the versions and the machine, so that results can be made again."""
    devices = [f"{device.platform} ({device.device_kind})" for device in jax.devices()]
    return {
        "command": f"python -m margintheory.experiments run {name} --scale {scale}",
        "commit": _commit(),
        "started": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "versions": {
            "python": platform.python_version(),
            **{package: version(package) for package in ("margintheory", "jax", "jaxlib", "numpy")},
        },
        "devices": devices,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }


def _commit() -> str:
    """The commit of the code and whether the code differs from it; or "unknown"."""

    def git(*arguments: str) -> str:
        here = Path(__file__).parent
        command = ["git", "-C", str(here), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        changed = git("status", "--porcelain", "--", str(Path(__file__).parents[1]))
        return git("rev-parse", "HEAD") + (" with changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
