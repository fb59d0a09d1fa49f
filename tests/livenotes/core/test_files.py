"""Files that are replaced in one step are like any others."""

from __future__ import annotations

from pathlib import Path

from livenotes.core.files import write_atomically


def test_a_file_may_be_read_by_whoever_may_read_others(tmp_path: Path) -> None:
    """A web server, say, that runs as another user than the build."""
    plain, ours = tmp_path / "plain", tmp_path / "ours"
    plain.write_bytes(b"text")
    write_atomically(ours, b"te", b"xt")
    assert ours.read_bytes() == plain.read_bytes()
    assert oct(ours.stat().st_mode) == oct(plain.stat().st_mode)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["ours", "plain"]
