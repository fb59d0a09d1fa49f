"""Environments of the benchmark: complete."""

from __future__ import annotations

from benchmarks.environments import _closure


def test_what_a_package_asks_of_another_with_an_extra_is_there() -> None:
    """nbconvert needs bleach[css], which needs tinycss2."""
    names = {found.metadata["Name"].lower() for found in _closure(["nbconvert"])}
    assert {"bleach", "tinycss2"} <= names
