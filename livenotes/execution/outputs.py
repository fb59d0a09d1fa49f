"""Data of a run: the request, the report, the outputs of each cell, or the failure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from livenotes.core.percent import Module
from livenotes.core.problems import Problem

Output = dict[str, Any]  # an output of nbformat 4
IMPORTS = ("import ", "from ")  # begin statements whose random draws are those of packages


@dataclass(frozen=True)
class Request:
    """What a child process needs to know. Paths are absolute.

    `folder` is the working folder of the cells; `scratch` belongs to this run alone; `unwatched`
    are prefixes of paths that outputs do not depend on; `seed` seeds all random generators, if
    not 0.
    """

    module: Module
    root: str
    folder: str
    scratch: str
    max_output: int
    unwatched: tuple[str, ...]
    seed: int = 0


@dataclass
class Report:
    """What a child reports: problems, or everything else."""

    outputs: dict[str, list[Output]] = field(default_factory=dict)
    warnings: list[Problem] = field(default_factory=list)
    unseeded: list[Problem] = field(default_factory=list)  # draws: do the outputs show them?
    files: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)
    distributions: dict[str, str] = field(default_factory=dict)
    named: list[str] = field(default_factory=list)
    starts_programs: bool = False
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class Outputs:
    """The outputs of a whole module, and everything that they depend on.

    `files` maps paths to their `file_hash`; `folders` maps folders that cells listed to the names
    in them, `searched` those where Python looked for modules, and `imports` are the modules that it
    looked for. Paths are relative to the project if they lie in it. `named` are the distributions
    that the cells import by name. `unrepeatable` says why these outputs cannot be cached, or is ''.
    """

    module: str
    source: str
    sha256: str
    cells: Mapping[str, list[Output]]
    warnings: tuple[Problem, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    folders: Mapping[str, list[str]] = field(default_factory=dict)
    searched: Mapping[str, list[str]] = field(default_factory=dict)
    imports: list[str] = field(default_factory=list)
    distributions: Mapping[str, str] = field(default_factory=dict)
    named: list[str] = field(default_factory=list)
    unrepeatable: str = ""

    def named_versions(self) -> dict[str, str]:
        """Returns the versions of `named`, without local suffixes (`+cpu`).

        What else is in `distributions` may come from other modules, by way of the fork server.
        """
        return {name: self.distributions[name].partition("+")[0] for name in self.named}

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Outputs:
        """Reverses `to_json`. Raises KeyError or TypeError for other data."""
        warnings = tuple(
            Problem(**{**item, "pages": tuple(item["pages"])}) for item in data["warnings"]
        )
        return cls(**{**data, "warnings": warnings})


@dataclass(frozen=True)
class Failure:
    """Why a module has no outputs. `cells` are those of its cells that ran before, for its author:
    they are never published, nor cached."""

    module: str
    problems: tuple[Problem, ...]
    cells: Mapping[str, list[Output]] = field(default_factory=dict)


# The formats that a page shows, the richest first; HTML only of cells with the tag `html`.
_SHOWN = (
    "image/svg+xml", "text/html", "text/latex", "image/png", "image/jpeg", "text/plain",
)  # fmt: skip
_FORMULA = re.compile(
    r"\$\$(?P<display>[^$]+)\$\$|\$(?P<inline>[^$]+)\$|\\\((?P<round>.+?)\\\)"
    r"|\\\[(?P<square>.+?)\\\]|(?P<environment>\\begin\{(?P<name>[a-z]+\*?)\}.+?\\end\{(?P=name)\})",
    re.DOTALL,
)
_OBJECT = re.compile(r"<[^<>\n]+ object>(?:\n.*)?", re.DOTALL)


def shown_format(output: Output, tags: Iterable[str]) -> str:
    """Returns the format of a value or display that a page shows, or '' for other outputs."""
    data = output.get("data", {})
    for mime in _SHOWN:
        left_out = (mime == "text/html" and "html" not in tags) or (
            mime == "text/latex" and not formulas_of(output)
        )
        if mime in data and not left_out:
            return mime
    return ""


def formulas_of(output: Output) -> list[tuple[str, str]]:
    """Returns the formulas and the texts between them of a value's LaTeX; nothing where it holds
    other commands, which no notebook shows either.

    Each is ("display" | "inline" | "text", TeX or text). A single formula stands on a line of its
    own.
    """
    latex = str(output.get("data", {}).get("text/latex", "")).strip()
    if match := _FORMULA.fullmatch(latex):
        return [("display", _tex(match))]
    parts, place = [], 0
    for match in _FORMULA.finditer(latex):
        display = match["display"] or match["square"] or match["environment"]
        parts += [("text", latex[place : match.start()])]
        parts += [("display" if display else "inline", _tex(match))]
        place = match.end()
    parts.append(("text", latex[place:]))
    is_plain = len(parts) > 1 and not any(k == "text" and "\\" in text for k, text in parts)
    return [part for part in parts if part[1]] if is_plain else []


def _tex(match: re.Match[str]) -> str:
    names = ("display", "inline", "round", "square", "environment")
    return next(match[name] for name in names if match[name])


def is_name_of_object(text: str) -> bool:
    """Tells whether this text of a value says what it is, but nothing of what it holds."""
    return bool(_OBJECT.fullmatch(text))


def plain_text(output: Output) -> str:
    """Returns an output as text: what was printed, the last line of an exception, a value."""
    if output["output_type"] == "stream":
        return str(output["text"])
    if output["output_type"] == "error":
        return f"{output['ename']}: {output['evalue']}" if output["evalue"] else output["ename"]
    return str(output["data"].get("text/plain", ""))


def stdout(outputs: Iterable[Output]) -> str:
    """Returns all that a cell printed."""
    return "".join(o["text"] for o in outputs if o["output_type"] == "stream")


def result(outputs: Iterable[Output], mime: str = "text/plain") -> str | None:
    """Returns the value of a cell's last expression in one format, or None."""
    for output in outputs:
        if output["output_type"] == "execute_result":
            value = output["data"].get(mime)
            return None if value is None else str(value)
    return None


def figures(outputs: Iterable[Output]) -> list[str]:
    """Returns the SVG text of a cell's figures, in order."""
    return [
        str(o["data"]["image/svg+xml"]) for o in outputs if "image/svg+xml" in o.get("data", {})
    ]


def published(module: Module, outputs: Outputs) -> dict[str, Any]:
    """Returns a module's part of executed.json: what readers see, and what made it."""
    return {
        "source": outputs.source,
        "sha256": outputs.sha256,
        "files": {p: d for p, d in outputs.files.items() if p[0] != "/" and d != "folder"},
        "distributions": outputs.named_versions(),
        "warnings": [str(warning) for warning in outputs.warnings],
        "cells": [
            {
                "name": cell.name,
                "tags": list(cell.tags),
                "lines": [cell.first_line, cell.last_line],
                "outputs": outputs.cells[cell.name],
            }
            for cell in module.cells
        ],
    }
