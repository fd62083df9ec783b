"""The last accepted catalog of each remote: its copy in the cache, and the state that points at it.

A copy is named by its checksum, and the state is replaced by one rename: a reader sees the old catalog or the new
one. Without the state no copy is read, so a copy that was not accepted is never used. Without the copy the state still
knows what was accepted, so nothing older is accepted as new.
"""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from typing import Any, NamedTuple

from launcher.core.remotes.remote import RemoteState
from launcher.core.values.file_error_fixes import fix_for
from launcher.core.values.invalid_value import InvalidValueError
from launcher.errors import RemoteError


class Copy(NamedTuple):
    """The accepted catalog of a remote: its text, or its parsed tables if they were stored and match."""

    text: str = ""
    tables: Mapping[str, Any] | None = None


def read_state(folder: str, name: str) -> RemoteState:
    """Return the state of the remote *name*, an empty one if there is no file.

    Raises `RemoteError` if it is damaged: an empty state would accept an old catalog.
    """
    path = f"{folder}/{name}.json"
    try:
        with open(path, "rb") as file:
            return RemoteState.from_dict(json.loads(file.read()))
    except FileNotFoundError:
        return RemoteState()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RemoteError(path, f"cannot be read: {reason}", fix_for(error, path, reading=True)) from None
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError, InvalidValueError):
        fix = f"applaunch remote delete {name}, and add it again"
        raise RemoteError(path, f"is damaged: the last accepted catalog of {name} is unknown", fix) from None


def write_state(folder: str, name: str, what: RemoteState) -> None:
    """Replace the state of the remote *name*; raises `RemoteError`."""
    with _as_remote_error(f"{folder}/{name}.json"):
        _make_private(folder)
        _write(f"{folder}/{name}.json", json.dumps(what.to_dict(), indent=1).encode())


def read_copy(folder: str, name: str, what: RemoteState, version: str) -> Copy | None:
    """Return the accepted catalog, None if there is no copy that matches its checksum.

    Tables stored by another *version* of applaunch are not used; the text is.
    """
    if what.accepted is None:
        return None
    path = _place(folder, name, what.accepted.digest)
    tables = _read(f"{path}.json")
    if what.compiled and tables and checksum(tables) == what.compiled:
        compiled = json.loads(tables)
        if compiled["version"] == version:
            return Copy(tables=compiled["tables"])
    data = read_accepted(folder, name, what)
    return Copy(text=data.decode()) if data is not None else None


def read_accepted(folder: str, name: str, what: RemoteState) -> bytes | None:
    """Return the bytes of the accepted catalog, None if they are missing or differ."""
    data = _read(f"{_place(folder, name, what.accepted.digest)}.toml") if what.accepted else None
    return data if what.accepted and data is not None and checksum(data) == what.accepted.digest else None


def store(folder: str, name: str, data: bytes, tables: Mapping[str, Any], version: str) -> str:
    """Store a catalog's bytes and its parsed *tables*, and return the checksum of the tables.

    The state does not point at them yet. Raises `RemoteError`.
    """
    path = _place(folder, name, checksum(data))
    compiled = json.dumps({"version": version, "tables": tables}, default=str).encode()
    with _as_remote_error(path):
        _make_private(os.path.dirname(path))
        _write(f"{path}.toml", data)
        _write(f"{path}.json", compiled, lasting=False)  # one that a power cut tears does not fit its checksum
    return checksum(compiled)


def remove_others(folder: str, name: str, digest: str) -> None:
    """Remove all copies of the remote *name* except the one with that checksum."""
    stay = os.path.basename(_place(folder, name, digest))
    with contextlib.suppress(OSError):
        for file in os.listdir(f"{folder}/{name}"):
            if file.partition(".")[0] != stay:
                os.unlink(f"{folder}/{name}/{file}")


def remove(states: str, copies: str, name: str) -> None:
    """Remove the state and all copies of the remote *name*; raises `RemoteError`."""
    with _as_remote_error(f"{states}/{name}.json"), contextlib.suppress(FileNotFoundError):
        os.unlink(f"{states}/{name}.json")
    with _as_remote_error(f"{copies}/{name}"), contextlib.suppress(FileNotFoundError):
        shutil.rmtree(f"{copies}/{name}")


def checksum(data: bytes) -> str:
    """Return the checksum of a catalog's bytes: ``sha256:...``."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _place(folder: str, name: str, digest: str) -> str:
    return f"{folder}/{name}/{digest.rpartition(':')[2]}"


def _make_private(folder: str) -> None:
    """Create *folder* and missing parents, readable by their owner only."""
    if not os.path.isdir(folder):
        _make_private(os.path.dirname(folder))
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder, 0o700)


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError):  # a damaged checksum may be no file name
        return None


def _write(path: str, data: bytes, *, lasting: bool = True) -> None:
    """Write *data* to *path* atomically; if *lasting*, it is on disk when this returns."""
    temporary = f"{path}.{os.getpid()}.new"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            if lasting:
                os.fsync(descriptor)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


@contextlib.contextmanager
def _as_remote_error(path: str) -> Any:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RemoteError(path, f"cannot be written: {reason}", fix_for(error, path)) from None
