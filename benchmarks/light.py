"""A light book: eight chapters of a few small cells each, whose build is mostly waiting."""

from __future__ import annotations

SIZES = (6, 6, 6, 5, 5, 5, 5, 5)  # cells; with the two that the cases edit, 45
BASES = tuple(f"light-{number}" for number in range(1, len(SIZES) + 1))
_MODULE = '"""Light chapter {number}."""\n\n# %% setup\nimport torch\n'
_CELL = """
# %% step-{step}
values_{step} = torch.arange({step}.0, {step} + {number} + 3.0)
print("sum", values_{step}.sum().item(), "mean", values_{step}.mean().item())
"""
_TITLE = {"zh": "# 轻的一章 {number} {{#light}}\n", "en": "# Light chapter {number} {{#light}}\n"}
_STEP = {
    "zh": "## 第 {step} 步 {{#step-{step}}}\n\n{number} 加 {step} 个数：$n = {step}$。\n\n",
    "en": "## Step {step} {{#step-{step}}}\n\nNumbers {number} and {step}: $n = {step}$.\n\n",
}
_FENCE = '```python cell="{module}:{cell}"\n```\n'


def module_text(base: str) -> str:
    """The module of a light chapter: `setup`, then small steps."""
    number = BASES.index(base) + 1
    cells = [_CELL.format(step=step, number=number) for step in range(1, SIZES[number - 1])]
    return _MODULE.format(number=number) + "".join(cells)


def page_text(base: str, language: str) -> str:
    """Its page, as livenotes reads it."""
    number, module = BASES.index(base) + 1, base.replace("-", "_")
    pieces = [_TITLE[language].format(number=number), _FENCE.format(module=module, cell="setup")]
    for step in range(1, SIZES[number - 1]):
        text = _STEP[language].format(step=step, number=number)
        pieces.append(text + _FENCE.format(module=module, cell=f"step-{step}"))
    return "\n".join(pieces)
