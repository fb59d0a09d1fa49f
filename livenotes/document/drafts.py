"""Which pages are still drafts: those that say so, and those that another language still lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from livenotes.core.problems import Problem
from livenotes.document.document import Source
from livenotes.document.source import fenced_modules, front_matter, line_of_key

_SHOWN = "`mkdocs serve` shows it, a build leaves it out."


@dataclass(frozen=True)
class Draft:
    """A page that is not finished.

    `marked` says whether it is by `draft: true` in its front matter. `missing` are the files of
    its translations that are not there, or are drafts. `published`: a build publishes it all the
    same, with a notice.
    """

    source: Source
    marked: bool
    missing: tuple[str, ...]
    published: bool

    def problem(self) -> Problem:
        """What the author is told of the page."""
        if self.marked:
            line = line_of_key(self.source.text, "draft")
            hint = f"{_SHOWN} Remove `draft: true` when it is done."
            return Problem(self.source.path, line, "a draft", hint=hint)
        hint = "A build publishes it with a notice." if self.published else _SHOWN
        lacking = ", ".join(self.missing)
        return Problem(self.source.path, 0, f"not translated yet: {lacking}", hint=hint)


@dataclass(frozen=True)
class Drafts:
    """The drafts of a site. `pages` and `absent` are by MkDocs' names (`zh/autograd.md`); `absent`
    are translations that nobody has begun."""

    pages: Mapping[str, Draft]
    absent: frozenset[str] = frozenset()

    @property
    def left_out(self) -> frozenset[str]:
        """The pages that a build leaves out."""
        return frozenset(uri for uri, draft in self.pages.items() if not draft.published)

    def misnamed(self) -> Iterator[Problem]:
        """Pages that seem to be translations of each other under different names: one of them was
        renamed."""
        alone = [draft.source for draft in self.pages.values() if not draft.marked]
        modules = {source: fenced_modules(source.text)[:1] for source in alone}
        for place, one in enumerate(alone):
            for other in alone[:place]:
                if (
                    one.language != other.language
                    and modules[one]
                    and (modules[one] == modules[other])
                ):
                    module = modules[one][0]
                    message = f"shows '{module}' as {other.path} does, under another name"
                    hint = "Translations are found by their name: rename one of the two."
                    yield Problem(one.path, 0, message, hint=hint)


NONE = Drafts({})


def uri_of(source: Source, languages: Sequence[str]) -> str:
    """MkDocs' name of a page: its path below the pages' folder."""
    folder = f"{source.language}/" if source.language in languages and len(languages) > 1 else ""
    return f"{folder}{source.name}.md"


def find_drafts(sources: Iterable[Source], languages: Sequence[str], publish: bool) -> Drafts:
    """Returns the drafts among all pages of a site in these languages.

    A language without any page demands no translations. `publish`: pages that lack a translation
    are published.
    """
    pages = {uri_of(source, languages): source for source in sources}
    marked = {
        uri
        for uri, source in pages.items()
        if "draft" in source.text and front_matter(source.text).get("draft") is True
    }
    begun = {source.language for source in pages.values()} & set(languages)
    drafts, absent = {}, set()
    for uri, source in pages.items():
        twins = {
            code: uri.replace(f"{source.language}/", f"{code}/", 1)
            for code in sorted(begun - {source.language})
            if source.language in begun
        }
        missing = [twin for twin in twins.values() if twin not in pages or twin in marked]
        absent |= {twin for twin in missing if twin not in pages}
        if uri in marked or missing:
            folder = source.path.removesuffix(uri)
            paths = tuple(folder + twin for twin in missing)
            is_marked = uri in marked
            drafts[uri] = Draft(source, is_marked, paths, publish and not is_marked)
    return Drafts(drafts, frozenset(absent))
