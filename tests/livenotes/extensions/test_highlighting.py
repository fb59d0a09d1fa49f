"""Sources are highlighted once for all builds, with the site's options."""

from __future__ import annotations

from pathlib import Path

import pytest

from livenotes.core.store import Store
from livenotes.extensions.highlighting import Highlighter, highlighter


def test_the_next_build_highlights_only_what_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(made_by: str = "pygments 1", lines: str = "2", **options: object) -> str:
        cache = Store(tmp_path, made_by)
        highlight = highlighter({"pymdownx.highlight": options}, cache)
        html = highlight("x = 1\nx", {"hl_lines": lines}, "m-x")
        cache.save()
        return html

    first, plain = build(), build(use_pygments=False)
    assert "<span" in first and "<span" not in plain
    monkeypatch.setattr(Highlighter, "_highlight", lambda *_: "made now")
    assert build() == first and build(use_pygments=False) == plain
    assert build(lines="1") == "made now"
    assert build(linenums_style="inline") == "made now"
    assert build("pygments 2") == "made now"


def test_lines_have_ids_of_their_cell(tmp_path: Path) -> None:
    options = {"pymdownx.highlight": {"line_spans": "line", "anchor_linenums": True}}
    highlight = highlighter(options, Store(tmp_path, ""))
    first = highlight("x = 1", {"linenums": "1"}, "m-one")
    assert 'id="line-m-one-1"' in first and "__codelineno-m-one-1" in first
    assert 'id="line-m-two-1"' in highlight("x = 1", {}, "m-two")
