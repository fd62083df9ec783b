"""Block the signals that end a process while it does work that must not be interrupted."""

import signal
from typing import Self

ENDING = tuple(getattr(signal, f"SIG{name}") for name in ("INT", "TERM", "HUP") if hasattr(signal, f"SIG{name}"))


class HeldSignals:
    """Block signals in a block of code, except between `release` and `hold`; blocked ones are delivered afterwards."""

    def __enter__(self) -> Self:
        """Block the signals."""
        self._before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        return self

    def __exit__(self, *_: object) -> None:
        """Restore the previous signal mask."""
        self.release()

    def hold(self) -> None:
        """Block the signals again."""
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)

    def release(self) -> None:
        """Unblock the signals for a while; pending ones are delivered now."""
        signal.pthread_sigmask(signal.SIG_SETMASK, self._before)
