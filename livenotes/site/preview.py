"""The picture that stands for a page where its address is shared: 1200 by 630, a title on paper.

Drawn by Pillow; the same words and fonts give the same bytes. Chinese needs a font of the machine.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livenotes.core.store import Store

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

SIZE = (1200, 630)
_PAPER, _INK, _QUIET, _RULE, _BLUE, _BROWN = (
    "#ffffff", "#1d2129", "#5c6470", "#dfe3e8", "#1677e0", "#a8420a",
)  # fmt: skip
# Lines of code: top and left, then widths and colours.
_CODE: tuple[tuple[Any, ...], ...] = (
    (48, 28, 70, _BROWN, 110, _INK),
    (84, 28, 96, _INK, 40, _QUIET, 76, _BLUE),
    (120, 60, 58, _BROWN, 130, _INK),
    (156, 60, 150, _INK),
    (192, 28, 120, _BLUE, 60, _INK),
)
_SOURCE = Path(__file__).read_text("utf-8")  # now: it may be edited before a picture is drawn
_MARGIN = 80
_TEXT_WIDTH = 690
_LINES = 4
# Where Debian, Fedora, Arch, macOS and Windows keep a bold Chinese font, and its face.
_CHINESE = (
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc", 2),
    ("/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Bold.ttc", 2),
    ("/usr/share/fonts/noto-cjk/NotoSansCJK-Bold.ttc", 2),
    ("/System/Library/Fonts/Hiragino Sans GB.ttc", 2),
    ("C:/Windows/Fonts/msyhbd.ttc", 0),
)


@dataclass(frozen=True)
class Card:
    """The words: the page's title, the line above it, the line at the foot."""

    title: str
    above: str
    below: str


def draws_chinese() -> bool:
    """Whether this machine has a font for Chinese."""
    return _chinese() is not None


def has_chinese(text: str) -> bool:
    return any(map(_is_chinese, text))


def preview(card: Card, store: Store) -> bytes:
    """Returns the PNG, from the store if the same words were drawn before."""
    import PIL

    made_by = (PIL.__version__, _font_file(card), _SOURCE)
    return store.get_or_make(lambda: _draw(card), "preview", card, made_by)


def _draw(card: Card) -> bytes:
    from PIL import Image, ImageDraw  # takes a tenth of a second, and is needed once

    image = Image.new("RGB", SIZE, _PAPER)
    image.paste(_cell(), (SIZE[0] - 420, 130))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 16, SIZE[1]), fill=_BLUE)
    draw.text((_MARGIN, 70), card.above, _QUIET, _font(card, 32))
    size, lines = _fitted(card)
    top = 150
    for line in lines:
        draw.text((_MARGIN, top), line, _INK, _font(card, size))
        top += round(size * 1.3)
    draw.line((_MARGIN, 530, SIZE[0] - _MARGIN, 530), _RULE, 2)
    draw.text((_MARGIN, 552), *_foot(card))
    file = io.BytesIO()
    image.save(file, "png", compress_level=6)
    return file.getvalue()


def _foot(card: Card) -> tuple[str, str, FreeTypeFont]:
    """The line at the foot, its colour and its font; as much of it as has room."""
    font, text = _font(card, 20), card.below
    if font.getlength(text) > (room := SIZE[0] - 2 * _MARGIN):
        while font.getlength(text + "…") > room:
            text = text[:-1]
        text += "…"
    return text, _QUIET, font


@lru_cache(maxsize=1)
def _cell() -> Image:
    """A code cell and its output, as lines without words: what every site of livenotes shows."""
    from PIL import Image, ImageDraw

    scale, side = 3, 360  # drawn large, for smooth corners
    image = Image.new("RGB", (side * scale, side * scale), _PAPER)
    draw = ImageDraw.Draw(image)

    def box(left: int, top: int, right: int, bottom: int, radius: int, fill: str) -> None:
        draw.rounded_rectangle(tuple(scale * n for n in (left, top, right, bottom)),
                               radius * scale, fill)  # fmt: skip

    box(0, 20, 360, 230, 16, _RULE)
    for top, *bars in _CODE:
        left = bars.pop(0)
        for width, colour in zip(bars[::2], bars[1::2], strict=True):
            box(left, top, left + int(width), top + 14, 7, str(colour))
            left += int(width) + 14
    box(0, 248, 8, 330, 4, _BLUE)
    for top, width in ((262, 190), (302, 130)):
        box(32, top, 32 + width, top + 14, 7, _QUIET)
    return image.resize((side, side), Image.Resampling.LANCZOS)


def _fitted(card: Card) -> tuple[int, list[str]]:
    """The largest size at which the title has room, and its lines."""
    for size in (88, 76, 64, 54, 46):
        lines = list(_lines(card.title, _font(card, size)))
        if len(lines) * size * 1.3 <= 360:
            return size, lines
    return size, [*lines[: _LINES - 1], lines[_LINES - 1] + "…"]


def _lines(text: str, font: FreeTypeFont) -> Iterator[str]:
    line = ""
    for word in _words(text):
        if line and font.getlength((line + word).rstrip()) > _TEXT_WIDTH:
            yield line.rstrip()
            line = ""
        line += word
    yield line.rstrip()


def _words(text: str) -> Iterator[str]:
    """What stays together in a line: words with the blank behind them, single Chinese characters
    with the punctuation behind them."""
    word = ""
    for char in text:
        if (
            word
            and (word.endswith(" ") or (_is_chinese(char) and char not in "，。：、；！？）》”"))
        ) or (word and _is_chinese(word[-1]) and not _is_chinese(char) and char != " "):
            yield word
            word = ""
        word += char
    yield word


def _is_chinese(char: str) -> bool:
    return "\u2e80" <= char <= "\u9fff" or "\uff00" <= char <= "\uffef" or char in "“”"


def _font(card: Card, size: int) -> FreeTypeFont:
    from PIL import ImageFont

    basic = ImageFont.Layout.BASIC  # the same everywhere, whatever else is installed
    if found := _font_file(card):
        return ImageFont.truetype(found[0], size, found[1], layout_engine=basic)
    return ImageFont.load_default(size)  # type: ignore[return-value]


def _font_file(card: Card) -> tuple[str, int] | None:
    """The font for these words: the machine's for Chinese, else matplotlib's own; None where there
    is neither, for Pillow's."""
    if has_chinese(f"{card.title}{card.above}{card.below}"):
        return _chinese()
    matplotlib = find_spec("matplotlib")
    for folder in (matplotlib.submodule_search_locations if matplotlib else None) or ():
        file = Path(folder, "mpl-data/fonts/ttf/DejaVuSans-Bold.ttf")
        if file.is_file():
            return str(file), 0
    return None


@lru_cache(maxsize=1)
def _chinese() -> tuple[str, int] | None:
    return next(((file, face) for file, face in _CHINESE if Path(file).is_file()), None)
