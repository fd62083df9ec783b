"""Creates one at a time, for an engine that cannot take two.

Rootless podman reads the subordinate ids for each container with ``keep-id``, through a C library that is not safe
in threads: two creates at once end its service (podman#23264, seen with 4.3).
"""

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def turn(path: str) -> Iterator[None]:
    """Wait for the lock in the file *path* and hold it; no path, or a file that cannot be made: no waiting."""
    descriptor = -1
    if path:
        import fcntl  # noqa: PLC0415  only for that engine

        with contextlib.suppress(OSError):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if descriptor >= 0:
            os.close(descriptor)
