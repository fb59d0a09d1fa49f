"""From saving a file to the new page served: what an author waits for."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException

from benchmarks.measuring import CommandFailed, adopt_orphans, end
from benchmarks.tools import Site

_EVERY = 0.02  # seconds between two looks at the page
_PATIENCE = 900.0
_PAUSE = (0.8, 1.6)  # seconds between two edits: not in step with a tool's own polling


def waits(site: Site, kind: str, times: int, number: int) -> Iterator[float]:
    """Serve the site, edit it again and again, and give the seconds until each edit was served.

    Raises CommandFailed where the server ends, or never shows an edit.
    """
    rhythm = random.Random(0)
    with _serving(site) as server:
        server.wait_for(server.site.page)
        for edit in range(number, number + times):
            time.sleep(rhythm.uniform(*_PAUSE))
            site.edit(kind, edit)
            started = time.perf_counter()
            server.wait_for(site.expected(kind, edit))
            yield time.perf_counter() - started


def first_page(site: Site, text: str) -> float:
    """Start a server; the seconds until the page that is asked for at once shows this text."""
    started = time.perf_counter()
    with _serving(site) as server:
        server.wait_for(text)
        return time.perf_counter() - started


class _Server:
    def __init__(self, site: Site, process: subprocess.Popen[bytes], port: int) -> None:
        self.site = site
        self.process = process
        self.url = f"http://127.0.0.1:{port}/en/{site.page}/"

    def wait_for(self, text: str) -> None:
        """Return as soon as the page has this text."""
        limit = time.monotonic() + _PATIENCE
        while text not in self._get():
            if self.process.poll() is not None or time.monotonic() > limit:
                log = (self.site.root / "serve.log").read_text("utf-8", errors="replace")
                raise CommandFailed(f"{self.url} does not show {text}:\n{log[-3000:]}")
            time.sleep(_EVERY)

    def _get(self) -> str:
        try:
            with urllib.request.urlopen(self.url, timeout=_PATIENCE) as answer:
                return str(answer.read().decode())
        except (OSError, HTTPException):
            return ""  # it has not started yet


@contextmanager
def _serving(site: Site) -> Iterator[_Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    adopt_orphans()
    with (site.root / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [str(site.python), "-m", "mkdocs", "serve", "-a", f"127.0.0.1:{port}"],
            cwd=site.root, env=os.environ | site.variables, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            yield _Server(site, process, port)
        finally:
            end(process)
