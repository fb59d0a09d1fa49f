"""A site with everything that others' settings, plugins and habits bring along: it is published
whole and right. What is not right in such a site stands in tests/faults/cases.yml."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import sites
from bs4 import BeautifulSoup

from .conftest import MKDOCS_YML, Site

HOOK = """\
import re

def on_post_page(output, page, config):  # what minifiers do
    return re.sub(r'="([\\w:.-]+)"', r"=\\1", output)

def on_page_markdown(markdown, page, config, files):  # what a plugin for macros does
    return markdown.replace("[[ 1 + 1 ]]", "2")
"""
SETTINGS = (
    MKDOCS_YML.replace(": {generic: true, inline_tag: x-math, block_tag: div}", ": {generic: true}")
    .replace("font: false", "font: false, custom_dir: overrides")
    .replace(
        "  - attr_list\n",
        "  - attr_list\n  - footnotes\n  - def_list\n"
        "  - pymdownx.snippets: {base_path: [!relative $config_dir]}\n",
    )
) + "repo_url: https://gitlab.com/a/b\nedit_uri: -/edit/main/notes/docs/\nhooks: [hook.py]\n"
PAGE = r"""
# Title {#title}

$$ \underbrace{(y-\hat y)^2}_{\text{WORD}} $$

- $\text{WORD}$, [[ 1 + 1 ]] and $|x|$

    $$x = \text{WORD}$$

| norm | formula |
| --- | --- |
| absolute | $\lvert x\rvert$ and $\|x\|$ |

## Numbers {#numbers}

A card costs $500, a day of power $3, not \$4.

$$\begin{align}a&=b\\c&=d\tag{x}\\e&=f\end{align}$$

$$\begin{equation}g=\text{WORD}\end{equation}$$

## More {#more}

$$\begin{gather}h\\i\notag\end{gather}$$

NOTE[^1].

[^1]: Said.

    At length, with $z$.

Word
:   Meaning

    At length.

--8<-- "shared.md"
"""
SHARED = """
```python cell="m:first"
```

Included, with $y$.

```python cell="m:second"
```
"""
PAGES = {
    "zh": PAGE.replace("WORD", "损失（loss）").replace("NOTE", "见注"),
    "en": PAGE.replace("WORD", "the 损失 loss").replace("NOTE", "A note"),
}
OVERRIDE = """
{% extends "base.html" %}
{% block extrahead %}<meta name="mine" content="x">{% endblock %}
{% block content %}{{ super() }}<b id="mine">mine</b>{% endblock %}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Built from another folder, through a symbolic link to its own."""
    site = Site(tmp_path_factory.mktemp("awkward"))
    files = {f"docs/{code}/page.md": text for code, text in PAGES.items()}
    site.write({
        **files, "mkdocs.yml": SETTINGS, "docs/index.md": "# Start {#start}\n", "hook.py": HOOK,
        "overrides/main.html": OVERRIDE, "shared.md": SHARED,
        "snippets/m.py": "# %% first\nx = 20\nx\n\n# %% second\nprint(x + 1)\n",
    })  # fmt: skip
    link = tmp_path_factory.mktemp("elsewhere") / "link"
    link.symlink_to(site.root)
    code, said = sites.run(link.parent, "mkdocs", "build", "--strict", "-f", f"{link}/mkdocs.yml")
    assert code == 0, said
    return site


def soup(site: Site, page: str) -> BeautifulSoup:
    return BeautifulSoup(site.html(page), "html5lib")


@pytest.mark.parametrize("page", ["zh/page", "en/page", "zh-en/page"])
def test_every_formula_is_typeset(site: Site, page: str) -> None:
    """Words of another language in it, arithmatex' other settings, a minifier, text included."""
    formulas = soup(site, page).select(".arithmatex")
    assert len(formulas) >= 11
    assert all(formula.select(".katex") for formula in formulas)
    assert r"\text" not in re.sub(r"<annotation.*?</annotation>", "", site.html(page))


def test_numbers_of_equations_count_through_the_page(site: Site) -> None:
    """In the HTML, so on screen, printed and in the book; beside each other they are the same."""
    for page in ("zh/page", "en/page"):
        numbers = [number.text for number in soup(site, page).select(".eqn-num")]
        assert numbers == ["(1)", "(2)", "(3)", "(4)"]
    numbers = [number.text for number in soup(site, "zh-en/page").select(".eqn-num")]
    assert numbers == ["(1)", "(2)", "(3)", "(3)", "(4)"]
    style = (site.root / "site/assets/livenotes.css").read_text("utf-8")
    assert re.search(r"\.eqn-num::before[^{}]*\{ content: none; \}", style)


def test_a_templates_blocks_are_the_authors_and_the_rest_is_ours(site: Site) -> None:
    html = site.html("en/page")
    for part in ("name=mine", "mine</b>", "hreflang", "assets/searching.js", "og:title"):
        assert part in html
    assert soup(site, "en/page").select_one('a[hreflang="zh"]')


def test_downloads_hold_what_the_page_shows(site: Site) -> None:
    """Text that another plugin or extension has put into the page; no front matter, no marks."""
    markdown = (site.root / "site/en/page/index.md").read_text("utf-8")
    notebook = json.loads((site.root / "site/en/notebooks/page.ipynb").read_text("utf-8"))
    prose = "\n".join("".join(cell["source"]) for cell in notebook["cells"])
    for text in (markdown, prose):
        assert "Included, with $y$." in text and ", 2 and" in text
        assert "x = 20" in text and "--8<--" not in text and "[[" not in text
    assert [cell["id"] for cell in notebook["cells"] if cell["cell_type"] == "code"] == [
        "cell-first", "cell-second",
    ]  # fmt: skip


def test_prices_are_no_formulas(site: Site) -> None:
    assert "A card costs $500, a day of power $3, not $4." in soup(site, "en/page").get_text()
    markdown = (site.root / "site/en/page/index.md").read_text("utf-8")
    assert r"costs \$500, a day of power \$3, not \$4." in markdown
    notebook = (site.root / "site/en/notebooks/page.ipynb").read_text("utf-8")
    assert json.dumps(r"costs <span>\$</span>500, a day of")[1:-1] in notebook


def test_cells_lead_to_their_lines_in_any_layout_of_a_repository(site: Site) -> None:
    link = soup(site, "en/page").select_one("a.cell-link")
    assert link and link["href"] == "https://gitlab.com/a/b/-/blob/main/notes/snippets/m.py#L2-3"


def test_the_loss_of_the_cache_costs_time_only(site: Site) -> None:
    """Other tools empty `.cache`, too."""
    before = site.tree()
    shutil.rmtree(site.root / ".cache")
    sites.prepare(site.root)
    code, said = site.build("--strict")
    assert code == 0, said
    assert site.tree() == before


def test_check_finds_nothing_either(site: Site, tmp_path: Path) -> None:
    code, said = site.run("livenotes.cli", "check")
    assert code == 0, said


def test_rules_hold_through_a_link_and_for_what_is_included(site: Site, tmp_path: Path) -> None:
    """Code typed into a file that a page includes, in a build from outside by a link."""
    (tmp_path / "link").symlink_to(site.root)
    site.write({"shared.md": SHARED + "\n```python\nprint('never run')\n```\n"})
    code, said = sites.run(tmp_path, "mkdocs", "build", "--strict", "-f", "link/mkdocs.yml")
    site.write({"shared.md": SHARED})
    assert code == 1
    assert "docs/en/page.md:" in said and "Python typed into a page" in said
