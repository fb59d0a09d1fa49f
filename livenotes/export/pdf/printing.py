"""The whole book as a PDF, printed by Chromium from the built site. Knows no MkDocs.

The table of contents has page numbers: a first print shows where each heading lands.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

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
_DESTINATION = re.compile(rb"/([\w.#-]+) \[(\d+) 0 R /XYZ")
_KIDS = re.compile(rb"(\d+) 0 obj\s*<</Type /Pages\b.*?/Kids \[([^\]]*)\]", re.DOTALL)


def make_books(site: Path, target: Path, chosen: str = "") -> list[Path]:
    """Write one PDF per language of the built `site` into `target`; returns them.

    `chosen` names one language. Raises LivenotesError where there is no site, or no Chromium.
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
    """The browser's program. Raises LivenotesError where there is none."""
    for name in (*_NAMES, _MAC):
        if program := shutil.which(name):
            return program
    hint = "Install it: apt install chromium, brew install --cask chromium, or Google Chrome."
    raise _problem("livenotes pdf", "the book is printed by Chromium, which is not there", hint)


def page_numbers(pdf: bytes) -> dict[str, int]:
    """On which page, counted from 1, each id lands that something in the PDF links to."""
    kids = {int(n): [int(k) for k in re.findall(rb"(\d+) 0 R", k)] for n, k in _KIDS.findall(pdf)}
    inner = {kid for group in kids.values() for kid in group}
    order: list[int] = []

    def walk(node: int) -> None:
        for kid in kids[node]:
            walk(kid) if kid in kids else order.append(kid)

    for root in kids.keys() - inner:
        walk(root)
    places = {page: number for number, page in enumerate(order, 1)}
    return {
        re.sub(r"#([0-9A-Fa-f]{2})", lambda code: chr(int(code[1], 16)), name.decode()): places[
            page
        ]
        for name, page in ((name, int(page)) for name, page in _DESTINATION.findall(pdf))
        if page in places
    }


def undated(pdf: bytes) -> bytes:
    """The PDF without the hour of its making, so that the same site gives the same bytes."""
    made = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), UTC)
    return _DATE.sub(rb"\g<1>" + made.strftime("%Y%m%d%H%M%S").encode(), pdf)


def _print(browser: str, html: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="livenotes-") as folder:
        page, pdf = Path(folder, "book.html"), Path(folder, "book.pdf")
        page.write_text(html, "utf-8")
        command = [browser, *_OPTIONS, f"--user-data-dir={folder}/profile", f"--print-to-pdf={pdf}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--no-sandbox")  # Chromium wants it where root runs it, as in containers
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
