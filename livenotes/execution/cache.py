"""Caches Outputs on disk, and tells why an entry is stale.

An entry is valid while everything that its run read is unchanged: the module, each project file
that it opened or imported, the names in their folders, Python, the packages, livenotes and its
options. An entry that cannot be read counts as missing.
"""

from __future__ import annotations

import json
import platform
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from livenotes import __version__
from livenotes.core.files import remove, remove_abandoned, write_atomically
from livenotes.core.percent import Module
from livenotes.core.project import Project
from livenotes.execution.fingerprints import (
    distribution_version,
    engine_digest,
    file_hash,
    folder_names,
    text_digest,
)
from livenotes.execution.forkserver import is_of_others
from livenotes.execution.outputs import Outputs

# Flags of the interpreter that change what packages do.
_FLAGS = ("optimize", "dev_mode", "bytes_warning", "utf8_mode")
_Entry = tuple[Outputs, dict[str, Any]]  # outputs, and what made them


class Cache:
    """One file per module. Never raises for what it finds on disk."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.folder = project.cache / "outputs"
        self._versions: dict[str, str] = {}
        self._entries: dict[str, tuple[str, _Entry]] = {}  # digest and content of files read

    def refresh(self) -> None:
        """Forgets which packages are installed."""
        self._versions.clear()

    def version(self, name: str) -> str:
        """Returns the installed version of a distribution, or ''. Looks once per build."""
        if name not in self._versions:
            self._versions[name] = distribution_version(name)
        return self._versions[name]

    def load(self, module: Module) -> tuple[Outputs | None, str]:
        """Returns valid outputs and ''; or None and, in one line, why the module must run."""
        entry, reason = self._read(module.name)
        if entry is None:
            return None, reason
        outputs, made_by = entry
        try:
            reason = self._stale(module, outputs, made_by)
        except (KeyError, TypeError, ValueError, AttributeError):
            return None, "its cached outputs cannot be read"
        return (None, reason) if reason else (outputs, "")

    def store(self, outputs: Outputs) -> None:
        """Writes the outputs of a run, atomically. If the disk refuses, the module runs again."""
        entry = {"made_by": self._made_by(), "outputs": outputs.to_json()}
        text = json.dumps(entry, ensure_ascii=False)
        data = f"{text_digest(text)}\n{text}\n".encode("utf-8", "surrogatepass")
        remove_abandoned(self.folder, ".")
        file = self._file(outputs.module)
        if file.is_dir():
            remove(file)
        try:
            write_atomically(file, data)
        except OSError:
            return

    def drop(self, module: str) -> None:
        """Removes a module's entry."""
        remove(self._file(module))

    def _file(self, module: str) -> Path:
        return self.folder / f"{module}.json"

    def _read(self, module: str) -> tuple[_Entry | None, str]:
        """Returns a module's entry, or None and the reason. Returns the same objects while the
        file is the same, so that what is made from them can be compared by identity."""
        try:
            data = self._file(module).read_bytes().decode("utf-8", "surrogatepass")
        except FileNotFoundError:
            return None, "it has not run yet"
        except (OSError, UnicodeDecodeError):
            return None, "its cached outputs cannot be read"
        digest, _, text = data.partition("\n")
        if digest != text_digest(text.removesuffix("\n")):
            return None, "its cached outputs are damaged"
        known = self._entries.get(module)
        if known is None or known[0] != digest:
            try:
                entry = json.loads(text)
                known = digest, (Outputs.from_json(entry["outputs"]), entry["made_by"])
            except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
                return None, "its cached outputs cannot be read"
            self._entries[module] = known
        return known[1], ""

    def _made_by(self) -> dict[str, Any]:
        flags = [name for name in _FLAGS if getattr(sys.flags, name)]
        python = [platform.python_implementation(), platform.python_version(), *flags]
        return {
            "python": " ".join(python),
            "platform": f"{sys.platform} {platform.machine()}",
            "livenotes": f"{__version__} {engine_digest()}",
            "options": self.project.options.affecting_outputs(),
        }

    def _stale(self, module: Module, outputs: Outputs, made_by: Mapping[str, Any]) -> str:
        """Returns why these outputs are stale, or ''."""
        if outputs.module != module.name:
            return "its cached outputs belong to another module"
        if outputs.sha256 != text_digest(module.text):
            return f"{module.path} changed"
        if outputs.cells.keys() != {cell.name for cell in module.cells}:
            return "its cached outputs are damaged"
        if outputs.unrepeatable:
            return outputs.unrepeatable
        for what, now in self._made_by().items():
            if made_by[what] != now:
                return f"{what} changed: {made_by[what]} -> {now}"
        return (
            self._changed_file(outputs.files)
            or self._changed_folder(outputs.folders)
            or self._changed_folder(outputs.searched, set(outputs.imports))
            or self._changed_distribution(outputs.distributions)
        )

    def _changed_file(self, files: Mapping[str, str]) -> str:
        for name, digest in files.items():
            now = file_hash(self.project.root / name)
            if now != digest:
                verb = (
                    "was removed" if now == "absent"
                    else "appeared" if digest == "absent"
                    else "changed"
                )  # fmt: skip
                return f"{name} {verb}"
        return ""

    def _changed_distribution(self, distributions: Mapping[str, str]) -> str:
        for name, old in distributions.items():
            if (now := self.version(name)) != old:
                return f"package {name} changed: {old} -> {now or 'not installed'}"
        return ""

    def _changed_folder(
        self, folders: Mapping[str, list[str]], imports: set[str] | None = None
    ) -> str:
        """Returns which name has come to a folder or gone; of `imports` only, if these are given,
        and of modules that packages may import."""

        def counts(name: str) -> bool:
            module = re.split("[./]", name)[0]
            return imports is None or module in imports or is_of_others(module)

        for name, names in folders.items():
            now = folder_names(self.project.root / name)
            if added := sorted(filter(counts, set(now) - set(names))):
                new = added[0].rstrip("/")
                return f"{new} is new in {name}/, where an import or a search may find it"
            if removed := sorted(filter(counts, set(names) - set(now))):
                return f"{removed[0].rstrip('/')} was removed from {name}/"
        return ""
