"""What a run depends on, as values to compare: files, folders, packages, the engine itself."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

_VERSION = re.compile(r"^Version:\s*(.*?)\s*$", re.MULTILINE)


def distribution_version(name: str) -> str:
    """The installed version of a distribution, or ''."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return ""
    # Not `found.version`, which parses the whole of its long description: 40 packages a save.
    text = found.read_text("METADATA") or found.read_text("PKG-INFO") or ""
    match = _VERSION.search(text)
    return match[1] if match else found.version


def file_hash(file: Path) -> str:
    """SHA-256 of a file's bytes; or 'folder', or 'absent', or 'special' (a pipe, a device)."""
    try:
        mode = os.stat(file).st_mode
        if not stat.S_ISREG(mode):
            return "folder" if stat.S_ISDIR(mode) else "special"
        with open(file, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (OSError, ValueError):
        return "absent"


def folder_names(folder: Path) -> list[str]:
    """Names in a folder that a run could meet: not those of editors and caches."""
    try:
        names = [entry.name for entry in os.scandir(folder)]
    except OSError:
        return []
    return sorted(n for n in names if n[0] != "." and n[-1] != "~" and n != "__pycache__")


@cache
def engine_digest() -> str:
    """Short hash of the code that makes outputs: an edit of livenotes itself counts too.

    That code is all of `execution`, the percent reader and the rules for safe markup.
    """
    package = Path(__file__).parents[1]
    files = [
        file for file in package.joinpath("execution").rglob("*") if file.suffix in (".py", "")
    ]
    files += [package / "core/percent.py", package / "core/markup.py"]
    texts = [file.read_text("utf-8") for file in sorted(files) if file.is_file()]
    return text_digest("".join(texts))[:12]


def text_digest(text: str) -> str:
    """SHA-256 of a text; lone surrogates count as what they are."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
