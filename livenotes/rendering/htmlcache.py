"""Pieces of HTML made once, formulas and highlighted sources, kept in memory and in a file."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

from livenotes.core.files import remove_leftovers, write_atomically

log = logging.getLogger("mkdocs.plugins.livenotes")

# Bounds: a file's size, and how much a killed build may lose, at least and as a share of all.
MAX_CACHE_CHARACTERS = 32_000_000
MAX_UNSAVED = 300
MAX_UNSAVED_SHARE = 0.5  # a file that grows is written a few times, not at every 300 entries


class HtmlCache:
    """HTML by what it is made from, in memory and in a file; what is unreadable there is remade.

    `made_by` names all programs that make it: others make it anew.
    """

    def __init__(self, path: Path, made_by: str) -> None:
        self._path = path
        self._made_by = made_by
        self._entries = self._read()
        self._unsaved = 0

    def get(self, *made_from: object) -> str | None:
        """The HTML; None where it must be made."""
        key = self._key(made_from)
        found = self._entries.pop(key, None)
        if found is not None:
            self._entries[key] = found  # to the end: the least recently used stay in front
        return found

    def put(self, html: str, *made_from: object) -> None:
        """Keep HTML; `made_from` are texts, numbers, and lists of such."""
        self._entries[self._key(made_from)] = html
        self._unsaved += 1
        if self._unsaved >= max(MAX_UNSAVED, MAX_UNSAVED_SHARE * len(self._entries)):
            self.save()

    def save(self) -> None:
        """Write what is new, together with what another build has written meanwhile."""
        if not self._unsaved:
            return
        others = {key: html for key, html in self._read().items() if key not in self._entries}
        self._entries = _newest({**others, **self._entries}, MAX_CACHE_CHARACTERS)
        self._unsaved = 0
        try:
            self._write()
        except OSError as error:  # the pages are right without it, only the next build is slower
            log.info("%s was not written: %s", self._path.name, error)

    def _write(self) -> None:
        """The checksum on a line, then a JSON object."""
        pieces = list(_json(self._entries))
        checksum = hashlib.sha256()
        for piece in pieces:
            checksum.update(piece)
        remove_leftovers(self._path.parent, ".")
        write_atomically(self._path, checksum.hexdigest().encode() + b"\n", *pieces)

    def _key(self, made_from: tuple[object, ...]) -> str:
        return hashlib.sha256(json.dumps([self._made_by, *made_from]).encode()).hexdigest()

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


def _json(entries: Mapping[str, str]) -> Iterator[bytes]:
    """An object in pieces: there are books of which the whole would be a hundred megabytes."""
    before = b"{"
    for key, html in entries.items():
        yield before + json.dumps({key: html}).encode()[1:-1]
        before = b", "
    yield b"}" if entries else b"{}"


def _newest(entries: dict[str, str], limit: int) -> dict[str, str]:
    """The last entries that fit into `limit` characters, in their order."""
    kept: list[tuple[str, str]] = []
    for key, html in reversed(entries.items()):
        limit -= len(html)
        if limit < 0:
            break
        kept.append((key, html))
    return dict(reversed(kept))
