"""What a reader waits for: `python -m benchmarks.reading --help`.

Opens pages of the built site in Chromium, over a slow line and with an empty cache, as they are
published and with their formulas left to the browser (`clientside.py`), in turns. Measured, never
asserted. The result goes into the report that `python -m benchmarks --only-report` writes.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, sync_playwright

from benchmarks import ROOT
from benchmarks.clientside import write_client_side
from benchmarks.gzipserver import serving
from benchmarks.pageloads import CLIENT, HEAD, OURS, VARIANTS, Load, Loads, layout_shift, rows
from benchmarks.report import table
from benchmarks.results import load_now, new_run
from livenotes.rendering.node.install import install

_WANTED = (
    "zh/autograd/", "en/optimization/", "zh/linear-algebra/", "en/matrix-calculus/",
    "zh/linear-algebra/#norms", "en/matrix-calculus/#gradient",  # as a link or a search leads there
)  # fmt: skip
PAGES = tuple(p for p in _WANTED if (ROOT / f"docs/{p.partition('/#')[0].strip('/')}.md").is_file())
SLOWDOWN = {390: 4, 1280: 1}  # times: a phone's processor, as Lighthouse has it, and a desktop's
_FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync"]  # fmt: skip
_PATIENCE = 120_000  # milliseconds, for a machine that is busy
_TEX = 'encoding="application/x-tex"'  # once in each typeset formula
_QUIET = 1500  # milliseconds in which a page may still shift after it has loaded

# Kept from the start: nobody can ask for it later. `frames` tells when a frame was painted, how far
# the page was scrolled, and how many formulas it had, whenever that changed. Looking at every frame
# would have the browser lay out a half-read page more often than it does by itself.
_OBSERVE = """
window.measured = { shifts: [], largest: 0, frames: [] };
const observe = (type, take) =>
  new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type });
observe("layout-shift", (shift) => measured.shifts.push([shift.startTime, shift.value]));
observe("largest-contentful-paint", (paint) => (measured.largest = paint.startTime));
const there = document.getElementsByClassName("katex-html");
const keep = () =>
  requestAnimationFrame(() => {
    const count = there.length;
    setTimeout(() => measured.frames.push([performance.now(), scrollY, count]));
  });
let seen = 0;
setInterval(() => {
  if (there.length !== seen) keep();
  seen = there.length;
}, 20);
addEventListener("scroll", keep);
"""

# Formulas on the screen are typeset once they are painted about where they stay, and every font
# that draws them has come: until then they are blank.
_READ = """() => {
  const files = performance.getEntriesByType("resource").filter((each) => /woff2/.test(each.name));
  const arrived = (font) => files.find((file) => file.name.includes(`/${font}.`))?.responseEnd;
  const formulas = [...document.querySelectorAll(".katex-html")];
  const shown = formulas.filter((formula) => {
    const { width, top, bottom, left, right } = formula.getBoundingClientRect();
    return width && bottom > 0 && top < innerHeight && right > 0 && left < innerWidth;
  });
  const { frames, shifts, largest } = window.measured;
  const needed = formulas.indexOf(shown.at(-1));
  const missing = ([, y, count]) => count <= needed || Math.abs(y - scrollY) > innerHeight / 2;
  const painted = performance.getEntriesByName("first-contentful-paint")[0].startTime;
  const times = [painted, frames[frames.findLastIndex(missing) + 1][0]];
  for (const formula of shown) {
    const walker = document.createTreeWalker(formula, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const style = getComputedStyle(walker.currentNode.parentElement);
      const family = style.fontFamily.split(",")[0].replaceAll('"', "");
      const bold = style.fontWeight >= 600 ? "Bold" : "";
      const kind = bold + (style.fontStyle === "italic" ? "Italic" : "") || "Regular";
      times.push(arrived(`${family}-${kind}`) ?? arrived(`${family}-Regular`) ?? 0);
    }
  }
  return {
    shifts,
    largest,
    painted,
    typeset: shown.length ? Math.max(...times) : null,
    formulas: formulas.length,
    on_screen: shown.length,
    broken: document.querySelectorAll(".katex-error").length,
  };
}"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, keep the result, print its table. Returns 0."""
    options = _parser().parse_args(arguments)
    run = new_run()
    loads = Loads(run.started, run.machine | {"load": f"{load_now() or 0:.1f}"})
    with _both(options.site, options.pages) as addresses, _chromium() as browser:
        for page in options.pages:
            for width in options.widths:
                for turn in range(-1, options.rounds):
                    for variant in VARIANTS if turn % 2 else VARIANTS[::-1]:
                        load = opened(browser, addresses[variant], page, width, variant, options)
                        if turn >= 0:  # the first only fills the server's memory
                            loads.add(load)
                print(f"{page}, {width} px", flush=True)
    print(f"\n{table(HEAD, rows(loads))}")
    return 0


def opened(
    browser: Browser, address: str, name: str, width: int, variant: str, options: argparse.Namespace
) -> Load:
    """One page, opened once by a new reader. ValueError: not every formula was typeset."""
    context = browser.new_context(viewport={"width": width, "height": 844})
    context.set_default_timeout(_PATIENCE)
    page = context.new_page()
    session = context.new_cdp_session(page)
    _slow_down(session, options.megabits, options.latency, SLOWDOWN.get(width, 1))
    sent: list[int] = []
    session.on("Network.loadingFinished", lambda told: sent.append(int(told["encodedDataLength"])))
    page.add_init_script(_OBSERVE)
    page.goto(f"{address}{name}", wait_until="load")
    page.wait_for_selector(".katex-html", state="attached")
    page.evaluate("document.fonts.ready.then(() => {})")
    page.wait_for_timeout(_QUIET)
    told: dict[str, Any] = page.evaluate(_READ)
    context.close()
    written = (options.site / _path(name) / "index.html").read_text("utf-8").count(_TEX)
    if told.pop("broken") or told["formulas"] != written:
        raise ValueError(f"{name} ({variant}): {written} formulas, {told['formulas']} are typeset")
    shift = layout_shift(told.pop("shifts"))
    return Load(name, width, variant, shift=shift, sent=sum(sent), **told)


def _path(page: str) -> str:
    return page.partition("#")[0]


def _slow_down(session: CDPSession, megabits: float, latency: float, times: float) -> None:
    session.send("Network.enable")
    bytes_a_second = megabits * 1e6 / 8
    line = {"downloadThroughput": bytes_a_second, "uploadThroughput": bytes_a_second}
    session.send("Network.emulateNetworkConditions", {"offline": False, "latency": latency, **line})
    session.send("Emulation.setCPUThrottlingRate", {"rate": times})


@contextmanager
def _both(site: Path, pages: Sequence[str]) -> Iterator[dict[str, str]]:
    """Both variants served: variant -> address."""
    katex = install(ROOT / ".cache/livenotes")
    with tempfile.TemporaryDirectory(prefix="livenotes-reading-") as folder:
        copy = Path(folder, "site")
        write_client_side(site, katex, {_path(page) for page in pages}, copy)
        with serving(site) as ours, serving(copy) as client:
            yield {OURS: ours, CLIENT: client}


@contextmanager
def _chromium() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        raise SystemExit("this needs Chromium: no 'chromium' on the PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_FLAGS)
        yield browser
        browser.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m benchmarks.reading", description=__doc__)
    add = parser.add_argument
    add("pages", nargs="*", metavar="PAGE", default=PAGES, help=" ".join(PAGES))
    add("--site", type=Path, default=ROOT / "site", metavar="FOLDER", help="the built site")
    add("--rounds", type=int, default=5, metavar="R", help="loads of which the median is taken")
    add("--widths", type=int, nargs="+", default=list(SLOWDOWN), metavar="PX", help="390 1280")
    add("--megabits", type=float, default=10, metavar="N", help="of the line, a second")
    add("--latency", type=float, default=40, metavar="MS", help="of each request, milliseconds")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
