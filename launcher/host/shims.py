"""The small files on PATH: which are ours, and which a stranger's (shims/README.md states the contract)."""

import os
import shlex
import sys
from collections.abc import Iterator

from launcher.errors import HostError
from launcher.host import files
from launcher.host.locations import package_file

_MARK = b"# applaunch shim "
_LOOK = 400  # bytes; the mark is in the second line
_LONGEST = 120  # bytes of a first line; Linux takes 127, older kernels cut there without a word


def shim_text() -> str:
    """Return what every shim holds, for the Python and the package that run now."""
    python, package = sys.executable, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    plain = not any(map(str.isspace, python)) and len(os.fsencode(python)) < _LONGEST
    template = files.read(f"{package_file('shims')}/{'shim' if plain else 'shim-long'}") or ""
    shown = python if plain else shlex.quote(python).replace("\\", "'\"\\\\\"'")  # a word of sh inside a text of Python
    return template.replace("@PYTHON@", shown).replace("@PACKAGE@", repr(package))


def write(folder: str, name: str) -> str:
    """Put the shim *name* into *folder* and return its path; raises `HostError` where a stranger's file is there."""
    path = f"{folder}/{name}"
    if not is_ours(path) and files.create(path, shim_text(), 0o755):
        return path
    if not is_ours(path):  # asked again: the one who was faster may have been applaunch too
        raise foreign_file_error(path)
    files.write(path, shim_text(), 0o755)
    return path


def check(folder: str, name: str) -> None:
    """Raise `HostError` where `write` would: a stranger's file, or a folder that cannot be written."""
    path = f"{folder}/{name}"
    if os.path.lexists(path) and not is_ours(path):
        raise foreign_file_error(path)
    files.make_folder(folder, 0o755)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise HostError(folder, "cannot be written: permission denied", "set XDG_BIN_HOME to a folder of yours")


def remove(path: str) -> bool:
    """Delete the shim at *path*; False where it is gone or not ours, and then it stays."""
    if not is_ours(path):
        return False
    try:
        os.unlink(path)
    except OSError as error:
        raise files.file_error(path, "cannot be removed", error) from None
    return True


def is_ours(path: str) -> bool:
    """Tell whether applaunch wrote the file at *path*: a plain file with our mark in its second line."""
    try:
        if os.path.islink(path) or not os.path.isfile(path):  # a pipe would wait for its writer
            return False
        with open(path, "rb") as file:
            second = file.read(_LOOK).split(b"\n", 2)[1:2]
    except OSError:
        return False
    return bool(second) and second[0].startswith(_MARK)


def is_stale(path: str) -> bool:
    """Tell whether the shim at *path* was written for another Python, package or applaunch."""
    try:
        return files.read(path) != shim_text() or not os.access(path, os.X_OK)
    except HostError:
        return True


def list_shims(folder: str) -> Iterator[str]:
    """Yield the path of every shim in *folder*, sorted."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    yield from (path for name in names if is_ours(path := f"{folder}/{name}"))


def find_programs(name: str, path: str) -> list[str]:
    """Return every program *name* in the folders of *path* (PATH), in the order a shell looks."""
    folders: dict[str, str] = {}
    for folder in path.split(":"):
        if folder.startswith("/"):
            folders.setdefault(os.path.realpath(folder), folder.rstrip("/"))  # /bin is /usr/bin on many systems
    found = (f"{folder}/{name}" for folder in folders.values())
    return [program for program in found if os.path.isfile(program) and os.access(program, os.X_OK)]


def foreign_file_error(path: str) -> HostError:
    """Return the trouble of a file that is not ours where a shim should be."""
    return HostError(path, "is there already and is not applaunch's", "move it away, or use: --as OTHERNAME")
