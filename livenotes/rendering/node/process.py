"""render.js in a Node process: one question, one answer, and never a wait without an end."""

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
    """The process ended before it had answered; the text says how."""


class NodeSlow(Exception):
    """No answer in time; the process has been killed."""


class NodeProcess:
    """render.js in a Node process of its own; it ends with `stop`, or when this process ends."""

    def __init__(self, katex: Path) -> None:
        """Start and wait until KaTeX is loaded; NodeEnded or NodeSlow if that fails."""
        node = find_node()
        # A file, not a pipe: however much Node writes there, it never has to wait for us.
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
        """The answer to one request. NodeEnded, NodeSlow: the process is gone."""
        # Escaped to ASCII: readline of Node also splits at U+2028.
        line = self._exchange(json.dumps(request).encode() + b"\n", seconds)
        with suppress(ValueError):
            answer = json.loads(line)
            if isinstance(answer, dict):
                return answer
        self.stop()
        raise NodeEnded(f"Node answered {line[:80]!r} instead of JSON")

    def stop(self) -> None:
        """Kill the process (it holds nothing worth keeping) and wait for its end."""
        self._popen.kill()
        self._popen.wait()
        for pipe in (self._popen.stdin, self._popen.stdout, self._stderr):
            with suppress(OSError):  # what was left to write cannot be written any more
                if pipe is not None:
                    pipe.close()

    def _exchange(self, line: bytes, seconds: float) -> bytes:
        """Write one line, read one. The timer's kill ends a write or a read that hangs."""
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
            with suppress(OSError):  # a broken pipe: it has ended
                self._popen.stdin.write(line)
                self._popen.stdin.flush()
                answer = self._popen.stdout.readline()
        except BaseException:  # Ctrl-C: an answer still to come must not meet the next question
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
