"""A project: where its files are, and its options from `[tool.livenotes]` in pyproject.toml."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from livenotes.core.percent import Module, read_module
from livenotes.core.problems import LivenotesError, Problem


@dataclass(frozen=True)
class Options:
    """What a project may set. Times in seconds, `max_output` in characters a cell."""

    docs: str = "docs"
    snippets: str = "snippets"
    cache: str = ".cache/livenotes"
    timeout: float = 60.0
    max_output: int = 100_000
    workers: int = 0  # modules that run side by side; 0: one per core
    preload: tuple[str, ...] = ()  # what many modules import late, imported once for all of them

    def affecting_outputs(self) -> dict[str, object]:
        """The options that a cached output depends on."""
        without = ("cache", "workers", "timeout", "preload")
        return {k: v for k, v in asdict(self).items() if k not in without}


@dataclass(frozen=True)
class Project:
    """The folder that holds mkdocs.yml, docs/ and snippets/."""

    root: Path
    options: Options

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

    def pages(self) -> list[Path]:
        """All Markdown pages below docs/, sorted."""
        return sorted(self.docs.rglob("*.md"))

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
        return (
            path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(file)
        )


def _has_cells(file: Path) -> bool:
    try:
        return "# %%" in file.read_text("utf-8", errors="replace")
    except OSError:
        return False


def load_project(root: Path) -> Project:
    """The project in a folder. Raises LivenotesError where an option is unknown or wrong."""
    file = root / "pyproject.toml"
    try:
        options = _read(file.read_text("utf-8") if file.is_file() else "")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LivenotesError(Problem(file.name, 0, f"cannot be read: {error}")) from None
    return Project(root.resolve(), options)


@lru_cache(maxsize=8)  # asked for several times in a build
def _read(text: str) -> Options:
    table = tomllib.loads(text)
    tool = table.get("tool", {})
    given = tool.get("livenotes", {}) if isinstance(tool, dict) else {}
    if not isinstance(given, dict):
        message = "[tool.livenotes] must be a table of options"
        raise LivenotesError(Problem("pyproject.toml", 0, message))
    return _options(given)


def _options(given: dict[str, Any]) -> Options:
    known = {f.name: type(f.default) for f in fields(Options)}
    problems = []
    for name, value in given.items():
        wanted = known.get(name)
        if wanted is None:
            hint = f"Known options: {', '.join(sorted(known))}"
            problems.append(Problem("pyproject.toml", 0, f"unknown option '{name}'", hint=hint))
        elif fault := _fault(name, value, wanted):
            problems.append(Problem("pyproject.toml", 0, f"option '{name}' must be {fault}"))
    if problems:
        raise LivenotesError(*problems)
    if "preload" in given:
        given = given | {"preload": tuple(given["preload"])}
    return Options(**given)


def _fault(name: str, value: object, wanted: type) -> str:
    """What an option's value must be and is not, or ''."""
    if wanted is tuple:
        names = isinstance(value, list) and all(_is_dotted(name) for name in value)
        return "" if names else f"a list of names such as 'torch.optim', not {value!r}"
    right = (int, float) if wanted is float else (wanted,)
    if isinstance(value, bool) or not isinstance(value, right):
        return f"{wanted.__name__}, not {value!r}"
    if isinstance(value, (int, float)) and name != "workers" and not 0 < value < float("inf"):
        return f"more than 0, not {value!r}"
    if name == "workers" and isinstance(value, int) and value < 0:
        return f"0 or more, not {value!r}"
    if isinstance(value, str) and (".." in Path(value).parts or Path(value).is_absolute()):
        return f"a folder inside the project, not {value!r}"
    return ""


def _is_dotted(name: object) -> bool:
    return isinstance(name, str) and all(part.isidentifier() for part in name.split("."))


def find_root(start: Path) -> Path:
    """The nearest folder upwards that holds mkdocs.yml. Raises LivenotesError."""
    for folder in (start, *start.parents):
        if (folder / "mkdocs.yml").is_file():
            return folder
    hint = "Change into the folder that holds mkdocs.yml."
    raise LivenotesError(Problem(str(start), 0, "no project here or above", hint=hint))


def places(pairs: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    """Paths and lines as `path:line`."""
    return tuple(f"{path}:{line}" for path, line in pairs)
