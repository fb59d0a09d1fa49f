"""A copy of the project in which a run works: what it writes there vanishes after it.

The files beside the module are copies, so that C code cannot change the project's own. Those of the
folders around, and large ones, are links: what C code writes into them is noticed, but too late. A
large or hidden folder is one link until something is written in it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection

_LARGEST = 8_000_000  # bytes of a file that is copied; a larger one is a link
_MOST = 200  # entries of a folder that is made anew; a larger one is a link
_DEEP = 5  # folders below that of the modules
# Files that others may write while cells run: an author, a server that says what it does.
_OTHERS = (".md", ".yml", ".py", ".log")
_stat = os.stat  # not the one that records which files a run looks for


class Workspace:
    """The copy below `top` of the project in `base`; `folder` is its folder of modules.

    `told_to` are the inodes of files that the build prints to.
    """

    def __init__(self, root: str, folder: str, scratch: str, told_to: Collection[int] = ()) -> None:
        inside = folder.startswith(root + os.sep) or folder == root
        self.base = root if inside else os.path.dirname(folder)
        self.top = f"{scratch}/project"
        self.folder = self.top + folder[len(self.base) :]
        self._told_to = told_to
        self._files: dict[
            str, tuple[int, ...]
        ] = {}  # copies and targets of links, with their state

    def make(self) -> None:
        """Makes the copy."""
        path = self.top
        for part in self.folder[len(self.top) :].split(os.sep)[1:]:
            self._mirror(path, depth=1, skipped=part)
            path = f"{path}/{part}"
        self._mirror(path, depth=_DEEP, copied=True)

    def original(self, path: str) -> str:
        """Returns the project's path for a path in the copy; any other path as it is."""
        return self.base + path[len(self.top) :] if self.holds(path) else path

    def holds(self, path: str) -> bool:
        """Tells whether a path lies in the copy."""
        return path.startswith(self.top + os.sep) or path == self.top

    def open_up(self, path: str) -> None:
        """Makes the folders anew that are links, where a new file is to lie."""
        here = self.top
        for part in os.path.dirname(path)[len(self.top) :].split(os.sep)[1:]:
            here = f"{here}/{part}"
            if os.path.islink(here) and os.path.isdir(here):
                os.unlink(here)
                self._mirror(here)

    def changed(self) -> list[tuple[str, bool]]:
        """Returns the project's paths of files that are not as they were, and whether these are
        changed themselves and not their copies; each once."""
        found = [path for path, before in self._files.items() if not self._is_as(path, before)]
        for path in found:
            del self._files[path]
        return [(self.original(path), not self.holds(path)) for path in found]

    def _is_as(self, path: str, before: tuple[int, ...]) -> bool:
        """Tells whether a file is as it was. A file that was replaced by another is, where the
        project's own are looked at: links protect from that, so somebody else did it."""
        now = _state(path)
        if self.holds(path):
            return now == before
        return now == before or now[:1] != before[:1] or now[0] in self._told_to

    def _mirror(self, path: str, depth: int = 0, copied: bool = False, skipped: str = "") -> None:
        """Makes one folder of the copy."""
        os.mkdir(path)
        for entry in os.scandir(self.original(path)):
            place = f"{path}/{entry.name}"
            is_folder = entry.is_dir(follow_symlinks=False)
            if entry.name in (skipped, "__pycache__"):
                continue
            if is_folder and depth and entry.name[0] != "." and _is_small(entry.path):
                self._mirror(place, depth - 1, copied)
            elif not (copied and entry.is_file(follow_symlinks=False) and self._copy(entry, place)):
                os.symlink(entry.path, place)
                if not entry.name.endswith(_OTHERS) and entry.name[0] != "." and entry.is_file():
                    self._files[entry.path] = _state(entry.path)

    def _copy(self, entry: os.DirEntry[str], place: str) -> bool:
        """Copies a file that is not too large; returns whether it did."""
        try:
            if entry.stat().st_size > _LARGEST:
                return False
            shutil.copy2(entry.path, place)
        except OSError:
            return False
        if not place.endswith(".py"):
            self._files[place] = _state(place)
        return True


def _state(path: str) -> tuple[int, ...]:
    try:
        found = _stat(path)
    except OSError:
        return ()
    return found.st_ino, found.st_mtime_ns, found.st_size


def _is_small(folder: str) -> bool:
    try:
        return len(os.listdir(folder)) <= _MOST
    except OSError:
        return False
