"""Home pages link the book and the offline copy that belong to the site, and no others."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from livenotes.core.problems import LivenotesError
from livenotes.export.downloads import link_downloads

HOME = "<h1>{}</h1>\n<p>Words.</p><h1>no title</h1>"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name, text in {
        "site/zh/index.html": HOME.format("首页"), "site/en/index.html": HOME.format("Home"),
        "site/executed.json": "{}", "offline/executed.json": "{}", "offline/a/b.html": "text",
        "pdf/en.pdf": "%PDF en",
    }.items():  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path / "site"


HOMES = {"zh": "zh", "en": "en"}


def test_what_was_made_is_linked_below_the_title(site: Path) -> None:
    books = {"en": site.parent / "pdf/en.pdf"}
    for _ in range(2):  # it may be done again
        made = link_downloads(site, HOMES, books, site.parent / "offline")
    assert made == [site / "zh/index.html", site / "en/index.html"]
    english, chinese = ((site / code / "index.html").read_text("utf-8") for code in ("en", "zh"))
    line = (
        '<div class="ln-get" data-downloads>'
        '<a href="../downloads/en.pdf" download>All chapters as PDF</a> (0.0 MB) · '
        '<a href="../downloads/offline.zip" download>Copy to read offline</a> (0.0 MB)</div>'
    )
    assert english == HOME.format("Home").replace("</h1>", f"</h1>\n{line}", 1)
    assert "PDF" not in chinese and "离线阅读包" in chinese
    assert (site / "downloads/en.pdf").read_bytes() == b"%PDF en"
    packed = (site / "downloads/offline.zip").read_bytes()
    names = zipfile.ZipFile(io.BytesIO(packed)).namelist()
    assert names == ["offline/a/b.html", "offline/executed.json"]
    link_downloads(site, HOMES, books, site.parent / "offline")
    assert (site / "downloads/offline.zip").read_bytes() == packed


def test_a_copy_of_another_build_is_refused(site: Path) -> None:
    (site.parent / "offline/executed.json").write_text('{"other": 1}', "utf-8")
    with pytest.raises(LivenotesError, match=r"is no offline copy of .*site: their executed\.json"):
        link_downloads(site, HOMES, {}, site.parent / "offline")
    assert not (site / "downloads").exists()


def test_with_nothing_made_nothing_is_changed(site: Path) -> None:
    assert link_downloads(site, HOMES, {}, None) == []
    assert (site / "en/index.html").read_text("utf-8") == HOME.format("Home")
