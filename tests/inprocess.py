"""Builds of small sites in this process, as the command line makes them in one of its own."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Literal

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import MkDocsException

os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")


class _Messages(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def write(root: Path, files: Mapping[str, str]) -> None:
    """Writes files: path -> text, dedented."""
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip("\n"), "utf-8")


def build_site(
    root: Path, command: Literal["build", "serve"] = "build", strict: bool = True
) -> list[str]:
    """Builds the site of a folder with plugins of its own. Returns the warnings and errors, the
    last of which ended the build if it failed."""
    known, MkDocsConfig.plugins.plugin_cache = MkDocsConfig.plugins.plugin_cache, {}
    log, said = logging.getLogger("mkdocs"), _Messages()
    log.addHandler(said)
    logging.getLogger("livenotes").addHandler(said)
    try:
        config = load_config(str(root / "mkdocs.yml"), strict=strict)
        config.plugins.on_startup(command=command, dirty=False)
        try:
            build(config, serve_url="http://127.0.0.1:8000/" if command == "serve" else None)
        except (MkDocsException, SystemExit) as error:
            said.lines.append(str(error))
        finally:
            config.plugins.on_shutdown()
    finally:
        MkDocsConfig.plugins.plugin_cache = known
        log.removeHandler(said)
        logging.getLogger("livenotes").removeHandler(said)
    return said.lines
