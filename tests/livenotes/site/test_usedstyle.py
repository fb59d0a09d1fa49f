"""A style sheet keeps what a page can meet, and loses the rest."""

from __future__ import annotations

import pytest

from livenotes.site.notebookhtml import classes_of
from livenotes.site.usedstyle import used_style

CLASSES = {"cell", "box"}


def kept(css: str, others: str = "") -> str:
    return "".join(used_style(css, CLASSES, others).split())


@pytest.mark.parametrize(
    "css",
    [
        "p{a:b}",
        ".cell{a:b}",
        ".cell.box>p:hover{a:b}",
        ".cell:not(.gone){a:b}",
        ":is(.gone,.cell)p{a:b}",
        '[data-x=".gone,"]{a:b}',
        ".md-typeset__made-by-the-theme{a:b}",
        "@font-face{font-family:x}",
        "@mediaprint{.cell{a:b}}",
        "@keyframesturn{from{a:b}}",
    ],
)
def test_what_a_page_can_meet_stays(css: str) -> None:
    spaced = css.replace("@media", "@media ").replace("@keyframes", "@keyframes ")
    assert kept(spaced.replace(")p", ") p")) == css


@pytest.mark.parametrize(
    "css", [".gone{a:b}", ".cell .gone{a:b}", ".cell.gone:hover{a:b}", "@media print{.gone{a:b}}"]
)
def test_what_needs_a_class_that_is_not_there_goes(css: str) -> None:
    assert kept(css) == ""


def test_of_several_selectors_those_that_can_be_stay() -> None:
    assert kept(".gone, .cell, .box .gone, p { a: b }") == ".cell,p{a:b}"


def test_a_custom_property_stays_where_something_uses_it() -> None:
    css = ":root { --a: 1; --b: var(--c); --c: 2; --d: 3; x: y } p { z: var(--b) } b { --e: 4 }"
    assert kept(css) == ":root{--b:var(--c);--c:2;x:y}p{z:var(--b)}"
    assert kept(css, "q { z: var( --d ) }") == ":root{--b:var(--c);--c:2;--d:3;x:y}p{z:var(--b)}"


def test_a_property_of_a_rule_that_goes_is_not_used() -> None:
    assert kept(":root { --a: 1 } .gone { z: var(--a) }") == ""


def test_the_classes_of_a_page() -> None:
    assert classes_of('<p class="a b"><i class="c">class="d"</i><b class="">') >= {"a", "b", "c"}
