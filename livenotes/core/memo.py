"""How steps are remembered: by a name, and by the value of all that they are made from."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Protocol, TypeVar

_T = TypeVar("_T")


class Remember(Protocol):
    """Returns what was made under `name` from an equal `key`; else what `make` makes now."""

    def __call__(self, name: Hashable, key: object, make: Callable[[], _T], /) -> _T: ...


def call(name: Hashable, key: object, make: Callable[[], _T], /) -> _T:
    """A Remember that remembers nothing."""
    return make()
