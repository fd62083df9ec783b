"""Read files, and write them atomically."""

from __future__ import annotations

import os

from launcher.errors import HostError
from launcher.fast_stdlib import suppress

PRIVATE = 0o600
PRIVATE_FOLDER = 0o700


def read(path: str) -> str | None:
    """Return the text of *path*, or None if there is no such file; raises `HostError` if it cannot be read."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError:
        raise HostError(path, "is not UTF-8 text", "save it as UTF-8") from None
    except OSError as error:
        raise file_error(path, "cannot be read", error) from None


def read_bytes(path: str) -> bytes | None:
    """Return the bytes of *path*, or None if there is no such file; raises `HostError` if it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise file_error(path, "cannot be read", error) from None


def write(path: str, text: str, mode: int | None = None, new_mode: int = 0o644) -> None:
    """Replace the file at *path* with *text* atomically; raises `HostError` and leaves the old file unchanged.

    If *path* is a link (into a dotfiles folder, for example), its target is replaced and the link stays. Without
    *mode*, an existing file keeps its mode and a new one gets *new_mode*.
    """
    path = os.path.realpath(path)
    temporary = _temporary_name(path)  # named before it is created, so that it is deleted even after a signal
    try:
        try:
            _write_new(temporary, text, _mode_of(path, new_mode) if mode is None else mode)
            os.replace(temporary, path)
        except BaseException:
            _discard(temporary)
            raise
    except OSError as error:
        raise file_error(path, "cannot be written", error) from None


def create(path: str, text: str | bytes, mode: int = 0o644) -> bool:
    """Create the file *path* with *text*; return False if something is there already. Raises `HostError`."""
    temporary = _temporary_name(path)
    try:
        try:
            _write_new(temporary, text, mode)
            os.link(temporary, path)  # unlike a rename, a link never overwrites a file
        finally:
            _discard(temporary)
    except FileExistsError:
        return False
    except OSError as error:
        raise file_error(path, "cannot be written", error) from None
    return True


def remove(path: str) -> None:
    """Delete the file at *path* if it exists; raises `HostError`."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise file_error(path, "cannot be removed", error) from None


def make_folder(path: str, mode: int = 0o777) -> None:
    """Create the folder *path* and its parents with *mode* less the umask; raises `HostError`.

    `keep_owner_permissions` makes sure that the umask leaves the owner all permissions.
    """
    try:
        for parent in _missing(path):
            try:
                os.mkdir(parent, mode)
            except FileExistsError:
                if not os.path.isdir(parent):  # else another process made it
                    raise
    except OSError as error:
        raise file_error(path, "cannot be made", error) from None


def _missing(path: str) -> list[str]:
    """Return the missing folders on the way to *path*, outermost first."""
    found: list[str] = []
    while path and not os.path.isdir(path):
        found.insert(0, path)
        path = os.path.dirname(path)
    return found


def file_error(path: str, what: str, error: OSError) -> HostError:
    """Return the `HostError` for the system's *error* at *path*."""
    from launcher.core.values.file_error_fixes import fix_for  # noqa: PLC0415  only on failure

    reason = (error.strerror or str(error)).lower()
    return HostError(path, f"{what}: {reason}", fix_for(error, path, reading=what == "cannot be read"))


def _mode_of(path: str, new_mode: int) -> int:
    try:
        return os.stat(path).st_mode & 0o777
    except FileNotFoundError:
        return new_mode


def _temporary_name(path: str) -> str:
    return f"{path}.{os.getpid()}.new"


def _discard(temporary: str) -> None:
    """Delete a temporary file if it is there, even if a signal raises an exception meanwhile."""
    try:
        with suppress(OSError):
            os.unlink(temporary)
    finally:
        with suppress(OSError):
            os.unlink(temporary)


def _write_new(temporary: str, text: str | bytes, mode: int) -> None:
    """Write *text* to a new file and flush it to the disk."""
    make_folder(os.path.dirname(temporary), PRIVATE_FOLDER)  # as the XDG specification says
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(text.encode() if isinstance(text, str) else text)
        file.flush()
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)
