"""Search in two languages: what of a page can be searched, and one index for each language.

Knows Material's search index, a JSON file; knows nothing of MkDocs. The index is read by a worker
of ours, theme/assets/searching.js.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from opencc import OpenCC

from livenotes.core.glossary import Term

# The theme marks the words that were found on the page; they come to it with blanks between.
SEPARATOR = r"[\s\u200b]+"

_UNSEARCHED = re.compile(
    r"<(?P<tag>svg|x-term-tip)\b.*?</(?P=tag)>|<div class=\"arithmatex\"[^>]*>.*?</div>", re.DOTALL
)
_FORMULA = re.compile(r"<x-math\b.*?</x-math>", re.DOTALL)
_ROW = re.compile(r"(</?)tr\b[^>]*>")
_SPAN = re.compile(r"</?span\b[^>]*>")
_MARK = re.compile(r"\s?data-search-\w+=\"[^\"]*\"")


def lean(html: str) -> str:
    """A page's HTML as search needs it: without pictures, formulas, tips, and colours of code.

    Material reads a page tag by tag, and nine in ten are those. It keeps no tables: rows become
    paragraphs here, and cells are kept apart. A reader of an excerpt sees "…" for a formula.
    """
    html = _FORMULA.sub("…", _SPAN.sub("", _UNSEARCHED.sub("", html)))
    return _ROW.sub(r"\1p>", html.replace("</td>", " </td>").replace("</th>", " </th>"))


def unmarked(html: str) -> str:
    """A page's HTML without the marks for search, which a browser has no use for."""
    return _MARK.sub("", html)


def split_index(site: Path, folders: Sequence[str], terms: Sequence[Term] = ()) -> None:
    """Replace `search/search_index.json` by one index per language, `<folder>/search/…`; in place
    where the only language has no folder, "".

    Locations become relative to the language's folder; pages of no language are not indexed.
    """
    whole = site / "search" / "search_index.json"
    if not whole.is_file():
        return
    index = json.loads(whole.read_text("utf-8"))
    config = index["config"] | {"terms": [names(term) for term in terms]}
    for folder in folders:
        prefix = f"{folder}/" if folder else ""
        own = [
            doc | {"location": doc["location"].removeprefix(prefix)}
            for doc in index["docs"]
            if doc["location"].startswith(prefix)
        ]
        own.sort(key=lambda doc: str(doc["location"]).partition("#")[0])  # not as pages got ready
        config["variants"] = variants("".join(doc["title"] + doc["text"] for doc in own))
        target = site / folder / "search" / "search_index.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(
            {"config": config, "docs": own}, ensure_ascii=False, separators=(",", ":")
        )
        target.write_text(text.replace("\u200b", ""), "utf-8")  # by jieba, where it is installed
    if "" not in folders:
        shutil.rmtree(whole.parent)


def variants(text: str) -> list[str]:
    """Pairs of a Chinese character in the text and another way to write it, such as 学學.

    Readers of traditional characters find simplified text by them. The pairs come from OpenCC.
    """
    usual = {char for char in text if "\u4e00" <= char <= "\u9fff"}
    if not usual:
        return []
    simplified = _simplified()
    return sorted(
        f"{usual_char}{char}"
        for char, usual_char in simplified.items()
        if usual_char in usual and char not in usual
    )


@cache
def _simplified() -> dict[str, str]:
    """The simplified form of every traditional character."""
    chars = [chr(code) for code in range(0x4E00, 0xA000)]
    forms = OpenCC("t2s").convert("\n".join(chars)).split("\n")
    return {char: form for char, form in zip(chars, forms, strict=True) if char != form}


def names(term: Term) -> list[str]:
    """What readers may call a term, in any language; also what the site does not write."""
    codes = term.languages
    return [word for code in codes for word in (*term.names(code), *term.avoided(code))]
