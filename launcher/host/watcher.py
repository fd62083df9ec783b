"""A child process that cleans up if this process is killed."""

from __future__ import annotations

import os
import select
import sys
import time

from launcher.errors import HostError
from launcher.fast_stdlib import signal, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from typing import Self

_FAREWELL = b"."
_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGPIPE)


class Watcher:
    """Run a child process beside a program in a container.

    The child waits on a pipe. A farewell byte means that all went well: the child then does the *afterwards* work. If
    the pipe closes without one, this process was killed (SIGKILL, a crash) or could not clean up (`guard`): the child
    then calls *cleanup* with the text that `tell` sent. At the time *due* (unix seconds, 0: never) it calls *at_due*
    once.
    """

    def __init__(
        self,
        cleanup: Callable[[str], None],
        afterwards: Callable[[], None],
        due: float = 0.0,
        at_due: Callable[[], None] | None = None,
    ) -> None:
        """Store what the child will do; nothing is started yet."""
        self._due, self._at_due = due, at_due
        self._cleanup = cleanup
        self._afterwards = afterwards
        self._pipe = -1
        self._is_needed = False

    def __enter__(self) -> Self:
        """Fork the child (half a millisecond) before anything exists that it may have to clean up."""
        try:
            reading, self._pipe = os.pipe()
        except OSError as error:
            raise HostError("files", (error.strerror or str(error)).lower(), "ulimit -n 64") from None
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _IGNORED)  # the child must never react to Ctrl-C
        try:
            if os.fork() == 0:
                self._watch(reading, before)
        except OSError:  # no process available: run without a watcher
            return self
        finally:
            os.close(reading)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return self

    def guard(self, needed: bool) -> None:
        """Set whether the child must clean up in any case, because a container may exist."""
        self._is_needed = needed

    def tell(self, text: str) -> None:
        """Tell the child what to clean up if we are killed."""
        with suppress(OSError):
            os.write(self._pipe, text.encode())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Send the farewell unless there is something to clean up."""
        try:
            if not self._is_needed:
                os.write(self._pipe, _FAREWELL)
        except OSError:
            return
        finally:
            os.close(self._pipe)

    def _watch(self, reading: int, mask: Iterable[int]) -> None:
        """Wait in the child; never returns."""
        try:
            _detach(reading)
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            received = b""
            while (data := self._read(reading)) and not data.endswith(_FAREWELL):
                received += data
            if data:
                self._afterwards()
            else:
                self._cleanup(received.decode())
        finally:
            os._exit(0)

    def _read(self, reading: int) -> bytes:
        """Read from the pipe, b"" at its end; meanwhile, run *at_due* when its time has come."""
        if self._at_due and not select.select([reading], [], [], max(0.0, self._due - time.time()))[0]:
            at_due, self._at_due = self._at_due, None
            at_due()
        return os.read(reading, 1 << 12)


def _detach(kept: int) -> None:
    """Leave the caller's session and close every descriptor but *kept*, so that nothing waits for this process."""
    os.setsid()
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    os.closerange(3, kept)
    os.closerange(kept + 1, _LAST)  # first, since no further descriptor may be available
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)
    sys.stdout = sys.stderr = None


_LAST = 1 << 20
