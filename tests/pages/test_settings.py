"""What an author may do without, by an option of the plugin."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import Site, with_options

MakeSite = Callable[..., Site]
# What each of them makes, by what its files are called.
MADE = {
    "notebooks": (".ipynb",),
    "side_by_side": ("zh-en/", "assets/previews/zh-en"),
    "machine_readers": (".md", "llms.txt", "assets/previews"),
}


def files_of(make_site: MakeSite, options: str = "") -> set[str]:
    site = make_site({"mkdocs.yml": with_options(options)})
    code, said = site.build("--strict")
    assert code == 0, said
    return set(site.tree())


@pytest.mark.parametrize("name", MADE)
def test_a_setting_leaves_out_what_it_names_and_nothing_else(
    make_site: MakeSite, name: str
) -> None:
    whole = files_of(make_site)
    less = files_of(make_site, f"{name}: false")
    left_out = whole - less
    assert left_out and not less - whole
    assert all(any(part in file for part in MADE[name]) for file in left_out), left_out
    assert not [file for file in less if any(part in file for part in MADE[name])]
