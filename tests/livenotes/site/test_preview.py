"""Preview pictures: their size, the same bytes each time, and words that fit."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from livenotes.core.store import Store
from livenotes.site import preview as room
from livenotes.site.preview import Card, draws_chinese, preview

ENGLISH = Card("Autograd in PyTorch", "Dive into Deep Learning notes", "Every output is run.")
LONG = Card("A title " * 40, "Notes", "A description that goes on and on " * 20)
CHINESE = Card("自动求导", "动手学深度学习笔记", "每个输出都由代码运行得出。")


def picture(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


@pytest.mark.parametrize("card", [ENGLISH, LONG, CHINESE])
def test_a_picture_has_the_size_that_networks_want(card: Card, tmp_path: Path) -> None:
    png = preview(card, Store(tmp_path))
    assert png.startswith(b"\x89PNG")
    assert picture(png).size == (1200, 630)
    assert len(png) < 100_000


@pytest.mark.parametrize("card", [ENGLISH, CHINESE])
def test_the_same_words_give_the_same_bytes(card: Card, tmp_path: Path) -> None:
    store = Store(tmp_path / "one")
    first = preview(card, store)
    assert preview(card, store) == first  # from the store
    assert preview(card, Store(tmp_path / "other")) == first  # drawn anew


def test_other_words_give_another_picture(tmp_path: Path) -> None:
    assert preview(ENGLISH, Store(tmp_path)) != preview(Card("Norms", *LONG_REST), Store(tmp_path))


LONG_REST = (ENGLISH.above, ENGLISH.below)


@pytest.mark.parametrize("card", [ENGLISH, LONG, CHINESE])
def test_words_keep_away_from_the_edge(card: Card, tmp_path: Path) -> None:
    image = picture(preview(card, Store(tmp_path)))
    for edge in ((1160, 0, 1200, 630), (20, 610, 1200, 630), (20, 0, 1200, 40)):
        assert image.crop(edge).getcolors() == [
            ((edge[2] - edge[0]) * (edge[3] - edge[1]), (255, 255, 255))
        ]


def test_a_machine_without_a_chinese_font_knows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_CHINESE", (("/nowhere/font.ttc", 0),))
    room._chinese.cache_clear()
    assert not draws_chinese()
    room._chinese.cache_clear()
