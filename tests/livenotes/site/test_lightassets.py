"""What readers get of our style sheets and scripts says the same, as Pygments reads it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Whitespace

from livenotes.site.lightassets import lighten, without_comments

THEME = Path(__file__).parents[3] / "livenotes/theme"
ASSETS = sorted(f for f in (THEME / "assets").iterdir() if f.suffix in (".css", ".js"))


def code(text: str, suffix: str) -> list[tuple[object, str]]:
    tokens = get_lexer_by_name(suffix[1:]).get_tokens(text)
    return [
        (kind, value) for kind, value in tokens
        if kind not in Comment and kind not in Whitespace and value.strip()
    ]  # fmt: skip


@pytest.mark.parametrize("file", ASSETS, ids=lambda file: file.name)
def test_only_comments_are_taken_out(file: Path) -> None:
    text = file.read_text("utf-8")
    light = without_comments(text, file.suffix)
    assert code(light, file.suffix) == code(text, file.suffix)
    assert len(light) < len(text) and light.splitlines()[0].strip()


def test_what_an_author_put_in_its_place_is_left(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    own, ours = tmp_path / "assets" / "livenotes.css", tmp_path / "assets" / "keys.js"
    own.write_text("/* mine */ a {}", "utf-8")
    ours.write_text((THEME / "assets/keys.js").read_text("utf-8"), "utf-8")
    lighten(tmp_path, THEME)
    assert own.read_text("utf-8") == "/* mine */ a {}"
    assert ours.read_text("utf-8").startswith('"use strict";')
