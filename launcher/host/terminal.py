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
    from contextlib import AbstractContextManager
    from typing import Any, Self

    from launcher.host.terminal_input import TerminalInput

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
        self._input: TerminalInput | None = None

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

    def take_input(self, raw: bool) -> AbstractContextManager[None]:
        """Use the input, from a terminal in *raw* mode if wanted; its mode is restored in any case."""
        if not is_terminal(0):
            return suppress()
        from launcher.host.terminal_input import TerminalInput  # noqa: PLC0415  only for terminals

        self._input = TerminalInput(0, raw=raw)
        self.stdin = self._input.descriptor
        return self._input

    @property
    def is_shared(self) -> bool:
        """Whether the input is a terminal's, which others may read, too."""
        return self._input is not None

    def has_input(self) -> bool:
        """Return whether the input is for our program now, and not for another job or a pager."""
        return self._input is None or self._input.is_ours()

    def suspend(self, *, whole_job: bool) -> None:
        """Give the terminal back, and stop this process or its *whole_job* until a shell continues it."""
        if self._input:
            self._input.suspend(whole_job=whole_job)
        else:
            from launcher.host.terminal_input import stop_process  # noqa: PLC0415  only for SIGTSTP

            stop_process(whole_job=whole_job)

    def deliver(self, handler: Callable[[int], None]) -> None:
        """Pass queued and all future signals to *handler*."""
        self._handler = handler
        if signal.getsignal(signal.SIGTSTP) is signal.SIG_DFL:
            self._previous[signal.SIGTSTP] = signal.signal(signal.SIGTSTP, self._receive)
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
