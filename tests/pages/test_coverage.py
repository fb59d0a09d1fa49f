"""Nothing of the seed notes is lost: coverage.yml gives each thing in them a place, a cell, a test.

What the notes hold was copied out once, below, so that a row that goes missing is noticed. Their
text is `seed-notes.md`, which `test_quotations.py` reads.
"""

from __future__ import annotations

import ast
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from chapters import PAGES
from documents import read_document

from livenotes.core.percent import read_module
from livenotes.document.document import Block, Document, Heading, Text

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_name("coverage.yml")
PLACE = ("page", "anchor", "cell", "test")

HEADINGS = (
    "动手学深度学习",
    "动手学深度学习 / 之前学习深度学习和机器学习看的很杂",
    "深度学习的介绍",
    "深度学习的介绍 / Q & A",
    "动手安装",
    "数据操作",
    "数据操作 / N维数组样列",
    "数据操作 / 创建数组",
    "数据操作 / Q & A",
    "线性代数",
    "线性代数 / 线性代数的常规操作",
    "线性代数 / 范数",
    "线性代数 / axis",
    "线性代数 / Q & A",
    "矩阵计算",
    "矩阵计算 / 标量导数",
    "矩阵计算 / 梯度",
    "矩阵计算 / 分子布局符号（分母布局符号）",
    "矩阵计算 / 向量链式法则",
    "矩阵计算 / 自动求导",
    "矩阵计算 / 自动求导 / 计算图",
    "矩阵计算 / 自动求导 / 自动求导的两种方式",
    "矩阵计算 / 自动求导 / x.grad.zero_()的作用",
    "矩阵计算 / 自动求导 / 固定参数，移除某些计算到计算图外部",
    "矩阵计算 / 自动求导 / 构建函数的计算图需要通过Python控制流",
    "自动求导Q & A",
    "线性回归",
    "线性回归 / 线性模型",
    "线性回归 / 以房价预测为例子",
    "线性回归 / 总结",
    "优化方法",
    "优化方法 / 梯度下降",
    "优化方法 / 学习率的选择",
    "优化方法 / 小批量随机梯度下降",
    "优化方法 / 选择批量大小比较关键",
    "优化方法 / 总结",
)
IMAGES = (
    "20211019111841822", "20211019151845093", "20211111211758611", "20211111212001543",
    "20211111212442860", "20211111212844307", "20211111213139598", "20211111213535513",
    "20211111214135648", "20211111214448128", "20211111214613485", "20211111214902425",
    "20211111215144856", "20211111215321256", "20211111215507686", "20211111215804787",
    "20211113105437885", "20211113105700932", "20211113105714024", "20211113110016094",
    "20211113110358718", "20211113110616735",
)  # fmt: skip
CODE = ("B1", "B2", "B3", "B4", "B5", "B6", "B7", "F1")
# Right, Imprecise, Outdated, Wrong, Unanswered; - for advice and the course's arrangements.
VERDICTS = (
    "OIRIORIIRRIIRO-RI"  # What deep learning is: 1 to 17
    "-OWWIIIIR-IWR"  # Installation, tensors: 18 to 30
    "-RROOIWRWRIIRRUR"  # Linear algebra: 31 to 46
    "IIIIIRWWR-"  # Matrix calculus: 47 to 56
    "RRIRRRRRRRRRRRRIRIRRRW"  # Chain rule, autograd: 57 to 78
    "RIIRRR"  # Linear regression: 79 to 84
    "RUIRIWWRRIIR"  # Optimization: 85 to 96
)
GAPS = tuple(f"G{number}" for number in range(1, 18))
QUESTIONS = (
    "在机器学习的图片分割领域，为什么有效，模型的可解释性怎么样？",
    "深度学习不能用数学表述，只能使用直觉理解是吗",
    "符号学会应用在深度学习中吗？",
    "mac是否可以使用pytorch",
    "如何寻找自己领域paper？",
    "无人驾驶在深度学习的应用",
    "是否要先学习线性代数",
    "Tensor 和 列表一样吗",
    "view() reshape() 是否一样",
    "对数据进行张量的转换有什么负面的影响？比如数据变得稀疏",
    "为什么 深度学习要用张量表示",
    "copy 与 clone",
    "对那维度求和就是消除那维度吗",
    "torch 不区分行向量和列向量",
    "sum(axis=[0, 1]) 怎么样求",
    "稀疏的时候可以它当成单词做词向量解决吗",
    "很容易陷入局部最优解？请问是否可以通过方法使得下降达到全局最优解",
    "Pytorch MXNet 采用的是自动微分和计算图吧，不会手算吧",
    "需要正向和反向都算一遍吗？",
    "为什么pytorch会默认累积梯度？",
    "为什么深度学习一般是对标量进行求导，而不是对矩阵或者向量",
    "多个loss分别反向的时候是不是要累加梯度",
    "为什么获取.grad要使用backward()",
    "求导过程是不是都是有向图，也就是可以用树状表示，有没有其他环状的图结构",
)
PHRASES = ("一般深度学习没有显示解", "梯度下降", "超参数")
LINKS = (
    "https://zh-v2.d2l.ai/chapter_installation/index.html",
    "https://courses.d2l.ai/zh-v2/assets/pdfs/part-0_5.pdf",
)
# Kind of row -> the key that names it, and every name that there must be.
EXPECTED: dict[str, tuple[str, tuple[Any, ...]]] = {
    "headings": ("heading", HEADINGS),
    "images": ("image", tuple(range(1, len(IMAGES) + 1))),
    "code": ("code", CODE),
    "claims": ("claim", tuple(f"C{number}" for number in range(1, len(VERDICTS) + 1))),
    "gaps": ("gap", GAPS),
    "questions": ("question", QUESTIONS),
    "phrases": ("phrase", PHRASES),
    "links": ("link", LINKS),
}
# What else a row of this kind must say.
DETAILS = {
    "images": ("file",),
    "code": ("holds",),
    "claims": ("verdict", "notes"),
    "gaps": ("topic",),
    "phrases": ("zh", "en"),
}
Table = dict[str, list[dict[str, Any]]]


@cache
def page(language: str, name: str, docs: Path = ROOT / "docs") -> Document | None:
    file = docs / language / f"{name}.md"
    return read_document(file, f"docs/{language}/{name}.md") if file.is_file() else None


def section(page: Document, anchor: str) -> list[Block] | None:
    """The blocks from a heading to the next one of its level or above."""
    found: list[Block] | None = None
    level = 0
    for block in page.blocks:
        if isinstance(block, Heading):
            if found is not None and block.level <= level:
                break
            if block.id == anchor:
                found, level = [], block.level
        if found is not None:
            found.append(block)
    return found


def prose(page: Document, blocks: list[Block]) -> str:
    """The Markdown of these blocks."""
    lines = page.source.text.split("\n")
    first, last = min(block.line for block in blocks), max(block.line for block in blocks)
    return "\n".join(lines[first - 1 : last])


@cache
def cells(module: str) -> frozenset[str]:
    file = ROOT / "snippets" / f"{module}.py"
    if not file.is_file():
        return frozenset()
    return frozenset(cell.name for cell in read_module(file, file.name).cells)


@cache
def known_tests(file: str) -> frozenset[str]:
    """The tests in a file, as pytest calls them."""
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    names = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        owner = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        for item in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(item, ast.FunctionDef) and item.name.startswith("test_"):
                names.add(owner + item.name)
    return frozenset(names)


def faults(table: Table, docs: Path = ROOT / "docs") -> list[str]:
    """Everything wrong with the table; what a row is called comes first."""
    found = [f"unknown kind {kind}" for kind in table.keys() - EXPECTED.keys()]
    for kind, (key, names) in EXPECTED.items():
        rows = table.get(kind, [])
        have = Counter(row.get(key) for row in rows)
        found += [f"{kind}: no row for {name}" for name in names if not have[name]]
        found += [f"{kind}: no such thing in the notes: {name}" for name in have.keys() - {*names}]
        found += [f"{kind}: two rows for {name}" for name, count in have.items() if count > 1]
        for row in rows:
            found += [f"{row.get(key)}: {fault}" for fault in row_faults(kind, row, docs)]
    return found


def row_faults(kind: str, row: dict[str, Any], docs: Path) -> Iterator[str]:
    key, _ = EXPECTED[kind]
    must = {key, *PLACE, *DETAILS.get(kind, ())}
    may = must | {"reason"}
    if row.keys() - may or must - row.keys():
        yield f"keys should be {sorted(may)}"
        return
    for language in ("zh", "en"):
        yield from place_faults(kind, row, language, docs)
    module, _, cell = row["cell"].partition(":")
    if row["cell"] and cell not in cells(module):
        yield f"no cell {row['cell']}"
    file, _, name = row["test"].partition("::")
    if row["test"] and name not in known_tests(file):
        yield f"no test {row['test']}"
    if not (row["cell"] and row["test"]) and not row.get("reason", "").strip():
        yield "without cell or test it needs a reason"
    if row["cell"] and row["test"] and "reason" in row:
        yield "a reason, though nothing is left out"
    if kind == "claims" and row["verdict"] != VERDICTS[int(row["claim"][1:]) - 1]:
        yield f"verdict {row['verdict']}"
    if kind == "images" and row["file"] != f"image-{IMAGES[row['image'] - 1]}.png":
        yield f"file {row['file']}"


def place_faults(kind: str, row: dict[str, Any], language: str, docs: Path) -> Iterator[str]:
    """What is wrong with a row's place on the page of one language."""
    where = f"{language}/{row['page']}.md"
    found = page(language, row["page"], docs)
    if found is None:
        yield f"no page {where}"
        return
    blocks = section(found, row["anchor"])
    if blocks is None:
        yield f"no anchor #{row['anchor']} in {where}"
        return
    # An answer may send the reader to another section of its page; all else is shown on the spot.
    seen = found.blocks if kind == "questions" else blocks
    shown = {getattr(block, "reference", "") for block in seen}
    if row["cell"] and row["cell"] not in shown:
        yield f"{row['cell']} is not shown under #{row['anchor']} in {where}"
    if kind == "phrases" and row[language] not in prose(found, blocks):
        yield f"“{row[language]}” does not stand under #{row['anchor']} in {where}"
    if kind == "links" and row["link"] not in {getattr(b, "target", "") for b in blocks}:
        yield f"no such link under #{row['anchor']} in {where}"


@pytest.fixture(scope="module")
def table() -> Table:
    parsed = yaml.safe_load(TABLE.read_text("utf-8"))
    assert isinstance(parsed, dict)
    return parsed


def test_everything_in_the_seed_notes_has_a_place_a_cell_and_a_test(table: Table) -> None:
    assert faults(table) == []


@pytest.mark.parametrize("kind", EXPECTED)
def test_a_missing_row_and_a_doubled_row_are_found(table: Table, kind: str) -> None:
    key, names = EXPECTED[kind]
    less, more = deepcopy(table), deepcopy(table)
    less[kind].pop()
    more[kind].append(more[kind][0])
    assert f"{kind}: no row for {table[kind][-1][key]}" in faults(less)
    assert f"{kind}: two rows for {table[kind][0][key]}" in faults(more)
    assert len(names) == len(table[kind])


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"page": "nowhere"}, "no page zh/nowhere.md"),
        ({"anchor": "nowhere"}, "no anchor #nowhere in en/{page}.md"),
        ({"cell": "{module}:nothing"}, "no cell {module}:nothing"),
        ({"cell": "{elsewhere}"}, "{elsewhere} is not shown under #{anchor} in zh/{page}.md"),
        ({"test": "tests/snippets/test_{module}.py::test_no"}, "no test"),
        ({"test": "tests/snippets/test_no.py::test_no"}, "no test"),
        ({"cell": ""}, "needs a reason"),
        ({"reason": "why?"}, "nothing is left out"),
        ({"verdict": "R"}, "verdict R"),
        ({"note": "?"}, "keys should be"),
    ],
)
def test_a_row_that_leads_nowhere_is_found(
    table: Table, change: dict[str, str], fault: str
) -> None:
    row = next(row for row in table["claims"] if row["cell"] and row["test"])
    module = row["cell"].partition(":")[0]
    # A cell that the page shows in another section.
    found = page("zh", row["page"])
    assert found
    here = section(found, row["anchor"]) or []
    elsewhere = next(fence.reference for fence in found.cell_fences if fence not in here)

    def named(text: str) -> str:
        return text.format(module=module, elsewhere=elsewhere, **row)

    changed = row | {key: named(value) for key, value in change.items()}
    assert any(named(fault) in f for f in row_faults("claims", changed, ROOT / "docs"))


def test_an_anchor_lost_in_one_language_is_found(table: Table, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    shutil.copytree(ROOT / "docs", docs)
    row = next(row for row in table["claims"] if row["cell"] and row["test"])
    file = docs / "en" / f"{row['page']}.md"
    anchor = f"{{#{row['anchor']}}}"
    file.write_text(file.read_text("utf-8").replace(anchor, "{#other}"), "utf-8")
    fault = f"no anchor #{row['anchor']} in en/{row['page']}.md"
    assert list(row_faults("claims", row, docs)) == [fault]


# The page of corrections.

LANGUAGES = ("zh", "en")
BOX = r'!!! note "(更正|Correction)[：:]'
LABELS = {
    "zh": {"I": "不准确", "O": "过时", "W": "有误", "U": "未答"},
    "en": {"I": "Imprecise", "O": "Outdated", "W": "Wrong", "U": "Unanswered"},
}


def rows_of(language: str, anchor: str) -> dict[str, str]:
    """The number that a row begins with -> the row, in a section of the glossary page."""
    glossary = page(language, "glossary")
    assert glossary
    blocks = section(glossary, anchor)
    assert blocks is not None
    texts = prose(glossary, blocks).split("\n")
    rows = [(re.match(r"\| ([A-Z]?\d+)\b", text), text) for text in texts]
    return {number[1]: text for number, text in rows if number}


def proof(row: dict[str, Any]) -> tuple[str, str]:
    """How a table links to the row's section, and how it names the cell."""
    cell = row["cell"].partition(":")[2]
    return f"({row['page']}.md#{row['anchor']})", f"`{cell}`" if cell else ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_corrected_claim_stands_in_the_errata_with_its_proof(
    table: Table, language: str
) -> None:
    errata = rows_of(language, "corrections")
    corrected = [row for row in table["claims"] if row["verdict"] in "IOWU"]
    for row in corrected:
        text = errata[row["claim"]]
        link, cell = proof(row)
        assert link in text and cell in text, text
        assert f"**{LABELS[language][row['verdict']]}" in text, text
    claims = {name for name in errata if re.fullmatch(r"C\d+", name)}
    assert claims == {row["claim"] for row in corrected}
    assert {*CODE} <= errata.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_errata_count_what_was_right(language: str) -> None:
    glossary = page(language, "glossary")
    assert glossary
    blocks = section(glossary, "corrections")
    said = re.findall(r"\d+", prose(glossary, blocks or []).split("|")[0])
    count = Counter(VERDICTS)
    corrected = count["I"] + count["O"] + count["W"] + count["U"]
    for number in (len(VERDICTS), corrected, *(count[verdict] for verdict in "R-UW")):
        assert str(number) in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_lost_picture_has_its_replacement_listed(table: Table, language: str) -> None:
    pictures = rows_of(language, "pictures")
    for row in table["images"]:
        text = pictures[str(row["image"])]
        link, cell = proof(row)
        assert link in text and cell in text, text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_correction_box_is_reached_from_the_errata(language: str) -> None:
    glossary = page(language, "glossary")
    assert glossary
    reached = {link.target for link in glossary.links}
    boxes = 0
    for file in [ROOT / f"docs/{each}.md" for each in PAGES if each.startswith(language)]:
        above: list[Heading] = []
        found = page(language, file.stem)
        assert found
        for block in found.blocks:
            if isinstance(block, Heading):
                above = [h for h in above if h.level < block.level] + [block]
            elif isinstance(block, Text) and re.match(BOX, block.text):
                boxes += 1
                ways = {f"{file.name}#{heading.id}" for heading in above}
                assert ways & reached, (file.name, block.line, block.text)
    assert boxes > 40


COUNTED = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d+) (?:chapters|pages)\b"
    r"|[二三四五六七八九十百\d]+一?(?:章|页)",
    re.IGNORECASE,
)


@pytest.mark.parametrize("name", ["README.md", "README.zh.md", "docs/index.md", *(
    f"docs/{language}/{page}.md" for language in LANGUAGES for page in ("index", "glossary")
)])  # fmt: skip
def test_nobody_counts_chapters_by_hand(name: str) -> None:
    assert COUNTED.findall((ROOT / name).read_text("utf-8")) == []
