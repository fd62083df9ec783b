"""The state folders: created for their owner alone, checked before they are trusted, and their write errors."""

from __future__ import annotations

from launcher.errors import StateError
from launcher.fast_stdlib import os, suppress


def make_private_folders(folder: str) -> None:
    """Create *folder* and missing parents with mode 0700; an existing one is not changed."""
    try:
        _make(folder)
    except FileNotFoundError:
        make_private_folders(folder.rpartition("/")[0])
        _make(folder)


def check_owner(path: str, seen: os.stat_result) -> None:
    """Raise StateError if another user owns or may write the file or folder at *path*, whose status is *seen*."""
    if seen.st_uid not in (os.getuid(), _ROOT):
        fix = f"check it, then: sudo chown -R {os.getuid()} {path}"
        raise StateError(where=path, what=f"is not trusted: it belongs to another user (uid {seen.st_uid})", fix=fix)
    if seen.st_mode & _OTHERS_WRITE:
        raise StateError(where=path, what="is not trusted: others may write it", fix="applaunch doctor --fix")


_ROOT = 0
_OTHERS_WRITE = 0o022


def write_error(path: str, error: OSError) -> StateError:
    """Return the error for a *path* that cannot be written, with the command that shows why."""
    from launcher.core.values.file_error_fixes import fix_for  # noqa: PLC0415  something has failed

    return StateError(where=path, what=f"cannot be written: {error.strerror}", fix=fix_for(error, path))


def _make(folder: str) -> None:
    with suppress(FileExistsError):
        os.mkdir(folder, 0o700)
