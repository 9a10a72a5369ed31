"""The built pages in a real browser with the network off, and the links between them.

Skipped where there is no Chromium on the PATH, or no built book: `make book` builds it.
"""

import io
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

import pdf

HTML = Path(__file__).parents[1] / "_build" / "html"
PAGES = sorted(
    str(page.relative_to(HTML))
    for page in HTML.rglob("*.html")
    if "_static" not in page.parts
    and page != HTML / "index.html"  # sends the reader on to book/index.html
    and (page.parent.name != "proofs" or page.stem == "Statements")  # sources look alike
)
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
MEGABYTE = 2**20
POSITION = "document.querySelector('.graph svg').getBoundingClientRect().x"

pytestmark = pytest.mark.skipif(not PAGES, reason="no built book: run `make book` first")

# MathJax is done, and folded proofs are open, so that what they hide is looked at too.
UNFOLDED = """async () => {
  document.querySelectorAll('details').forEach(d => d.open = true);
  await window.MathJax?.startup?.promise;
}"""
# What unfolds and what takes another colour is half seen on its way.
STILL = """async () => {
  await Promise.allSettled(document.getAnimations().map(each => each.finished));
}"""
FACTS = r"""() => {
  const text = document.querySelector('main').cloneNode(true);
  text.querySelectorAll('pre, code, script, style, mjx-container, svg').forEach(e => e.remove());
  return {
    'raw TeX': (text.textContent.match(/\\[a-zA-Z(\[]+|\$[^$\n]*\$/g) ?? []).slice(0, 3),
    'formulas that failed': [...document.querySelectorAll('[data-mml-node=merror]')]
      .map(e => e.textContent),
    'broken images': [...document.images]
      .filter(i => !i.hidden && !(i.complete && i.naturalWidth)).map(i => i.src.slice(0, 80)),
    'images without alt text': [...document.images]
      .filter(i => !i.alt).map(i => i.src.slice(0, 80)),
    'wider than the screen': document.documentElement.scrollWidth > window.innerWidth
      ? [`${document.documentElement.scrollWidth} px`] : [],
  };
}"""
# Formulas are alike, and so are tokens of code of one kind: to look at each takes a minute a page,
# so five stay.
THINNED = """() => {
  const kept = {};
  const enough = kind => (kept[kind] = (kept[kind] ?? 0) + 1) > 5;
  document.querySelectorAll('mjx-container').forEach(formula => {
    if (enough('formula')) formula.replaceChildren();
  });
  document.querySelectorAll('.highlight span').forEach(token => {
    if (enough(token.className)) token.replaceWith(...token.childNodes);
  });
}"""


def visit(browser: Browser, name: str, viewport=DESK, theme="light") -> tuple[Page, list[str]]:
    """The page, settled, and what went wrong on the way."""
    context = browser.new_context(viewport=viewport, color_scheme=theme, offline=True)
    page, wrong = context.new_page(), []
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda request: wrong.append(f"not found: {request.url}"))
    path, _, query = name.partition("?")
    page.goto(f"{(HTML / path).as_uri()}?{query}")
    page.evaluate(UNFOLDED)
    page.evaluate(STILL)
    return page, wrong


@pytest.mark.parametrize("name", PAGES)
def test_page_is_whole_on_a_phone_without_a_network(browser, name):
    page, wrong = visit(browser, name, PHONE)
    facts = {fact: found for fact, found in page.evaluate(FACTS).items() if found}
    page.context.close()
    assert not facts
    assert not wrong


@pytest.mark.parametrize("name", PAGES)
def test_page_has_no_serious_barrier_in_light_and_dark(browser, name):
    page, _ = visit(browser, name)
    page.evaluate(THINNED)
    found = barriers(page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector("html[data-theme=dark]")
    page.evaluate(STILL)
    found += barriers(page, runOnly=["color-contrast"])  # all that the theme changes
    page.context.close()
    assert not found


def barriers(page: Page, **options) -> list[str]:
    """What axe-core finds serious or critical."""
    options["resultTypes"] = ["violations"]  # to describe all that passed takes minutes
    violations = Axe().run(page, options=options).response["violations"]
    return [
        f"{v['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
        for v in violations
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"][:3]
    ]


def pages_with(selector: str) -> list[str]:
    """The pages that contain an element."""
    return [name for name in PAGES if soup(name).select_one(selector)]


def soup(name: str) -> BeautifulSoup:
    return BeautifulSoup((HTML / name).read_text(encoding="utf-8"), "html.parser")


def test_every_statement_is_found_by_its_name_in_the_search(browser):
    boxes = {
        (name.text, (HTML / path).as_uri() + f"#{box['id']}")
        for path in PAGES
        for box in soup(path).select("div.statement[id]")
        if (name := box.select_one(".statement-name")) and " " in name.text  # is numbered
    }
    assert len(boxes) > 60
    page, _ = visit(browser, "search.html")  # summaries would need a server
    missed = []
    for name, place in sorted(boxes):
        page.evaluate(
            """name => {
              document.getElementById("search-results").replaceChildren();
              Search.performSearch(name);
            }""",
            name,
        )
        links = page.locator("#search-results li a")
        links.first.wait_for()
        found = [re.sub(r"\?[^#]*", "", a.evaluate("a => a.href")) for a in links.all()[:3]]
        missed += [] if place in found else [(name, found)]
    page.context.close()
    assert not missed


@pytest.mark.parametrize("name", pages_with("mjx-container, .math"))
def test_formulas_are_no_stops_of_the_tab_key(browser, name):
    page, _ = visit(browser, name)
    stops = page.locator("mjx-container[tabindex='0']").count()
    page.context.close()
    assert stops == 0


@pytest.mark.parametrize("name", pages_with("figure.slider:not(.explorer)"))
def test_sliders_move(browser, name):
    page, wrong = visit(browser, name)
    shown = "f => [...f.querySelectorAll('img')].findIndex(i => !i.hidden)"
    for figure in page.locator("figure.slider:not(.explorer)").all():
        before = figure.evaluate(shown)
        figure.locator("input").press("ArrowRight")
        assert figure.evaluate(shown) == before + 1
        value = figure.locator("img:visible").get_attribute("data-value")
        assert figure.locator("output").text_content() == value
        assert figure.locator("input").get_attribute("aria-valuetext") == value
    page.context.close()
    assert not wrong


def test_the_explorer_follows_both_sliders(browser):
    page, wrong = visit(browser, "book/04_3_sqrt_d_gap.html")
    figure = page.locator("figure.explorer")
    mark, sentence = figure.locator(".mark"), figure.locator("figcaption")
    for slider, way in enumerate("xy"):
        place, said = mark.bounding_box(), sentence.text_content()
        figure.locator("input").nth(slider).press("ArrowRight")
        assert mark.bounding_box()[way] != place[way]
        assert sentence.text_content() != said
    page.context.close()
    assert not wrong


def test_nodes_of_the_dependency_graph_lead_to_their_statements(browser):
    page, _ = visit(browser, "book/ledger.html")
    node = page.locator('.graph a[data-item="thm-2-1"]')
    node.focus()
    assert page.locator(".graph path.traced").count() > 0
    node.press("Enter")
    page.wait_for_url("**/02_weak_regularization.html#thm-2-1")
    assert page.locator("#thm-2-1").is_visible()
    page.context.close()


def test_the_dependency_graph_zooms_and_pans_by_pointer_and_by_keyboard(browser):
    page, _ = visit(browser, "book/ledger.html")
    frame, svg = page.locator(".graph-scroll"), page.locator(".graph svg")
    width = svg.bounding_box()["width"]
    page.get_by_role("button", name="larger").click()
    assert svg.bounding_box()["width"] > width
    frame.focus()
    for _ in range(4):
        page.keyboard.press("+")
    place = svg.bounding_box()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"{POSITION} < {place['x']}")
    frame.scroll_into_view_if_needed()
    place, box = svg.bounding_box(), frame.bounding_box()
    corner = box["x"] + box["width"] - 3, box["y"] + 3  # no node there
    page.mouse.move(*corner)
    page.mouse.down()
    page.mouse.move(corner[0] + 40, corner[1])
    page.mouse.up()
    assert svg.bounding_box()["x"] > place["x"]
    page.keyboard.press("0")
    assert svg.bounding_box()["width"] == pytest.approx(width)
    page.context.close()


@pytest.mark.parametrize("link", ["a.term", 'a[href*="#thm-"]:not(.headerlink)'])
def test_a_link_shows_what_it_leads_to_by_pointer_and_by_keyboard(browser, link):
    page, wrong = visit(browser, "book/03_generalization.html")
    card = page.locator("#preview")
    page.locator(f"main p {link}").first.hover()
    card.locator("mjx-container").first.wait_for()
    page.keyboard.press("Escape")
    assert card.is_hidden()
    page.locator(f"main p {link}").first.focus()
    card.wait_for()
    page.context.close()
    assert not wrong


def test_a_page_prints_with_its_folded_proofs(browser):
    title, content = pdf.printed(browser, HTML / "book" / "02_weak_regularization.html")
    assert title.startswith("2 ·")
    texts = (page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    assert any("Weierstrass" in text for text in texts)  # stands in a folded proof


def test_search_finds_a_statement(browser):
    page, _ = visit(browser, "search.html?q=contraction")  # summaries would need a server
    page.locator("#search-results li a").first.wait_for()
    page.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_links_and_images_lead_somewhere(name):
    dead = []
    for element in soup(name).select("[href], [src]"):
        url = urlsplit(element.get("href") or element.get("src") or "")
        if url.scheme:
            continue
        target = (HTML / name).parent / unquote(url.path) if url.path else HTML / name
        anchor = unquote(url.fragment)
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(url.geturl())
    assert not dead


def anchors(page: Path, known: dict[Path, set[str]] = {}) -> set[str]:  # noqa: B006
    """The places of a page that a link may name; a memory of pages already read."""
    page = page.resolve()
    if page not in known:
        known[page] = set(re.findall(r'\b(?:id|name)="([^"]+)"', page.read_text("utf-8")))
    return known[page]


@pytest.mark.parametrize("name", PAGES)
def test_page_weighs_at_most_three_megabytes_beside_what_all_pages_share(name):
    own = {
        (HTML / name).parent / unquote(image["src"])
        for image in soup(name).select("img[src]")
        if not urlsplit(image["src"]).scheme and "_static" not in image["src"]
    }
    weight = (HTML / name).stat().st_size + sum(image.stat().st_size for image in own)
    assert weight <= 3 * MEGABYTE
