"""Search in two languages: what of a page can be searched, and one index for each language.

Knows Material's search index, a JSON file; knows nothing of MkDocs. The index is read by a worker
of ours, theme/assets/searching.js.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from opencc import OpenCC

from livenotes.core.glossary import Term
from livenotes.site.searchtext import Section

# The theme marks the words that were found on the page; they come to it with blanks between.
SEPARATOR = r"[\s\u200b]+"


def entries(
    sections: Iterable[Section], url: str, title: str, meta: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """What the index says of a page, in the form of Material's index.

    `title` is the page's, for a section without a heading; of `meta`, tags and boost count.
    """
    search = meta.get("search") or {}
    more: dict[str, Any] = {}
    if isinstance(tags := meta.get("tags"), list):
        more["tags"] = [str(tag) for tag in tags if tag and isinstance(tag, str | int | float)]
    if "boost" in search:
        more["boost"] = search["boost"]
    return [
        {
            "location": f"{url}#{section.id}" if section.id else url,
            "title": ("".join(section.title) or title).strip(),
            "text": "".join(section.text).strip(),
            **more,
        }
        for section in sections
    ]


def split_index(
    site: Path,
    folders: Sequence[str],
    terms: Sequence[Term] = (),
    ours: Sequence[dict[str, Any]] = (),
) -> None:
    """Replace `search/search_index.json` by one index per language, `<folder>/search/…`; in place
    where the only language has no folder, "".

    `ours` are entries of pages that the search plugin has left out. Locations become relative to
    the language's folder; pages of no language are not indexed.
    """
    whole = site / "search" / "search_index.json"
    if not whole.is_file():
        return
    index = json.loads(whole.read_text("utf-8"))
    known = [names(term) for term in terms]
    config = index["config"] | {"terms": known}
    for folder in folders:
        prefix = f"{folder}/" if folder else ""
        own = [
            doc | {"location": doc["location"].removeprefix(prefix)}
            for doc in [*index["docs"], *ours]
            if doc["location"].startswith(prefix)
        ]
        own.sort(key=lambda doc: str(doc["location"]).partition("#")[0])  # not as pages got ready
        said = [doc[part] for doc in own for part in ("title", "text")]
        config["variants"] = variants("".join([*said, *chain.from_iterable(known)]))
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
    usual = {char for char in set(text) if "\u4e00" <= char <= "\u9fff"}
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
    return [
        word
        for code, entry in term.entries
        for word in (*term.names(code), *entry.avoid, *entry.searched)
    ]
