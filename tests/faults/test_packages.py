"""Installed packages that fail at import: only the modules that need them fail."""

from __future__ import annotations

import os
import subprocess
import sysconfig
import venv
from pathlib import Path

from .cases import Build, Fault
from .conftest import Result, all_gone, lay_out

PACKAGES = {
    "angry.py": "raise RuntimeError('not today')\n",
    "deadly.py": "import os\nos._exit(3)\n",
    "endless.py": "while True:\n    pass\n",
    # The fork server imports packages once for all; it waits two minutes, here three seconds.
    "sitecustomize.py": "import livenotes.server\nlivenotes.server._PRELOAD_LIMIT = 3\n",
}
FAULTS = (
    Fault("needs-angry", "", code="import angry", says=("RuntimeError: not today",)),
    Fault("needs-deadly", "", code="import deadly", says=("its process ended by itself",)),
    Fault("needs-endless", "", code="import endless", says=("did not end within 4 s",)),
    Fault("healthy", "", code="import yaml\nprint(yaml.safe_load('[1]'))"),
)


def environment(folder: Path) -> Path:
    """A virtual environment with these packages, and all of the present one; its Python."""
    venv.create(folder, symlinks=True)
    packages = folder / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
    present = sysconfig.get_path("purelib")
    (packages / "present.pth").write_text(f"import site; site.addsitedir({present!r})\n", "utf-8")
    for name, text in PACKAGES.items():
        (packages / name).write_text(text, "utf-8")
    return folder / "bin" / "python"


def test_a_package_that_fails_at_import_fails_its_module_alone(tmp_path: Path, katex: Path) -> None:
    python = environment(tmp_path / "environment")
    root = tmp_path / "site"
    lay_out(root, Build("packages", "", FAULTS, options="timeout = 4\nworkers = 1"), katex)
    done = subprocess.run(
        [str(python), "-m", "mkdocs", "build"], cwd=root, check=False, timeout=300,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
    )  # fmt: skip
    result = Result(root, done.returncode, done.stdout)
    assert result.code != 0
    for fault in FAULTS[:3]:
        start = f"snippets/{fault.stem}.py:7: cell 'fault': {fault.says[0]}"
        assert any(message.startswith(start) for message in result.messages), result.said
    assert "ran snippets/healthy.py" in result.said
    assert "Traceback" not in result.said
    all_gone(root)
