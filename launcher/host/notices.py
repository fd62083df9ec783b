"""Notices that are shown only once: a small file records them."""

from __future__ import annotations

import os

from launcher.fast_stdlib import suppress


def note_once(path: str, what: str) -> bool:
    """Return whether *what* is not recorded yet in the file at *path*, and record it if the file can be written."""
    line = what.encode("utf-8", "surrogateescape").replace(b"\n", b" ")
    with suppress(OSError), open(path, "rb") as file:
        if line in file.read().splitlines():
            return False
    with suppress(OSError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with open(descriptor, "ab") as file:
            file.write(line + b"\n")
    return True
