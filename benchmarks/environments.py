"""An environment of its own for every tool, made once, in `.cache/benchmarks/environments/`.

What all tools share (torch, matplotlib and what these need) is hard-linked from the environment
that runs this program: the same bytes, no download, no disk. pip then sees it as installed and
adds the tool itself. Ours is linked as a whole.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement

from benchmarks import CACHE, ROOT

SHARED = ("torch", "numpy", "matplotlib", "sympy")
# mkdocs and Material as in requirements.txt, so that all build with the same ones.
PEERS = {
    "markdown-exec": ("markdown-exec==1.12.6", "mkdocs", "mkdocs-material"),
    "mkdocs-jupyter": ("mkdocs-jupyter", "mkdocs", "mkdocs-material", "ipykernel"),
    "myst-nb": ("myst-nb==1.4.0", "ipykernel"),
}
PINNED = ("mkdocs", "mkdocs-material", "mkdocs-jupyter", "pymdown-extensions", "Markdown", "torch")
VERSIONS = {
    "this": ("livenotes", "mkdocs-material", "mkdocs-jupyter", "torch"),
    "livenotes": ("livenotes", "mkdocs", "mkdocs-material", "torch"),
    "markdown-exec": ("markdown-exec", "mkdocs", "mkdocs-material", "torch"),
    "mkdocs-jupyter": ("mkdocs-jupyter", "nbconvert", "nbclient", "ipykernel", "torch"),
    "myst-nb": ("myst-nb", "jupyter-cache", "Sphinx", "nbclient", "ipykernel", "torch"),
}


def environment(name: str) -> Path:
    """The Python of the tool's environment, which is made where it is missing."""
    folder = CACHE / "environments" / name
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    ready = folder / "ready"
    if not ready.is_file() or ready.read_text("utf-8") != _wanted(name):
        print(f"making an environment for {name} …", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        shared = ("livenotes", *SHARED) if name == "livenotes" else SHARED
        _link(_closure(shared), _site_packages(python))
        if name in PEERS:
            _install(python, _pinned(PEERS[name]))
        ready.write_text(_wanted(name), "utf-8")
    if name == "livenotes":
        _renew(_site_packages(python) / "livenotes")
    return python


def _renew(package: Path) -> None:
    """Our package as it is now: an installation that can be edited lists the files it had once."""
    shutil.rmtree(package, ignore_errors=True)  # not written into: these are links to our files
    shutil.copytree(ROOT / "livenotes", package, ignore=shutil.ignore_patterns("__pycache__"))


def versions(name: str, python: Path) -> dict[str, str]:
    """Versions of what matters in a tool's environment."""
    code = "import json, sys; from importlib.metadata import version; "
    code += "print(json.dumps({n: version(n) for n in sys.argv[1:]}))"
    command = [str(python), "-c", code, *VERSIONS.get(name, ())]
    done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
    found: dict[str, str] = json.loads(done.stdout)
    return found


def _wanted(name: str) -> str:
    """What the environment was made from; where it differs, it is made anew."""
    ours = [f"{d.name}=={d.version}" for d in _closure(("livenotes", *SHARED))]
    entries = distribution("livenotes").read_text("entry_points.txt")
    return json.dumps([sys.version, _pinned(PEERS.get(name, ())), ours, entries])


def _pinned(requirements: Iterable[str]) -> list[str]:
    pins = {name: f"{name}=={distribution(name).version}" for name in PINNED}
    return [pins.get(name, name) for name in requirements]


def _install(python: Path, requirements: list[str]) -> None:
    constraints = python.parents[1] / "constraints.txt"
    constraints.write_text("\n".join(_pinned(PINNED)) + "\n", "utf-8")
    options = ["--quiet", "--disable-pip-version-check", "--constraint", str(constraints)]
    done = subprocess.run(
        [str(python), "-m", "pip", "install", *options, *requirements],
        check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"pip could not install {' '.join(requirements)}:\n{done.stdout}")


def _closure(names: Iterable[str]) -> list[Distribution]:
    """The distributions of that name in this environment, and all that they need."""
    found: dict[str, Distribution] = {}
    queue = [Requirement(name) for name in names]
    seen: set[str] = set()
    while queue:
        wanted = queue.pop()
        name = _normal(wanted.name)
        if str(wanted) in seen:
            continue
        seen.add(str(wanted))
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue  # for another platform or Python
        for text in found[name].requires or ():
            needed = Requirement(text)
            extras = ["", *wanted.extras]  # such as bleach[css], which nbconvert asks for
            if not needed.marker or any(needed.marker.evaluate({"extra": e}) for e in extras):
                queue.append(needed)
    return [found[name] for name in sorted(found)]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _link(distributions: Iterable[Distribution], target: Path) -> None:
    for source, place in _files(distributions):
        new = target / place
        new.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, new)
        except FileExistsError:
            pass
        except OSError:  # another file system
            shutil.copy2(source, new)


def _files(distributions: Iterable[Distribution]) -> Iterator[tuple[Path, PurePosixPath]]:
    for one in distributions:
        for file in one.files or ():
            source = Path(str(file.locate()))
            if ".." not in file.parts and source.is_file():
                yield source, file


def _site_packages(python: Path) -> Path:
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    done = subprocess.run([str(python), "-c", code], capture_output=True, check=True, text=True)
    return Path(done.stdout.strip())
