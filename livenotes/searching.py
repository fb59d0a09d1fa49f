"""Search in two languages: one index for each, and the words that Chinese text is cut into.

Knows Material's search index, a JSON file, and jieba's word lists; knows nothing of MkDocs.
"""

from __future__ import annotations

import json
import logging
import re
import shutil
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from livenotes.cache import write_atomically
from livenotes.errors import LivenotesError
from livenotes.glossary import load_glossary
from livenotes.leftovers import writable

# Options of Material's search plugin. The theme's own defaults find nothing of "反向传播" (English
# separator) or of "Attention" (stemmer: the word in the index is cut short, the query is not).
# `\u200b` stands between the Chinese words; full stops split, but not inside numbers.
SETTINGS: dict[str, Any] = {
    "lang": ["en"],
    "separator": r"[\s\u200b\u3000\-_,:;=!?()\[\]{}\"'`/、，。：；！？（）《》“”]+|\.(?!\d)",
    "pipeline": ["stopWordFilter"],
}

_UNSEARCHED = re.compile(
    r"<(?P<tag>svg|x-math|x-term-tip)\b.*?</(?P=tag)>"
    r'|<div class="arithmatex"[^>]*>.*?</div>',
    re.DOTALL,
)
_SPAN = re.compile(r"</?span\b[^>]*>")
_MARK = re.compile(r"\s?data-search-\w+=\"[^\"]*\"")
_HAN = re.compile(r"[\u4e00-\u9fff]+")


def prepare_jieba() -> bool:
    """Whether jieba is installed; keeps it from reporting on standard error that it loads."""
    logging.getLogger("jieba").setLevel(logging.WARNING)
    return find_spec("jieba") is not None


def chinese_terms(glossary: Path) -> list[str]:
    """All Chinese names in the glossary; none where it is missing or broken."""
    try:
        terms = load_glossary(glossary, glossary.name)
    except LivenotesError:
        return []  # reported where the glossary itself is checked
    return [name for term in terms for name in (term.zh, *term.zh_variants)]


def write_words(terms: Iterable[str], target: Path) -> Path:
    """Write Chinese terms to `target` as a word list for jieba; returns `target`.

    The file is left alone where nothing changed: `mkdocs serve` must not see it as news. Where the
    folder cannot be written, the list stands in a temporary one.
    """
    text = "".join(f"{word}\n" for word in words(terms))
    data = text.encode()
    try:
        if not target.is_file() or target.read_bytes() != data:
            write_atomically(target, data)
        return target
    except OSError:
        place = writable(target.parent) / target.name
        write_atomically(place, data)
        return place


def words(terms: Iterable[str]) -> list[str]:
    """The terms to be kept whole when Chinese text is cut into words.

    Search matches the beginning of a word. So a term with another one further inside is left to
    be cut (偏导数 into 偏 and 导数), and so are long ones (自动求导): their parts are found too.
    """
    runs = {run for term in terms for run in _HAN.findall(term) if 2 <= len(run) <= 3}
    return sorted(run for run in runs if not any(other in run[1:] for other in runs))


def lean(html: str) -> str:
    """A page's HTML as search needs it: without pictures, formulas, tips, and colours of code.

    Material reads a page tag by tag, and nine in ten are those.
    """
    return _SPAN.sub("", _UNSEARCHED.sub("", html))


def unmarked(html: str) -> str:
    """A page's HTML without the marks for search, which a browser has no use for."""
    return _MARK.sub("", html)


def split_index(site: Path, codes: Sequence[str]) -> None:
    """Replace `search/search_index.json` by one index per language, `<code>/search/…`.

    Locations become relative to the language's folder; pages of no language are not indexed.
    """
    whole = site / "search" / "search_index.json"
    if not whole.is_file():
        return
    index = json.loads(whole.read_text("utf-8"))
    for code in codes:
        prefix = f"{code}/"
        docs = [
            doc | {"location": doc["location"].removeprefix(prefix)}
            for doc in index["docs"]
            if doc["location"].startswith(prefix)
        ]
        target = site / code / "search" / "search_index.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(
            {"config": index["config"], "docs": docs}, ensure_ascii=False, separators=(",", ":")
        )
        target.write_text(text, "utf-8")
    shutil.rmtree(whole.parent)
