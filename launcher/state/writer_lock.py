"""The writer's lock: a lock file that names its holder; the kernel releases it when the holder dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from launcher.errors import StateError
from launcher.state.state_folders import make_private_folders, write_error

AGAIN = 0.02  # seconds between two tries
LONGEST = 4096


class Lock:
    """The lock in the file at a path; its holder may acquire it again."""

    def __init__(self, path: str, wait: float) -> None:
        """Keep the *path*, and for how many seconds to *wait* for its holder."""
        self.path = path
        self.wait = wait
        self._fd: int | None = None
        self._holds = 0

    @contextmanager
    def held(self, who: str) -> Iterator[None]:
        """Hold the lock for *who* until the block ends; raises StateError naming the holder who does not release it."""
        if self._fd is None:
            self._fd = _taken(self.path, who, self.wait)
        self.keep()
        try:
            yield
        finally:
            self.let_go()

    def keep(self) -> None:
        """Keep holding the lock after the block, until `let_go`."""
        self._holds += 1

    def let_go(self) -> None:
        """Release one hold; the last one releases the lock."""
        self._holds -= 1
        if self._holds == 0 and self._fd is not None:
            _write(self._fd, "")
            os.close(self._fd)
            self._fd = None

    def is_held_by_another(self) -> bool:
        """Return whether another process holds the lock."""
        if self._fd is not None:
            return False
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            return not _locked(fd, fcntl.LOCK_SH)
        finally:
            os.close(fd)


def _taken(path: str, who: str, wait: float) -> int:
    try:
        make_private_folders(os.path.dirname(path))
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise write_error(path, error) from error
    try:
        _wait_for(fd, path, wait)
    except BaseException:
        os.close(fd)
        raise
    _write(fd, f"{who} (pid {os.getpid()})")
    return fd


def _wait_for(fd: int, path: str, wait: float) -> None:
    until = time.monotonic() + wait
    while not _locked(fd, fcntl.LOCK_EX):
        if time.monotonic() >= until:
            raise StateError(where=path, what=f"held by {_holder(fd)}", fix="wait for it to end, and try again")
        time.sleep(AGAIN)


def _locked(fd: int, how: int) -> bool:
    try:
        fcntl.flock(fd, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(fd: int) -> str:
    return os.pread(fd, LONGEST, 0).decode(errors="replace").strip() or "another applaunch"


def _write(fd: int, text: str) -> None:
    """Write who holds the lock; a full disk is ignored."""
    with suppress(OSError):
        os.ftruncate(fd, 0)
        os.pwrite(fd, text.encode(errors="replace")[-LONGEST:], 0)
