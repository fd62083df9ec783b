"""Folders that only their user may enter, as the XDG specification wants them."""

from __future__ import annotations

import os

from launcher.fast_stdlib import suppress


def make_private(folder: str) -> None:
    """Make *folder* and its parents, with mode 0700, if they are missing; raises OSError."""
    if not os.path.isdir(folder):
        make_private(os.path.dirname(folder))
        with suppress(FileExistsError):
            os.mkdir(folder, 0o700)
