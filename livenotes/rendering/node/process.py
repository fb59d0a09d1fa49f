"""Runs render.js in a Node process: one request, one answer, with a time limit."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from livenotes.rendering.node.install import HERE, find_node

RENDER_JS = HERE / "render.js"
START_SECONDS = 60.0


class NodeEnded(Exception):
    """The process ended before it answered. The text says how."""


class NodeSlow(Exception):
    """There was no answer in time. The process has been killed."""


class NodeProcess:
    """A Node process with render.js. It ends with `stop`, or when this process ends."""

    def __init__(self, katex: Path) -> None:
        """Starts and waits until KaTeX is loaded. Raises NodeEnded or NodeSlow."""
        node = find_node()
        # A file, not a pipe, which would block Node when it is full.
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self._popen = subprocess.Popen(
                [str(node), str(RENDER_JS), str(katex)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
            )
        except OSError as error:
            self._stderr.close()
            raise NodeEnded(f"Node did not start: {error}") from None
        self._exchange(b"", START_SECONDS)

    @property
    def pid(self) -> int:
        return self._popen.pid

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Returns the answer to one request. Raises NodeEnded or NodeSlow; then it has ended."""
        # ASCII only, because Node's readline also splits at U+2028.
        line = self._exchange(json.dumps(request).encode() + b"\n", seconds)
        with suppress(ValueError):
            answer = json.loads(line)
            if isinstance(answer, dict):
                return answer
        self.stop()
        raise NodeEnded(f"Node answered {line[:80]!r} instead of JSON")

    def stop(self) -> None:
        """Kills the process, which has no state, and waits for its end."""
        self._popen.kill()
        self._popen.wait()
        for pipe in (self._popen.stdin, self._popen.stdout, self._stderr):
            with suppress(OSError):  # buffered data cannot be written any more
                if pipe is not None:
                    pipe.close()

    def _exchange(self, line: bytes, seconds: float) -> bytes:
        """Writes one line and reads one. A timer kills the process if either hangs."""
        assert self._popen.stdin is not None and self._popen.stdout is not None
        late = threading.Event()

        def kill() -> None:
            late.set()
            self._popen.kill()

        timer = threading.Timer(seconds, kill)
        timer.daemon = True
        timer.start()
        answer = b""
        try:
            with suppress(OSError):  # broken pipe: the process has ended
                self._popen.stdin.write(line)
                self._popen.stdin.flush()
                answer = self._popen.stdout.readline()
        except BaseException:  # Ctrl-C: the next request must not read this one's answer
            self.stop()
            raise
        finally:
            timer.cancel()
        if answer.endswith(b"\n"):
            return answer
        how = self._how_it_ended()
        self.stop()
        raise NodeSlow(f"took longer than {seconds:g} s") if late.is_set() else NodeEnded(how)

    def _how_it_ended(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(1)
        self._stderr.seek(max(0, os.fstat(self._stderr.fileno()).st_size - 2000))
        said = self._stderr.read().decode("utf-8", "replace").split("\n")
        errors = [text.strip() for text in said if "Error" in text]
        last = f": {errors[-1]}" if errors else ""
        return f"Node ended with exit code {self._popen.returncode}{last}"
