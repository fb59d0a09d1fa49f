"""Links that lead nowhere are told with their lines, and with what may be meant."""

from __future__ import annotations

import pytest
from documents import document

from livenotes.checks.links import check_links

FILES = {"en/page.md", "en/sub/other.md", "en/求导.md", "en/data.csv", "index.md"}
OTHER = document(
    '# Other {#other}\n\n<a id="by-hand"></a>\n\n## 导数 {#导数}\n', "docs/en/sub/other.md"
)


def told(text: str) -> list[str]:
    page = document(f"# Title {{#title}}\n\n{text}\n", "docs/en/page.md")
    return [str(p) for p in check_links({"en/page.md": page, "en/sub/other.md": OTHER}, FILES)]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("[x](zz.pdf)", "3: a link leads to zz.pdf, which is no", "Write the"),
        ("A\nline [x](sub/othr.md)", "4: a link leads to sub/othr.md", "mean sub/other.md?"),
        ("![x](dat.csv)", "3: a link leads to dat.csv", "mean data.csv?"),
        ("- [x](../en/pge.md#title)", "3: a link leads to ../en/pge.md#title", "mean page.md?"),
        ("[x](#titel)", "3: a link leads to #titel, but docs/en/page.md has no", "mean #title?"),
        ("[x](sub/other.md#no)", "but docs/en/sub/other.md has no id 'no'", "Write the id"),
        ("> [x]\n\n[x]: sub/other.md#othr", "has no id 'othr'", "mean #other?"),
    ],
)  # fmt: skip
def test_a_link_that_leads_nowhere(text: str, message: str, hint: str) -> None:
    (problem,) = told(text)
    assert problem.startswith("docs/en/page.md:")
    assert message in problem and hint in problem


@pytest.mark.parametrize(
    "text",
    [
        "[x](sub/other.md) [y](sub/other.md#by-hand) [z](#title) [a](../index.md) <b@c.org>",
        "[x](sub/other.md#导数) [y](sub/other.md#%E5%AF%BC%E6%95%B0) [z](%E6%B1%82%E5%AF%BC.md)",
        "[x](https://example.org/gone.md#x) [y](/gone.md) [z](../sub/) [a](?q=1) [b](mailto:c@d)",
        "`[x](gone.md)`, and\n\n```text\n[x](gone.md)\n```",
    ],
)
def test_links_that_are_right_or_lead_elsewhere(text: str) -> None:
    assert told(text) == []
