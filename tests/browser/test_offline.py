"""A copy of the site, opened from a folder: no server, no network, and nothing is missing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import sites
from playwright.sync_api import Browser, Page, expect
from reading import BLACKBOARD, CHAPTER, OTHER

from .queries import FIRST
from .test_search import published

pytestmark = pytest.mark.slow  # builds the site once more

CODES = pytest.mark.parametrize("code", ["zh", "en"])


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as the README's command builds it; notebook views are left out, for speed."""
    if built := os.environ.get("LIVENOTES_OFFLINE_SITE"):
        return Path(built)
    environment = {"OFFLINE": "true", "NOTEBOOK_VIEWS": "false"}
    return sites.real_site(tmp_path_factory, "an offline folder", "--strict", **environment)


@pytest.fixture
def reader(chromium: Browser, folder: Path) -> Iterator[Page]:
    """A reader without a network: all that a page asks for is a file of this folder, and there."""
    context = chromium.new_context()
    context.set_offline(True)
    page = context.new_page()
    requested: list[str] = []
    failed: list[str] = []
    context.on("request", lambda request: requested.append(request.url))
    # A picture for the window's tab is given up when the reader goes on before it is there.
    given_up = "ERR_ABORTED"
    context.on("requestfailed", lambda r: given_up in str(r.failure) or failed.append(r.url))
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.on("console", lambda m: failed.append(m.text) if m.type in ("error", "warning") else None)
    yield page
    context.close()
    inside = (f"{folder.as_uri()}/", "data:", "blob:", "about:")
    assert [url for url in requested if not url.startswith(inside)] == []
    assert failed == []


@CODES
@pytest.mark.parametrize("place", ["index", OTHER])
@pytest.mark.parametrize("number", [0, 1])
def test_search_finds_in_the_pages_own_language(
    reader: Page, folder: Path, code: str, place: str, number: int
) -> None:
    query, meant = [each[1:] for each in published(FIRST) if each[0] == code][number]
    reader.goto(f"{folder.as_uri()}/{code}/{place}.html")
    reader.keyboard.press("/")
    expect(reader.locator("[name=query]")).to_be_focused()
    reader.keyboard.insert_text(query)
    reader.keyboard.press("Shift")
    found = reader.locator(".md-search-result__item > a:first-of-type")
    found.first.wait_for(state="attached")
    hrefs = [urlsplit(href).path for href in found.evaluate_all("ls => ls.map(l => l.href)")]
    page = meant.partition("#")[0]
    assert any(href.endswith(f"/{code}/{page}.html") for href in hrefs[:3]), hrefs
    assert all(f"/{code}/" in href for href in hrefs)
    found.first.click()
    reader.wait_for_url(re.compile(re.escape(hrefs[0])))


@CODES
def test_from_the_landing_page_to_the_other_language_and_back(
    reader: Page, folder: Path, code: str
) -> None:
    other = "en" if code == "zh" else "zh"
    reader.goto(f"{folder.as_uri()}/index.html")
    reader.locator(f".landing-enter[hreflang={code}]").click()
    expect(reader.locator("html")).to_have_attribute("lang", code)
    reader.locator(f".md-sidebar--primary a[href='{CHAPTER}.html']").first.click()
    reader.locator(f".ln-language[hreflang={other}]").click()
    reader.wait_for_url(f"**/{other}/{CHAPTER}.html")
    expect(reader.locator("html")).to_have_attribute("lang", other)


@CODES
def test_formulas_are_set_in_their_own_fonts(reader: Page, folder: Path, code: str) -> None:
    # Opened at a heading, a page is laid out whole.
    reader.goto(f"{folder.as_uri()}/{code}/{BLACKBOARD[0]}.html#next")
    loaded = reader.evaluate(
        "document.fonts.ready"
        ".then(fonts => [...fonts].filter(f => f.status === 'loaded').map(f => f.family))"
    )
    assert {"KaTeX_Main", "KaTeX_Math", "KaTeX_AMS"} <= {name.strip('"') for name in loaded}


def test_the_colours_chosen_on_one_page_hold_on_the_next(reader: Page, folder: Path) -> None:
    reader.goto(f"{folder.as_uri()}/en/{CHAPTER}.html")
    reader.locator("form[data-md-component=palette] label:visible").click()
    chosen = reader.locator("body").get_attribute("data-md-color-scheme")
    reader.goto(f"{folder.as_uri()}/zh/{OTHER}.html")
    expect(reader.locator("body")).to_have_attribute("data-md-color-scheme", chosen or "")


def test_every_link_names_a_file_that_is_there(folder: Path) -> None:
    """A browser shows a listing for a link to a folder, and nothing where there is no file."""
    checked = 0
    for file in sorted(folder.rglob("*.html")):
        if file.name == "404.html":  # a server's page: its links begin at the server's root
            continue
        for link in links(file):
            target = urlsplit(link)
            if not target.scheme and target.path:
                checked += 1
                assert (file.parent / unquote(target.path)).resolve().is_file(), (file, link)
    assert checked > 1000


@CODES
def test_notebooks_can_be_taken_along(folder: Path, code: str) -> None:
    assert f"notebooks/{CHAPTER}.ipynb" in links(folder / code / f"{CHAPTER}.html")


def links(file: Path) -> list[str]:
    """Whatever a page links to or loads."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.extend(value for name, value in attrs if name in ("href", "src") and value)

    Reader().feed(file.read_text("utf-8"))
    return found
