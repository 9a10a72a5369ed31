"""Print the built pages in the order of the table of contents and join them into one PDF.

    python book/_ext/pdf.py _build/html _build/book.pdf

The browser prints, with the book's print style; nothing else has to be installed.
"""

import argparse
import io
import sys
from pathlib import Path

import yaml
from playwright.sync_api import Browser
from pypdf import PdfWriter

from browser import chromium

CONTENTS = Path(__file__).parents[2] / "_toc.yml"
TYPESET = "async () => { await window.MathJax?.startup?.promise }"
FOOTER = (
    '<div style="width: 100%; text-align: center; font-size: 8px"><span class="pageNumber"></span>'
    "</div>"
)


def pages() -> list[str]:
    """The pages of the book, the landing page first."""
    contents = yaml.safe_load(CONTENTS.read_text(encoding="utf-8"))
    chapters = (chapter["file"] for part in contents["parts"] for chapter in part["chapters"])
    return [contents["root"], *chapters]


def printed(browser: Browser, page: Path) -> tuple[str, bytes]:
    """The title of a page, and the page as PDF."""
    tab = browser.new_page(color_scheme="light")
    tab.goto(page.resolve().as_uri())
    tab.evaluate(TYPESET)
    title = tab.locator("h1").first.inner_text().removesuffix("#").strip()
    content = tab.pdf(
        format="A4", display_header_footer=True, header_template="<span></span>",
        footer_template=FOOTER, print_background=True,
    )  # fmt: skip
    tab.close()
    return title, content


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("html", type=Path, help="folder of the built book")
    parser.add_argument("pdf", type=Path, help="file to write")
    arguments = parser.parse_args()
    book = PdfWriter()
    try:
        with chromium() as browser:
            for name in pages():
                title, content = printed(browser, arguments.html / f"{name}.html")
                book.append(io.BytesIO(content), outline_item=title)
                print(f"{title}: {len(book.pages)} pages so far", flush=True)
    except FileNotFoundError as error:
        sys.exit(f"cannot print: {error}")
    book.write(arguments.pdf)
    print(f"The PDF is at {arguments.pdf}")


if __name__ == "__main__":
    main()
