"""Missing fences are written where a module's order puts them; nothing else of a page changes."""

from __future__ import annotations

from documents import document
from hypothesis import given, settings
from hypothesis import strategies as st

from livenotes.authoring.fences import with_fences
from livenotes.checks.page import check_page
from livenotes.core.percent import Module, parse_module

NAMES = ("a", "b", "c", "d", "e")


def module(*hidden: str) -> Module:
    cells = [f"# %% {n}" + ' tags=["hide"]' * (n in hidden) + f"\n{n} = 1\n" for n in NAMES]
    return parse_module("\n".join(cells), "m", "snippets/m.py")


def page_of(names: list[str], boxed: set[str]) -> str:
    parts = ["# Title {#title}", "Words."]
    for name in names:
        fence = f'```python cell="m:{name}" title="x"\n```'
        if name in boxed:
            lines = "\n".join(f"    {line}" for line in fence.split("\n"))
            fence = f'!!! note "Box"\n    Inside.\n\n{lines}'
        parts += [f"About {name}.", fence]
    return "\n\n".join([*parts, "The end.", ""])


@settings(deadline=None)
@given(st.sets(st.sampled_from(NAMES)), st.sets(st.sampled_from(NAMES)), st.booleans())
def test_a_page_shows_every_cell_afterwards_and_keeps_its_lines(
    shown: set[str], boxed: set[str], hides: bool
) -> None:
    own = module(*"c" * hides)
    text = page_of(sorted(shown - {"c"} if hides else shown), boxed)
    found, lines = with_fences(document(text), own)
    page = document(found)
    assert [fence.cell for fence in page.cell_fences] == [c.name for c in own.cells if not c.hidden]
    assert check_page(page, {"m": own}) == []
    left = iter(found.split("\n"))
    assert all(line in left for line in text.split("\n"))  # in their order
    assert {fence.line for fence in page.cell_fences} >= set(lines.values())
    assert with_fences(page, own) == (found, {})


def test_a_figure_asks_for_words() -> None:
    text, lines = with_fences(document(page_of(["a"], set())), module(*"bde"), ["c"], "TODO: say")
    assert '```python cell="m:c" alt="TODO: say"\n```\n\nThe end.' in text
    assert lines == {"c": text.split("\n").index('```python cell="m:c" alt="TODO: say"') + 1}
