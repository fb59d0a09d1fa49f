"""Files that are made once and kept: by a key that names all that they are made from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from livenotes.cache import write_atomically


def kept(folder: Path, made_from: object, make: Callable[[], bytes]) -> bytes:
    """What `make` gives, remembered in `folder` under everything that it depends on.

    A file that is not whole is made again; a folder that cannot be written only costs time.
    """
    file = folder / hashlib.sha256(repr(made_from).encode()).hexdigest()[:32]
    with suppress(OSError):
        digest, _, data = file.read_bytes().partition(b"\n")
        if digest == _digest(data):
            return data
    data = make()
    with suppress(OSError):
        write_atomically(file, _digest(data) + b"\n" + data)
    return data


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode()
