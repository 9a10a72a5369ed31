"""Debian's Chromium, or another on the PATH, with the network off."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
MISSING = "no Chromium on the PATH (Debian: apt install chromium)"


def path() -> str | None:
    """Where the browser is."""
    return next((found for found in map(shutil.which, NAMES) if found), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser. Raises FileNotFoundError where there is none."""
    executable = path()
    if executable is None:
        raise FileNotFoundError(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=OPTIONS)
        try:
            yield browser
        finally:
            browser.close()
