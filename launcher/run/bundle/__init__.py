"""The bundle: the modules of a launch in one file, loaded at once."""

# What it is.  `launcher/__pycache__/launch.cpython-311.bundle` holds the compiled code of the modules that a launch
# loads, some sixty, in the order of their imports; with each, the path, size and time of the source it was compiled
# from. Python keeps the same code in one .pyc file for each module. Bundle and .pyc files are written by marshal.
#
# What it saves.  6 ms of CPU in each launch: 15 in place of 21 until everything is loaded, 9 of which are the bare
# interpreter (Python 3.11, medians of 120). Nearly all of that is importlib: for each module it looks through folders,
# opens and checks a file and takes a lock.
#
# How it is used.  A shim's interpreter starts isolated and without `site` (`-IS`), imports this package, which imports
# nothing of ours, and calls `load`. Modules that every launch needs are executed then, without importlib; the others
# (of warm apps, projects and docker contexts) stay bytes until something imports them, by a finder on `sys.meta_path`.
# The garbage collector is off meanwhile, since loading makes no garbage, and what was loaded is frozen: no collection
# looks at it again.
#
# When it is passed over.  If it is missing, torn, of another Python or of a package that was moved, or if any source
# has another size or time than it had, a launch imports its modules as any program does. It is then slower and does the
# same. `load` asks for the state of every source each time, so an edit counts at the next call.
#
# How it is made.  By a launch that lacked it, once the program has ended: its watcher, as its last act, becomes
# `make.py` (`remake`), which imports what a launch imports, compiles each source without docstrings and the types of
# functions, and replaces the file by a rename. Nothing does so if the package cannot be written: under a system's
# Python, say, launches of users import their modules one by one until root has launched something.
#
# Security.  marshal executes nothing when it reads, but what it reads is executed. The bundle therefore lies in the
# package's own folder, where whoever can write it could as well write the sources or their .pyc files. It is never
# looked for in a home, a cache or the current folder, and no variable of the environment names it.

from __future__ import annotations

import gc
import sys
from marshal import loads

try:
    import posix as system  # the half of `os` that is built in; os itself comes with the bundle
except ImportError:
    import os as system  # type: ignore[no-redef]  # it has what is needed, on every platform

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any, TypeAlias

    Part: TypeAlias = tuple[str, str, tuple[int, int], bool, Any]
    """A module: name, source, its size and time (ns), is it a package, its code; in bytes if few launches need it."""

else:
    try:
        import _signal as signal
    except ImportError:
        import signal

PACKAGE = __file__.rpartition("/run/")[0]
PATH = f"{PACKAGE}/__pycache__/launch.{sys.implementation.cache_tag}.bundle"
FORM = (2, sys.version, PACKAGE)
"""What a bundle begins with; a file that begins otherwise is passed over."""

_missing: list[str] = []


def load() -> None:
    """Load the modules of a launch from the bundle, if it is good; until `shim.main`, a Ctrl-C ends us silently."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.disable()
    parts = read()
    _missing[:] = [] if parts else [PATH]
    rare = {}
    for part in parts:
        if type(part[4]) is bytes:
            rare[part[0]] = part
        else:
            _execute(part)
    sys.meta_path.insert(0, _Finder(rare))
    gc.freeze()
    gc.enable()


def remake() -> None:
    """Become the process that makes the bundle, if this launch lacked it and may write it; else return."""
    if _missing and system.access(PACKAGE, system.W_OK):
        words = [sys.executable, "-IS", f"{PACKAGE}/run/bundle/make.py", PACKAGE.rpartition("/")[0]]
        system.execv(words[0], words)  # noqa: S606  a list of words, and no shell


def read() -> list[Part]:
    """Return the modules of the bundle, each after those it imports; none if the bundle is not good."""
    try:
        with open(PATH, "rb") as file:
            form, parts = loads(file.read())  # noqa: S302  who can write there can write our own code
        sound = form == FORM and [part[2] for part in parts] == [stamp(part[1]) for part in parts]
    except (OSError, ValueError, TypeError, EOFError):
        return []
    return parts if sound else []


def stamp(path: str) -> tuple[int, int]:
    """Return the size of a file and when it was written, in nanoseconds; raises OSError."""
    seen = system.stat(path)
    return seen.st_size, seen.st_mtime_ns


def _execute(part: Part) -> None:
    name, path, _, is_package, code = part
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


class _Finder:
    """Finds and loads the modules of the bundle that only some launches need (importlib's protocols)."""

    def __init__(self, parts: dict[str, Part]) -> None:
        self._parts = parts

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        return _spec(self._parts[name], self) if name in self._parts else None

    def create_module(self, _: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        code = loads(self._parts[module.__name__][4])  # noqa: S302  it came in the bundle
        exec(code, module.__dict__)  # noqa: S102  our own modules, as above
