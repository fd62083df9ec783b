"""Files that many launches share and that one of them makes."""

from __future__ import annotations

import os
import tempfile

from launcher.fast_stdlib import suppress
from launcher.sandbox.make_private import make_private


def keep_file(path: str, data: bytes, mode: int = 0o600) -> None:
    """Make *path* hold *data*, with *mode*, unless it does; raises OSError.

    A file that is as it should be is never replaced: another launch may have made it a moment ago, and be about to use
    it. One that was cut short, or that somebody changed, is.
    """
    if _holds(path, data):
        return
    folder = os.path.dirname(path)
    make_private(folder)
    descriptor, part = tempfile.mkstemp(dir=folder, suffix=".part")
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        try:
            os.link(part, path)
        except FileExistsError:
            if not _holds(path, data):
                os.replace(part, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(part)


def _holds(path: str, data: bytes) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read() == data
    except OSError:
        return False
