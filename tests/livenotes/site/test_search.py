"""What of a page can be searched, and the index of each language."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from livenotes.core.glossary import make_term
from livenotes.site.search import entries, split_index, variants
from livenotes.site.searchtext import Section

TERM = make_term({
    "zh": "导数", "en": "derivative", "meaning_zh": "…", "meaning_en": "…",
    "zh_variants": ["微商"], "en_variants": ["slope"], "zh_avoid": ["倒数"],
    "zh_searched": ["变化率"],
})  # fmt: skip


def test_traditional_forms_are_named_for_the_characters_of_the_text() -> None:
    assert set(variants("学习率 rate 矩阵")) >= {"学學", "习習", "阵陣"}
    assert variants("learning rate") == []
    assert not [pair for pair in variants("學习") if pair == "学學"]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    docs = [
        {"location": "zh/a/#b", "title": "\u200b矩阵\u200b", "text": "<p>矩阵\u200b的\u200b秩</p>"},
        {"location": "en/a/#b", "title": "Matrix", "text": "<p>its rank</p>"},
        {"location": "", "title": "Both", "text": ""},
    ]
    whole = tmp_path / "search/search_index.json"
    whole.parent.mkdir()
    whole.write_text(json.dumps({"config": {"separator": "x"}, "docs": docs}), "utf-8")
    return tmp_path


def test_each_language_has_its_own_pages_and_all_names_of_the_terms(site: Path) -> None:
    split_index(site, ("zh", "en"), [TERM])
    texts = {c: (site / c / "search/search_index.json").read_text("utf-8") for c in ("zh", "en")}
    indexes = {code: json.loads(text) for code, text in texts.items()}
    assert [doc["location"] for doc in indexes["zh"]["docs"]] == ["a/#b"]
    assert [doc["title"] for doc in indexes["en"]["docs"]] == ["Matrix"]
    assert "阵陣" in indexes["zh"]["config"].pop("variants")
    assert "导導" in indexes["en"]["config"].pop("variants"), "it stands in the name of a term"
    for index in indexes.values():
        names = ["导数", "微商", "倒数", "变化率", "derivative", "slope"]
        assert index["config"] == {"separator": "x", "terms": [names]}
    assert not (site / "search").exists()


def test_marks_between_chinese_words_are_left_out(site: Path) -> None:
    """Material makes them where jieba is installed; the index must not depend on that."""
    split_index(site, ("zh",))
    index = json.loads((site / "zh/search/search_index.json").read_text("utf-8"))
    assert index["docs"] == [{"location": "a/#b", "title": "矩阵", "text": "<p>矩阵的秩</p>"}]


def test_the_order_in_which_pages_were_built_is_not_seen(tmp_path: Path) -> None:
    """Sections stay in the order of their page."""
    built = ("zh/b/", "zh/b/#z", "zh/b/#a", "zh/", "zh/a/", "zh/a/#y")
    docs = [{"location": place, "title": "", "text": ""} for place in built]
    whole = tmp_path / "search/search_index.json"
    whole.parent.mkdir()
    whole.write_text(json.dumps({"config": {}, "docs": docs}), "utf-8")
    split_index(tmp_path, ("zh",))
    index = json.loads((tmp_path / "zh/search/search_index.json").read_text("utf-8"))
    assert [d["location"] for d in index["docs"]] == ["", "a/", "a/#y", "b/", "b/#z", "b/#a"]


def test_a_site_without_search_is_left_as_it_is(tmp_path: Path) -> None:
    split_index(tmp_path, ("zh", "en"), [TERM])
    assert list(tmp_path.iterdir()) == []


def test_entries_of_our_pages_join_those_of_others(site: Path) -> None:
    found = [Section("", ["A ", "<code>b</code>"], ["<p>x</p>"]), Section("z", [], [])]
    ours = entries(found, "zh/a/", "Title", {"tags": ["t", None], "search": {"boost": 2}})
    more = {"tags": ["t"], "boost": 2}
    assert ours == [
        {"location": "zh/a/", "title": "A <code>b</code>", "text": "<p>x</p>", **more},
        {"location": "zh/a/#z", "title": "Title", "text": "", **more},
    ]
    split_index(site, ("zh",), [], ours)
    index = json.loads((site / "zh/search/search_index.json").read_text("utf-8"))
    assert [doc["location"] for doc in index["docs"]] == ["a/#b", "a/", "a/#z"]
