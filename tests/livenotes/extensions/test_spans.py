"""Words in the other language are marked with it, in prose and nowhere else."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from markdown import Markdown


def marked(text: str, language: str) -> list[tuple[str, str]]:
    options = {
        "livenotes.extensions.spans:Foreign": {
            "language": language,
            "languages": {"zh": "中文", "en": "English"},
        }
    }
    md = Markdown(
        extensions=["livenotes.extensions.spans:Foreign", "md_in_html", "tables"],
        extension_configs=options,
    )
    html = md.convert(text)
    plain = Markdown(extensions=["md_in_html", "tables"]).convert(text)
    read = BeautifulSoup(html, "lxml")
    assert read.get_text() == BeautifulSoup(plain, "lxml").get_text()
    return [(str(e["lang"]), e.get_text()) for e in read.select("span[lang]")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("梯度（gradient）是向量", ["gradient"]),
        ("**计算图（computational graph）**", ["computational graph"]),
        ("有向无环图（directed acyclic graph，DAG）", ["directed acyclic graph"]),
        ("批量（batch）和轮（epoch）", ["batch", "epoch"]),
        ("# 自动求导（autograd）", ["autograd"]),
        ("用 PyTorch 训练（见 `a`）", []),
        ("代码 `（gradient）` 不算", []),
        ("读作（读作 eta 的字母）", []),
    ],
)
def test_an_english_term_in_chinese_brackets_is_english(text: str, words: list[str]) -> None:
    assert marked(text, "zh") == [("en", word) for word in words]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The motto 知行合一 is old.", ["知行合一"]),
        ("In Chinese [《动手学深度学习》](https://example.org), a book", ["动手学深度学习"]),
        ("“动不动，就是几百层” he said", ["动不动，就是几百层"]),
        ("code `梯度`", []),
        ("Only English (gradient).", []),
    ],
)
def test_chinese_on_an_english_page_is_chinese(text: str, words: list[str]) -> None:
    assert marked(text, "en") == [("zh", word) for word in words]
