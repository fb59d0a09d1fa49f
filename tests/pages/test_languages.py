"""Two languages in one MkDocs build: each reader stays in one, and finds the other."""

from __future__ import annotations

import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree

import pytest
import yaml
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort
from mkdocs.plugins import BasePlugin, event_priority

from livenotes.site.configuration import PluginConfig
from livenotes.site.languages import Languages

SITE_URL = "https://notes.example/base/"

PAGES = {
    "index.md": """
---
hide: [navigation, toc]
---
# 笔记 Notes

[中文](zh/index.md) [English](en/index.md)
""",
    "zh/index.md": """
# 首页 {#home}

从这里开始。
""",
    "en/index.md": """
# Home {#home}

Start here.
""",
    "zh/autograd.md": """
---
description: 反向传播怎样求导
---
# 自动求导 {#autograd}

## 反向传播 {#backward}

张量的 `requires_grad` 打开以后，可以求偏导数，见[范数](linear-algebra.md#norms)。
""",
    "en/autograd.md": """
# Autograd {#autograd}

## Backpropagation {#backward}

Set `requires_grad`; see [norms](linear-algebra.md#norms).
""",
    "zh/linear-algebra.md": """
# 线性代数 {#linear-algebra}

## 范数 {#norms}

向量的长度。
""",
    "en/linear-algebra.md": """
# Linear algebra {#linear-algebra}

## Norms {#norms}

The length of a vector.
""",
}
GLOSSARY = "- {zh: 稠密块, en: dense block, meaning_zh: 稠密的块, meaning_en: A dense block.}\n"
OPTIONS = {
    "languages": {"zh": "中文", "en": "English"},
    "site_name": {"zh": "笔记", "en": "The notes"},
    "side_by_side": False,
}
NAV = ["index.md", {"基础 | Basics": ["linear-algebra.md", {"求导 | Gradients": "autograd.md"}]}]


class Plugin(BasePlugin[PluginConfig]):
    """The smallest plugin that calls Languages, as livenotes' own does."""

    @event_priority(100)
    def on_config(self, config: Any) -> None:
        self.languages = Languages(config)

    def on_files(self, files: Any, config: Any) -> None:
        self.languages.on_files(files)

    def on_nav(self, nav: Any, config: Any, files: Any) -> Any:
        return self.languages.on_nav(nav, files)

    def on_page_markdown(self, markdown: str, page: Any, **_: Any) -> str:
        self.languages.on_page_markdown(page)
        return markdown

    def on_page_context(self, context: Any, page: Any, config: Any, nav: Any) -> Any:
        self.languages.on_page_context(context, page, nav)
        return context

    def on_env(self, env: Any, **_: Any) -> None:
        self.languages.on_env(env)

    def on_template_context(self, context: Any, template_name: str, config: Any) -> Any:
        return self.languages.on_template_context(context, template_name)

    @event_priority(-100)
    def on_post_build(self, config: Any) -> None:
        self.languages.on_post_build()


class Outline(HTMLParser):
    """What a page says about itself: its language, title, description and links."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.lang = self.title = self.description = ""
        self.links: list[dict[str, str]] = []
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._open.append(tag)
        if tag == "html":
            self.lang = values["lang"]
        elif tag == "meta" and values.get("name") == "description":
            self.description = values["content"]
        elif tag in ("a", "link") and "href" in values:
            self.links.append(values)

    def handle_data(self, data: str) -> None:
        if self._open[-1:] == ["title"] and not self.title:
            self.title = data

    def hrefs(self, attribute: str, word: str = "") -> list[str]:
        """Targets of the links whose attribute holds the word; with no word, all that have it."""
        found = [v for v in self.links if attribute in v and v.get("rel") != "alternate "]
        return [v["href"] for v in found if not word or word in v[attribute].split()]


class Site:
    """A project in a folder of its own, built with one plugin instance as `mkdocs serve` does."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.plugin = Plugin()
        self.out = root / "site"
        self.options: dict[str, Any] = {
            "site_name": "Notes",
            "site_url": SITE_URL,
            "theme": {"name": "material", "font": False, "language": "zh"},
            "plugins": ["search"],
            "nav": NAV,
            "strict": True,
            "markdown_extensions": ["attr_list"],
            "validation": {"anchors": "warn", "omitted_files": "warn"},
        }
        for name, text in PAGES.items():
            self.write(f"docs/{name}", text.lstrip())

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def build(self, out: Path | None = None) -> Site:
        self.out = out or self.out
        self.write("mkdocs.yml", yaml.safe_dump(self.options, allow_unicode=True, sort_keys=False))
        config = load_config(str(self.root / "mkdocs.yml"), site_dir=str(self.out))
        self.plugin.load_config(OPTIONS, config.config_file_path)
        config.plugins["livenotes"] = self.plugin
        config.plugins.on_startup(command="build", dirty=False)
        build(config)
        return self

    def html(self, url: str) -> str:
        return (self.out / url / "index.html").read_text("utf-8")

    def page(self, url: str) -> Outline:
        return Outline(self.html(url))

    def target(self, url: str, href: str) -> str:
        """Where a link on the page `url` leads, relative to the site's root."""
        return urljoin(f"https://x/{url}", href).removeprefix("https://x/")

    def index(self, code: str) -> dict[str, Any]:
        text = (self.out / code / "search/search_index.json").read_text("utf-8")
        return dict(json.loads(text))


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_MKDOCS_2_WARNING", "1")
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "project")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("built")).build()


def nav_targets(site: Site, url: str) -> list[str]:
    hrefs = site.page(url).hrefs("class", "md-nav__link")
    return [site.target(url, h) for h in hrefs if not h.startswith("#")]


@pytest.mark.parametrize("code", ["zh", "en"])
def test_a_page_says_its_language(built: Site, code: str) -> None:
    assert built.page(f"{code}/autograd/").lang == code


@pytest.mark.parametrize(("code", "words"), [("zh", "搜索"), ("en", "Search")])
def test_interface_strings_are_in_the_language_of_the_page(
    built: Site, code: str, words: str
) -> None:
    assert f'placeholder="{words}"' in built.html(f"{code}/autograd/")


@pytest.mark.parametrize("code", ["zh", "en"])
def test_the_side_bar_shows_the_pages_of_one_language_in_the_order_of_nav(
    built: Site, code: str
) -> None:
    assert nav_targets(built, f"{code}/autograd/") == [
        f"{code}/",
        f"{code}/linear-algebra/",
        f"{code}/autograd/",
    ]


def test_titles_of_sections_and_entries_are_in_the_language(built: Site) -> None:
    zh, en = built.html("zh/linear-algebra/"), built.html("en/linear-algebra/")
    assert "基础" in zh and "求导" in zh and "Basics" not in zh and "Gradients" not in zh
    assert "Basics" in en and "Gradients" in en and "基础" not in en and "求导" not in en


@pytest.mark.parametrize("code", ["zh", "en"])
def test_previous_and_next_stay_in_the_language(built: Site, code: str) -> None:
    pages = [f"{code}/", f"{code}/linear-algebra/", f"{code}/autograd/"]
    for index, url in enumerate(pages):
        page = built.page(url)
        before = [built.target(url, h) for h in page.hrefs("rel", "prev")]
        after = [built.target(url, h) for h in page.hrefs("rel", "next")]
        assert before == pages[max(index - 1, 0) : index]
        assert after == pages[index + 1 : index + 2]


@pytest.mark.parametrize("name", ["", "linear-algebra/", "autograd/"])
@pytest.mark.parametrize(("code", "other"), [("zh", "en"), ("en", "zh")])
def test_the_language_link_leads_to_the_same_page(
    built: Site, code: str, other: str, name: str
) -> None:
    url = f"{code}/{name}"
    page = built.page(url)
    assert [built.target(url, h) for h in page.hrefs("class", "ln-language")] == [f"{other}/{name}"]


def test_the_landing_page_leads_to_both_languages_and_belongs_to_none(built: Site) -> None:
    page = built.page("")
    assert page.hrefs("class", "ln-language") == ["zh/", "en/"]
    assert page.title == "笔记 Notes - Notes"
    assert not page.hrefs("rel", "next")


def test_the_navigation_of_the_whole_calls_the_languages_by_their_names(built: Site) -> None:
    titles = re.findall(
        r'<label class="md-nav__title" for="__nav_.">(.*?)</label>', built.html(""), re.S
    )
    assert [re.sub(r"<.*?>|\s", "", title) for title in titles] == ["中文", "English"]


def test_the_landing_page_has_no_search_since_it_has_no_language(built: Site) -> None:
    assert 'name="query"' not in built.html("")
    assert 'name="query"' in built.html("zh/")


def test_a_page_without_a_twin_leads_to_the_home_of_the_other_language(site: Site) -> None:
    site.options["strict"] = False
    (site.root / "docs/en/autograd.md").unlink()
    site.build()
    url = "zh/autograd/"
    assert [site.target(url, h) for h in site.page(url).hrefs("class", "ln-language")] == ["en/"]
    assert nav_targets(site, "en/") == ["en/", "en/linear-algebra/"]


def test_a_page_that_nav_names_and_a_language_lacks_fails_a_strict_build(site: Site) -> None:
    (site.root / "docs/en/autograd.md").unlink()
    with pytest.raises(Abort):
        site.build()


@pytest.mark.parametrize("code", ["zh", "en"])
def test_the_logo_leads_to_the_home_of_the_language(built: Site, code: str) -> None:
    url = f"{code}/autograd/"
    targets = {built.target(url, h) for h in built.page(url).hrefs("class", "md-logo")}
    assert targets == {f"{code}/"}


def test_the_title_names_the_page_and_the_site_in_the_language(built: Site) -> None:
    assert built.page("zh/linear-algebra/").title == "线性代数 - 笔记"
    assert built.page("en/linear-algebra/").title == "Linear algebra - The notes"


def test_the_description_comes_from_the_page(built: Site) -> None:
    assert built.page("zh/autograd/").description == "反向传播怎样求导"
    assert built.page("zh/linear-algebra/").description == ""


@pytest.mark.parametrize("code", ["zh", "en"])
def test_the_head_names_the_page_in_every_language(built: Site, code: str) -> None:
    found = dict(
        re.findall(r'hreflang="([\w-]+)" href="(http[^"]+)">', built.html(f"{code}/autograd"))
    )
    address = (SITE_URL + "{}/autograd/").format
    assert found == {"zh": address("zh"), "en": address("en"), "x-default": address("zh")}


def test_the_head_has_no_alternate_links_below_which_the_theme_would_probe(built: Site) -> None:
    """It takes those whose `rel` is exactly that; browsers and search engines read a list."""
    for url in ("", "zh/", "en/autograd/"):
        rels = [link.get("rel") for link in built.page(url).links]
        assert "alternate " in rels and "alternate" not in rels


def test_every_internal_link_is_relative_and_leads_to_a_file(built: Site) -> None:
    for path in sorted(built.out.rglob("index.html")):
        url = path.parent.relative_to(built.out).as_posix().removeprefix(".")
        url = f"{url}/" if url else ""
        for link in built.page(url).links:
            href = link["href"].partition("#")[0]
            if href and not href.startswith("https://"):
                assert not href.startswith("/"), f"{url}: {href}"
                target = built.out / built.target(url, href)
                assert (target / "index.html" if target.is_dir() else target).is_file()


def test_without_use_directory_urls_the_links_name_files(site: Site) -> None:
    site.options["use_directory_urls"] = False
    site.build()
    page = Outline((site.out / "zh/autograd.html").read_text("utf-8"))
    assert page.hrefs("class", "ln-language") == ["../en/autograd.html"]
    assert '"base": "."' in (site.out / "zh/autograd.html").read_text("utf-8")


@pytest.mark.parametrize("site_url", [SITE_URL, "https://notes.example/", ""])
def test_the_choice_of_dark_or_light_is_shared_by_both_languages(site: Site, site_url: str) -> None:
    site.options["site_url"] = site_url
    site.build()
    scopes = {re.findall(r'__md_scope=new URL\("([^"]*)"', site.html(u))[0] for u in ("zh/", "en/")}
    assert scopes == {{SITE_URL: "/base/"}.get(site_url, "/")}


# Search


@pytest.mark.parametrize("code", ["zh", "en"])
def test_each_language_has_an_index_of_its_own_pages_only(built: Site, code: str) -> None:
    locations = {doc["location"].partition("#")[0] for doc in built.index(code)["docs"]}
    assert locations == {"", "autograd/", "linear-algebra/"}
    other = {"zh": "Backpropagation", "en": "反向"}[code]
    assert other not in json.dumps(built.index(code), ensure_ascii=False)


@pytest.mark.parametrize("code", ["zh", "en"])
def test_the_theme_looks_for_the_index_of_the_language(built: Site, code: str) -> None:
    for url in (f"{code}/", f"{code}/autograd/"):
        base = json.loads(re.findall(r'id="__config"[^>]*>(.*?)</script>', built.html(url))[0])
        found = built.target(url, base["base"] + "/search/search_index.json")
        assert found == f"{code}/search/search_index.json"
        assert (built.out / found).is_file()


def test_there_is_no_index_that_mixes_the_languages(built: Site) -> None:
    assert not (built.out / "search").exists()


def test_the_index_of_either_language_has_the_terms_of_the_glossary(site: Site) -> None:
    site.write("docs/glossary.yml", GLOSSARY)
    site.build()
    for code in ("zh", "en"):
        assert ["稠密块", "dense block"] in site.index(code)["config"]["terms"]


def test_search_settings_of_the_author_are_kept(site: Site) -> None:
    site.options["plugins"] = [{"search": {"separator": "x+"}}]
    assert site.build().index("zh")["config"]["separator"] == "x+"


def test_a_site_without_search_builds(site: Site) -> None:
    site.options["plugins"] = []
    assert not (site.build().out / "zh/search").exists()


def test_a_broken_glossary_does_not_stop_search(site: Site) -> None:
    site.write("docs/glossary.yml", "- [")
    assert site.build().index("zh")["docs"]


# Sitemap


def sitemap(site: Site) -> dict[str, dict[str, str]]:
    """loc -> hreflang -> href, everything relative to the site's address."""
    names = {
        "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
        "x": "http://www.w3.org/1999/xhtml",
    }
    found = {}
    for url in ElementTree.parse(site.out / "sitemap.xml").getroot():
        links = {
            link.attrib["hreflang"]: link.attrib["href"].removeprefix(SITE_URL)
            for link in url.findall("x:link", names)
        }
        found[str(url.findtext("s:loc", None, names)).removeprefix(SITE_URL)] = links
    return found


def test_the_sitemap_pairs_the_languages_both_ways(built: Site) -> None:
    pair = {"zh": "zh/autograd/", "en": "en/autograd/", "x-default": "zh/autograd/"}
    home = {"zh": "zh/", "en": "en/", "x-default": ""}
    found = sitemap(built)
    assert found["zh/autograd/"] == found["en/autograd/"] == pair
    assert found["zh/"] == found["en/"] == found[""] == home
    assert len(found) == len(PAGES)


def test_a_page_that_names_another_as_its_original_is_not_in_the_sitemap(site: Site) -> None:
    class Copies(Plugin):
        def on_page_markdown(self, markdown: str, page: Any, **_: Any) -> str:
            if page.file.src_uri == "zh/linear-algebra.md":
                page.canonical_url = SITE_URL + "zh/autograd/"
            return super().on_page_markdown(markdown, page)

    site.plugin = Copies()
    assert "zh/linear-algebra/" not in sitemap(site.build())


def test_the_sitemap_has_no_date_but_that_of_source_date_epoch(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "lastmod" not in (site.build().out / "sitemap.xml").read_text("utf-8")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    text = (site.build().out / "sitemap.xml").read_text("utf-8")
    assert text.count("<lastmod>1970-01-02</lastmod>") == len(PAGES)


def test_the_packed_sitemap_holds_the_same(built: Site) -> None:
    packed = (built.out / "sitemap.xml.gz").read_bytes()
    assert gzip.decompress(packed) == (built.out / "sitemap.xml").read_bytes()


def test_a_site_without_an_address_has_no_sitemap(site: Site) -> None:
    site.options["site_url"] = ""
    site.build()
    assert not list(site.out.glob("sitemap*"))


# The page for addresses that do not exist


@pytest.mark.parametrize(("site_url", "root"), [(SITE_URL, "/base/"), ("", "/")])
def test_the_page_not_found_speaks_both_languages_and_works_at_any_depth(
    site: Site, site_url: str, root: str
) -> None:
    site.options["site_url"] = site_url
    page = Outline((site.build().out / "404.html").read_text("utf-8"))
    hrefs = [link["href"] for link in page.links if not link["href"].startswith("https://")]
    assert {f"{root}zh/", f"{root}en/"} <= set(hrefs)
    assert all(href.startswith((root, "#")) for href in hrefs)


# One build after another


def files_of(folder: Path) -> dict[str, bytes]:
    paths = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in paths}


def test_a_later_build_of_the_same_server_forgets_the_earlier_one(
    site: Site, tmp_path: Path
) -> None:
    site.build(tmp_path / "before")
    site.options["nav"] = ["index.md", "new.md", "linear-algebra.md"]
    for code in ("zh", "en"):
        (site.root / f"docs/{code}/autograd.md").unlink()
        site.write(f"docs/{code}/new.md", "# New {#new}\n")
    served = site.build(tmp_path / "served")
    assert "zh/autograd/" not in sitemap(served)
    assert nav_targets(served, "zh/new/") == ["zh/", "zh/new/", "zh/linear-algebra/"]
    fresh = files_of(served.out)
    site.plugin = Plugin()
    assert files_of(site.build(tmp_path / "fresh").out) == fresh


def test_without_nav_every_page_is_shown(site: Site) -> None:
    del site.options["nav"]
    assert nav_targets(site.build(), "en/") == ["en/", "en/autograd/", "en/linear-algebra/"]


def test_a_language_of_the_theme_changes_the_landing_page_only(site: Site) -> None:
    site.options["theme"]["language"] = "en"
    site.build()
    assert [site.page(u).lang for u in ("", "zh/", "en/")] == ["en", "zh", "en"]


def test_templates_of_the_author_win_over_ours(site: Site) -> None:
    site.options["theme"]["custom_dir"] = "overrides"
    site.write("overrides/partials/alternate.html", "<b>mine</b>")
    assert "<b>mine</b>" in site.build().html("zh/")


def test_the_authors_configuration_is_not_changed_page_by_page(site: Site) -> None:
    seen = []

    class Watching(Plugin):
        def on_post_build(self, config: Any) -> None:
            seen.append(
                (config.site_name, "alternate" in config.extra, "material/search" in config.plugins)
            )
            super().on_post_build(config)

    site.plugin = Watching()
    site.build()
    assert seen == [("Notes", False, True)]
