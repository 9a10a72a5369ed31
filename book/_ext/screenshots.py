"""Take the README's pictures of the built book.

python book/_ext/screenshots.py _build/html book/_static/screenshots
"""

import argparse
import sys
from pathlib import Path

from browser import chromium

TYPESET = "async () => { await window.MathJax?.startup?.promise }"
# name: page, what stands at the top of the window, height of the window
PICTURES = {
    "statement": ("02_weak_regularization.html", "#claim-A-1", 1150),
    "graph": ("ledger.html", "figure.graph", 850),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("html", type=Path, help="folder of the built book")
    parser.add_argument("out", type=Path, help="folder for the pictures")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    try:
        with chromium() as browser:
            for name, (page, place, height) in PICTURES.items():
                tab = browser.new_page(
                    viewport={"width": 900, "height": height}, color_scheme="light", offline=True
                )
                tab.goto((arguments.html / "book" / page).resolve().as_uri())
                tab.evaluate(TYPESET)
                tab.add_style_tag(content="#pst-back-to-top { display: none !important }")
                tab.wait_for_timeout(500)
                tab.locator(place).first.evaluate(
                    "e => e.scrollIntoView({block: 'start', behavior: 'instant'})"
                )
                tab.evaluate("window.scrollBy({top: -130, behavior: 'instant'})")
                tab.wait_for_timeout(500)
                tab.screenshot(path=arguments.out / f"{name}.png")
                print(f"{arguments.out / name}.png")
    except FileNotFoundError as error:
        sys.exit(f"cannot take pictures: {error}")


if __name__ == "__main__":
    main()
