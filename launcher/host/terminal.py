"""The caller's terminal, and the signals sent to this process."""

from __future__ import annotations

import os
import sys

from launcher.errors import Interrupted
from launcher.fast_stdlib import signal, suppress
from launcher.host.process import is_terminal, terminal_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self

FORWARDED = tuple(
    getattr(signal, f"SIG{name}")
    for name in ("INT", "TERM", "HUP", "QUIT", "USR1", "USR2", "WINCH", "CONT", "ALRM")
    if hasattr(signal, f"SIG{name}")
)
"""The signals that are forwarded to the program (the alarm is the session's own timer)."""


_ENDING = tuple(getattr(signal, f"SIG{name}") for name in ("INT", "TERM", "HUP", "QUIT"))


class Terminal:
    """A `Console`: standard streams, terminal and signals of this process."""

    stdin, stdout, stderr = 0, 1, 2

    def __init__(self) -> None:
        """Start without catching signals."""
        self.caught: list[int] = []
        self._handler: Callable[[int], None] | None = None
        self._pending: list[int] = []
        self._busy = False
        self._is_over = False
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> Self:
        """Start to catch signals.

        Until `deliver` sets a handler, signals that end a process raise `Interrupted`, and others are queued.
        """
        for number in FORWARDED:
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays in force
                self._previous[number] = signal.signal(number, self._receive)
        return self

    def __exit__(self, *_: object) -> None:
        """Restore the previous signal handlers."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def size(self) -> tuple[int, int]:
        """Return rows and columns, or zeros if there is no terminal."""
        return terminal_size()

    def raw(self, wanted: bool) -> RawMode:
        """Switch the terminal to raw mode if *wanted*; it is restored in any case."""
        return RawMode(self.stdin if wanted else -1)

    def deliver(self, handler: Callable[[int], None]) -> None:
        """Pass queued and all future signals to *handler*."""
        self._handler = handler
        self._drain()

    def alarm(self, seconds: float) -> None:
        """Deliver SIGALRM after *seconds*."""
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))

    def _receive(self, number: int, _frame: object) -> None:
        if self._is_over:
            return
        self.caught.append(number)
        if self._handler is None and number in _ENDING:
            self._is_over = True
            raise Interrupted(number)
        self._pending.append(number)
        self._drain()

    def _drain(self) -> None:
        """Handle queued signals one at a time; signals that arrive meanwhile are queued."""
        if self._busy or self._handler is None:
            return
        self._busy = True
        try:
            while self._pending:
                self._handler(self._pending.pop(0))
        except Interrupted:
            self._is_over = True
            raise
        finally:
            self._busy = False


class RawMode:
    """Raw mode for the terminal at a descriptor; no effect if it is not a terminal."""

    def __init__(self, descriptor: int) -> None:
        """Store the *descriptor* without changing it."""
        self._descriptor = descriptor
        self._previous: list[Any] = []

    def __enter__(self) -> None:
        """Switch to raw mode."""
        if not is_terminal(self._descriptor):
            return
        import termios  # noqa: PLC0415  only for terminals
        import tty  # noqa: PLC0415  as above

        self._previous = termios.tcgetattr(self._descriptor)
        tty.setraw(self._descriptor, termios.TCSADRAIN)

    def __exit__(self, *_: object) -> None:
        """Restore the previous mode."""
        if self._previous:
            import termios  # noqa: PLC0415  already loaded

            with suppress(termios.error):  # the terminal may have gone
                termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._previous)


def write_message(line: str) -> None:
    """Write one line to stderr, escaping what its encoding lacks; a closed stderr is ignored."""
    with suppress(OSError, ValueError):
        data = (line + "\n").encode(sys.stderr.encoding if sys.stderr else "utf-8", "backslashreplace")
        while data:
            try:
                data = data[os.write(2, data) :]
            except BlockingIOError:  # another process made it non-blocking, and its reader is slow
                import select  # noqa: PLC0415  hardly ever

                select.select([], [2], [])
