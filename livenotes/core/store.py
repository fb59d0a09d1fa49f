"""A cache of small values (formulas, highlighted sources, fonts, pictures) in one SQLite file.

Losing it costs time only: a damaged file is replaced, a file that cannot be read or written is not
used, and an entry whose checksum is wrong counts as missing. Builds may share the file.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from livenotes.core.files import remove

log = logging.getLogger("mkdocs.plugins.livenotes")

_Value = TypeVar("_Value", str, bytes)

FILE = "store.sqlite3"
MAX_BYTES = 64_000_000
_MAX_UNSAVED = 300  # entries that a killed build may lose
_TABLE = (
    "CREATE TABLE IF NOT EXISTS entries"
    " (key TEXT PRIMARY KEY, checksum TEXT, size INTEGER, value BLOB)"
)


class Store:
    """Values by what they were made from. Thread safe.

    `made_by` names the programs that make the values: other versions make them anew.
    """

    def __init__(self, folder: Path, made_by: str = "") -> None:
        self._file = folder / FILE
        self._made_by = made_by
        self._values: dict[str, str | bytes] = {}  # read or put since the start
        self._unsaved: list[str] = []
        self._database: sqlite3.Connection | None = None
        self._usable = True
        self._lock = threading.RLock()

    def get(self, *made_from: object) -> Any:
        """Returns the value, a str or bytes as it was put, or None."""
        key = self._key(made_from)
        with self._lock:
            if key not in self._values:
                select = "SELECT checksum, value FROM entries WHERE key = ?"
                for checksum, value in self._execute(select, [(key,)]):
                    if isinstance(value, (str, bytes)) and checksum == _checksum(value):
                        self._values[key] = value
            return self._values.get(key)

    def put(self, value: str | bytes, *made_from: object) -> None:
        """Adds a value. `made_from` has a repr that differs where the value would differ."""
        key = self._key(made_from)
        with self._lock:
            self._values[key] = value
            self._unsaved.append(key)
            if len(self._unsaved) >= _MAX_UNSAVED:
                self._write()

    def get_or_make(self, make: Callable[[], _Value], *made_from: object) -> _Value:
        """Returns the value; calls `make` and adds its result if there is none."""
        value: _Value | None = self.get(*made_from)
        if value is None:
            value = make()
            self.put(value, *made_from)
        return value

    def save(self) -> None:
        """Writes what is new, and closes the file until it is needed again."""
        with self._lock:
            self._write()
            self._close()
            self._usable = True

    def _key(self, made_from: tuple[object, ...]) -> str:
        text = repr((self._made_by, *made_from))
        return hashlib.sha256(text.encode(errors="replace")).hexdigest()

    def _write(self) -> None:
        new = [(key, self._values[key]) for key in self._unsaved]
        self._unsaved.clear()
        if rows := [(key, _checksum(value), len(value), value) for key, value in new]:
            self._execute("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)", rows)
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        """Deletes entries above the limit: first those not used since the start, by age."""
        [(size,)] = self._execute("SELECT total(size) FROM entries") or [(0,)]
        if size > MAX_BYTES:
            rows = self._execute("SELECT key, size FROM entries ORDER BY rowid")
            dropped = []
            for key, length in sorted(rows, key=lambda row: row[0] in self._values):
                if size <= MAX_BYTES:
                    break
                size -= length
                dropped.append((key,))
            self._execute("DELETE FROM entries WHERE key = ?", dropped)

    def _execute(self, statement: str, rows: list[tuple[Any, ...]] | None = None) -> list[Any]:
        """Executes a statement for each row of parameters, in one transaction; returns the rows
        that a SELECT finds. Returns [] if the file cannot be used."""
        for _ in range(2):
            try:
                with self._connection() as database:
                    if statement.startswith("SELECT"):
                        return database.execute(statement, *(rows or ())).fetchall()
                    database.executemany(statement, rows or ())
                return []
            except sqlite3.OperationalError as error:  # locked, full, read-only, not to be opened
                self._give_up(error)
                return []
            except (sqlite3.DatabaseError, OSError) as error:  # damaged, or no folder
                self._close()
                for name in (FILE, f"{FILE}-journal"):
                    remove(self._file.with_name(name))
                reason = error
        self._give_up(reason)
        return []

    def _connection(self) -> sqlite3.Connection:
        if not self._usable:
            raise sqlite3.OperationalError("not usable")
        if self._database is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(self._file, timeout=10, check_same_thread=False)
            self._database.execute("PRAGMA synchronous = OFF")
            self._database.execute(_TABLE)
        return self._database

    def _give_up(self, error: Exception) -> None:
        if self._usable:
            log.info("%s is not used: %s", self._file.name, error)
        self._usable = False
        self._close()

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


def _checksum(value: str | bytes) -> str:
    return hashlib.sha256(value.encode() if isinstance(value, str) else value).hexdigest()
