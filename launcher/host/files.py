"""Files written whole or not at all."""

from __future__ import annotations

import os

from launcher.errors import HostError
from launcher.fast_stdlib import suppress

PRIVATE = 0o600
PRIVATE_FOLDER = 0o700


def read(path: str) -> str | None:
    """Return the text of *path*, None where there is no such file; raises `HostError` where it cannot be read."""
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
    """Return the very bytes of *path*, None where there is no such file; raises `HostError` where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise file_error(path, "cannot be read", error) from None


def write(path: str, text: str, mode: int | None = None, new: int = 0o644) -> None:
    """Put *text* at *path*, replacing what is there in one step; raises `HostError` and leaves what was there.

    Where *path* is a link (to a folder of dotfiles, say), the file that it leads to is replaced and the link stays.
    *mode* None keeps what the file had; a *new* one gets that mode.
    """
    path = os.path.realpath(path)
    temporary = _beside(path)  # known before it is made: whatever happens, a signal too, it goes
    try:
        try:
            _make(temporary, text, _mode_of(path, new) if mode is None else mode)
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
    except OSError as error:
        raise file_error(path, "cannot be written", error) from None


def create(path: str, text: str, mode: int = 0o644) -> bool:
    """Put *text* at *path* unless something is there already, then False; raises `HostError`."""
    temporary = _beside(path)
    try:
        try:
            _make(temporary, text, mode)
            os.link(temporary, path)  # unlike a rename, never over what somebody else has just put there
        finally:
            with suppress(OSError):
                os.unlink(temporary)
    except FileExistsError:
        return False
    except OSError as error:
        raise file_error(path, "cannot be written", error) from None
    return True


def remove(path: str) -> None:
    """Delete the file at *path*; one that is gone is no trouble. Raises `HostError`."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise file_error(path, "cannot be removed", error) from None


def make_folder(path: str, mode: int = 0o777) -> None:
    """Make the folder *path* and those above it, each with that *mode* less the umask; raises `HostError`.

    What `keep_owner_permissions` leaves of a umask takes no right from the owner.
    """
    try:
        for above in _missing(path):
            os.mkdir(above, mode)
    except OSError as error:
        if isinstance(error, FileExistsError) and os.path.isdir(path):
            return  # somebody else was at it
        raise file_error(path, "cannot be made", error) from None


def _missing(path: str) -> list[str]:
    """Return the folders that there are not on the way to *path*, the uppermost first."""
    found: list[str] = []
    while path and not os.path.isdir(path):
        found.insert(0, path)
        path = os.path.dirname(path)
    return found


def file_error(path: str, what: str, error: OSError) -> HostError:
    """Return the trouble that the system's *error* stands for."""
    from launcher.core.values.file_error_fixes import fix_for  # noqa: PLC0415  something has failed

    reason = (error.strerror or str(error)).lower()
    return HostError(path, f"{what}: {reason}", fix_for(error, path, reading=what == "cannot be read"))


def _mode_of(path: str, new: int) -> int:
    try:
        return os.stat(path).st_mode & 0o777
    except FileNotFoundError:
        return new


def _beside(path: str) -> str:
    return f"{path}.{os.getpid()}.new"


def _make(temporary: str, text: str, mode: int) -> None:
    """Write *text* to a new file, and to the disk."""
    make_folder(os.path.dirname(temporary), PRIVATE_FOLDER)  # as the XDG specification says
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)
