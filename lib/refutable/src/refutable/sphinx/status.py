"""The status page: on what this book was built, how long each chapter ran, what it showed."""

import os
import platform
from collections import Counter
from html import escape
from importlib.util import find_spec

from jupyter_cache import get_cache

from .caching import versions
from .evidence import KINDS, notebook
from .views import View


def status(view: View, _: str) -> str:
    """Two tables: the machine and its versions, and the chapters."""
    return _machine(view) + _chapters(view)


def _machine(view: View) -> str:
    rows = {
        **_devices(),
        "Processors": str(os.cpu_count()),
        "System": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        **dict(versions(view.builder.config.refutable_packages)),
        **({"Formal proofs": view.domain.formal.by} if view.domain.formal else {}),
    }
    body = "".join(
        f'<tr><th scope="row">{k}</th><td>{escape(v)}</td></tr>' for k, v in rows.items()
    )
    return f'<table class="status"><caption>The build</caption><tbody>{body}</tbody></table>'


def _devices() -> dict[str, str]:
    if not find_spec("jax"):
        return {}
    import jax  # late: only this page needs it

    devices = Counter(f"{d.platform.upper()}, {d.device_kind}" for d in jax.devices())
    return {"Devices of JAX": ", ".join(f"{count} × {name}" for name, count in devices.items())}


def _chapters(view: View) -> str:
    heads = ("Chapter", "Seconds", *KINDS, "controls rejected")
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    counts = {
        page: (_seconds(view, page), Counter(r["kind"] for r in records), _controls(records))
        for page, records in sorted(view.domain.evidence.items())
    }
    body = "".join(_row(view, page, *counts[page]) for page in counts)
    total = sum((kinds for _, kinds, _ in counts.values()), Counter[str]())
    foot = _cells("All chapters", sum(s or 0 for s, _, _ in counts.values()), total,
                  sum(controls for _, _, controls in counts.values()))  # fmt: skip
    return (
        '<table class="status chapters"><caption>The chapters: how long each ran by itself, and '
        "how many pieces of evidence of each kind it gave, parts included</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody><tfoot><tr>{foot}</tr></tfoot></table>"
    )


def _row(view: View, page: str, seconds: float | None, kinds: Counter[str], controls: int) -> str:
    title = view.builder.env.titles[page].astext()
    link = f'<a href="{view.builder.get_relative_uri(view.docname, page)}">{escape(title)}</a>'
    return f"<tr>{_cells(link, seconds, kinds, controls)}</tr>"


def _cells(name: str, seconds: float | None, kinds: Counter[str], controls: int) -> str:
    time = "" if seconds is None else f"{seconds:.0f}"
    numbers = (time, *(str(kinds[kind] or "") for kind in KINDS), str(controls))
    return f'<th scope="row">{name}</th>' + "".join(f"<td>{number}</td>" for number in numbers)


def _controls(records: list[dict]) -> int:
    return sum(len(record["controls"]) for record in records)


def _seconds(view: View, page: str) -> float | None:
    """How long the execution took that these pages show, as the cache of executions has it."""
    cache = get_cache(view.builder.config.nb_execution_cache_path)
    record = cache.match_cache_notebook(notebook(view.builder.env, page))
    return (record.data or {}).get("execution_seconds")
