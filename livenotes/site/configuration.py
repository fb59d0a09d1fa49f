"""The options under `plugins: - livenotes:` in mkdocs.yml, and the project that they describe.

The build and the command line read them through MkDocs' own loader, so both see the same
`docs_dir`, `exclude_docs`, Markdown extensions and inherited files.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from mkdocs.config.base import BaseConfigOption, Config, ValidationError
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import ConfigurationError
from mkdocs.structure.files import File, Files

from livenotes.core.problems import LivenotesError, Problem
from livenotes.core.project import Options, Project
from livenotes.document.document import Source
from livenotes.document.drafts import Drafts, find_drafts
from livenotes.site import yamllines

Configuration: TypeAlias = MkDocsConfig

PLUGIN = "livenotes"
_CONFIG_FILES = ("mkdocs.yml", "mkdocs.yaml")  # the names that MkDocs looks for
_CODE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]+)*")
_T = TypeVar("_T")


class Option(BaseConfigOption[_T]):
    """A typed option. Its error says what the value must be instead."""

    def __init__(
        self, kind: type[_T], default: _T, must_be: str, holds: Callable[[Any], bool] | None = None
    ) -> None:
        super().__init__()
        self.default = default
        self._kind = kind
        self._must_be = must_be
        self._holds = holds or (lambda value: True)

    def run_validation(self, value: object, /) -> _T:
        """Returns the value. Raises ValidationError where it has the wrong type or range."""
        if value is None:  # written without a value, or an environment variable that is not set
            default: _T = self.default
            return default
        wide = self._kind is float and type(value) is int
        if not (type(value) is self._kind or wide) or not self._holds(value):
            raise ValidationError(f"must be {self._must_be}, not {value!r}")
        return value  # type: ignore[return-value]


def _is_inside(value: str) -> bool:
    return not Path(value).is_absolute() and ".." not in Path(value).parts and value != ""


def _is_positive(value: float) -> bool:
    return 0 < value < float("inf")


def _are_texts(value: Mapping[object, object]) -> bool:
    return all(isinstance(text, str) for item in value.items() for text in item)


def _are_languages(value: Mapping[object, object]) -> bool:
    return _are_texts(value) and all(_CODE.fullmatch(str(code)) for code in value)


def _are_dotted(value: list[object]) -> bool:
    names = [name.split(".") if isinstance(name, str) else [""] for name in value]
    return all(part.isidentifier() for parts in names for part in parts)


def _are_mappings(value: list[object]) -> bool:
    return all(isinstance(item, dict) for item in value)


_SWITCH, _FOLDER = "true or false", "a folder inside the project"
_PER_LANGUAGE = "a text per language, such as {en: Notes, de: Notizen}"


class PluginConfig(Config):  # type: ignore[no-untyped-call]
    """What a project may set under `- livenotes:`. `validate` keeps what is wrong in `problems`."""

    # Codes and names; the first is the default. Pages of several languages stand in folders named
    # by the codes, those of one language straight in docs_dir. Left out: the theme's language.
    languages = Option(dict, {}, "codes and names, such as {en: English}", _are_languages)
    snippets = Option(str, Options.snippets, _FOLDER, _is_inside)
    cache = Option(str, Options.cache, _FOLDER, _is_inside)
    timeout = Option(float, Options.timeout, "a number of seconds, more than 0", _is_positive)
    max_output = Option(
        int, Options.max_output, "a number of characters, more than 0", _is_positive
    )
    workers = Option(int, Options.workers, "a whole number, 0 or more", lambda value: value >= 0)
    preload = Option(list, [], "a list of names such as 'torch.optim'", _are_dotted)
    # Distributions whose versions pages tell, and their names for readers.
    versions = Option(dict, {}, "distributions and their names, such as {numpy: NumPy}", _are_texts)
    notebooks = Option(bool, True, _SWITCH)
    notebook_views = Option(bool, True, _SWITCH)  # where mkdocs-jupyter is among the plugins
    notebook_branch = Option(str, "", "the name of a branch")
    side_by_side = Option(bool, True, _SWITCH)
    machine_readers = Option(bool, True, _SWITCH)
    # Pages that another language lacks: left out like drafts, or published with a notice.
    untranslated = Option(str, "draft", "draft or publish", {"draft", "publish"}.__contains__)
    # Whether the last line of a page says that another language's page has changed since.
    stale = Option(str, "hide", "hide or show", {"hide", "show"}.__contains__)
    offline = Option(bool, False, _SWITCH)
    site_name = Option(dict, {}, _PER_LANGUAGE, _are_texts)
    site_description = Option(dict, {}, _PER_LANGUAGE, _are_texts)
    copyright = Option(dict, {}, _PER_LANGUAGE, _are_texts)
    educational_level = Option(str, "", "a word of schema.org, such as beginner")
    based_on = Option(list, [], "a list of schema.org objects", _are_mappings)

    problems: tuple[Problem, ...] = ()

    def validate(self) -> tuple[list[tuple[str, Exception]], list[tuple[str, str]]]:
        """Checks all options. Returns no errors: they are kept as `problems`, each with its file
        and line, and `project_of` raises them like all other problems of a project."""
        known, found = type(self)(), []
        for name in sorted(set(self) - set(known), key=str):
            found.append(self._problem(f"unknown option '{name}'", _suggestion(name, known), name))
            del self[name]
        while failed := super().validate()[0]:  # MkDocs stops at the first
            for name, error in failed:
                found.append(self._problem(f"option '{name}' {error}", "", name))
                self[name] = known[name]
        found += self._unknown_languages()
        self.problems = tuple(sorted(found))
        return [], []

    def _unknown_languages(self) -> Iterator[Problem]:
        for name in ("site_name", "site_description", "copyright"):
            for code in self[name]:
                if code not in self.languages:
                    hint = f"Name it under languages, as in {{{code}: …}}."
                    yield self._problem(f"option '{name}' has an unknown language '{code}'", hint,
                                        name, code)  # fmt: skip

    def _problem(self, message: str, hint: str, *keys: str) -> Problem:
        path, line = yamllines.locate(Path(self.config_file_path), "plugins", PLUGIN, *keys)
        return Problem(path, line, message, hint=hint)


def _suggestion(name: object, known: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(str(name), known, 1)
    return f"Did you mean '{close[0]}'?" if close else f"Known options: {', '.join(sorted(known))}"


def find_config(start: Path) -> Path:
    """Returns the nearest mkdocs.yml, upwards from a folder. Raises LivenotesError."""
    for folder in (start, *start.parents):
        for name in _CONFIG_FILES:
            if (folder / name).is_file():
                return folder / name
    hint = "Change into the folder that holds mkdocs.yml."
    raise LivenotesError(Problem(str(start), 0, "no project here or above", hint=hint))


def load(file: Path) -> MkDocsConfig:
    """Returns MkDocs' configuration from a file, without the other plugins: a command that builds
    no site need not import them. Raises LivenotesError where MkDocs refuses it."""
    try:
        config = MkDocsConfig(config_file_path=str(file))
        with file.open("rb") as source:
            config.load_file(source)
        config["plugins"] = list(_ours(config["plugins"]))
        errors, _ = config.validate()
    except (ConfigurationError, RecursionError) as error:  # INHERIT may lead in a circle
        raise LivenotesError(Problem(file.name, 0, str(error))) from None
    if errors:
        raise LivenotesError(
            *(Problem(*yamllines.locate(file, key), f"{key}: {error}") for key, error in errors)
        )
    if PLUGIN not in config.plugins:
        path, line = yamllines.locate(file, "plugins")
        hint = f"Write there:\n    plugins: [search, {PLUGIN}]"
        raise LivenotesError(Problem(path, line, f"the plugin {PLUGIN} is not listed", hint=hint))
    return config


def _ours(plugins: object) -> Iterator[object]:
    """The entry of this plugin in a list or mapping of plugins, as a list may hold it."""
    for item in plugins if isinstance(plugins, list) else [plugins]:
        if isinstance(item, dict) and PLUGIN in item:
            yield {PLUGIN: item[PLUGIN]}
        elif item == PLUGIN:
            yield item


def open_project(start: Path) -> Project:
    """Returns the project that a folder lies in. Raises LivenotesError."""
    return project_of(load(find_config(start)))


def drafts_of(config: MkDocsConfig, sources: Iterable[Source]) -> Drafts:
    """The drafts among all pages of a site."""
    publish = options_of(config).untranslated == "publish"
    return find_drafts(sources, tuple(languages_of(config)), publish)


def options_of(config: MkDocsConfig) -> PluginConfig:
    """The options of this plugin."""
    options = config.plugins[PLUGIN].config
    assert isinstance(options, PluginConfig)
    return options


def languages_of(config: MkDocsConfig) -> dict[str, str]:
    """Code -> name of the site's languages, the default first: at least one."""
    code = str(config.theme.get("language") or "en")
    return dict(options_of(config).languages) or {code: code}


def project_of(config: MkDocsConfig) -> Project:
    """Returns the project. Raises LivenotesError with everything that is wrong in its options."""
    options = options_of(config)
    if options.problems:
        raise LivenotesError(*options.problems)
    root = Path(config.config_file_path).parent
    docs = os.path.relpath(config.docs_dir, root)
    inside = not docs.startswith("..")
    return Project(
        root.resolve(),
        Options(
            docs=Path(docs).as_posix() if inside else config.docs_dir,
            snippets=options.snippets,
            cache=options.cache,
            timeout=float(options.timeout),
            max_output=options.max_output,
            workers=options.workers,
            preload=tuple(options.preload),
            versions=tuple(options.versions.items()),
            languages=tuple(languages_of(config)),
        ),
    )


def all_files(config: MkDocsConfig, files: Files) -> set[str]:
    """The paths, below the pages' folder, of all files that a build would publish, those that we
    make of pages too: a page of both languages, a notebook."""
    found = {file.src_uri for file in files}
    codes, made = tuple(languages_of(config)), set()
    for uri in found:
        code, _, rest = uri.partition("/")
        apart = len(codes) > 1 and code in codes
        folder, name = (f"{code}/", rest) if apart else ("", uri)
        made |= {f"{folder}notebooks/{Path(name).stem}.ipynb", f"{'-'.join(codes)}/{name}"}
    return found | made


def page_path(config: MkDocsConfig, file: File) -> str:
    """A page's path as messages show it, relative to mkdocs.yml; '' for what a plugin made."""
    if file.src_dir != config.docs_dir:
        return ""
    docs = os.path.relpath(config.docs_dir, Path(config.config_file_path).parent)
    return (Path(docs) / file.src_uri).as_posix()
