"""Formulas once rendered, kept in memory and in a file."""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path

from livenotes.cache import write_atomically
from livenotes.leftovers import remove_leftovers
from livenotes.node.install import LOCK_FILE
from livenotes.node.process import RENDER_JS

log = logging.getLogger("mkdocs.plugins.livenotes.katex")

# Bounds of the formula cache: its size on disk, and how much a killed build may lose.
MAX_CACHE_CHARACTERS = 32_000_000
MAX_UNSAVED = 300


class FormulaCache:
    """HTML by formula, in memory and in `formulas.json`; whatever is unreadable there is remade."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = hashlib.sha256(LOCK_FILE.read_bytes() + RENDER_JS.read_bytes()).hexdigest()
        self._entries = self._read()
        self._unsaved = 0

    def get(self, tex: str, display: bool) -> str | None:
        key = self._key(tex, display)
        found = self._entries.pop(key, None)
        if found is not None:
            self._entries[key] = found  # to the end: the least recently used stay in front
        return found

    def put(self, tex: str, display: bool, html: str) -> None:
        self._entries[self._key(tex, display)] = html
        self._unsaved += 1
        if self._unsaved >= MAX_UNSAVED:
            self.save()

    def save(self) -> None:
        """Write what is new, together with what another build has written meanwhile."""
        if not self._unsaved:
            return
        others = {key: html for key, html in self._read().items() if key not in self._entries}
        self._entries = _newest({**others, **self._entries}, MAX_CACHE_CHARACTERS)
        self._unsaved = 0
        try:
            self._write(json.dumps(self._entries).encode())
        except OSError as error:  # the pages are right without it, only the next build is slower
            log.info("The formula cache was not written: %s", error)

    def _write(self, body: bytes) -> None:
        remove_leftovers(self._path.parent, ".")
        write_atomically(self._path, hashlib.sha256(body).hexdigest().encode() + b"\n" + body)

    def _key(self, tex: str, display: bool) -> str:
        parts = json.dumps([self._engine, display, tex])
        return hashlib.sha256(parts.encode()).hexdigest()

    def _read(self) -> dict[str, str]:
        try:
            checksum, _, body = self._path.read_bytes().partition(b"\n")
            if hashlib.sha256(body).hexdigest().encode() != checksum:
                return {}
            entries = json.loads(body)
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(entries, dict):
            return {}
        return {key: html for key, html in entries.items() if isinstance(html, str)}


def _newest(entries: dict[str, str], limit: int) -> dict[str, str]:
    """The last entries that fit into `limit` characters, in their order."""
    kept: list[tuple[str, str]] = []
    for key, html in reversed(entries.items()):
        limit -= len(html)
        if limit < 0:
            break
        kept.append((key, html))
    return dict(reversed(kept))
