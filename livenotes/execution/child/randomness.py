"""Notices random numbers that nobody seeded.

The states of the global generators are compared around each statement until something seeds them.
NumPy and PyTorch are looked at only where they were imported anyway.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from linecache import getline
from typing import Any

from livenotes.execution.outputs import IMPORTS

_NUMPY = "np.random.seed(0), or draw from np.random.default_rng(0)"
_SEEDS = {
    "random": ("Python's random", "random.seed(0)"),
    "numpy": ("NumPy", _NUMPY),
    "torch": ("PyTorch", "torch.manual_seed(0)"),
}
_GENERATOR = "Give it a seed, as in random.Random(0) or np.random.default_rng(0)."
_State = tuple[Any, Any]  # of a generator: what seeds change, what draws change


class Randomness:
    """Watches the generators of a run.

    `warn` adds a place (message, line, hint) to the report; `line` returns that of the module's
    code that runs, or 0; `path` is the module's name in frames.
    """

    def __init__(
        self, warn: Callable[[str, int, str], None], line: Callable[[], int], path: str
    ) -> None:
        self.warn = warn
        self.line = line
        self.path = path
        self._seeded: set[str] = set()
        self._before: dict[str, _State] = {}

    def start(self) -> None:
        """Notes the states, and has `random` tell when it is seeded."""
        self._watch_seeds()
        self.look(0)

    def look(self, line: int) -> None:
        """Warns if a generator that nobody seeded has moved since the last look."""
        for name, state_of in _STATES.items():
            if name in self._seeded or name not in sys.modules:
                continue
            with suppress(Exception):  # a package that is not what its name says
                now = state_of()
                if name == "numpy" and name not in self._before:
                    self._watch_numpy()
                if line and name not in self._before:  # imported since the last look
                    self._before[name] = _BEGINNINGS[name]()
                before = self._before.setdefault(name, now)
                if before[0] != now[0]:
                    self._seeded.add(name)
                elif before[1] != now[1]:
                    self._before[name] = now
                    if not getline(self.path, line).startswith(IMPORTS):  # else cells may draw yet
                        self._seeded.add(name)  # one warning is enough
                    whose, call = _SEEDS[name]
                    message = f"draws random numbers from {whose} without a seed, and shows them"
                    self.warn(message, line, f"Seed them before: {call}.")

    def _watch_seeds(self) -> None:
        own_seed, new_seed = random.seed, random.Random.seed

        def seed(a: Any = None, version: int = 2) -> None:
            own_seed(a, version)
            if a is not None:
                self._seeded.add("random")

        def seed_new(generator: random.Random, a: Any = None, version: int = 2) -> None:
            caller = sys._getframe(2)  # of Random(), not of what the libraries make for themselves
            if a is None and caller.f_code.co_filename == self.path:
                self._warn_generator()
            new_seed(generator, a, version)

        random.seed, random.Random.seed = seed, seed_new  # type: ignore[assignment,method-assign]

    def _watch_numpy(self) -> None:
        """Has NumPy tell when a generator is made without a seed."""
        numpy = sys.modules["numpy"].random
        make = numpy.default_rng

        @wraps(make)
        def default_rng(seed: Any = None) -> Any:
            if seed is None:
                self._warn_generator()
            return make(seed)

        numpy.default_rng = default_rng

    def _warn_generator(self) -> None:
        if line := self.line():
            self.warn(
                "makes a random generator without a seed, and shows its numbers", line, _GENERATOR
            )


def _random_state() -> _State:
    return None, random.getstate()


def _numpy_bits() -> Any:
    return sys.modules["numpy"].random.mtrand._rand._bit_generator


def _numpy_state(bits: Any = None) -> _State:
    """NumPy's seeding takes the entropy away that its global generator began with."""
    bits = bits or _numpy_bits()
    state = bits.state["state"]
    return bits._seed_seq is None, (state["pos"], state["key"].tobytes())


def _numpy_beginning() -> _State:
    bits = _numpy_bits()
    return _numpy_state(type(bits)(bits._seed_seq))


def _torch_state() -> _State:
    torch = sys.modules["torch"]
    return torch.initial_seed(), torch.get_rng_state().numpy().tobytes()


def _torch_beginning() -> _State:
    torch = sys.modules["torch"]
    seed = torch.initial_seed()
    return seed, torch.Generator().manual_seed(seed).get_state().numpy().tobytes()


_STATES = {"random": _random_state, "numpy": _numpy_state, "torch": _torch_state}
# The states that generators have when they are imported, before anything is drawn.
_BEGINNINGS = {"random": _random_state, "numpy": _numpy_beginning, "torch": _torch_beginning}
