"""Read a file only if no other user can have written it, as ssh does with StrictModes."""

from __future__ import annotations

import os

from launcher.errors import HostError
from launcher.host import files
from launcher.host.ownership import untrusted_reason


def read(path: str, home: str) -> str | None:
    """Return the text of *path* like `files.read`; raises `HostError` if another user may have written it."""
    text = files.read(path)
    if text is not None:
        check_ownership(path, home)
    return text


def check_ownership(path: str, home: str) -> None:
    """Raise `HostError` if another user can write the file at *path*, its link target or a parent folder."""
    for current in (path, *_parents(path, home)):
        try:
            reason = untrusted_reason(current, current)
        except OSError:
            continue  # missing or not readable: reading it reports that
        if reason:
            fix = (
                f"chmod go-w {current}"
                if "may write" in reason
                else f"check it, then: sudo chown {os.getuid()} {current}"
            )
            what = f"{reason} it" if reason.startswith(("anybody ", "the group ")) else f"it {reason}"
            raise HostError(current, f"is not trusted: {what}", fix)


def _parents(path: str, home: str) -> list[str]:
    """Return the parent folders of *path* up to *home*, with links resolved."""
    folder, found = os.path.realpath(os.path.dirname(path)), []
    while folder not in ("/", ""):
        found.append(folder)
        if folder == home:
            break
        folder = os.path.dirname(folder)
    return found
