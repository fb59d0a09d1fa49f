"""Files written whole or not at all, files kept for later, and what killed processes leave behind.

Temporary names begin with the process id, so that the next process can remove those of a dead one.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path


def is_alive(pid: int) -> bool:
    """Does a process of that number exist?"""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def own_prefix(before: str = "") -> str:
    """How the names of this process's temporary files and folders begin."""
    return f"{before}{os.getpid()}-"


def remove_leftovers(folder: Path, before: str = "") -> None:
    """Remove what processes that have ended left in a folder under `own_prefix(before)`."""
    with suppress(OSError):
        for path in list(folder.iterdir()):
            pid, dash, _ = path.name.removeprefix(before).partition("-")
            if path.name.startswith(before) and dash and pid.isdecimal() and not is_alive(int(pid)):
                remove(path)


def remove(path: Path) -> None:
    """Remove a file or a whole folder, as far as the disk lets us."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def writable(folder: Path) -> Path:
    """The folder; or, where nothing can be written there, a temporary one of this process."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"x" * 4096)
        return folder
    except OSError:
        return _temporary()


@cache
def _temporary() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="livenotes-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def write_atomically(file: Path, *pieces: bytes) -> None:
    """Write a file so that nobody ever reads half of it. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fd, temporary = tempfile.mkstemp(prefix=own_prefix("."), dir=file.parent)
    try:
        with open(fd, "wb") as stream:
            stream.writelines(pieces)
        os.replace(temporary, file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
