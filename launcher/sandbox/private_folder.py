"""A folder for this user only."""

from __future__ import annotations

import os

from launcher.fast_stdlib import suppress


def make_private_folder(folder: str) -> None:
    """Make *folder* and its parents if they are missing, for this user only, as the XDG specification says.

    Raises OSError.
    """
    if not os.path.isdir(folder):
        make_private_folder(os.path.dirname(folder))
        with suppress(FileExistsError):
            os.mkdir(folder, 0o700)
