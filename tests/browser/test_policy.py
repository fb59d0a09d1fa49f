"""The site works under a Content-Security-Policy that lets no script run but the theme's own.

The policy's hashes come from the theme's templates, rendered here; whatever else stood in a page as
a script, ours or an output's, would be refused by Chromium and found.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import jinja2
import material
import pytest
from playwright.sync_api import Browser, Page, expect
from reading import CHAPTER, OTHER

from .conftest import _Quiet
from .test_search import search

TEMPLATES = Path(material.__file__).parent / "templates"
SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
# Inline scripts of a page: where the site begins (from pages of any depth), the palette, the tabs.
INLINE = ("base", "palette", "content", "announce", "outdated", "consent")
DEPTHS = (".", "..", "../..", "../../..", "/", "")


def theme_scripts() -> set[str]:
    """The text of every inline script that Material's templates emit, whatever the page's depth."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES))
    environment.filters["url"] = str
    scripts: set[str] = set()
    for name in INLINE:
        file = f"partials/javascripts/{name}.html"
        for base in DEPTHS if (TEMPLATES / file).exists() else ():
            html = environment.get_template(file).render(
                base_url=base, config={"extra": {}}, page={}
            )
            scripts.update(SCRIPT.findall(html))
    return scripts


def policy() -> str:
    """What a host would send; `data:` pictures are the icons in the theme's style sheet."""
    digests = sorted(
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        for script in theme_scripts()
    )
    hashes = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'self'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    )


class _Guarded(_Quiet):
    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", policy())
        super().end_headers()


@pytest.fixture(scope="module")
def guarded_url(site: Path) -> Iterator[str]:
    """Where the site is served with the policy."""
    handler = functools.partial(_Guarded, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def guarded(chromium: Browser, guarded_url: str) -> Iterator[tuple[Page, list[str]]]:
    """A reader of the guarded site, and what the policy refused to this reader."""
    context = chromium.new_context(base_url=guarded_url)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    refused: list[str] = []
    context.expose_function("policyRefused", lambda text: refused.append(text))
    context.add_init_script(
        "addEventListener('securitypolicyviolation', e => policyRefused("
        "`${e.violatedDirective}: ${e.blockedURI} ${e.sample} (${e.sourceFile}:${e.lineNumber})`))"
    )
    page = context.new_page()
    page.on("pageerror", lambda error: refused.append(str(error)))
    page.on(
        "console",
        lambda m: refused.append(m.text) if "Content Security Policy" in m.text else None,
    )
    yield page, refused
    context.close()


def test_every_inline_script_is_the_themes_own(site: Path) -> None:
    own = theme_scripts()
    for file in site.rglob("*.html"):
        for script in SCRIPT.findall(file.read_text("utf-8")):
            assert script in own, (file.relative_to(site), script[:200])


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_reading_under_the_policy(guarded: tuple[Page, list[str]], language: str) -> None:
    """Switch language and colours, search, copy, look at a tip: nothing is refused."""
    page, refused = guarded
    page.goto(f"/{language}/{CHAPTER}/")
    page.wait_for_load_state("networkidle")

    before = page.locator("body").get_attribute("data-md-color-scheme")
    page.locator("form[data-md-component=palette] label:visible").click()
    expect(page.locator("body")).not_to_have_attribute("data-md-color-scheme", before or "")

    cell = page.locator(".cell-source").first
    cell.hover()
    cell.locator("button[data-clipboard-target], button.md-clipboard, nav button").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == cell.locator("code").inner_text().strip() != ""

    page.locator(".term dfn").first.focus()
    expect(page.locator(".term x-term-tip").first).to_be_visible()

    assert search(page, language, "梯度" if language == "zh" else "gradient")

    other = "en" if language == "zh" else "zh"
    page.goto(f"/{language}/{OTHER}/")
    page.locator(f'a[hreflang="{other}"]:visible').first.click()
    page.wait_for_url(f"**/{other}/{OTHER}/**")
    expect(page.locator(".cell svg, .katex").first).to_be_attached()
    assert refused == []


def test_the_landing_page_and_both_languages_under_the_policy(
    guarded: tuple[Page, list[str]],
) -> None:
    page, refused = guarded
    page.goto("/")
    expect(page.locator(".landing-hint")).to_be_visible()
    page.goto(f"/zh-en/{CHAPTER}/")
    page.wait_for_load_state("networkidle")
    page.evaluate("scrollTo(0, 3000)")
    page.locator('a[hreflang="en"]:visible').first.click()
    page.wait_for_url(f"**/en/{CHAPTER}/**")
    page.wait_for_load_state("load")
    assert page.evaluate("scrollY") > 500
    assert refused == []


def test_a_script_that_is_not_the_themes_is_refused(guarded: tuple[Page, list[str]]) -> None:
    """The policy bites: were an output to become markup, it would not run."""
    page, refused = guarded
    page.goto(f"/en/{CHAPTER}/")
    attack = '<img src=x onerror="window.ran = 1">'
    page.locator(".cell-output").first.evaluate("(e, html) => { e.innerHTML = html }", attack)
    page.wait_for_timeout(300)
    assert page.evaluate("window.ran") is None
    assert any("script-src" in line for line in refused)
