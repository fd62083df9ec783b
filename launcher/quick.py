"""The programs' door opened quickly: what a launch loads comes from one file, and the process ends without clearing up.

That saves a launch 14 of 38 ms. The file is a cache like Python's own, which lies beside it: made in the background
after a launch that lacked it (`launcher/host/bundle.py`), and passed over as soon as any source has changed.
"""

from __future__ import annotations

import gc
import sys
from marshal import loads

gc.disable()  # while everything is loaded there is no garbage, and looking for it takes 2 ms

try:
    import posix as system  # os itself comes with what is loaded
except ImportError:
    import os as system  # type: ignore[no-redef]  # it has what is needed, on every platform

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType
    from typing import NoReturn, TypeAlias

    Part: TypeAlias = tuple[str, str, tuple[int, int], bool, bool, CodeType]
    """A module: name, file, that file's size and mtime (ns), is it a package, does every launch need it, its code."""

else:
    try:
        import _signal as signal
    except ImportError:
        import signal

PACKAGE = __file__.rpartition("/")[0]
PATH = f"{PACKAGE}/__pycache__/launch.{sys.implementation.cache_tag}.bundle"
FORM = (1, sys.version, PACKAGE)
"""What a bundle begins with; one that begins otherwise is none."""


def main(argv: Sequence[str]) -> NoReturn:
    """Run the command that *argv* names, as `launcher.run.shim.main` does, and end this process with its exit code."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # until `shim.main`: a Ctrl-C while we load leaves no traceback
    parts = read()
    _lacking[:] = [] if parts else [PATH]
    load(parts)
    gc.freeze()
    gc.enable()
    from launcher.run import shim  # noqa: PLC0415  it may be there only now

    system._exit(shim.main(argv))  # nothing is left to be written or put away


def mend() -> None:
    """Become the process that makes the bundle, where this launch lacked one; for the watcher, as its last act."""
    if _lacking and system.access(PACKAGE, system.W_OK):
        words = [sys.executable, "-IS", f"{PACKAGE}/host/bundle.py", PACKAGE.rpartition("/")[0]]
        system.execv(words[0], words)  # noqa: S606  no shell is wanted


_lacking: list[str] = []


def read() -> list[Part]:
    """Return the modules of the bundle, each after those it imports; none where a source is not what it was."""
    try:
        with open(PATH, "rb") as file:
            form, parts = loads(file.read())  # noqa: S302  who can write there can write our own code
        sound = form == FORM and all(stamp(path) == seen for _, path, seen, *_ in parts)
    except (OSError, ValueError, TypeError, EOFError):
        return []
    return parts if sound else []


def load(parts: list[Part]) -> None:
    """Load those of *parts* that every launch needs; the others are found when something imports them."""
    for part in parts:
        if part[4]:
            _load(part)
    sys.meta_path.insert(0, _Others({part[0]: part for part in parts if not part[4]}))


def stamp(path: str) -> tuple[int, int]:
    """Return the size of a file and when it was written, in nanoseconds; raises OSError."""
    seen = system.stat(path)
    return seen.st_size, seen.st_mtime_ns


def _load(part: Part) -> None:
    name, path, _, is_package, _, code = part
    parent, _, own = name.rpartition(".")
    module = type(sys)(name)
    module.__file__, module.__spec__, module.__package__ = path, _spec(part), name if is_package else parent
    if is_package:
        module.__path__ = [path.rpartition("/")[0]]
    sys.modules[name] = module
    setattr(sys.modules[parent], own, module)
    exec(code, module.__dict__)  # noqa: S102  our own modules, compiled by the same Python


def _spec(part: Part, loader: object = None) -> ModuleSpec:
    spec = type(__spec__)(part[0], loader, origin=part[1], is_package=part[3])  # type: ignore[arg-type]  # importlib asks no more of a loader
    spec.has_location = True
    return spec


class _Others:
    """Finds and loads the modules of a bundle that only some launches need."""

    def __init__(self, parts: dict[str, Part]) -> None:
        self._parts = parts

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        return _spec(self._parts[name], self) if name in self._parts else None

    def create_module(self, _: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(self._parts[module.__name__][5], module.__dict__)  # noqa: S102  as above
