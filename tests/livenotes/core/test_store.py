"""The store gives back what was put, or nothing; its loss costs time only."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from livenotes.core import store as store_module
from livenotes.core.store import FILE, Store


def saved(folder: Path, *values: str, made_by: str = "") -> None:
    store = Store(folder, made_by)
    for value in values:
        store.put(value, f"from {value}")
    store.save()


def found(folder: Path, *values: str, made_by: str = "") -> list[str | bytes | None]:
    store = Store(folder, made_by)
    try:
        return [store.get(f"from {value}") for value in values]
    finally:
        store.save()


@pytest.mark.parametrize("value", ["text, 梯度", b"\0bytes\xff", "", b""])
def test_the_next_build_finds_what_was_saved(tmp_path: Path, value: str | bytes) -> None:
    store = Store(tmp_path / "new")
    store.put(value, "name", 1)
    store.save()
    again = Store(tmp_path / "new")
    assert again.get("name", 1) == value
    assert again.get("name", 2) is None
    again.save()


def test_other_programs_make_every_value_again(tmp_path: Path) -> None:
    saved(tmp_path, "a", made_by="1.0")
    assert found(tmp_path, "a", made_by="1.0") == ["a"]
    assert found(tmp_path, "a", made_by="1.1") == [None]


def test_a_value_is_made_once(tmp_path: Path) -> None:
    made = iter((b"first", b"second"))
    store = Store(tmp_path)
    assert [store.get_or_make(lambda: next(made), "a") for _ in range(3)] == [b"first"] * 3


def test_a_killed_build_loses_only_the_last_values(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for number in range(1000):
        store.put(f"{number}", f"from {number}")
    assert found(tmp_path, "0", "899", "999") == ["0", "899", None]
    store.save()


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda good: b"",
    "binary": lambda good: b"\xff\x00garbage",
    "half": lambda good: good[: len(good) // 2],
    "edited": lambda good: good.replace(b"a-value", b"b-value"),
    "zeros": lambda good: good[:100] + bytes(len(good) - 100),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_replaced(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    saved(tmp_path, "a-value")
    file = tmp_path / FILE
    good = file.read_bytes()
    file.write_bytes(damage(good))
    assert file.read_bytes() != good
    assert found(tmp_path, "a-value") == [None]
    saved(tmp_path, "a-value")
    assert found(tmp_path, "a-value") == ["a-value"]


def test_a_file_of_another_shape_costs_time_only(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE) as database:
        database.execute("CREATE TABLE entries (something TEXT)")
    database.close()
    saved(tmp_path, "a")
    assert found(tmp_path, "a") == [None]


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_place_that_cannot_be_written_costs_time_only(tmp_path: Path, what: str) -> None:
    folder = tmp_path / "cache"
    if what == "file":
        folder.write_text("in the way")
    else:
        (folder / FILE).mkdir(parents=True)
        (folder / FILE / "in the way").touch()
    store = Store(folder)
    store.put("a", "from a")
    store.save()
    assert store.get("from a") == "a"
    store.save()


def test_old_values_make_room_for_those_of_this_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "MAX_BYTES", 250)
    values = [letter * 60 for letter in "abcdefg"]
    saved(tmp_path, *values[:4])
    store = Store(tmp_path)
    assert store.get(f"from {values[0]}") == values[0]
    store.put(values[4], f"from {values[4]}")
    store.save()
    expected = [values[0], None, values[2], values[3], values[4]]
    assert found(tmp_path, *values[:5]) == expected


def test_builds_at_the_same_time_keep_each_others_values(tmp_path: Path) -> None:
    one, two = Store(tmp_path), Store(tmp_path)
    one.put("a", "from a")
    two.put("b", "from b")
    assert one.get("from c") is two.get("from c") is None  # both have opened the file
    one.save()
    two.save()
    assert found(tmp_path, "a", "b") == ["a", "b"]


def test_a_file_that_another_program_locks_is_not_waited_for_forever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(tmp_path, "a")
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda file, **rest: connect(file, timeout=0.1))
    other = connect(tmp_path / FILE)
    other.execute("BEGIN EXCLUSIVE")
    assert found(tmp_path, "a") == [None]
    other.close()
    assert found(tmp_path, "a") == ["a"]
    assert sorted(os.listdir(tmp_path)) == [FILE]
