"""A guard over a piece of work that may start, load, reach and write nothing: an audit hook that raises in the act.

An audit hook can never be taken away again (sys.addaudithook), so there is one for all guards, and it looks only while
one of them stands.
"""

import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from typing import Any, Self

import launcher
from launcher.core.catalog import toml_edit
from launcher.manage.convert import safe_yaml


class Started(BaseException):
    """Something was started, loaded, connected to, read or written; not even a handler may swallow it."""


_NEVER = (
    "subprocess.",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.fork",
    "os.startfile",
    "os.kill",
    "os.putenv",
    "pty.",
    "socket.",
    "ctypes.",
    "marshal.",
    "pickle.",
    "code.",
    "sqlite3.",
    "webbrowser.",
    "tempfile.",
    "shutil.",
    "import",
    "compile",
    "exec",
)
"""How the events begin that no guarded work may cause."""
_CHANGES = (
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.chmod",
    "os.chown",
    "os.utime",
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Guard:
    """Wraps the work; files may be opened and changed below *folder* alone, where one is given.

    With *reads* other files may be read.
    """

    _standing: list["Guard"] = []  # noqa: RUF012  one for the process, like the hook itself
    _is_heard = False

    def __init__(self, folder: str = "", *, reads: bool = False) -> None:
        """Keep what is allowed."""
        self._folder, self._reads = folder, reads

    def __enter__(self) -> Self:
        """Stand from now on."""
        if not Guard._is_heard:
            sys.addaudithook(_heard)
            Guard._is_heard = True
        Guard._standing.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        """Stand no more."""
        Guard._standing.remove(self)

    def hear(self, event: str, args: Sequence[Any]) -> None:
        """Raise `Started` for an event that must not be."""
        if event == "open":
            path, _, flags = args
            is_harmless = self._reads and not (isinstance(flags, int) and flags & _WRITES)
            is_wrong = not (is_harmless or self._is_own(path))
        elif event.startswith(_CHANGES):
            is_wrong = not all(self._is_own(each) for each in args if isinstance(each, (str, bytes)))
        else:
            is_wrong = event.startswith(_NEVER)
        if is_wrong:
            raise Started(f"{event}{tuple(args)!r:.300}")

    def _is_own(self, path: Any) -> bool:
        if isinstance(path, int):  # a descriptor: what it is open on was asked when it was opened
            return True
        text = os.fsdecode(path)
        within = text == self._folder or text.startswith(f"{self._folder}/")
        return bool(self._folder) and within and ".." not in text.split("/")


def load_everything() -> None:
    """Load all that ours may load later, so that a `Guard` takes every new module for a trouble."""
    for module in pkgutil.walk_packages(launcher.__path__, "launcher."):
        importlib.import_module(module.name)
    for name in ("difflib", "_strptime", "zoneinfo", "encodings.unicode_escape"):
        importlib.import_module(name)
    safe_yaml.read("a: [1, {b: c}]")
    toml_edit.append_apps("schema = 1\n", {"x": {"image": "x", "volumes": ["/a:/b"], "commands": {"y": {}}}})


def _heard(event: str, args: Sequence[Any]) -> None:
    for guard in Guard._standing:  # noqa: SLF001  it is the class's own hook
        guard.hear(event, args)
