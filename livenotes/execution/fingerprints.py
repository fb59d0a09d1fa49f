"""Values that tell whether an input of a run has changed: files, folders, packages, the engine."""

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
    """Returns the installed version of a distribution, or ''."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return ""
    # `found.version` parses the whole file with its long description; that is slow.
    text = found.read_text("METADATA") or found.read_text("PKG-INFO") or ""
    match = _VERSION.search(text)
    return match[1] if match else found.version


def file_hash(file: Path) -> str:
    """Returns the SHA-256 of a file's bytes, or 'folder', 'absent', 'special' (pipe, device)."""
    try:
        mode = os.stat(file).st_mode
        if not stat.S_ISREG(mode):
            return "folder" if stat.S_ISDIR(mode) else "special"
        with open(file, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (OSError, ValueError):
        return "absent"


def folder_names(folder: Path) -> list[str]:
    """Returns the sorted names in a folder, without those that editors and caches make.

    Names of folders end in "/": no import finds a folder `helper.py`.
    """
    try:
        names = {entry.name: "/" * entry.is_dir() for entry in os.scandir(folder)}
    except OSError:
        return []
    counting = (n for n in names if n[0] != "." and n[-1] != "~" and n != "__pycache__")
    return sorted(n + names[n] for n in counting)


@cache
def engine_digest() -> str:
    """Returns a short hash of all code that a run can use: the packages `core` and `execution`.

    Records of a run leave out livenotes' own files, so an edit of them must count here.
    """
    package = Path(__file__).parents[1]
    files = [f for room in ("core", "execution") for f in (package / room).rglob("*")]
    texts = [f.read_text("utf-8") for f in sorted(files) if f.suffix in (".py", "") and f.is_file()]
    return text_digest("".join(texts))[:12]


def text_digest(text: str) -> str:
    """Returns the SHA-256 of a text, which may hold lone surrogates."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
