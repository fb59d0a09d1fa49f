"""What mkdocs.yml says under `extra.livenotes`: settings of the site, not of its outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mkdocs.config.defaults import MkDocsConfig


def setting(config: MkDocsConfig, name: str, default: Any = None) -> Any:
    """One of them; `default` where the author says nothing."""
    given = config.extra.get("livenotes")
    value = given.get(name) if isinstance(given, Mapping) else None
    return default if value is None else value
