"""A child that outlives us: when this process is killed without a word, it clears up what was left running."""

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
_DEAF = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGPIPE)


class Watcher:
    """Wraps the time in which something of ours runs elsewhere.

    The child waits at a pipe. A farewell on it means that all went well; its end without one, that we are gone
    (SIGKILL, a crash) or could not clear up (`guard`): then the child does the *clearing*, with what it was told.
    After a farewell it does what can wait (*afterwards*). At the moment *due* (unix seconds, 0: never) it does what
    is *due*, once.
    """

    def __init__(
        self,
        clearing: Callable[[str], None],
        afterwards: Callable[[], None],
        due: float = 0.0,
        at_due: Callable[[], None] | None = None,
    ) -> None:
        """Keep what the child will do; nothing is started yet."""
        self._due, self._at_due = due, at_due
        self._clearing = clearing
        self._afterwards = afterwards
        self._pipe = -1
        self._is_needed = False

    def __enter__(self) -> Self:
        """Fork the child (half a millisecond), before anything that it may have to clear up exists."""
        try:
            reading, self._pipe = os.pipe()
        except OSError as error:
            raise HostError("files", (error.strerror or str(error)).lower(), "ulimit -n 64") from None
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _DEAF)  # a Ctrl-C is not for the child, from its first moment
        try:
            if os.fork() == 0:
                self._watch(reading, before)
        except OSError:  # no process to be had: the run is worth more than its watcher
            return self
        finally:
            os.close(reading)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return self

    def guard(self, needed: bool) -> None:
        """Note whether the child is to clear up, however this ends: something of ours may run elsewhere."""
        self._is_needed = needed

    def tell(self, word: str) -> None:
        """Tell the child what there is to clear up, should we be killed."""
        with suppress(OSError):
            os.write(self._pipe, word.encode())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say farewell, unless there is something to clear up."""
        try:
            if not self._is_needed:
                os.write(self._pipe, _FAREWELL)
        except OSError:
            return
        finally:
            os.close(self._pipe)

    def _watch(self, reading: int, mask: Iterable[int]) -> None:
        """Wait, in the child, and never return."""
        try:
            _detach(reading)
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            told = b""
            while (data := self._heard(reading)) and not data.endswith(_FAREWELL):
                told += data
            if data:
                self._afterwards()
            else:
                self._clearing(told.decode())
        finally:
            os._exit(0)

    def _heard(self, reading: int) -> bytes:
        """Wait for a word, b"" at the end; what is due meanwhile is done."""
        if self._at_due and not select.select([reading], [], [], max(0.0, self._due - time.time()))[0]:
            at_due, self._at_due = self._at_due, None
            at_due()
        return os.read(reading, 1 << 12)


def _detach(kept: int) -> None:
    """Leave the caller's session and let go of every descriptor but *kept*: nobody must wait for this process."""
    os.setsid()
    for number in _DEAF:
        signal.signal(number, signal.SIG_IGN)
    os.closerange(3, kept)
    os.closerange(kept + 1, _LAST)  # before anything is opened: there may be no room for one more
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)
    sys.stdout = sys.stderr = None


_LAST = 1 << 20
