"""Files from the network: fetched once, checked, and kept.

A file counts as fetched only when its SHA-256 sum is the expected one. Until then it is a `.part`
beside its place, from where an interrupted transfer goes on.
"""

import hashlib
import os
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

BLOCK = 1 << 18
SECONDS = 30  # without a byte from the other side


class DownloadError(RuntimeError):
    """A file could not be fetched; the message says why and what to do."""


def cache() -> Path:
    """Where files are kept: $MARGINTHEORY_DATA, or margintheory in the user's cache folder."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("MARGINTHEORY_DATA") or Path(home) / "margintheory")


def fetch(url: str, sha256: str, folder: Path | None = None) -> Path:
    """The file at `url`, from `folder` (default: the cache) if it is there, else from the network.

    Raises `DownloadError` without a network, for contents of another sum (which are deleted) and
    for a folder that cannot be written.
    """
    folder = cache() if folder is None else folder
    path = folder / url.rsplit("/", 1)[-1]
    if path.is_file() and _sum(path) == sha256:
        return path
    _writable(folder)
    part = path.with_name(path.name + ".part")
    _transfer(url, part, path, sha256)
    found = _sum(part)
    if found != sha256:
        part.unlink()
        raise DownloadError(
            f"{url} is not the expected file: its SHA-256 sum is {found}, not {sha256}. "
            "It was deleted; try again, and if that fails, put the right file at "
            f"{path} by hand."
        )
    os.replace(part, path)
    return path


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise DownloadError(
            f"{folder} cannot be written ({error.strerror}); set MARGINTHEORY_DATA to a folder "
            "that can."
        ) from None


def _transfer(url: str, part: Path, path: Path, sha256: str) -> None:
    """Append what is missing of the file to `part`."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            goes_on = answer.status == 206
            with part.open("ab" if goes_on else "wb") as file:
                while block := answer.read(BLOCK):
                    file.write(block)
            if answer.length:
                raise OSError(f"the connection broke, {answer.length} bytes are missing")
    except urllib.error.HTTPError as error:
        if error.code != 416:  # 416: nothing is missing
            raise _offline(url, error, path, sha256) from None
    except (OSError, ValueError) as error:  # no network, a broken transfer, a bad address
        raise _offline(url, error, path, sha256) from None


def _offline(url: str, error: Exception, path: Path, sha256: str) -> DownloadError:
    reason = getattr(error, "reason", None) or error
    return DownloadError(
        f"{url} could not be fetched ({reason}). What has arrived is kept; run again to go on. "
        f"Without a network, put the file with SHA-256 sum {sha256} at {path}, or use the real "
        "digits that need none: margintheory.experiments.images.mnist_subset()."
    )
