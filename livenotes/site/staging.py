"""A site is built beside the old one and put in its place at the very end, or not at all."""

from __future__ import annotations

import atexit
import ctypes
import os
import shutil
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
        atexit.register(self.discard)

    def publish(self) -> None:
        """Put the new site in the old one's place, in one step where the system has one."""
        while not exchange(self.building, self.site):
            try:
                os.rename(self.building, self.site)
                break
            except OSError:
                if not self.site.exists():
                    raise
            self._retire()
        self.discard()

    def _retire(self) -> None:
        """Move the old site aside; after a kill between this and the next rename, repair it."""
        shutil.rmtree(self.retired, ignore_errors=True)
        with suppress(FileNotFoundError):  # another build was at the same place
            os.rename(self.site, self.retired)

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
            shutil.rmtree(folder, ignore_errors=True)
        for folder in self._leftovers("building"):
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
