"""Makes the pictures of the guide: each is a cell of a small site, as Chromium shows it.

python guide/pictures.py
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
MODULE = '''\
# %% plain
x = [1, 2, 3]
sum(x)

# %% folded tags=["fold-source"]
import matplotlib.pyplot as plt

plt.figure(figsize=(4, 1.6))
plt.plot([0, 1, 4, 9, 16]);

# %% table tags=["html"]
class Table:
    def __repr__(self):
        return "2: 4"

    def _repr_html_(self):
        return "<table><tr><th>n</th><th>n²</th></tr><tr><td>2</td><td>4</td></tr></table>"

Table()

# %% only-output
print("only the output")

# %% only-source
y = sum(x) / len(x)

# %% titled
def mean(values):
    return sum(values) / len(values)

# %% largest tags=["exercise"]
def largest(values):
    """The largest value."""
    raise NotImplementedError

# %% largest-solution tags=["solution"]
def largest(values):
    return max(values)

# %% largest-check tags=["check"]
assert largest([2, 7, 1]) == 7
'''
OPTIONS = {
    "plain": "", "folded": 'alt="A curve"', "table": "", "only-output": 'show="output"',
    "only-source": 'show="source"', "titled": 'title="mean.py" hl_lines="2" linenums="1"',
    "largest": "", "largest-solution": "", "largest-check": "",
}  # fmt: skip
CONFIG = """\
site_name: Pictures
theme: {name: material, font: false}
plugins: [livenotes]
markdown_extensions: [attr_list, pymdownx.highlight, pymdownx.superfences]
"""


def build(root: Path) -> Path:
    """Builds the small site; returns its page."""
    fences = [f'```python cell="m:{name}" {more}\n```' for name, more in OPTIONS.items()]
    for name, text in {
        "mkdocs.yml": CONFIG, "snippets/m.py": MODULE,
        "docs/index.md": "\n\n".join(["# Pictures {#pictures}", *fences]),
    }.items():  # fmt: skip
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, "utf-8")
    subprocess.run([sys.executable, "-m", "mkdocs", "build", "-q"], cwd=root, check=True)
    return root / "site/index.html"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = build(Path(folder))
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=arguments
        )
        page = browser.new_page(viewport={"width": 620, "height": 900})
        page.goto(page_file.as_uri())
        for name in OPTIONS:
            cell = page.locator(f'.cell[data-cell="m:{name}"]')
            cell.screenshot(path=HERE / "pictures" / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
