"""Static files of a served site that did not change stay on the disk.

MkDocs empties the site's folder before every build and copies all files anew, most of them for
nothing. Here the folder is moved aside before a build, and unchanged files are moved back.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from threading import Thread

from mkdocs.structure.files import File, Files, InclusionLevel


class KeptFiles:
    """What the last build of a server copied, by destination: what it was made from."""

    def __init__(self) -> None:
        self._folder = self._aside = Path()
        self._made_from: dict[str, object] = {}
        self._removing: Thread | None = None

    def begin(self, folder: Path) -> None:
        """Moves the last build's site aside, before MkDocs empties its folder."""
        if folder != self._folder:
            self._made_from.clear()
        self._folder, self._aside = folder, folder.with_name(f"{folder.name}-kept")
        if self._removing:
            self._removing.join()
        shutil.rmtree(self._aside, ignore_errors=True)
        if folder.is_dir():
            os.rename(folder, self._aside)
        else:
            self._made_from.clear()

    def move_back(self, files: Files) -> None:
        """Moves unchanged files back, and has MkDocs not copy them."""
        before, self._made_from = self._made_from, {}
        for file in files:
            if file.is_documentation_page() or file.inclusion.is_excluded():  # type: ignore[no-untyped-call]
                continue
            made_from = self._made_from[file.dest_uri] = _made_from(file)
            kept = self._aside / file.dest_uri
            if before.get(file.dest_uri) == made_from and kept.is_file():
                Path(file.abs_dest_path).parent.mkdir(parents=True, exist_ok=True)
                os.rename(kept, file.abs_dest_path)
                file.inclusion = InclusionLevel.EXCLUDED

    def end(self) -> None:
        """Removes what this build did not use; nobody waits for that."""
        self._removing = Thread(target=shutil.rmtree, args=(self._aside, True))
        self._removing.start()

    def forget(self) -> None:
        """Has the next build write all files."""
        self._made_from.clear()
        if self._aside != Path():
            self.end()


def _made_from(file: File) -> object:
    if file.abs_src_path is None:
        return file.content_bytes
    state = os.stat(file.abs_src_path)
    return file.abs_src_path, state.st_mtime_ns, state.st_size
