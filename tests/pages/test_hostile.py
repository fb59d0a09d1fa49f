"""Whatever code prints and files are called, no published file holds it as markup."""

from __future__ import annotations

import getpass
import json
import os
import re
import socket
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import html5lib
import nbformat
import pytest
import sites
from markdown_it import MarkdownIt

from .conftest import FILES, Site, with_options

# One payload for all places: it closes whatever it may stand in, and would run in four ways.
ATTACK = (
    "</script></style></title></textarea></pre></code></div>\"'>"
    "<img src=x onerror=alert(1)><script>alert(1)</script><svg onload=alert(1)></svg>"
    "<a href='javascript:alert(1)'>x</a> --> ]]> {{ 7 * 7 }} {% raw %}"
)
NAME = """a"b<script>&'c"""  # of a page; a slash or '>' would be no attack, or no file
MODULE = f'''\
"""{ATTACK.replace('"', "'")}"""

# %% setup
attack = {ATTACK!r}  # {ATTACK}

# %% printed
print(attack)

# %% result
class Attack:
    def __repr__(self):
        return attack

    def _repr_html_(self):
        return attack

    def _repr_markdown_(self):
        return attack

    def _repr_javascript_(self):
        return "alert(1)"

    def _repr_png_(self):
        return '"><img src=x onerror=alert(1)>'


Attack()

# %% figure
import matplotlib.pyplot as plt

plt.title(attack.replace("{{", "").replace("$", ""))
plt.show()

# %% warned
import warnings

warnings.warn(attack)

# %% refused
try:
    raise ValueError(attack)
except ValueError as error:
    print(error)

# %% quoted tags=["hide"]
print(attack)
'''
CELLS = ("setup", "printed", "result", "figure", "warned", "refused")
OPTIONS = f"""alt='{ATTACK.replace("'", "")}' caption='<img src=x onerror=alert(1)>'"""
FENCES = "\n\n".join(f'```python cell="m:{cell}" {OPTIONS}\n```' for cell in CELLS)
FRONT = "---\n" + "".join(
    f"{key}: {json.dumps(ATTACK)}\n" for key in ("title", "description", "language_name")
)
PAGE = f"""{FRONT}---

# Title `{ATTACK}` {{#title}}

{FENCES}

It is `{{cell}} m:quoted`, or `{ATTACK}`.

## Part `{ATTACK}` {{#part}}
"""
TERM = "- {zh: 梯度, en: gradient, meaning_zh: %s, meaning_en: %s}\n" % ((json.dumps(ATTACK),) * 2)
SECRETS = {
    "GITHUB_TOKEN": "ghs-not-for-readers",
    "AWS_SECRET_ACCESS_KEY": "aws-not-for-readers",
    "USER": "user-not-for-readers",
    "LOGNAME": "user-not-for-readers",
    "HOSTNAME": "host-not-for-readers",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("hostile"))
    site.write(FILES | {"mkdocs.yml": with_options("", views=True)})
    for language in ("zh", "en"):
        (site.root / f"docs/{language}/page.md").write_text(PAGE, "utf-8")
        (site.root / f"docs/{language}/{NAME}.md").write_text(
            f"# Odd `{ATTACK}` {{#odd}}\n\nGradient.\n", "utf-8"
        )
    (site.root / "snippets/m.py").write_text(MODULE, "utf-8")
    (site.root / "docs/glossary.yml").write_text(TERM, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        code, said = sites.run_alone(site.root, "mkdocs", "build")
    assert code == 0, said
    return site


def files(site: Site, *endings: str) -> Iterator[tuple[str, str]]:
    found = [f for f in sorted((site.root / "site").rglob("*")) if f.name.endswith(endings)]
    assert found, endings
    for file in found:
        if "assets/javascripts" not in file.as_posix():
            yield file.relative_to(site.root / "site").as_posix(), file.read_text("utf-8")


def dangers(html: str) -> list[str]:
    """What a browser would do at the attack's bidding, as an HTML5 parser reads this text."""
    found = []
    for element in html5lib.parse(html, namespaceHTMLElements=False).iter():
        name = str(element.tag)
        text = "".join(element.itertext()) if name == "script" else ""
        attributes = {str(key): value for key, value in element.attrib.items()}
        is_data = attributes.get("type", "") in ("application/json", "application/ld+json")
        if "alert(1)" in text and not is_data:
            found.append(f"<script>{text}")
        found += [f"<{name} {k}={v}>" for k, v in attributes.items() if k.startswith("on")]
        found += [f"<{name} {k}={v}>" for k, v in attributes.items() if "javascript:" in v[:20]]
        if name == "img" and attributes.get("src") == "x":
            found.append("<img src=x>")
    return found


def test_the_oracle_sees_the_attack() -> None:
    assert len(dangers(f"<pre>{ATTACK}</pre>")) == 5


def test_no_page_holds_an_output_as_markup(site: Site) -> None:
    for name, html in files(site, ".html"):
        assert dangers(html) == [], name
    assert "49" not in site.html("en/page").split("It is", 1)[1].split("</p>")[0]


def test_pages_show_the_attack_as_text(site: Site) -> None:
    page = html5lib.parse(site.html("en/page"), namespaceHTMLElements=False)
    shown = ["".join(e.itertext()) for e in page.iter() if e.get("class") == "cell-output"]
    assert shown[0] == f"{ATTACK}\n"
    assert shown[1] == ATTACK
    (value,) = [e for e in page.iter() if e.get("class") == "cell-value"]
    assert value.text == ATTACK


def test_no_search_index_holds_an_output_as_markup(site: Site) -> None:
    """The theme puts titles and texts of the index into the page as HTML."""
    for name, text in files(site, "search_index.json"):
        for entry in json.loads(text)["docs"]:
            for html in (entry["title"], entry["text"], entry["location"]):
                assert dangers(html) == [], (name, entry["location"])


def test_no_markdown_of_a_page_holds_an_output_as_markup(site: Site) -> None:
    """Whoever shows it may let HTML through, as CommonMark does."""
    found = dict(files(site, "index.md"))
    texts = {name: text for name, text in found.items() if name.endswith("page/index.md")}
    assert len(texts) == 2
    for name, text in texts.items():
        assert ATTACK.splitlines()[0] in text
        assert dangers(MarkdownIt("commonmark").render(text)) == [], name


def test_no_notebook_holds_what_jupyter_would_run(site: Site) -> None:
    """Markdown cells and rich outputs are rendered as HTML; the rest is text."""
    for name, text in files(site, ".ipynb"):
        notebook = nbformat.reads(text, as_version=4)
        nbformat.validate(notebook)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                assert dangers(MarkdownIt("commonmark").render(cell.source)) == [], name
                continue
            for output in cell.outputs:
                for mime, data in output.get("data", {}).items():
                    assert mime != "application/javascript"
                    if mime in ("text/html", "text/markdown", "image/svg+xml"):
                        assert dangers(data) == [], (name, mime)
                    elif mime.startswith("image/"):
                        assert re.fullmatch(r"[A-Za-z0-9+/=\s]*", data), (name, mime)


def test_sitemap_and_executed_json_are_whole(site: Site) -> None:
    places = [
        e.text or "" for e in ET.fromstring((site.root / "site/sitemap.xml").read_text()).iter()
    ]
    assert any("a%22b%3Cscript%3E" in place for place in places), places
    told = json.loads((site.root / "site/executed.json").read_text("utf-8"))
    cells = {cell["name"]: cell for cell in told["modules"]["m"]["cells"]}
    assert cells["printed"]["outputs"][0]["text"] == f"{ATTACK}\n"


def test_no_secret_and_no_name_of_this_machine_is_published(site: Site) -> None:
    """Neither what the environment holds, nor host, user and folders."""
    own = {socket.gethostname(), getpass.getuser()} - {"localhost", "root"}
    names = {name for name in own if len(name) > 3}
    for name, text in files(site, ".html", ".json", ".xml", ".ipynb", ".txt"):
        for secret in {*SECRETS.values(), str(site.root), str(Path.home()) + os.sep, *names}:
            assert secret not in text, (name, secret)
