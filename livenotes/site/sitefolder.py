"""The folder of a served site, where files stay that would be written again as they were.

MkDocs empties it before every build and writes all files anew, most of them for nothing. Here a
file is written where it would become another, and removed where no build writes it any more.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from mkdocs import utils

_NAMES = ("clean_directory", "copy_file", "write_file")  # with these MkDocs fills the folder
_SLACK = 20_000_000  # nanoseconds that a file system's clock may be late


class SiteFolder:
    """Knows what the builds of one server wrote; `begin` and `end` enclose each of them."""

    def __init__(self) -> None:
        self._folder = ""
        self._written: dict[str, tuple[object, int]] = {}  # what files were made from, and when
        self._theirs: dict[str, Callable[..., None]] = {}
        self._earlier: set[str] = set()
        self._confirmed: set[str] = set()
        self._began = 0

    def begin(self, folder: str) -> None:
        """MkDocs writes into this folder through us, until the build ends."""
        if folder != self._folder or self._theirs:  # a build broke off
            self.forget()
        self._folder, self._earlier, self._confirmed = folder, set(), set()
        self._theirs = {name: getattr(utils, name) for name in _NAMES}
        for name, ours in zip(_NAMES, (self._clean, self._copy, self._write), strict=True):
            setattr(utils, name, ours)

    def end(self) -> None:
        """Remove what this build did not write."""
        self._restore()
        for path in self._earlier - self._confirmed:
            if _time(path) < self._began:  # others write into the folder, too
                self._written.pop(path, None)
                os.unlink(path)
                with suppress(OSError):  # there is more in it
                    os.removedirs(os.path.dirname(path))

    def forget(self) -> None:
        """The next build begins in an empty folder."""
        self._restore()
        self._written.clear()

    def _restore(self) -> None:
        for name, theirs in self._theirs.items():
            setattr(utils, name, theirs)
        self._theirs = {}

    def _clean(self, directory: str) -> None:
        if directory != self._folder or not self._written:
            self._theirs["clean_directory"](directory)
            return
        self._began = time.time_ns() - _SLACK
        files = (path for path in Path(directory).rglob("*") if path.is_file())
        self._earlier = {str(path) for path in files if not path.name.startswith(".")}

    def _copy(self, source_path: str, output_path: str) -> None:
        state = os.stat(source_path)
        made_from = (source_path, state.st_mtime_ns, state.st_size)
        self._put(
            output_path, made_from, lambda: self._theirs["copy_file"](source_path, output_path)
        )

    def _write(self, content: bytes, output_path: str) -> None:
        self._put(output_path, content, lambda: self._theirs["write_file"](content, output_path))

    def _put(self, path: str, made_from: object, write: Callable[[], None]) -> None:
        if self._written.get(path) != (made_from, _time(path)):
            write()
            self._written[path] = made_from, _time(path)
        self._confirmed.add(path)


def _time(path: str) -> int:
    """When a file was changed; -1 where it is gone."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return -1
