"""Whatever address is mistyped, the page that says so is whole, in both languages."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from reading import CHAPTER

from .conftest import _Quiet


class _Host(_Quiet):
    """Answers as GitHub Pages does: with 404.html wherever there is nothing."""

    def do_GET(self) -> None:
        file = Path(self.translate_path(self.path))
        if file.is_file() or (file / "index.html").is_file():
            super().do_GET()
            return
        content = Path(self.directory, "404.html").read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture(scope="module")
def host(site: Path) -> Iterator[str]:
    handler = functools.partial(_Host, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("address", ["nothing", "zh/nothing/", "en/a/b/c.html", f"zh/{CHAPTER}/x"])
def test_the_page_for_what_is_not_there_is_whole_at_any_depth(
    address: str, host: str, chromium: Browser
) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    missing: list[str] = []
    page.on("response", lambda r: missing.append(r.url) if r.status > 399 else None)
    page.goto(f"{host}/{address}")
    assert missing == [f"{host}/{address}"]  # the page itself; its style and scripts are there
    expect(page.get_by_role("heading", level=1)).to_contain_text("没有这一页")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Page not found")
    for code, words in (("zh", "中文首页"), ("en", "English home page")):
        link = page.get_by_role("link", name=words)
        assert link.evaluate("e => e.closest('[lang]').lang") == code
        assert link.evaluate("e => new URL(e.href).pathname") == f"/{code}/"
    page.get_by_role("link", name="中文首页").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh")
    page.close()
