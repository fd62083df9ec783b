"""Creates one at a time, for an engine that cannot take two.

Rootless podman reads the subordinate ids for each container with ``keep-id``, through a C library that is not safe
in threads: two creates at once end its service (podman#23264, seen with 4.3).
"""

from __future__ import annotations

import os

from launcher.engine.detect_traits import make_private_folder
from launcher.fast_stdlib import suppress


class CreateLock:
    """Waits for the lock in a file and holds it; no path, or a file that cannot be made: no waiting."""

    def __init__(self, path: str) -> None:
        """Keep the *path*; nothing is locked yet."""
        self._path = path
        self._descriptor = -1

    def __enter__(self) -> None:
        """Wait."""
        if not self._path:
            return
        import fcntl  # noqa: PLC0415  only for that engine

        with suppress(OSError):
            make_private_folder(os.path.dirname(self._path))
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        """Let the next one in."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
