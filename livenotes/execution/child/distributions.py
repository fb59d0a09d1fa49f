"""Finds the installed distributions that this process has imported."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cache
from importlib.metadata import packages_distributions

from livenotes.execution.fingerprints import distribution_version


def imported_distributions() -> dict[str, str]:
    """Returns name and version of every installed distribution that was imported."""
    imported = _top_level(sys.modules)
    if _unlisted(imported) - _unlisted_in_server():
        _packages.cache_clear()  # something was installed since the fork server started
    names = {name for package in imported for name in _packages().get(package, ())}
    versions = {name: distribution_version(name) for name in sorted(names)}
    return {name: version for name, version in versions.items() if version}


def distributions_of(imports: Iterable[str]) -> list[str]:
    """Returns the installed distributions that these imports come from."""
    packages = _top_level(imports)
    return sorted({name for package in packages for name in _packages().get(package, ())})


def read_installed() -> None:
    """Reads the list of installed packages, in the fork server, for all its children."""
    _unlisted_in_server()


@cache
def _packages() -> dict[str, list[str]]:
    return dict(packages_distributions())


@cache
def _unlisted_in_server() -> frozenset[str]:
    """Packages like the finder of an editable installation, which no distribution ever lists."""
    return frozenset(_unlisted(_top_level(sys.modules)))


def _unlisted(imported: set[str]) -> set[str]:
    """Returns the installed packages that no distribution lists."""
    return {package for package in imported - _packages().keys() if _is_installed(package)}


def _is_installed(package: str) -> bool:
    origin = getattr(getattr(sys.modules.get(package), "__spec__", None), "origin", None)
    return "-packages" in (origin or "")


def _top_level(names: Iterable[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}
