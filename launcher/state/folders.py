"""Folders of the record, which nobody but their owner may read, and what it means when one cannot be written."""

from __future__ import annotations

import os

from launcher.errors import StateError
from launcher.lean import suppress


def make_private(folder: str) -> None:
    """Make *folder* and what is missing above it, each with mode 0700; one that is there stays as it is."""
    try:
        _make(folder)
    except FileNotFoundError:
        make_private(os.path.dirname(folder))
        _make(folder)


def unwritable(path: str, error: OSError) -> StateError:
    """Return the trouble that *path* could not be written, with the command that shows why."""
    from launcher.core.remedies import remedy  # noqa: PLC0415  something has failed

    return StateError(where=path, what=f"cannot be written: {error.strerror}", fix=remedy(error, path))


def _make(folder: str) -> None:
    with suppress(FileExistsError):
        os.mkdir(folder, 0o700)
