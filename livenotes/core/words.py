"""Every word that livenotes itself writes for readers, per language, and how languages differ.

The only place that names languages. A language that has no words here gets the English ones.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """The words of one language; the defaults are English. Whoever shows them fills in `{…}`."""

    language: str = "en"
    comma: str = ", "
    # Around a cell
    code: str = "Code"
    wrap: str = "Wrap long lines"
    solution: str = "Solution"
    source_lines: str = "Source: {}, lines {} to {}"
    not_run: str = "Not run: {} failed."
    # The last line of a chapter
    provenance: str = "The outputs on this page were produced by {module}: {versions}."
    download: str = "Download as a Jupyter notebook"
    view: str = "View as a notebook"
    colab: str = "Open in Colab"
    # Below the title of a chapter
    get: str = "Jupyter notebook: "
    get_download: str = "download"
    get_view: str = "view"
    get_colab: str = "Colab"
    book: str = "All chapters as PDF"
    offline_copy: str = "Copy to read offline"
    # The foot of every page
    changed: str = "Last changed on {}"
    mistake: str = "Report a mistake"
    # Pages that are not finished
    draft: str = "A draft: a build leaves this page out."
    untranslated: str = "This page has not been translated yet."
    untranslated_draft: str = "Not translated yet: a build leaves this page out."
    not_published: str = " (not published yet)"  # after the text of a link
    to_come: str = "{} (to come)"  # a language that the page is not translated into
    # Translations that have changed later, or earlier, than the page
    behind: str = "This page lacks a later change of its version in another language."
    ahead: str = "Its version in another language lacks a later change of this page."
    # What an author must fill in
    todo_description: str = "TODO: what readers learn here, in a sentence or two for search engines"
    todo_text: str = "TODO: what this chapter is about, and why it matters."
    todo_heading: str = "TODO"
    todo_about: str = "TODO: what it is about"
    todo_alt: str = "TODO: what the picture shows"
    # Notebooks, and the pages that show them
    notebook_of_page: str = (
        "This notebook belongs to [this page]({home}); its outputs were produced with {versions}."
    )
    produced_with: str = "The outputs were produced with {versions}."
    notebook_title: str = "{} (notebook)"
    chapter: str = "The chapter: {}"
    download_this: str = "Download this notebook"
    # A page as Markdown
    web_page: str = "Web page: <{}>"
    outputs_of: str = "The outputs were produced with {}"
    output: str = "Output:"
    figure: str = "Figure: {}"
    solution_below: str = "Solution:"
    meaning: str = "Meaning"  # a column of the glossary's table
    contents: str = "Contents"  # of the printed book
    # The site
    both: str = "Side by side"
    search: str = "Search"  # as the theme names it
    not_found: str = "Page not found"
    not_found_text: str = (
        "The address may be mistyped, or the page may have been renamed. Start again from the "
        '<a href="{}">{} home page</a>.'
    )
    keys: str = "Keyboard shortcuts"
    keys_on: str = "Shortcuts of a single key"
    close: str = "Close"
    key_search: str = "Search"
    key_next: str = "Next page"
    key_previous: str = "Previous page"
    key_arrows: str = (
        "On a term: the previous or next term; on a copy button: to the link to the cell's source"
    )
    key_escape: str = "Close search, a term's tip, or this list"
    key_list: str = "Open this list"


_WORDS = {
    "en": Wording(),
    "zh": Wording(
        language="zh",
        comma="、",
        code="代码",
        wrap="长行自动折行",
        solution="参考答案",
        source_lines="源码：{}，第 {} 到 {} 行",
        not_run="未运行：{} 出错。",
        provenance="本页的输出由 {module} 生成：{versions}。",
        download="下载 Jupyter 笔记本",
        view="以笔记本形式浏览",
        colab="在 Colab 中打开",
        get="Jupyter 笔记本：",
        get_download="下载",
        get_view="浏览",
        book="全书 PDF",
        offline_copy="离线阅读包",
        changed="最近改动：{}",
        mistake="报告错误",
        draft="草稿：正式构建时不发布这一页。",
        untranslated="这一页还没有译文。",
        untranslated_draft="还没有译文：正式构建时不发布这一页。",
        not_published="（尚未发布）",
        to_come="{}（待译）",
        behind="本页的另一种语言版后来有改动，这里还没有跟上。",
        ahead="本页后来有改动，另一种语言版还没有跟上。",
        todo_description="待写：读者在这一页学到什么，一两句话，搜索引擎会用到",
        todo_text="待写：这一章讲什么，为什么要紧。",
        todo_heading="待写",
        todo_about="待写：这一页讲什么",
        todo_alt="待写：图上有什么",
        notebook_of_page="本笔记本出自[这一页]({home})，输出由 {versions} 生成。",
        produced_with="输出由 {versions} 生成。",
        notebook_title="{}（笔记本）",
        chapter="正文：{}",
        download_this="下载这份笔记本",
        web_page="网页：<{}>",
        outputs_of="本页输出的环境：{}",
        output="输出：",
        figure="图：{}",
        solution_below="参考答案：",
        meaning="含义",
        contents="目录",
        both="双语对照",
        search="查找",
        not_found="没有这一页",
        not_found_text="地址可能写错了，或者页面已经改名。请回到"
        '<a href="{}">{}首页</a>，从那里查找。',
        keys="键盘快捷键",
        keys_on="启用单个按键的快捷键",
        close="关闭",
        key_search="搜索",
        key_next="下一页",
        key_previous="上一页",
        key_arrows="在术语上：上一个、下一个术语；在复制按钮上：到这一格的源码链接",
        key_escape="关闭搜索、术语提示或这个列表",
        key_list="打开这个列表",
    ),
}
FALLBACK = "en"


@dataclass(frozen=True)
class Language:
    """What must be known of a language beside its words.

    `blanks`: are words set apart by blanks? `plural`: do glossary terms have a plural in s?
    `tag` and `locale` are its names in schema.org and Open Graph, where they are not the code.
    """

    blanks: bool = True
    plural: bool = False
    tag: str = ""
    locale: str = ""


_LANGUAGES = {
    "en": Language(plural=True, locale="en_US"),
    "zh": Language(blanks=False, tag="zh-CN", locale="zh_CN"),
    "ja": Language(blanks=False, locale="ja_JP"),
}


def words(language: str | None) -> Wording:
    """The words of a language; the English ones where there are none."""
    return _WORDS.get(language or "", _WORDS[FALLBACK])


def has_blanks(language: str) -> bool:
    """Whether a language sets its words apart by blanks."""
    return _LANGUAGES.get(language, Language()).blanks


def is_han(language: str) -> bool:
    """Whether a language is written in Chinese characters only."""
    return language.partition("-")[0] == "zh"


def has_plural(language: str) -> bool:
    """Whether terms of a language have a plural like English ones."""
    return _LANGUAGES.get(language, Language()).plural


def tag(language: str) -> str:
    """A language's name for search engines, such as `zh-CN`."""
    return _LANGUAGES.get(language, Language()).tag or language


def locale(language: str) -> str:
    """A language's name in Open Graph, such as `zh_CN`."""
    return _LANGUAGES.get(language, Language()).locale or language.replace("-", "_")
