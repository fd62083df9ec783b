"""Handle the signals that end a command: TERM and HUP undo its partial changes, as Ctrl-C does."""

import signal
import sys
from typing import Any, Self

from launcher.host.held_signals import ENDING

_SOON = 0.01  # seconds


class SignalReceived(BaseException):
    """A signal asks the command to end; not an `Exception`, and unlike KeyboardInterrupt not caught by typer."""


class Interruption:
    """A context for one run: the first ending signal raises `SignalReceived`.

    Later ones are ignored while changes are undone. A signal that the caller ignores (nohup) stays ignored.
    """

    def __init__(self) -> None:
        """Start without a signal."""
        self.signal = 0
        self._before: dict[int, Any] = {}
        self._hook = sys.unraisablehook

    def __enter__(self) -> Self:
        """Install the signal handlers."""
        sys.unraisablehook = self._on_unraisable
        for number in ENDING:
            if signal.getsignal(number) not in {signal.SIG_IGN, None}:
                self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        """Restore the previous handlers."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        sys.unraisablehook = self._hook

    def _on_signal(self, number: int, _frame: object) -> None:
        if not self.signal:
            self.signal = number
            self._raise()

    def _on_unraisable(self, unraisable: Any) -> None:
        """Raise again later if the signal arrived in a destructor or callback, where Python drops exceptions."""
        if unraisable.exc_type is not SignalReceived:
            self._hook(unraisable)
            return
        self._before[signal.SIGALRM] = signal.signal(signal.SIGALRM, lambda *_: self._raise())
        signal.setitimer(signal.ITIMER_REAL, _SOON)

    def _raise(self) -> None:
        raise SignalReceived(f"interrupted by {signal.Signals(self.signal).name}")
