"""Signals that end a command: TERM and HUP undo what was begun, as Ctrl-C does."""

import signal
from typing import Any, Self

from launcher.host.signals import ENDING


class Interrupted(BaseException):
    """A signal asks us to end; like KeyboardInterrupt no error, and unlike that nothing that typer swallows."""


class Interruption:
    """Wraps one run: the first signal that asks it to end raises `Interrupted`, and those that follow are ignored.

    What was begun is undone meanwhile. A signal that the caller ignores (nohup) stays ignored.
    """

    def __init__(self) -> None:
        """Begin with no signal."""
        self.signal = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        """Catch signals from now on."""
        for number in ENDING:
            if signal.getsignal(number) not in {signal.SIG_IGN, None}:
                self._before[number] = signal.signal(number, self._came)
        return self

    def __exit__(self, *_: object) -> None:
        """Give them back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _came(self, number: int, _frame: object) -> None:
        if not self.signal:
            self.signal = number
            raise Interrupted(f"interrupted by {signal.Signals(number).name}")
