"""Small sites in a temporary folder, built in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import sites

MKDOCS_YML = """
site_name: Fixture
site_url: https://example.org/notes/
theme: {name: material, font: false}
plugins:
  - search
  - livenotes: {languages: {zh: 中文, en: English}}
markdown_extensions:
  - admonition
  - attr_list
  - pymdownx.arithmatex: {generic: true, inline_tag: x-math, block_tag: div}
  - pymdownx.highlight
  - md_in_html
  - pymdownx.superfences
  - tables
  - pymdownx.tabbed: {alternate_style: true}
validation:
  nav: {omitted_files: ignore, not_found: ignore}
"""
PAGE = """
# Title {#title}

```python cell="m:first"
```

```python cell="m:second"
```
"""
MODULE = """
# %% first
x = 20
x

# %% second
print(x + 1)
"""
LISTED = "  - mkdocs-jupyter: {include: [index.ipynb], ignore: ['*.md']}\n"


def with_options(options: str, views: bool = False) -> str:
    """The site's mkdocs.yml with further options of livenotes, such as "notebooks: false"."""
    text = MKDOCS_YML.replace("English}", f"English}}, {options}".rstrip(", "))
    return text.replace("  - livenotes", f"{LISTED}  - livenotes") if views else text


FILES = {
    "mkdocs.yml": MKDOCS_YML,
    "docs/index.md": "# Start {#start}\n",
    "docs/zh/page.md": PAGE,
    "docs/en/page.md": PAGE,
    "snippets/m.py": MODULE,
}


@dataclass(frozen=True)
class Site:
    """A project in `root`."""

    root: Path

    def __post_init__(self) -> None:
        sites.prepare(self.root)

    def write(self, files: Mapping[str, str]) -> None:
        sites.write(self.root, files)

    def run(self, *words: str, **environment: str) -> tuple[int, str]:
        """Exit code and output of a command."""
        return sites.run(self.root, *words, **environment)

    def build(self, *options: str) -> tuple[int, str]:
        return self.run("mkdocs", "build", *options)

    def html(self, page: str) -> str:
        return (self.root / "site" / page / "index.html").read_text("utf-8")

    def tree(self) -> dict[str, bytes]:
        """Every file of the built site."""
        return sites.tree(self.root / "site")


@pytest.fixture
def make_site(tmp_path: Path) -> Callable[..., Site]:
    """A small site of two languages; further files, or other texts for its own."""

    def make(files: Mapping[str, str] | None = None) -> Site:
        site = Site(tmp_path)
        site.write({**FILES, **(files or {})})
        return site

    return make
