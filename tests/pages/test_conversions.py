"""A build converts each page's Markdown once, whatever is made from it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from textwrap import dedent

import pytest
from markdown import Markdown
from sites import build_site, write

PAGE = """
    # {title} {{#title}}

    {text} `{{cell}} m:value`.

    ## More {{#more}}

    ```python cell="m:first"
    ```
    """
FILES = {
    "mkdocs.yml": """
        site_name: Notes
        site_url: https://example.org/
        theme: {name: material, font: false}
        plugins:
          - search
          - livenotes: {languages: {zh: 中文, en: English}}
          - mkdocs-jupyter: {execute: false, include: ["*.ipynb"]}
        markdown_extensions:
          - attr_list
          - pymdownx.highlight
          - pymdownx.superfences
        """,
    "docs/index.md": "# Both {#both}\n",
    "docs/zh/index.md": "# 首页 {#home}\n",
    "docs/en/index.md": "# Home {#home}\n",
    "docs/zh/m.md": PAGE.format(title="甲", text="值是"),
    "docs/en/m.md": PAGE.format(title="A", text="The value is"),
    "snippets/m.py": '# %% first\nx = 1\nx\n\n# %% value tags=["hide"]\nx + 1\n',
}


def test_each_page_is_converted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts: Counter[str] = Counter()
    convert = Markdown.convert

    def counted(self: Markdown, source: str) -> str:
        texts[source.strip()] += 1
        return convert(self, source)

    write(tmp_path, FILES)
    monkeypatch.setattr(Markdown, "convert", counted)
    assert build_site(tmp_path) == []
    pages = [text for name, text in FILES.items() if name.endswith(".md")]
    # mkdocs-jupyter looks for headings in the text of notebooks by itself.
    ours = {text: n for text, n in texts.items() if text and "Python" not in text}
    assert ours == {dedent(text).strip(): 1 for text in pages}
    for page in ("zh/m", "en/m", "zh-en/m", "en/notebooks/m"):
        assert "cell-value" in (tmp_path / f"site/{page}/index.html").read_text("utf-8") or (
            "notebooks" in page
        )
