"""The terminal the caller sits at, and the signals that reach this process."""

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
"""What a program gets when its launcher does (the alarm is the session's own clock)."""


_ENDING = tuple(getattr(signal, f"SIG{name}") for name in ("INT", "TERM", "HUP", "QUIT"))


class Terminal:
    """A `Console`: the three descriptors of this process, its terminal, and its signals."""

    stdin, stdout, stderr = 0, 1, 2

    def __init__(self) -> None:
        """Begin with no signal caught."""
        self.caught: list[int] = []
        self._handler: Callable[[int], None] | None = None
        self._waiting: list[int] = []
        self._busy = False
        self._is_over = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        """Catch signals from now on.

        Until `deliver` says who takes them, those that end a process raise `Interrupted`, and the others wait.
        """
        for number in FORWARDED:
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays what it is
                self._before[number] = signal.signal(number, self._came)
        return self

    def __exit__(self, *_: object) -> None:
        """Give the signals back."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def size(self) -> tuple[int, int]:
        """Return rows and columns; zeros where there is no terminal."""
        return terminal_size()

    def raw(self, wanted: bool) -> RawMode:
        """Hand every key to the program as it is, where that is *wanted*; the terminal is restored in any case."""
        return RawMode(self.stdin if wanted else -1)

    def deliver(self, handler: Callable[[int], None]) -> None:
        """Hand every signal to *handler* from now on, those first that came before."""
        self._handler = handler
        self._drain()

    def alarm(self, seconds: float) -> None:
        """Deliver SIGALRM when that time is over."""
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))

    def _came(self, number: int, _frame: object) -> None:
        if self._is_over:
            return
        self.caught.append(number)
        if self._handler is None and number in _ENDING:
            self._is_over = True
            raise Interrupted(number)
        self._waiting.append(number)
        self._drain()

    def _drain(self) -> None:
        """Handle what waits, one at a time: a signal that comes while one is handled waits for it."""
        if self._busy or self._handler is None:
            return
        self._busy = True
        try:
            while self._waiting:
                self._handler(self._waiting.pop(0))
        except Interrupted:
            self._is_over = True
            raise
        finally:
            self._busy = False


class RawMode:
    """Wraps the time in which the terminal at a descriptor is raw; one that is no terminal stays as it is."""

    def __init__(self, descriptor: int) -> None:
        """Keep the *descriptor*; nothing is changed yet."""
        self._descriptor = descriptor
        self._before: list[Any] = []

    def __enter__(self) -> None:
        """Make it raw."""
        if not is_terminal(self._descriptor):
            return
        import termios  # noqa: PLC0415  only a person at a terminal waits for it
        import tty  # noqa: PLC0415  as above

        self._before = termios.tcgetattr(self._descriptor)
        tty.setraw(self._descriptor, termios.TCSADRAIN)

    def __exit__(self, *_: object) -> None:
        """Restore it."""
        if self._before:
            import termios  # noqa: PLC0415  it is loaded

            with suppress(termios.error):  # the terminal may have gone
                termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)


def write_message(line: str) -> None:
    """Write one line of ours to stderr, whatever stderr can show; a stderr that is gone is no trouble."""
    with suppress(OSError, ValueError):
        data = (line + "\n").encode(sys.stderr.encoding if sys.stderr else "utf-8", "backslashreplace")
        os.write(2, data)
