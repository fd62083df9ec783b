"""A temporary folder for one fetch, removed when it ends, or at the next fetch if it was killed."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PREFIX = "applaunch-git-"
_YOUNG = 60.0  # seconds in which a new folder may not be locked yet


@contextmanager
def scratch_folder() -> Iterator[str]:
    """Create a private folder and remove it after the block, and remove those that killed processes left."""
    _remove_left(tempfile.gettempdir())
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        lock = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
        finally:
            os.close(lock)


def _remove_left(place: str) -> None:
    for name in os.listdir(place):
        if name.startswith(PREFIX):
            with suppress(OSError):
                _remove_unused(f"{place}/{name}")


def _remove_unused(folder: str) -> None:
    """Remove a folder of ours that no process has locked; raises OSError if one has."""
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        seen = os.fstat(lock)
        if seen.st_uid == os.getuid() and seen.st_mtime < time.time() - _YOUNG:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
    finally:
        os.close(lock)
