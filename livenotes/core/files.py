"""Reads texts, writes files atomically, and removes temporary files of processes that were killed.

The names of temporary files contain the process id, so that another process can tell whether they
are still needed.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from uuid import uuid4

from livenotes.core.problems import LivenotesError, Problem


def read_text(file: Path, path: str) -> str:
    """Returns the text of a page or module. Raises LivenotesError, which calls the file `path`."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise LivenotesError(Problem(path, 0, f"cannot be read: {error.strerror}")) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        hint = "Save the file in UTF-8."
        raise LivenotesError(Problem(path, line, "is not UTF-8", hint=hint)) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def is_alive(pid: int) -> bool:
    """Tells whether there is a process with this id."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # another user's
        return True
    return True


def own_prefix(before: str = "") -> str:
    """Returns the prefix of this process's temporary names: `before` and the process id."""
    return f"{before}{os.getpid()}-"


def remove_abandoned(folder: Path, before: str = "") -> None:
    """Removes what processes that have ended left in a folder under `own_prefix(before)`."""
    with suppress(OSError):
        for path in list(folder.iterdir()):
            pid, dash, _ = path.name.removeprefix(before).partition("-")
            if path.name.startswith(before) and dash and pid.isdecimal() and not is_alive(int(pid)):
                remove(path)


def remove(path: Path) -> None:
    """Removes a file or a whole folder; ignores what cannot be removed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def writable(folder: Path) -> Path:
    """Returns the folder, or a temporary one if nothing can be written there."""
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
    """Replaces a file in one step, so that nobody reads half of it. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(own_prefix(".") + uuid4().hex)
    try:
        with temporary.open("xb") as stream:  # mkstemp's files may be read by their owner only
            stream.writelines(pieces)
        os.replace(temporary, file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
