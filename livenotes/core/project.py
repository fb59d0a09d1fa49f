"""A project: where its files are, and the options that its modules are run with."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from livenotes.core.percent import Module, read_module
from livenotes.core.problems import LivenotesError, Problem


@dataclass(frozen=True)
class Options:
    """What a project may set. Times in seconds, `max_output` in characters a cell.

    `docs` and `snippets` are relative to the project's folder, or absolute where they lie outside.
    """

    docs: str = "docs"
    snippets: str = "snippets"
    cache: str = ".cache/livenotes"
    timeout: float = 60.0
    max_output: int = 100_000
    workers: int = 0  # modules that run side by side; 0: one per core
    preload: tuple[str, ...] = ()  # what many modules import late, imported once for all of them
    versions: tuple[tuple[str, str], ...] = ()  # distributions that pages name, and their names
    languages: tuple[str, ...] = ("en",)  # codes; with several, each names a folder of pages

    def affecting_outputs(self) -> dict[str, object]:
        """The options that a cached output depends on."""
        return {"snippets": self.snippets, "max_output": self.max_output}


@dataclass(frozen=True)
class Project:
    """The folder that holds mkdocs.yml, docs/ and snippets/."""

    root: Path
    options: Options = Options()

    @property
    def snippets(self) -> Path:
        return self.root / self.options.snippets

    @property
    def docs(self) -> Path:
        return self.root / self.options.docs

    @property
    def cache(self) -> Path:
        return self.root / self.options.cache

    def module_names(self) -> list[str]:
        """Names of all snippet modules: the Python files that hold cells."""
        return sorted(p.stem for p in self.snippets.glob("*.py") if p.is_file() and _has_cells(p))

    def module_path(self, name: str) -> str:
        return f"{self.options.snippets}/{name}.py"

    def module(self, name: str) -> Module:
        """Read the module of that name. Raises LivenotesError, with a suggestion if unknown."""
        path = self.module_path(name)
        file = self.root / path
        if not file.is_file():
            close = difflib.get_close_matches(name, self.module_names(), 1)
            hint = f"Did you mean '{close[0]}'?" if close else f"Its cells would stand in {path}"
            raise LivenotesError(Problem(path, 0, f"there is no module '{name}'", hint=hint))
        if not file.resolve().is_relative_to(self.snippets.resolve()):
            raise LivenotesError(Problem(path, 0, "leads out of the snippets folder"))
        return read_module(file, path)

    def language_and_name(self, uri: str) -> tuple[str, str]:
        """Returns the language of a page and its name there, from its path below the pages' folder:
        ("zh", "autograd") for `zh/autograd.md`; ("", "index") for a page of no language.

        Pages of a site of one language have no folder for it.
        """
        name = PurePosixPath(uri).with_suffix("").as_posix()
        languages = self.options.languages
        if len(languages) == 1:
            return languages[0], name
        code, _, rest = name.partition("/")
        return (code, rest) if rest and code in languages else ("", name)

    def unreadable_pages(self) -> Iterator[Problem]:
        """What below docs/ would have MkDocs wait for ever, walk in a circle, or break down."""
        for folder, folders, files in os.walk(self.docs):
            for path in (Path(folder, name) for name in (*folders, *files)):
                where = self.relative(path)
                shown = where.encode(errors="backslashreplace").decode()
                if shown != where:
                    hint = "Rename it."
                    yield Problem(
                        shown, 0, "a name that is not UTF-8 cannot be an address", hint=hint
                    )
                elif path.is_symlink() and Path(folder).resolve().is_relative_to(path.resolve()):
                    yield Problem(
                        where, 0, "a symbolic link to a folder that it lies in", hint="Remove it."
                    )
                elif path.exists() and not path.is_file() and not path.is_dir():
                    yield Problem(where, 0, "neither a file nor a folder", hint="Remove it.")

    def relative(self, file: Path | str) -> str:
        """A path as messages show it: relative to the project where it lies inside."""
        path = Path(file)
        inside = path.is_relative_to(self.root)
        return path.relative_to(self.root).as_posix() if inside else str(file)


def _has_cells(file: Path) -> bool:
    try:
        return "# %%" in file.read_text("utf-8", errors="replace")
    except OSError:
        return False
