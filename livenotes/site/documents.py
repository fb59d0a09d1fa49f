"""How this site's Markdown is converted: by MkDocs in a build, by `Converter` without one."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, get_files

from livenotes.core.files import read_text
from livenotes.core.project import Project
from livenotes.document.conversion import Conversion
from livenotes.document.convert import HARVEST, convert, including
from livenotes.document.document import Document, Source
from livenotes.site.configuration import languages_of, page_path, project_of

_FORMULAS = "pymdownx.arithmatex"
_PLACEHOLDERS = {  # what livenotes.rendering.typeset looks for
    "generic": True, "inline_tag": "x-math", "block_tag": "div",
    "tex_inline_wrap": ["\\(", "\\)"], "tex_block_wrap": ["\\[", "\\]"],
}  # fmt: skip


def add_extensions(config: MkDocsConfig, conversion: Conversion) -> None:
    """Has MkDocs load our Markdown extensions, which share a conversion."""
    project, shared = project_of(config), {"conversion": conversion}
    ours: dict[str, dict[str, Any]] = {
        "livenotes.extensions.cells:Cells": shared,
        "livenotes.extensions.tips:Terms": shared
        | {"root": str(project.root), "docs": project.options.docs},
        "livenotes.extensions.spans:Foreign": shared,
        "livenotes.extensions.punctuation:Punctuation": {},
        "livenotes.extensions.sections:Sections": {},
        "livenotes.extensions.unpublished:Unpublished": shared,
        HARVEST: shared,  # last, when all others are there
    }
    given = [name for name in config.markdown_extensions if name not in ours]
    if _FORMULAS in given:
        config.mdx_configs[_FORMULAS] = {**config.mdx_configs.get(_FORMULAS, {}), **_PLACEHOLDERS}
    config.markdown_extensions = [*given, *ours]
    config.mdx_configs |= ours


def source_of(project: Project, file: File, path: str) -> Source:
    """Reads a page. `path` is how messages call it. Raises LivenotesError."""
    text = read_text(Path(str(file.abs_src_path)), path)
    return Source(path, text, project.language_and_name(file.src_uri))


class Converter:
    """Converts pages as a build of this site does, but without MkDocs' own additions."""

    def __init__(self, config: MkDocsConfig) -> None:
        self._config = config
        self._conversion = Conversion(languages=languages_of(config))
        add_extensions(config, self._conversion)

    @cached_property
    def files(self) -> Files:
        """The site's files. MkDocs says each time that it lists them what is wrong with them."""
        return get_files(self._config)

    def __call__(self, source: Source) -> Document:
        """Returns the document of a page. Raises LivenotesError."""
        config = self._config
        return convert(source, config.markdown_extensions, config.mdx_configs, self._conversion)

    def all(self) -> list[Document]:
        """Returns the documents of all pages, drafts too. Raises LivenotesError."""
        return [self(source) for source in all_sources(self._config, self.files)]


def all_sources(config: MkDocsConfig, files: Files | None = None) -> list[Source]:
    """Returns the sources of all pages, drafts too. Raises LivenotesError."""
    project = project_of(config)
    pages = (files or get_files(config)).documentation_pages()
    found = [(file, page_path(config, file)) for file in pages]
    return [source_of(project, file, path) for file, path in found if path]


def sources_of(project: Project, config: MkDocsConfig, files: Files) -> dict[str, Source]:
    """Returns the sources of all pages that have a file in the project, by MkDocs' names."""
    whole = including(config.markdown_extensions, config.mdx_configs)
    read = {
        file.src_uri: source_of(project, file, path)
        for file in files.documentation_pages()
        if file.abs_src_path and (path := page_path(config, file))
    }
    return {uri: replace(source, whole=whole(source.text)) for uri, source in read.items()}
