"""Reads what decides what runs: refused where another user could have written it, as ssh refuses with StrictModes."""

from __future__ import annotations

import os

from launcher.errors import HostError
from launcher.host import files
from launcher.host.ownership import untrusted_reason


def read(path: str, home: str) -> str | None:
    """Return the text of *path* as `files.read` does; raises `HostError` where it may be another user's work."""
    text = files.read(path)
    if text is not None:
        check_ownership(path, home)
    return text


def check_ownership(path: str, home: str) -> None:
    """Raise `HostError` where another user could write the file at *path*, what it leads to, or a folder on the way."""
    for at in (path, *_above(path, home)):
        try:
            why = untrusted_reason(at, at)
        except OSError:
            continue  # gone, or out of sight: the one who reads it says so
        if why:
            fix = f"chmod go-w {at}" if "may write" in why else f"look at it, then: sudo chown {os.getuid()} {at}"
            said = f"{why} it" if why.startswith(("anybody ", "the group ")) else f"it {why}"
            raise HostError(at, f"is not followed: {said}", fix)


def _above(path: str, home: str) -> list[str]:
    """Return the folders above *path* up to the *home*, without links on the way."""
    folder, found = os.path.realpath(os.path.dirname(path)), []
    while folder not in ("/", ""):
        found.append(folder)
        if folder == home:
            break
        folder = os.path.dirname(folder)
    return found
