"""A site is built beside the old one and put in its place at the very end, or not at all.

Names at the top of the old site that begin with a dot are kept, as MkDocs keeps them: `.git` of a
worktree, say. A folder that cannot be swapped, such as a mount point, is filled file by file.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from livenotes.core.files import is_alive

_HERE = -100  # AT_FDCWD: paths are taken as they are
_EXCHANGE = 2  # RENAME_EXCHANGE


class Staging:
    """The folder in which a build works until `publish`.

    The folders' names hold the process's number, so that builds at the same time keep apart and
    what a killed one left is known for what it is.
    """

    def __init__(self, site: Path) -> None:
        self.site = Path(os.path.realpath(site))
        self.building = self.site.parent / f".{self.site.name}.building-{os.getpid()}"
        self.retired = self.site.parent / f".{self.site.name}.retired-{os.getpid()}"
        self.repair()
        self.swaps = not os.path.ismount(self.site)
        try:
            self.building.mkdir(parents=True)
        except OSError:  # nothing can be written beside the site
            self.building = Path(tempfile.mkdtemp(prefix="livenotes-building-"))
            self.swaps = False
        atexit.register(self.discard)

    def publish(self) -> str:
        """Put the new site in the old one's place. Returns how, where it is not one step, or ''."""
        swapped = False
        if self.swaps:
            with suppress(OSError):
                self._swap()
                swapped = True
        if not swapped:
            fill(self.building, self.site)
        self._keep_hidden(self.building, self.retired)
        self.discard()
        how = f"{self.site} cannot be swapped for a new folder: its files were replaced one by one"
        return "" if swapped else how

    def _swap(self) -> None:
        """Exchange the folders, in one step where the system has one."""
        while not exchange(self.building, self.site):
            try:
                os.rename(self.building, self.site)
                break
            except OSError:
                if not self.site.exists():
                    raise
            self._retire()

    def _retire(self) -> None:
        """Move the old site aside; after a kill between this and the next rename, repair it."""
        shutil.rmtree(self.retired, ignore_errors=True)
        with suppress(FileNotFoundError):  # another build was at the same place
            os.rename(self.site, self.retired)

    def _keep_hidden(self, *folders: Path) -> None:
        """Move what a site keeps from one build to the next out of folders that are to go."""
        for folder in folders:
            for entry in folder.glob(".*"):
                if not os.path.lexists(self.site / entry.name):
                    shutil.move(entry, self.site / entry.name)

    def discard(self) -> None:
        """Remove what this build left beside the site."""
        if self.retired.exists() and not self.site.exists():
            os.rename(self.retired, self.site)
        for folder in (self.building, self.retired):
            shutil.rmtree(folder, ignore_errors=True)
        atexit.unregister(self.discard)

    def repair(self) -> None:
        """Undo what a killed build left: a site that it had moved aside, half-built folders."""
        for folder in self._leftovers("retired"):
            if not self.site.exists():
                os.rename(folder, self.site)
            self._keep_hidden(folder)
            shutil.rmtree(folder, ignore_errors=True)
        for folder in self._leftovers("building"):  # an old site, after a kill behind the exchange
            if self.site.exists():
                self._keep_hidden(folder)
            shutil.rmtree(folder, ignore_errors=True)

    def _leftovers(self, kind: str) -> Iterator[Path]:
        prefix = f".{self.site.name}.{kind}-"
        for folder in sorted(self.site.parent.glob(f"{prefix}*")):
            pid = folder.name.removeprefix(prefix)
            if pid.isdigit() and (int(pid) == os.getpid() or not is_alive(int(pid))):
                yield folder


def exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step, so that a site is there at every moment; Linux can."""
    try:
        swap = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    names = os.fsencode(one), os.fsencode(other)
    return bool(swap(_HERE, names[0], _HERE, names[1], _EXCHANGE) == 0)


def fill(new: Path, site: Path) -> None:
    """Make a folder hold what another holds, file by file; hidden names at its top stay.

    New files are there before old ones go. Raises OSError.
    """
    files = {path.relative_to(new) for path in new.rglob("*") if path.is_file()}
    for name in sorted(files):
        target = site / name
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        for parent in reversed(target.parents):
            if parent.is_file():
                parent.unlink()
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(new / name, target)
    for path in sorted(site.rglob("*"), reverse=True):  # files before the folders they are in
        name = path.relative_to(site)
        if name.parts[0].startswith(".") or name in files:
            continue
        if path.is_dir() and not path.is_symlink():
            with suppress(OSError):  # it still holds something
                path.rmdir()
        else:
            path.unlink()
