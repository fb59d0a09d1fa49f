"""Prints a language of the built site as one PDF, with Chromium.

Prints twice: the first PDF shows the page numbers for the table of contents.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from pypdf import PdfReader

from livenotes.core.files import write_atomically
from livenotes.core.problems import LivenotesError, Problem
from livenotes.export.pdf.page import languages, read_book

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
_SECONDS = 600
_OPTIONS = (
    "--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--no-pdf-header-footer", "--generate-pdf-document-outline",
    "--font-render-hinting=none",
)  # fmt: skip
_DATE = re.compile(rb"(/(?:CreationDate|ModDate) \(D:)\d{14}")


def make_books(site: Path, target: Path, chosen: str = "") -> list[Path]:
    """Writes one PDF per language of the built `site` into `target`; returns the files.

    `chosen` selects one language. Raises LivenotesError if there is no site, or no Chromium.
    """
    found = languages(site)
    if not found:
        raise _problem(str(site), "there is no built site here", "Run mkdocs build first.")
    if chosen and chosen not in found:
        raise _problem(str(site), f"no language {chosen!r} here", f"There are {', '.join(found)}.")
    browser = find_chromium()
    made = []
    for language in [chosen] if chosen else found:
        book = read_book(site, language)
        numbers = page_numbers(_print(browser, book.page({})))
        file = target / f"{language}.pdf"
        write_atomically(file, undated(_print(browser, book.page(numbers))))
        made.append(file)
    return made


def find_chromium() -> str:
    """Returns the path of Chromium. Raises LivenotesError if there is none."""
    for name in (*_NAMES, _MAC):
        if program := shutil.which(name):
            return program
    hint = "Install it: apt install chromium, brew install --cask chromium, or Google Chrome."
    raise _problem("livenotes pdf", "the book is printed by Chromium, which is not there", hint)


def page_numbers(pdf: bytes) -> dict[str, int]:
    """Returns the page, counted from 1, of each id that something in the PDF links to."""
    reader = PdfReader(io.BytesIO(pdf))
    return {
        name.removeprefix("/"): (reader.get_destination_page_number(destination) or 0) + 1
        for name, destination in reader.named_destinations.items()
    }


def undated(pdf: bytes) -> bytes:
    """Replaces the times in a PDF by SOURCE_DATE_EPOCH or 0: same site, same bytes."""
    made = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), UTC)
    return _DATE.sub(rb"\g<1>" + made.strftime("%Y%m%d%H%M%S").encode(), pdf)


def _print(browser: str, html: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="livenotes-") as folder:
        page, pdf = Path(folder, "book.html"), Path(folder, "book.pdf")
        page.write_text(html, "utf-8")
        command = [browser, *_OPTIONS, f"--user-data-dir={folder}/profile", f"--print-to-pdf={pdf}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--no-sandbox")  # Chromium demands it from root, as in containers
        try:
            done = subprocess.run(
                [*command, page.as_uri()], capture_output=True, text=True, timeout=_SECONDS
            )
        except subprocess.TimeoutExpired:
            raise _problem(browser, f"did not print within {_SECONDS} s", "Try again.") from None
        if not pdf.is_file():
            said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise _problem(browser, f"did not print: {said}", "Does it run by itself?")
        return pdf.read_bytes()


def _problem(path: str, message: str, hint: str) -> LivenotesError:
    return LivenotesError(Problem(path=path, line=0, message=message, hint=hint))
