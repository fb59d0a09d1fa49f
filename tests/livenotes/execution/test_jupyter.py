"""Jupyter is the oracle: the same cells give the same outputs in a real kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from oracle import essence, run_in_jupyter

from livenotes.core.project import Project
from livenotes.execution.outputs import Outputs
from livenotes.execution.runs import Runs

ODD = '''
"""Cells that are easy to get wrong."""

# %% setup
from __future__ import annotations

import functools
import inspect
import time

import matplotlib.pyplot as plt
from IPython.display import HTML, display

import helper

# %% last-expression
1 + 1

# %% semicolon
1 + 1;

# %% semicolon-and-comment
1 + 1;  # nothing to see

# %% print-and-value
print("printed", end="")
print(" on one line")
"value"

# %% none
None

# %% two-displays
display("first")
print("between")
display([1, 2], {"a": 3})
"last"

# %% two-figures
plt.figure()
plt.plot([1, 2])
print("between the figures")
plt.figure()
plt.plot([2, 1]);

# %% figure-and-value
left_open, axes = plt.subplots()
axes.plot([1, 3, 2])
print("drawn")
42

# %% earlier-figure
axes.set_title("again")
left_open

# %% shown-by-hand
plt.plot([3, 2, 1])
plt.show()
print("after")

# %% html
class Table:
    """Like a DataFrame."""

    def __repr__(self):
        return "a  b\\n1  2"

    def _repr_html_(self):
        return "<table><tr><td>1</td><td>2</td></tr></table>"


Table()

# %% html-object
HTML("<b>bold</b>")

# %% own-display
class Own:
    def _ipython_display_(self):
        print("I show myself")


Own()

# %% marker-in-string
text = """
# %% not-a-cell
"""
print(text)
text

# %% decorator
@functools.cache
def square(number: Undefined) -> AlsoUndefined:
    # a comment inside
    return number * number


square.__wrapped__.__annotations__, square(12)

# %% source
print(inspect.getsource(square.__wrapped__))

# %% change-in-place
numbers = [1, 2]
numbers

# %% changed-in-place
numbers.append(3)
numbers

# %% unicode
print("梯度 ∇f, é, 👍", repr("\\u00e9"))
"标量 → 向量"

# %% a-second-apart
print("tick")
time.sleep(1.1)
print("tock")

# %% caught
try:
    1 / 0
except ZeroDivisionError as error:
    print(type(error).__name__, error)

# %% names
__name__, Table.__module__, [1, 2, 3].__len__()

# %% underscore
_

# %% long-value
list(range(400))

# %% nested-value
{"deep": [{"x": (1.5, 2.5)} for _ in range(12)], "text": "y" * 50}

# %% multi-line-value
if True:
    "not shown"

# %% augmented
total = 0
for step in range(3):
    total += step
total

# %% with-file
with open("data.txt", encoding="utf-8") as file:
    print(file.read())
helper.double(21)

# %% files-of-its-own
import json
import os
import pickle
import sqlite3
import tempfile
from pathlib import Path

import numpy as np

plt.figure().savefig("figure.png")
plt.close()
np.save("array.npy", np.arange(3))
Path("text.txt").write_text("text")
os.makedirs("../data", exist_ok=True)
os.makedirs("made/deep", exist_ok=True)
with open("../data/table.csv", "w") as file:
    file.write("a,b")
with open("made/deep/object.pkl", "wb") as file:
    pickle.dump([1, 2], file)
with sqlite3.connect("rows.db") as base:
    base.execute("create table rows (number)")
    base.execute("insert into rows values (7)")
Path("own_module.py").write_text("seven = 7")

# %% files-read-back
import own_module

with sqlite3.connect("rows.db") as base:
    print(*base.execute("select * from rows"), own_module.seven)
print(np.load("array.npy"), open("../data/table.csv").read(), os.path.getsize("figure.png") > 99)
print(pickle.loads(Path("made/deep/object.pkl").read_bytes()), Path("text.txt").exists())
os.rename("text.txt", "other.txt")
os.remove("other.txt")
sorted(p.name for p in Path().glob("*") if "cache" not in p.name)

# %% temporary-files
with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as file:
    Path(folder, "a").mkdir()
    Path(folder, "a/b.json").write_text(json.dumps([1]))
    file.write(b"x")
    here = os.getcwd()
    os.chdir(folder)
    print(os.listdir(), open("a/b.json").read())
    os.remove("a/b.json")
    os.chdir(here)
os.path.exists(folder)

# %% processes
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass


@dataclass
class Point:
    x: int


def moved(point):
    return Point(point.x + 1)


with multiprocessing.Pool(2) as pool:
    print(pool.map(moved, [Point(1), Point(2)]))
with ProcessPoolExecutor(2) as pool:
    print(list(pool.map(moved, [Point(3)])))
multiprocessing.get_start_method(), multiprocessing.current_process().name

# %% process-that-prints
def tell(queue):
    print("from", multiprocessing.current_process().name, flush=True)
    queue.put(Point(5))


queue = multiprocessing.Queue()
process = multiprocessing.Process(target=tell, args=(queue,))
process.start()
print(queue.get())
process.join()
process.exitcode, multiprocessing.parent_process()

# %% shared-memory
from multiprocessing.shared_memory import SharedMemory

memory = SharedMemory(create=True, size=4)
memory.buf[:4] = b"abcd"
again = SharedMemory(memory.name)
print(bytes(again.buf[:4]))
again.close(), memory.close(), memory.unlink()

# %% outputs-by-number
number = len(In) - 1
print(sorted(Out)[-3:] == [n for n in Out][-3:], Out[number - 1], _ == Out[number - 1], __)
eval(f"_{number - 1}"), In[number - 1].splitlines()[-1]

# %% shell
print(get_ipython().user_ns["number"] == number, get_ipython() is get_ipython())
get_ipython().execution_count == number + 1

# %% displayed-from-elsewhere
from IPython.display import Latex, Markdown, clear_output, display as show, update_display

show(Latex("$x$"))
Markdown("**bold**")

# %% cleared
print("gone")
show("gone too")
clear_output()
print("stays")

# %% cleared-by-the-next
for epoch in range(3):
    print("epoch", epoch)
    clear_output(wait=True)
print("the last stays")

# %% cleared-and-nothing-came
print("stays for want of a next")
clear_output(wait=True)

# %% figure-drawn-again
for epoch in range(3):
    clear_output(wait=True)
    plt.plot([epoch, 1])
    plt.show()
    print("epoch", epoch)

# %% cleared-while-printing
for epoch in range(120):
    print("x" * 1000)
    clear_output(wait=True)
print("short")

# %% updated
handle = show("first", display_id=True)
print("between")
handle.update("second")

# %% updated-twice
show("a", display_id="named")
show("b", display_id="named")
update_display("c", display_id="named")

# %% updated-from-a-later-cell
handle.update({"third": 3})
update_display("nobody", display_id="unknown")

# %% cleared-display-is-forgotten
other = show("early", display_id=True)
clear_output()
show("late", display_id=other.display_id)
other.update("later")

# %% await
import asyncio


async def answer(delay):
    await asyncio.sleep(delay)
    return 42


await answer(0)

# %% await-many
async def numbers():
    for number in range(3):
        yield number


print([number async for number in numbers()])
async with asyncio.timeout(5):
    values = await asyncio.gather(answer(0), answer(0.01))
task = asyncio.create_task(answer(0))
values

# %% task-of-an-earlier-cell
await task

# %% no-second-loop
coroutine = answer(0)
try:
    asyncio.run(coroutine)
except RuntimeError as error:
    print(error)
coroutine.close()

# %% raised tags=["raises-exception"]
print("before")
len(numbers, 1)

# %% raised-by-assertion tags=["raises-exception"]
assert not numbers

# %% raised-in-a-display tags=["raises-exception"]
class Wrong(LookupError):
    pass


raise Wrong("of its own\\nin two lines")

# %% sympy
import sympy

x = sympy.Symbol("x")
(x**2 + sympy.sqrt(x)) / 3

# %% sympy-list
[x**2, sympy.Integral(x, x)]

# %% sympy-printing
sympy.init_printing()
sympy.Integral(sympy.sqrt(1 / x), x)

# %% sympy-pictures
sympy.Matrix([[1, x], [x**2, 3]])
'''
FILES = {
    "snippets/helper.py": "def double(x):\n    return 2 * x\n",
    "snippets/data.txt": "three\nlines\nof data\n",
}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outputs, dict[str, list[Any]]]:
    """The odd module's outputs: ours, and Jupyter's."""
    root = tmp_path_factory.mktemp("odd")
    for name, text in {**FILES, "snippets/odd.py": ODD.lstrip(), "mkdocs.yml": ""}.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, "utf-8")
    project = Project(root)
    book = Runs(project)
    outcome = book.outcome("odd")
    assert isinstance(outcome, Outputs), outcome.problems
    return outcome, run_in_jupyter(book.module("odd").cells, project.snippets)


CELLS = [
    line[5:].split()[0]
    for line in ODD.splitlines()
    if line.startswith("# %% ") and "not-a" not in line
]


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_gives_what_jupyter_gives(cell: str, both: Any) -> None:
    ours, theirs = both
    assert essence(ours.cells[cell]) == essence(theirs[cell])


def test_the_odd_module_shows_something_in_most_cells(both: Any) -> None:
    ours, _ = both
    silent = [name for name, outputs in ours.cells.items() if not outputs]
    silent_there = ["setup", "semicolon", "semicolon-and-comment", "none", "multi-line-value"]
    assert silent == [*silent_there, "updated-from-a-later-cell"]


def test_consecutive_prints_are_one_output(run_cells: Callable[..., Outputs]) -> None:
    outputs = run_cells("# %% two\nprint(1)\nprint(2)\n").cells["two"]
    assert [o["text"] for o in outputs] == ["1\n2\n"]
