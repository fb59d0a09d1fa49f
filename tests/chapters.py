"""What this repository publishes: the one place where tests of the real site learn of its pages.

The rule is the build's own: drafts are left out, so nobody has to write tests for them.
"""

from __future__ import annotations

import os
from pathlib import Path

from livenotes.document.source import fenced_modules
from livenotes.site.configuration import drafts_of, find_config, languages_of, load
from livenotes.site.documents import all_sources

os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
ROOT = Path(__file__).parents[1]
_CONFIG = load(find_config(ROOT))
_ALL = all_sources(_CONFIG)
_OUT = {d.source for d in drafts_of(_CONFIG, _ALL).pages.values() if not d.published}
_SOURCES = sorted((s for s in _ALL if s not in _OUT), key=lambda source: source.path)
LANGUAGES = tuple(languages_of(_CONFIG))
# Pages as `zh/autograd`, and those of them that show a module.
PAGES = [f"{s.language}/{s.name}" for s in _SOURCES if s.language in LANGUAGES]
CHAPTERS = [f"{s.language}/{s.name}" for s in _SOURCES if fenced_modules(s.text)]
# Names of the pages and chapters that stand in every language, and the modules that are shown.
PAIRS = sorted({
    page.partition("/")[2] for page in PAGES
    if all(f"{code}/{page.partition('/')[2]}" in PAGES for code in LANGUAGES)
})  # fmt: skip
CHAPTER_PAIRS = [name for name in PAIRS if f"{LANGUAGES[0]}/{name}" in CHAPTERS]
MODULES = sorted({fenced_modules(s.text)[0] for s in _SOURCES if fenced_modules(s.text)})


def _names(nav: object) -> list[str]:
    """The names of the pages in a navigation, in its order."""
    if isinstance(nav, str):
        return [nav.removesuffix(".md")]
    children = nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ()
    return [name for child in children for name in _names(child)]


# The names of the pages in the order of the navigation, which is that of "next".
NAV = [name for name in _names(_CONFIG.nav) if name in PAIRS]
