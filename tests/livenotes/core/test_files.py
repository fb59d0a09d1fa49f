"""What is made once is kept whole, or made again."""

from __future__ import annotations

from pathlib import Path

import pytest

from livenotes.core.files import kept


class Maker:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> bytes:
        self.times += 1
        return b"one\ntwo"


def test_it_is_made_once_for_the_same_things(tmp_path: Path) -> None:
    make = Maker()
    assert [kept(tmp_path / "new", ("a", 1), make) for _ in range(3)] == [b"one\ntwo"] * 3
    assert make.times == 1
    kept(tmp_path / "new", ("a", 2), make)
    assert make.times == 2


@pytest.mark.parametrize("damage", [b"", b"one\ntwo", b"\x00" * 40])
def test_a_damaged_file_is_made_again(tmp_path: Path, damage: bytes) -> None:
    make = Maker()
    kept(tmp_path, "a", make)
    next(tmp_path.iterdir()).write_bytes(damage)
    assert kept(tmp_path, "a", make) == b"one\ntwo"
    assert make.times == 2


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert kept(tmp_path / "file", "a", Maker()) == b"one\ntwo"
