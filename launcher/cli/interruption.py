"""Signals that end a command: TERM and HUP undo what was begun, as Ctrl-C does."""

import signal
import sys
from typing import Any, Self

from launcher.host.held_signals import ENDING

_SOON = 0.01  # seconds


class SignalReceived(BaseException):
    """A signal asks us to end; like KeyboardInterrupt no error, and unlike that nothing that typer swallows."""


class Interruption:
    """Wraps one run: the first signal that asks it to end raises `SignalReceived`, and those that follow are ignored.

    What was begun is undone meanwhile. A signal that the caller ignores (nohup) stays ignored.
    """

    def __init__(self) -> None:
        """Begin with no signal."""
        self.signal = 0
        self._before: dict[int, Any] = {}
        self._hook = sys.unraisablehook

    def __enter__(self) -> Self:
        """Catch signals from now on."""
        sys.unraisablehook = self._lost
        for number in ENDING:
            if signal.getsignal(number) not in {signal.SIG_IGN, None}:
                self._before[number] = signal.signal(number, self._came)
        return self

    def __exit__(self, *_: object) -> None:
        """Give them back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        sys.unraisablehook = self._hook

    def _came(self, number: int, _frame: object) -> None:
        if not self.signal:
            self.signal = number
            self._raise()

    def _lost(self, unraisable: Any) -> None:
        """Raise again soon what came in the middle of a destructor or a callback, where Python drops it."""
        if unraisable.exc_type is not SignalReceived:
            self._hook(unraisable)
            return
        self._before[signal.SIGALRM] = signal.signal(signal.SIGALRM, lambda *_: self._raise())
        signal.setitimer(signal.ITIMER_REAL, _SOON)

    def _raise(self) -> None:
        raise SignalReceived(f"interrupted by {signal.Signals(self.signal).name}")
