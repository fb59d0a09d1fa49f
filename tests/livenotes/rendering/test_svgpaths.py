"""Shorter paths draw the same lines."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livenotes.rendering.svgpaths import rounded, shorter

NUMBERS = st.floats(-5000, 5000, allow_nan=False).map(lambda value: round(value, 6))
POINTS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=30)


def corners(path: str) -> list[tuple[float, float]]:
    """Where the pen stands after each command of M, L, l and z, as SVG defines them."""
    found: list[tuple[float, float]] = []
    x = y = left = top = 0.0
    for name, numbers in re.findall(r"([MLlz])([^MLlz]*)", path):
        values = [float(value) for value in re.findall(r"-?\d*\.?\d+(?:e-?\d+)?", numbers)]
        if name == "z":
            x, y = left, top
            found.append((x, y))
        for dx, dy in zip(values[::2], values[1::2], strict=True):
            x, y = (x + dx, y + dy) if name == "l" else (dx, dy)
            if name == "M":
                left, top = x, y
            found.append((x, y))
    return found


@settings(deadline=None)
@given(st.lists(st.tuples(POINTS, st.booleans()), min_size=1, max_size=4))
def test_every_corner_stays_within_a_hundredth(
    subpaths: list[tuple[list[tuple[float, float]], bool]],
) -> None:
    path = " ".join(
        f"M {' L '.join(f'{x:f} {y:f}' for x, y in points)}" + " z" * closed
        for points, closed in subpaths
    )
    before, after = corners(path), corners(shorter(path))
    assert len(before) == len(after)
    for (x, y), (left, top) in zip(before, after, strict=True):
        assert abs(x - left) < 0.0051 and abs(y - top) < 0.0051


def test_many_small_steps_add_up_to_no_error() -> None:
    path = "M 0 0 L " + " L ".join(f"{n / 3:f} {n / 7:f}" for n in range(1, 3000))
    assert corners(shorter(path))[-1] == pytest.approx((2999 / 3, 2999 / 7), abs=0.006)


@pytest.mark.parametrize(
    "path",
    ["m 1 2 l 3 4", "M 1 2 C 3 4 5 6 7 8", "M 1e-05 2 L 3 4", "M 1 2 3 4 5 6", "M 1 2 L 3", ""],
)
def test_other_paths_are_left_as_they_are(path: str) -> None:
    assert shorter(path) == path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("M 10 10.004 L 20.5 10 L 20.25 8 z", "M10 10l10.5 0-.25-2z"),
        ("M10,20L30,40", "M10 20l20 20"),
        ("M 1 1 L 2 2 z M 5 5 L 4 6", "M1 1l1 1zM5 5l-1 1"),
        ("M 1.23456 2 C 1.5 2 3 4 5 6", "M 1.23 2 C 1.5 2 3 4 5 6"),
    ],
)
def test_paths_become_shorter(path: str, expected: str) -> None:
    assert shorter(path) == expected


def test_a_long_path_that_is_none_is_refused_at_once() -> None:
    path = "M 1 2 " + "L 123456 7890 " * 20000 + "x"
    assert shorter(path) == path


def test_numbers_in_powers_of_ten_are_left_alone() -> None:
    assert rounded("1.23456e-05 -0.004 2.5") == "1.23456e-05 0 2.5"
