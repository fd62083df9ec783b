"""Writes, lists and deletes launch files; a launch itself only reads them."""

from __future__ import annotations

import os

from launcher.core.values.checksum import add_checksum
from launcher.errors import StateError
from launcher.fast_stdlib import suppress
from launcher.state.launch_files import SCHEMA, LaunchFile, is_name
from launcher.state.state_folders import make_private_folders, write_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NEW = ".new-"  # the prefix of a file that is being written


def write(folder: str, file: LaunchFile) -> None:
    """Replace the launch file of a command, and flush it to the disk; raises `StateError`."""
    path = _path(folder, file.command)
    try:
        make_private_folders(folder)
        _replace(folder, path, add_checksum(_to_json(file)))
    except OSError as error:
        raise write_error(path, error) from error


def remove(folder: str, name: str) -> bool:
    """Delete the launch file of the command *name*; return False if there was none. Raises `StateError`."""
    path = _path(folder, name)
    try:
        os.unlink(path)
        _flush(folder)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise write_error(path, error) from error
    return True


def list_commands(folder: str) -> list[str]:
    """Return the names of all commands that have a launch file, sorted."""
    return sorted(name for name in _listed(folder) if is_name(name))


def leftovers(folder: str) -> list[str]:
    """Return the half-written files of writers that were killed."""
    return sorted(f"{folder}/{name}" for name in _listed(folder) if name.startswith(NEW))


def _to_json(file: LaunchFile) -> dict[str, Any]:
    """Return *file* as plain JSON: its image flat, its entry and settings as tables."""
    value = {"schema": SCHEMA} | file._asdict() | file.pin._asdict()
    del value["pin"]
    return value | {"entry": file.entry.to_json(), "settings": file.settings._asdict(), "aside": file.aside or ()}


def _path(folder: str, name: str) -> str:
    if not is_name(name):
        raise StateError(where=folder, what=f"{name!r} is no command's name", fix="use letters, digits and . _ + -")
    return f"{folder}/{name}"


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _replace(folder: str, path: str, text: bytes) -> None:
    new = f"{folder}/{NEW}{os.urandom(8).hex()}"
    try:
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(fd, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(fd)
        os.replace(new, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(new)
        raise
    _flush(folder)


def _flush(folder: str) -> None:
    """Flush the renames in *folder* to the disk."""
    fd = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
