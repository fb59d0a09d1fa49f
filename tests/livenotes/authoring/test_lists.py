"""A chapter is put into navigation, routes and queries where a reader of these files expects it."""

from __future__ import annotations

import pytest
import yaml

from livenotes.authoring.lists import in_navigation, in_queries, in_route

NAV = """\
site_name: Notes
nav:
  - 首页 | Home: index.md
  - 笔记 | Notes:
    - tensors.md # first
    - 求导 | Gradients: autograd.md

  # The second part
  - 再往前 | Further:
    - mlp.md
theme: {name: material}
"""


@pytest.mark.parametrize(
    ("after", "part", "order"),
    [
        ("", 2, ["mlp.md", "new.md"]),
        ("tensors", 1, ["tensors.md", "new.md", {"求导 | Gradients": "autograd.md"}]),
        ("autograd", 1, ["tensors.md", {"求导 | Gradients": "autograd.md"}, "new.md"]),
        ("unknown", 2, ["mlp.md", "new.md"]),
    ],
)
def test_a_page_joins_the_navigation(after: str, part: int, order: list[object]) -> None:
    text = in_navigation(NAV, "new", after)
    assert text is not None
    (entries,) = yaml.safe_load(text)["nav"][part].values()
    assert entries == order
    assert set(NAV.split("\n")) == set(text.split("\n")) - {"    - new.md"}
    assert in_navigation(text, "new", after) == text


def test_where_there_is_no_list_nothing_is_made_up() -> None:
    assert in_navigation("site_name: x\n", "new") is None
    assert in_navigation("nav: [index.md]\n", "new") is None
    assert in_route("# Home\n\nRead [this](a.md) first.\n", "new", "New", "…") is None
    assert in_queries("PAIRS = []\n", "new", {"en": "New"}) is None


def test_a_row_or_an_item_joins_the_route() -> None:
    table = "| Page | About | Time |\n|---|---|---|\n| [A](a.md) | a | 1 |\n| [B](b.md) | b | 2 |\n"
    row = "| [New](new.md) | … |  |"
    assert in_route(table, "new", "New", "…") == table + row + "\n"
    assert in_route(table, "new", "New", "…", "a") == table.replace("| [B]", f"{row}\n| [B]")
    items = "1. [A](a.md#x): a\n2. [B](b.md)\n\nEnd.\n"
    assert in_route(items, "new", "New", "…") == items.replace(
        "\n\nEnd", "\n2. [New](new.md): …\n\nEnd"
    )
    assert in_route(table, "b", "B", "…") == table


def test_queries_stay_python() -> None:
    text = 'QUERIES = [\n    ("zh", "范数", "linear-algebra#norms"),\n]\nHELD_OUT = [\n]\n'
    found: dict[str, list[tuple[str, str, str]]] = {}
    more = in_queries(text, "new", {"zh": '新"的', "en": "New\\n"})
    assert more is not None
    exec(more, found)
    assert found["QUERIES"][1:] == [("zh", '新"的', "new"), ("en", "New\\n", "new")]
    assert found["HELD_OUT"] == []
    assert in_queries(more, "new", {"zh": "新"}) == more
    assert in_queries(more, "linear-algebra", {"zh": "新"}) == more
    searched = text.replace("范数", "new")  # a chapter's name is often searched for already
    assert in_queries(searched, "new", {"en": "New"}) != searched
