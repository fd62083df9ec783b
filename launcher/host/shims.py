"""The shims on PATH, and how to tell them from other files (shims/README.md states the contract)."""

import os
import shlex
import sys
from collections.abc import Iterator

from launcher.errors import HostError
from launcher.host import files
from launcher.host.locations import package_file

_MARK = b"# applaunch shim "
_READ_SIZE = 400  # bytes; the mark is in the second line
_MAX_INTERPRETER = 120  # bytes in the first line; older Linux kernels silently cut it at 127


def shim_text() -> str:
    """Return the text of every shim, for the running Python and package."""
    python, package = sys.executable, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    plain = not any(map(str.isspace, python)) and len(os.fsencode(python)) < _MAX_INTERPRETER
    template = files.read(f"{package_file('shims')}/{'shim' if plain else 'shim-long'}") or ""
    shown = python if plain else shlex.quote(python).replace("\\", "'\"\\\\\"'")  # a shell word inside a Python string
    return template.replace("@PYTHON@", shown).replace("@PACKAGE@", repr(package))


def write(folder: str, name: str) -> str:
    """Write the shim *name* into *folder* and return its path; raises `HostError` if a foreign file is there."""
    path = f"{folder}/{name}"
    if not is_ours(path) and files.create(path, shim_text(), 0o755):
        return path
    if not is_ours(path):  # checked again: another applaunch may have created it first
        raise foreign_file_error(path)
    files.write(path, shim_text(), 0o755)
    return path


def check(folder: str, name: str) -> None:
    """Raise `HostError` if `write` would fail: a foreign file is there, or the folder is not writable."""
    path = f"{folder}/{name}"
    if os.path.lexists(path) and not is_ours(path):
        raise foreign_file_error(path)
    files.make_folder(folder, 0o755)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise HostError(
            folder, "cannot be written: permission denied", "set XDG_BIN_HOME to a folder that you can write to"
        )


def remove(path: str) -> bool:
    """Delete the shim at *path*; return False if it is missing or not a shim."""
    if not is_ours(path):
        return False
    try:
        os.unlink(path)
    except OSError as error:
        raise files.file_error(path, "cannot be removed", error) from None
    return True


def is_ours(path: str) -> bool:
    """Return whether the file at *path* is a shim: a regular file with our mark in its second line."""
    try:
        if os.path.islink(path) or not os.path.isfile(path):  # opening a pipe would block
            return False
        with open(path, "rb") as file:
            second = file.read(_READ_SIZE).split(b"\n", 2)[1:2]
    except OSError:
        return False
    return bool(second) and second[0].startswith(_MARK)


def is_stale(path: str) -> bool:
    """Return whether the shim at *path* was written for another Python, package or version."""
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
    """Return the paths of all programs called *name* in *path* (PATH), in search order."""
    folders: dict[str, str] = {}
    for folder in path.split(":"):
        if folder.startswith("/"):
            folders.setdefault(os.path.realpath(folder), folder.rstrip("/"))  # /bin is /usr/bin on many systems
    found = (f"{folder}/{name}" for folder in folders.values())
    return [program for program in found if os.path.isfile(program) and os.access(program, os.X_OK)]


def foreign_file_error(path: str) -> HostError:
    """Return the error for a foreign file where a shim should be."""
    return HostError(path, "exists and is not an applaunch shim", "move it away, or use: --as OTHERNAME")
