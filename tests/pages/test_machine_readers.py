"""What programs read: llms.txt, Markdown of each page, and what a page's head says."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup
from documents import document
from PIL import Image

from .conftest import FILES, MKDOCS_YML, Site, with_options

MakeSite = Callable[..., Site]
CODES = pytest.mark.parametrize("code", ["zh", "en"])
ROOT = "https://example.org/notes/"

MODULE = """
# %% first
x = 20
x

# %% ticks
print("```")
print("~~~ # no heading")

# %% figure
import matplotlib.pyplot as plt

plt.plot([1, 2])
plt.show()

# %% secret tags=["hide"]
"a_b*c"

# %% half tags=["exercise"]
def half(value):
    raise NotImplementedError

# %% half-solution tags=["solution"]
def half(value):
    return value / 2

# %% half-check tags=["check"]
assert half(4) == 2
"""
CHAPTER = """---
description: "{about}"
---

# {title} & co {{#title}}

Here $x_1 < 2$ is `{{cell}} m:secret`, see [below](#more) and [the other](other.md#there).

!!! note "A box"

    Its text.

    ```python cell="m:first"
    ```

=== "One"

    First tab.

=== "Two"

    Second tab.

## More {{#more}}

```python cell="m:ticks"
```

```python cell="m:figure" alt="{alt}" caption="Rising"
```

```python cell="m:half"
```

```python cell="m:half-solution"
```

```python cell="m:half-check"
```

$$
\\sum_i x_i
$$

{{terms}}
"""
OTHER = "# Other {#other}\n\n## There {#there}\n\nWords.\n"
HOSTILE = "</script><script>alert(1)</script> \\\"quoted\\\" & 'single'"
OPTIONS = """
    site_name: {zh: 笔记, en: Notes},
    site_description: {zh: 关于笔记。, en: About the notes.},
    based_on: [{"@type": Book, name: {zh: 书, en: The book}}]"""
CONFIG = f"""
{with_options(OPTIONS)}
nav: [page.md, other.md]
"""
SITE = {
    "mkdocs.yml": CONFIG,
    "snippets/m.py": MODULE,
    "docs/zh/page.md": CHAPTER.format(title="梯度", about=HOSTILE, alt="一条上升的线"),
    "docs/en/page.md": CHAPTER.format(title="Gradient", about=HOSTILE, alt="A rising line"),
    "docs/zh/other.md": OTHER,
    "docs/en/other.md": OTHER,
    "docs/zh/index.md": "# 首页 {#home}\n",
    "docs/en/index.md": "# Home {#home}\n",
    "docs/glossary.yml": "- {zh: 梯度, en: gradient, meaning_zh: 含义一, meaning_en: A | slope.}\n",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("machines"))
    site.write({**FILES, **SITE})
    for name, text in SITE.items():  # not stripped: tabs and fences stand as they are
        (site.root / name).write_text(text.lstrip("\n"), "utf-8")
    code, said = site.build("--strict")
    assert code == 0, said
    return site


def markdown(site: Site, code: str) -> str:
    return (site.root / "site" / code / "page/index.md").read_text("utf-8")


def head(site: Site, page: str) -> BeautifulSoup:
    soup = BeautifulSoup(site.html(page), "html5lib").head
    assert soup
    return soup


def meta(soup: BeautifulSoup) -> dict[str, str]:
    found = soup.select("meta[property], meta[name]")
    return {str(e.get("property") or e.get("name")): str(e.get("content")) for e in found}


@CODES
def test_markdown_holds_code_outputs_formulas_and_alt_text(site: Site, code: str) -> None:
    text = markdown(site, code)
    assert "```python\nx = 20\nx\n```\n\n" in text
    assert "```text\n20\n```" in text
    assert {"zh": "图：一条上升的线", "en": "Figure: A rising line"}[code] in text
    assert "*Rising*" in text
    assert "$x_1 < 2$" in text and "$$\n\\sum_i x_i\n$$" in text
    assert "return value / 2" in text and "assert half(4) == 2" in text
    assert "**A box**" in text and "> Its text." in text
    assert "**One**" in text and "Second tab." in text
    assert r"a\_b\*c" in text and "secret" not in text


@CODES
def test_markdown_is_clean(site: Site, code: str) -> None:
    prose = re.sub(r"(`{3,}).*?\n\1", "", markdown(site, code), flags=re.DOTALL)
    for leftover in ("cell=", "{#", "{cell}", "{terms}", "!!!", "===", "<div", "description:"):
        assert leftover not in prose


@CODES
def test_output_cannot_end_its_fence(site: Site, code: str) -> None:
    page = document(markdown(site, code), "page.md")
    bodies = [fence.body for fence in page.code_fences if fence.language == "text"]
    assert "```\n~~~ # no heading" in [body.strip() for body in bodies]


@CODES
def test_the_glossary_is_a_table(site: Site, code: str) -> None:
    row = {"zh": "| 梯度 | gradient | 含义一 |", "en": r"| 梯度 | gradient | A \| slope. |"}
    assert row[code] in markdown(site, code)


@CODES
def test_links_in_markdown_lead_to_markdown(site: Site, code: str) -> None:
    assert "[the other](../other/index.md#there)" in markdown(site, code)
    assert (site.root / "site" / code / "other/index.md").is_file()
    assert f"<{ROOT}{code}/page/>" in markdown(site, code)


def test_llms_txt_lists_every_page_in_both_languages(site: Site) -> None:
    text = (site.root / "site/llms.txt").read_text("utf-8")
    lines = text.splitlines()
    assert lines[0] == "# 笔记 · Notes"
    assert lines[2] == "> 关于笔记。 About the notes."
    assert [line for line in lines if line.startswith("## ")] == [
        "## 中文",
        "## English",
        "## Optional",
    ]
    links = re.findall(r"^- \[[^\]]+\]\((\S+)\)", text, re.MULTILINE)
    names = [f"{code}/{page}/index.md" for code in ("zh", "en") for page in ("page", "other")]
    assert links == [ROOT + name for name in [*names, "executed.json"]]
    assert all((site.root / "site" / link.removeprefix(ROOT)).is_file() for link in links)


@CODES
def test_the_head_leads_to_the_markdown(site: Site, code: str) -> None:
    links = head(site, f"{code}/page").select('link[rel=alternate][type="text/markdown"]')
    assert [urljoin(f"/{code}/page/", str(link["href"])) for link in links] == [
        f"/{code}/page/index.md"
    ]


@CODES
def test_previews_have_title_description_locale_and_picture(site: Site, code: str) -> None:
    told = meta(head(site, f"{code}/page"))
    about = HOSTILE.replace('\\"', '"')
    title = {"zh": "梯度 & co", "en": "Gradient & co"}[code]
    assert told["og:title"] == title
    assert told["description"] == told["og:description"] == about
    assert told["og:locale"] == {"zh": "zh_CN", "en": "en_US"}[code]
    assert told["og:site_name"] == {"zh": "笔记", "en": "Notes"}[code]
    assert told["og:url"] == f"{ROOT}{code}/page/"
    assert told["og:image"] == f"{ROOT}assets/previews/{code}-page.png"
    assert told["twitter:card"] == "summary_large_image"
    png = (site.root / "site" / told["og:image"].removeprefix(ROOT)).read_bytes()
    assert Image.open(io.BytesIO(png)).size == (1200, 630)
    assert (told["og:image:width"], told["og:image:height"]) == ("1200", "630")


@CODES
def test_structured_data_parses_whatever_a_description_holds(site: Site, code: str) -> None:
    scripts = head(site, f"{code}/page").select('script[type="application/ld+json"]')
    data = json.loads(scripts[0].string or "")
    assert len(scripts) == 1
    assert data["@type"] == "LearningResource"
    assert data["description"] == HOSTILE.replace('\\"', '"')
    assert data["inLanguage"] == {"zh": "zh-CN", "en": "en"}[code]
    assert data["isBasedOn"][0]["name"] == {"zh": "书", "en": "The book"}[code]
    course = head(site, code).select_one('script[type="application/ld+json"]')
    whole = json.loads(course.string or "") if course else {}
    assert whole["@type"] == "Course"
    assert [part["url"] for part in whole["hasPart"]] == [
        f"{ROOT}{code}/page/", f"{ROOT}{code}/other/"
    ]  # fmt: skip


def test_without_an_address_nothing_absolute_is_said(make_site: MakeSite) -> None:
    site = make_site({"mkdocs.yml": MKDOCS_YML.replace(f"site_url: {ROOT}", "site_url: ''")})
    assert site.build("--strict")[0] == 0
    told = meta(head(site, "en/page"))
    assert told["og:title"] == "Title"
    assert not {"og:url", "og:image", "twitter:card"} & told.keys()
    assert not (site.root / "site/assets/previews").exists()
    assert "](en/page/index.md)" in (site.root / "site/llms.txt").read_text("utf-8")


def test_a_page_without_any_description_has_that_of_the_site(make_site: MakeSite) -> None:
    site = make_site({"mkdocs.yml": MKDOCS_YML + "site_description: All of it.\n"})
    assert site.build("--strict")[0] == 0
    assert meta(head(site, "en/page"))["description"] == "All of it."


def test_a_site_for_a_folder_names_files(make_site: MakeSite) -> None:
    site = make_site({"mkdocs.yml": with_options("offline: true")})
    assert site.build("--strict")[0] == 0
    built = site.tree()
    assert "en/page.html" in built and "en/page.md" in built
    for code in ("zh", "en"):
        assert f"{code}/search/search_index.json" not in built
        script = built[f"{code}/search/search_index.js"].decode()
        docs = json.loads(script.removeprefix("var __index = "))["docs"]
        assert docs and all(doc["location"].startswith("page.html") for doc in docs)
        assert b'src="../assets/file-worker.js"' in built[f"{code}/page.html"]
    assert not any(b"example.org" in content for name, content in built.items() if "html" in name)
