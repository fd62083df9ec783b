"""A lock for creating containers, for an engine that cannot create two at the same time.

For a container with ``keep-id``, rootless podman reads the subordinate ids through a C library that is not thread-safe:
two concurrent creates end its service (podman#23264, seen with 4.3).
"""

from __future__ import annotations

import os

from launcher.engine.detect_traits import make_private_folder
from launcher.fast_stdlib import suppress


class CreateLock:
    """Hold the lock on a file; does nothing without a path or if the file cannot be created."""

    def __init__(self, path: str) -> None:
        """Store the *path*; nothing is locked yet."""
        self._path = path
        self._descriptor = -1

    def __enter__(self) -> None:
        """Wait for the lock."""
        if not self._path:
            return
        import fcntl  # noqa: PLC0415  only for such an engine

        with suppress(OSError):
            make_private_folder(os.path.dirname(self._path))
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        """Release the lock."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
