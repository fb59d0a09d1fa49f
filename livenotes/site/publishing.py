"""What a built site holds beside its pages: light fonts, Markdown, llms.txt, preview pictures, and
what pages say of themselves in their heads. A server leaves all that out.

"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from livenotes.checks.history import last_changes
from livenotes.core.percent import Cell
from livenotes.core.problems import LivenotesError
from livenotes.core.store import Store
from livenotes.core.words import locale, words
from livenotes.document.document import Document
from livenotes.document.prose import plain
from livenotes.execution.outputs import Output, Outputs
from livenotes.execution.runs import Runs
from livenotes.export.llms import Entry, llms_txt
from livenotes.export.markdown import Sources, page_markdown
from livenotes.rendering import fonts as mathfonts
from livenotes.rendering.fill import quoted_value
from livenotes.site import offline, structured
from livenotes.site.build import Build
from livenotes.site.configuration import options_of
from livenotes.site.drafting import UNPUBLISHED, without_unpublished
from livenotes.site.languages import THEME, Languages
from livenotes.site.lightassets import lighten
from livenotes.site.preview import SIZE, Card, draws_chinese, has_chinese, preview
from livenotes.site.repository import report_url
from livenotes.site.structured import About

_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Head:
    """What a page's head says to machines, as text for a template: nothing in it is escaped."""

    about: About
    kind: str
    locale: str
    other_locales: tuple[str, ...]
    site_name: str
    markdown: str
    data: str
    width: int = SIZE[0]
    height: int = SIZE[1]


class Publishing:
    """What the plugin calls in one build. A server leaves out what no reader of its pages sees."""

    def __init__(self, build: Build, languages: Languages) -> None:
        self.build = build
        self.config = build.config
        self.options = options_of(build.config)
        self.languages = languages
        self._for_machines = not build.serving and self.options.machine_readers
        self._shown: list[Page] = []
        self._store = Store(build.runs.project.cache)
        # The day of each page's last change, by its file.
        self._changed = {} if build.serving else last_changes(Path(self.config.docs_dir))

    def on_page_context(self, context: MutableMapping[str, Any], page: Page) -> None:
        """Give the templates what stands in the page's head, and at its foot."""
        context["report"] = report_url(self.config.repo_url or "", page.url)
        context["changed"] = self._changed.get(page.file.abs_src_path or "", "")
        if self._for_machines:
            self._shown.append(page)
            context["head"] = self._head(page)

    def begin(self) -> None:
        """Makes what takes long and is known before outputs are, as long as these are not there:
        `on_post_build` finds it made."""
        if self.build.serving:
            return
        katex, runs = self.build.katex, self.build.runs
        needed = mathfonts.characters(katex.style_sheet(), katex.shown)
        for font in katex.fonts():
            if runs.waiting():
                mathfonts.smaller(font.read_bytes(), needed.get(font.name, ""), self._store)

    def on_post_build(self) -> None:
        """Write all that is no page."""
        if self.build.serving:
            return
        site, store = Path(self.config.site_dir), self._store
        css = (site / "assets/katex/katex.css").read_text("utf-8")
        needed = mathfonts.characters(css, self.build.katex.shown)
        lighten(site, THEME)
        mathfonts.cut(site / "assets/katex/fonts", needed, store)
        for page in self._shown:
            code, document = self.languages.of(page.file.src_uri), self.build.document(page)
            if code and document:
                text = self._markdown(page, code, document)
                (site / _markdown_uri(page)).write_text(text, "utf-8")
            if self.config.site_url:
                picture = site / _picture_uri(page)
                picture.parent.mkdir(parents=True, exist_ok=True)
                picture.write_bytes(preview(self._card(page), store))
        store.save()
        if self._for_machines:
            (site / "llms.txt").write_text(self._llms_txt(), "utf-8")
        if self.options.offline:
            offline.finish(site)

    def _head(self, page: Page) -> Head:
        code = self.languages.of(page.file.src_uri)
        about = self._about(page)
        own = self.languages.view(code)
        author = self.config.site_author or own["site_name"]
        based_on = self.options.based_on
        if code is None:
            data = structured.site(about, self.languages.codes)
        elif self._is_home(page, code):
            parts = [self._about(each) for each in self.languages.pages(code)]
            parts = [part for part in parts if part.name != about.name]
            level = self.options.educational_level
            data = structured.course(about, code, author, level, based_on, parts)
        else:
            home = self.languages.twin("index.md", code)
            whole = self._about(home) if home else about
            data = structured.chapter(about, code, author, based_on, whole)
        return Head(
            about,
            "website" if code is None or self._is_home(page, code) else "article",
            locale(code or ""),
            tuple(locale(c) for c in self.languages.codes if c != code),
            own["site_name"],
            get_relative_url(_markdown_uri(page), page.url) if code else "",
            structured.to_script(data),
        )

    def _about(self, page: Page) -> About:
        own, root = self.languages.view(self.languages.of(page.file.src_uri)), self.config.site_url
        description = page.meta.get("description") or own["site_description"] or ""
        url = urljoin(root, page.url) if root else ""
        image = urljoin(root, _picture_uri(page)) if root else ""
        return About(_title(page), unescape(str(description)), url, image)

    def _card(self, page: Page) -> Card:
        """The words of a page's picture; those of another language where the machine cannot draw
        Chinese."""
        drawn = self.languages.of(page.file.src_uri)
        names = {c: self.languages.view(c)["site_name"] for c in self.languages.codes}
        if not draws_chinese() and (drawn is None or has_chinese(names[drawn])):
            drawn = next((c for c, name in names.items() if not has_chinese(name)), drawn)
        twin = self.languages.twin(page.file.src_uri, drawn) if drawn else None
        own = self.languages.view(drawn or self.languages.codes[0])
        title = _title(twin) if twin else own["site_name"]
        if title != (above := own["site_name"]):
            return Card(title, above, own["site_description"] or "")
        others = [name for name in names.values() if name != title and not has_chinese(name)]
        return Card(title, " ".join(others[:1]), own["site_description"] or "")

    def _markdown(self, page: Page, code: str, document: Document) -> str:
        """The page's Markdown, with links to that of other pages."""
        build, unpublished = self.build, self.build.conversion.unpublished

        def link(target: str) -> str | None:
            path, found, anchor = build.target(page.file.src_uri, target)
            if not found:
                return UNPUBLISHED if path in unpublished else None
            linked = found.page and self.languages.of(found.src_uri)
            url = _markdown_uri(found.page) if linked and found.page else found.url
            return get_relative_url(url, _markdown_uri(page)) + anchor

        about, own = self._about(page), words(code)
        outputs = build.outputs(document)
        made = build.versions(outputs) if outputs else {}
        versions = ", ".join(f"{name} {number}" for name, number in made.items())
        facts = [plain(about.description), about.url, versions]
        lines = [
            line.format(fact)
            for line, fact in zip(("> {}", own.web_page, own.outputs_of), facts, strict=True)
            if fact
        ]
        cells, value = dict(_cells(build.runs, document)), partial(quoted_value, build.runs)
        sources = Sources(cells, build.terms, self.languages.names, value, link)
        text = page_markdown(document, code, lines, sources)
        return without_unpublished(text, own.not_published) if unpublished else text

    def _llms_txt(self) -> str:
        """The list of all pages' Markdown, language by language."""
        sections = {
            self.languages.names[code]: [
                Entry(_title(page), self._url(_markdown_uri(page)), self._about(page).description)
                for page in self.languages.pages(code)
            ]
            for code in self.languages.codes
        }
        optional = [
            Entry(
                "executed.json",
                self._url("executed.json"),
                "every cell with its outputs, as nbformat 4; versions and checksums",
            )
        ]
        views = list(map(self.languages.view, self.languages.codes))
        texts = dict.fromkeys(view["site_description"] for view in views)
        return llms_txt(
            " · ".join(dict.fromkeys(view["site_name"] for view in views)),
            " ".join(filter(None, texts)),
            sections | {"Optional": optional},
        )

    def _is_home(self, page: Page, code: str) -> bool:
        return page.file.src_uri == self.languages.uri(code, "index.md")

    def _url(self, uri: str) -> str:
        return urljoin(self.config.site_url or "", uri)


def _cells(runs: Runs, source: Document) -> Iterator[tuple[str, tuple[Cell, list[Output]]]]:
    """Every cell that the page shows, with what it gave; none of a module that failed."""
    for fence in source.cell_fences:
        try:
            outcome, module = runs.outcome(fence.module), runs.module(fence.module)
        except LivenotesError:
            continue
        if isinstance(outcome, Outputs) and fence.cell in outcome.cells:
            cell = next(cell for cell in module.cells if cell.name == fence.cell)
            yield fence.reference, (cell, outcome.cells[fence.cell])


def _title(page: Page) -> str:
    """The page's title as plain text."""
    return unescape(_TAG.sub("", str(page.meta.get("title") or page.title or ""))).strip()


def _markdown_uri(page: Page) -> str:
    return posixpath.splitext(page.file.dest_uri)[0] + ".md"


def _picture_uri(page: Page) -> str:
    name = posixpath.splitext(page.file.src_uri)[0].replace("/", "-")
    return f"assets/previews/{name}.png"
