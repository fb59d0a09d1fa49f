"""A chapter's names: one topic has one name everywhere."""

from __future__ import annotations

import importlib.util
import keyword
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from livenotes.core.problems import LivenotesError, Problem
from livenotes.core.project import Project

_KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Chapter:
    """A chapter of a project; `name` is that of its pages (`linear-algebra`)."""

    project: Project
    name: str

    @property
    def module(self) -> str:
        return self.name.replace("-", "_")

    @property
    def module_file(self) -> Path:
        return self.project.snippets / f"{self.module}.py"

    @property
    def test_file(self) -> Path:
        return self.project.root / "tests" / "snippets" / f"test_{self.module}.py"

    def page_file(self, language: str, name: str = "") -> Path:
        """The chapter's page in a language, or another page there."""
        languages = self.project.options.languages
        folder = self.project.docs / language if len(languages) > 1 else self.project.docs
        return folder / f"{name or self.name}.md"

    def title(self) -> str:
        """Its name as words."""
        return self.name.replace("-", " ").capitalize()


def chapter_named(project: Project, given: str) -> Chapter:
    """Returns the chapter of a name, which may not exist yet. Raises LivenotesError."""
    name = Path(given).name.removesuffix(".py").removesuffix(".md").replace("_", "-")
    if not _KEBAB.fullmatch(name) or keyword.iskeyword(name.replace("-", "_")):
        hint = "Write words in small letters, joined by hyphens: softmax-regression."
        raise LivenotesError(Problem(given, 0, "cannot be the name of a chapter", hint=hint))
    return Chapter(project, name)


def refuse_shadowing(chapter: Chapter) -> None:
    """Raises LivenotesError where imports would find the module instead of a package."""
    module = chapter.module
    if module in sys.stdlib_module_names or (
        not chapter.module_file.exists() and importlib.util.find_spec(module) is not None
    ):
        message = f"`import {module}` would find it instead of the package of that name"
        path = chapter.project.module_path(module)
        hint = f"Choose a longer name: {chapter.name}-basics."
        raise LivenotesError(Problem(path, 0, message, hint=hint))
