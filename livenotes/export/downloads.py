"""The book and the offline copy as downloads of a built site, linked from its home pages."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from html import escape
from io import BytesIO
from pathlib import Path

from livenotes.core.files import write_atomically
from livenotes.core.problems import LivenotesError, Problem
from livenotes.core.words import words

_FOLDER = "downloads"
_LINE = re.compile(r'\n<div class="ln-get" data-downloads>.*?</div>')


def link_downloads(
    site: Path, homes: Mapping[str, str], books: Mapping[str, Path], offline: Path | None
) -> list[Path]:
    """Puts books (by language) and a zip of an offline copy into a built site, and links to them
    below the titles of its home pages (`homes`: language -> folder). Returns the pages.

    May be called again. Raises LivenotesError where the copy does not hold the same outputs.
    """
    files = {code: f"{code}.pdf" for code in books}
    for code, book in books.items():
        write_atomically(site / _FOLDER / files[code], book.read_bytes())
    if offline:
        write_atomically(site / _FOLDER / "offline.zip", _packed(offline, site))
    changed = []
    for code, folder in homes.items():
        own, page = words(code), site / folder / "index.html"
        links = [(own.book, files[code])] if code in files else []
        links += [(own.offline_copy, "offline.zip")] if offline else []
        if links and page.is_file():
            text = _LINE.sub("", page.read_text("utf-8"))
            line = _line(links, "../" if folder else "", site)
            write_atomically(page, text.replace("</h1>", f"</h1>\n{line}", 1).encode())
            changed.append(page)
    return changed


def _line(links: Sequence[tuple[str, str]], up: str, site: Path) -> str:
    """The line that links to files, with their sizes."""
    parts = []
    for label, name in links:
        size = (site / _FOLDER / name).stat().st_size / 1e6
        address = escape(f"{up}{_FOLDER}/{name}")
        parts.append(f'<a href="{address}" download>{label}</a> ({size:.1f} MB)')
    return f'<div class="ln-get" data-downloads>{" · ".join(parts)}</div>'


def _packed(offline: Path, site: Path) -> bytes:
    """A zip of a folder, the same for the same files."""
    told = [folder / "executed.json" for folder in (offline, site)]
    if not all(f.is_file() for f in told) or told[0].read_bytes() != told[1].read_bytes():
        hint = f"Build both from the same sources: OFFLINE=true mkdocs build -d {offline}"
        message = f"is no offline copy of {site}: their executed.json differ"
        raise LivenotesError(Problem(str(offline), 0, message, hint=hint))
    data = BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for file in sorted(file for file in offline.rglob("*") if file.is_file()):
            entry = zipfile.ZipInfo(f"{offline.name}/{file.relative_to(offline).as_posix()}")
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, file.read_bytes())
    return data.getvalue()
