"""Signals that end a process, held back while it does what must not be broken off."""

import signal
from typing import Self

ENDING = tuple(getattr(signal, f"SIG{name}") for name in ("INT", "TERM", "HUP") if hasattr(signal, f"SIG{name}"))


class HeldSignals:
    """Wraps a time in which no signal arrives, but between `let_through` and `hold`; what came meanwhile comes then."""

    def __enter__(self) -> Self:
        """Hold signals back."""
        self._before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        return self

    def __exit__(self, *_: object) -> None:
        """Let them through, as before."""
        self.release()

    def hold(self) -> None:
        """Hold them back again."""
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)

    def release(self) -> None:
        """Let them through for a while; one that came has its effect here."""
        signal.pthread_sigmask(signal.SIG_SETMASK, self._before)
