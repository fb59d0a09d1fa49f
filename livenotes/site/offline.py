"""A site that is read from a folder, without a server: `OFFLINE=true mkdocs build -d offline`.

Links name files, and each language's search index is a script, since a page that is a file may load
scripts but fetch nothing. Knows MkDocs' configuration and Material's search.
"""

from __future__ import annotations

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig

from livenotes.site.configuration import options_of

_WORKER = "assets/file-worker.js"


def prepare(config: MkDocsConfig) -> None:
    """Have MkDocs write a site for a folder; such a site has no address of its own."""
    if options_of(config).offline:
        config.use_directory_urls = False
        config.site_url = ""
        scripts = config.extra.setdefault("polyfills", [])
        if _WORKER not in scripts:
            scripts.append(_WORKER)


def finish(site: Path) -> None:
    """Turn the search indexes into scripts, by the name under which the theme looks for them."""
    for index in sorted(site.glob("*/search/search_index.json")):
        script = f"var __index = {index.read_text('utf-8')}"
        index.with_suffix(".js").write_text(script, "utf-8")
        index.unlink()
