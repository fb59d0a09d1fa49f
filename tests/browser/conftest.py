"""The built site in Chromium. `LIVENOTES_SITE=folder` tests a site that is built already."""

from __future__ import annotations

import functools
import os
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import sites
from playwright.sync_api import Browser, Page, expect, sync_playwright

expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
ROOT = Path(__file__).parents[2]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Make every test slow but for its first parameters: a test of all chapters opens one of them
    with the README's command, and the others with the slow tests."""
    seen: set[str] = set()
    for item in items:
        name = item.nodeid.partition("[")[0]
        if "/browser/" in name and name in seen:
            item.add_marker(pytest.mark.slow)
        seen.add(name)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    names = ("chromium-headless-shell", "chromium", "chromium-browser")  # the quickest first
    executable = next(filter(None, map(shutil.which, names)), None)
    if executable is None:
        reason = "these tests need Chromium: no 'chromium' on the PATH"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def poppler() -> None:
    if not shutil.which("pdftotext"):
        reason = "these tests need poppler-utils: no 'pdftotext' on the PATH"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """One line per request would drown the test report."""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the real site, built once, as strictly as it is published."""
    if built := os.environ.get("LIVENOTES_SITE"):
        return Path(built)
    return sites.real_site(tmp_path_factory, "site", "--strict")


@pytest.fixture(scope="session")
def site_url(site: Path) -> Iterator[str]:
    """Where the site is served: at the root of this machine's own address."""
    handler = functools.partial(_Quiet, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def page(chromium: Browser, site_url: str) -> Iterator[Page]:
    """A fresh reader. Whatever a test does, nothing may be asked of another host or fail."""
    context = chromium.new_context(base_url=site_url)
    page = context.new_page()
    requested: list[str] = []
    errors: list[str] = []
    context.on("request", lambda request: requested.append(request.url))
    context.on("response", lambda r: errors.append(f"{r.status} {r.url}") if r.status > 399 else 0)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert requests_elsewhere(requested, site_url) == []
    assert errors == []


def requests_elsewhere(urls: list[str], site_url: str) -> list[str]:
    """Requests that leave for another host; what a page makes itself does not count."""
    own = urlsplit(site_url).netloc
    return [url for url in urls if urlsplit(url).scheme not in ("data", "blob") and own not in url]
