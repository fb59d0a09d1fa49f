"""A site is built beside the old one and put in its place at the very end, or not at all."""

from __future__ import annotations

import atexit
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from livenotes.running import is_alive


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
        """Put the new site in the old one's place."""
        with suppress(FileNotFoundError):
            os.rename(self.site, self.retired)
        os.rename(self.building, self.site)
        self.discard()

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
