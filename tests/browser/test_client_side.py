"""A page whose formulas are left to the browser, for comparison, ends with the same formulas."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from reading import FORMULAS

from benchmarks.clientside import write_client_side
from benchmarks.gzipserver import serving
from livenotes.rendering.node.install import install

from .conftest import ROOT

pytestmark = pytest.mark.slow  # typesets pages once more, in the browser

PAGES = [f"zh/{FORMULAS[1]}/", f"en/{FORMULAS[0]}/"]
# The TeX of each formula, and how high it is. Where it stands may differ: auto-render wraps it, and
# Material's margins are those of what stands in a block.
FORMULAS = """() => [...document.querySelectorAll(".katex")].map((formula) => [
  formula.querySelector("annotation").textContent,
  formula.getBoundingClientRect().height,
])"""


def formulas(chromium: Browser, folder: Path, page: str) -> list[tuple[str, float]]:
    with serving(folder) as address:
        reader = chromium.new_page(viewport={"width": 1280, "height": 844})
        reader.goto(f"{address}{page}", wait_until="networkidle")
        reader.wait_for_function('document.querySelector(".katex")')
        reader.evaluate("document.fonts.ready.then(() => {})")
        # A line may break in a formula of one page and beside it in the other.
        reader.add_style_tag(content=".katex { white-space: nowrap }")
        found: list[tuple[str, float]] = reader.evaluate(FORMULAS)
        assert not reader.locator(".katex-error").count()
        reader.close()
    return found


@pytest.fixture(scope="module")
def copy(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("client") / "site"
    write_client_side(site, install(ROOT / ".cache/livenotes"), PAGES, folder)
    return folder


@pytest.mark.parametrize("page", PAGES)
def test_the_browser_typesets_the_same_formulas(
    chromium: Browser, site: Path, copy: Path, page: str
) -> None:
    built, client = (formulas(chromium, folder, page) for folder in (site, copy))
    assert [tex for tex, _ in client] == [tex for tex, _ in built]
    for (tex, there), (_, here) in zip(client, built, strict=True):
        assert there == pytest.approx(here, abs=1), tex
