"""The built pages in a real browser: what a reader would stumble over, page by page."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from conftest import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SITE = ROOT / "build" / "html"
PAGES = sorted(
    page.relative_to(SITE).as_posix()
    for page in SITE.rglob("*.html")
    if not {"_static", "pyodide"} & set(page.parts)
)
LARGEST_PAGE = 500_000  # bytes, of a page and all that it loads, compressed; most are below 300,000
LARGEST_SEARCH = 650_000  # of the one page that knows the words of all

pytestmark = pytest.mark.skipif(not PAGES, reason="the book is not built: run `make book` first")


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page that must not complain, and must not ask any other host for anything."""
    page = chromium.new_page(viewport={"width": 1400, "height": 900})
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda said: complaints.append(said.text) if said.type == "error" else None,
    )
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("file:", "data:", "blob:"))
            else complaints.append(request.url)
        ),
    )
    yield page
    page.close()
    assert complaints == []


def uri(name: str) -> str:
    return (SITE / name).as_uri()


def violations(page: Page, **options: Any) -> list[str]:
    """What axe-core has to say: the rule, and the first place."""
    base = pytest.importorskip("axe_playwright_python.base", reason="axe-core is not installed")
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(base.AXE_SCRIPT)
    options |= {"resultTypes": ["violations"], "preload": False}
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:120]}" for rule in found]


# A page has thousands of words of the same few kinds. Their contrast with what is behind them is
# looked at once for each kind: the same elements with the same classes, from the text up. The words
# of listings, and the letters of formulas, go before anything else is looked at.
ONE_OF_EACH_KIND = """(within) => {
    const seen = new Set();
    for (const part of document.querySelectorAll(within)) {
        const texts = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
        const all = [];
        while (texts.nextNode()) all.push(texts.currentNode);
        for (const text of all) {
            if (within !== "body" && text.parentElement.closest("a")) continue;
            let kind = "";
            for (let e = text.parentElement; e; e = e.parentElement)
                kind += ` ${e.tagName}.${e.getAttribute("class")}`;
            if (!seen.has(kind) && text.textContent.trim()) seen.add(kind);
            else if (text.parentElement.matches("pre span")) text.parentElement.remove();
            else text.remove();
        }
    }
    for (const formula of document.querySelectorAll("math")) formula.textContent = "";
}"""
CONTRAST = "color-contrast"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_in_the_light_and_in_the_dark(page: Page, name: str) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(uri(name))
    page.evaluate(ONE_OF_EACH_KIND, ".highlight pre")
    assert violations(page, rules={CONTRAST: {"enabled": False}}) == []
    page.evaluate(ONE_OF_EACH_KIND, "body")
    assert violations(page, runOnly=[CONTRAST]) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, runOnly=[CONTRAST]) == []


def test_a_pale_word_of_a_listing_would_be_noticed(page: Page) -> None:
    page.goto(uri("engine/recording-operations.html"))
    page.add_style_tag(content=".highlight .k { color: #ddd !important }")
    page.evaluate(ONE_OF_EACH_KIND, "body")
    assert violations(page, runOnly=[CONTRAST]) != []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_does_not_scroll_sideways_on_a_telephone(page: Page, name: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(uri(name))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("name", [name for name in PAGES if not name.startswith("_modules")])
def test_a_page_is_light(name: str) -> None:
    import gzip

    text = (SITE / name).read_text("utf-8")
    parts = {SITE / name}
    for source in re.findall(r'(?:src|href)="([^"#?]*\.(?:js|css|svg|woff2))[^"]*"', text):
        parts.add(((SITE / name).parent / unquote(html.unescape(source))).resolve())
    for style in [part for part in parts if part.suffix == ".css"]:
        parts |= {
            (style.parent / url).resolve()
            for url in re.findall(r'url\("?([^")]+\.woff2)', style.read_text("utf-8"))
        }
    weight = sum(
        len(part.read_bytes() if part.suffix == ".woff2" else gzip.compress(part.read_bytes()))
        for part in parts
    )
    largest = LARGEST_SEARCH if name == "search.html" else LARGEST_PAGE
    assert weight <= largest, f"{weight:,} bytes"


def test_no_link_in_the_site_is_broken() -> None:
    texts = {name: (SITE / name).read_text("utf-8") for name in PAGES}
    ids = {
        (SITE / name).resolve(): {
            html.unescape(found) for found in re.findall(r'\sid="([^"]*)"', text)
        }
        for name, text in texts.items()
    }
    broken = []
    for name, text in texts.items():
        for link in map(html.unescape, re.findall(r'\s(?:href|src)="([^"]*)"', text)):
            if re.match(r"[a-z]+:|//", link):
                continue
            path, _, fragment = link.partition("#")
            fragment = fragment.partition("?")[0]  # what follows are settings of a playground
            target = ((SITE / name).parent / unquote(path.partition("?")[0])).resolve()
            target = target if path else (SITE / name).resolve()
            if not target.exists() or (fragment and unquote(fragment) not in ids.get(target, ())):
                broken.append(f"{name}: {link}")
    assert broken == []


def test_search_finds_a_term_and_shows_where(page: Page) -> None:
    page.goto(uri("search.html") + "?q=topological+order")
    page.wait_for_selector("ul.search li p.context")
    found = page.locator("ul.search li a").all_inner_texts()
    assert "topological order" in found
    summaries = " ".join(page.locator("ul.search li p.context").all_inner_texts())
    assert "order" in summaries
    assert "\\" not in summaries  # no raw TeX


def test_the_index_has_what_a_reader_looks_up() -> None:
    entries = re.findall(r"<li><a href=", (SITE / "genindex.html").read_text("utf-8"))
    assert len(entries) >= 150


def test_the_theme_can_be_switched_by_keyboard(page: Page) -> None:
    page.goto(uri("index.html"))
    before = page.evaluate("document.body.dataset.theme")
    button = page.locator("button.theme-toggle:visible").first
    button.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.body.dataset.theme") != before


MOVING = """() => [document.documentElement, ...document.querySelectorAll("*")].filter((e) => {
    const style = getComputedStyle(e);
    const [gliding, turning] = [style.scrollBehavior === "smooth", style.animationName !== "none"];
    return gliding || turning || /[1-9]/.test(style.transitionDuration);
}).length"""


def test_nothing_glides_for_who_asked_for_less_motion(page: Page) -> None:
    page.emulate_media(reduced_motion="no-preference")
    page.goto(uri("engine/backward-pass.html"))
    assert page.evaluate(MOVING) > 0
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(MOVING) == 0


def test_the_focus_is_visible(page: Page) -> None:
    page.goto(uri("engine/backward-pass.html"))
    seen = set()
    for _ in range(25):
        page.keyboard.press("Tab")
        seen.add(
            page.evaluate(
                "() => { const style = getComputedStyle(document.activeElement);"
                " return style.outlineStyle !== 'none' || style.boxShadow !== 'none'; }"
            )
        )
    assert seen == {True}


def test_copying_a_listing_leaves_prompts_and_outputs_behind(chromium: Browser) -> None:
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(uri("engine/recording-operations.html"))
    block = page.locator("div.highlight-pycon").first
    block.hover()
    block.locator("button.copybtn").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    printed = block.locator(".go").all_inner_texts()
    context.close()
    assert copied
    assert ">>>" not in copied
    assert not set(printed) & set(copied.splitlines())


def test_a_page_that_is_printed_shows_what_is_folded_and_nothing_over_it(
    chromium: Browser, tmp_path: Any
) -> None:
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")
    page = chromium.new_page()
    page.goto(uri("engine/recording-operations.html"))
    page.pdf(path=tmp_path / "page.pdf")
    text = " ".join(each.extract_text() for each in pypdf.PdfReader(tmp_path / "page.pdf").pages)
    page.close()
    assert "Skip to content" not in text
    source = (SITE / "engine/recording-operations.html").read_text("utf-8")
    folded = re.findall(r'<details class="hint">.*?<p>([A-Z][\w ]{15,30})', source, re.DOTALL)
    assert folded
    words = re.sub(r"\s+", " ", text)
    assert [each for each in folded if each not in words] == []
