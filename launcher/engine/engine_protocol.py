"""The interfaces that a session uses: the engine, its streams, and the caller's console.

Only type checkers read this file: a launch never imports it.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from launcher.core.run.process_states import ProcessState
from launcher.core.values.run_spec import RunSpec

ExitCode = Callable[[], int]
"""Waits for the end of the program and returns its exit code; raises `EngineError`."""


class Stream(Protocol):
    """The program's streams on one bidirectional connection that never blocks."""

    def fileno(self) -> int:
        """Return the descriptor to poll."""

    def receive(self) -> bytes | memoryview | None:
        """Return received data, empty at the end, or None if there is none yet; valid until the next call."""

    def send(self, data: bytes) -> int:
        """Return the number of bytes sent, 0 if the connection is full; raises OSError if nobody reads."""

    def half_close(self) -> None:
        """Signal the end of the input."""

    def close(self) -> None:
        """Close the connection, even if data is still pending."""


class Reply(Protocol):
    """The state of a pending request."""

    def state(self, patience: float = 0.0) -> str:
        """Return ``answered``, ``slow`` (only a ping was answered) or ``silent`` after at most *patience* seconds.

        Raises `EngineError` for a refusal.
        """


class Engine(Protocol):
    """A container engine. All methods raise only `EngineError`."""

    def close(self) -> None:
        """Close all connections."""

    def create(self, spec: RunSpec) -> str:
        """Return the new container's id; raises `ImageMissingError` if the image must be pulled first."""

    def attach(self, container: str, spec: RunSpec) -> Stream:
        """Attach to the program's streams before it starts."""

    def wait(self, container: str) -> ExitCode:
        """Request the exit code before the program starts (a short run may be removed right after it)."""

    def start(self, container: str) -> None:
        """Start the program; raises `NotFoundError`, or `CannotRunError` for a program that may not run."""

    def send_signal(self, container: str, signal: int) -> Reply | None:
        """Send *signal* to the program without waiting; no error if the container has ended.

        Returns None if the engine has already answered. Raises `EngineStalledError` if it should have.
        """

    def send_size(self, container: str, rows: int, columns: int) -> None:
        """Set the new size of the program's terminal if that is possible without waiting; raises nothing."""

    def probe(self) -> Reply | None:
        """Ask whether the engine answers, without waiting; None if that is not possible."""

    def resize(self, container: str, rows: int, columns: int) -> None:
        """Set the size of the program's terminal; no error if the container has ended."""

    def processes(self, container: str) -> tuple[ProcessState, ...]:
        """Return what the program's processes do; none if the engine does not tell."""

    def wake(self, container: str) -> None:
        """Continue all stopped processes of the program if that is possible; no error if it is not."""

    def remove(self, container: str, patience: float) -> bool:
        """Remove the container, running or not, by id or name; return False if it does not exist.

        Raises `EngineStalledError` if there is no answer within *patience* seconds.
        """


class Console(Protocol):
    """The caller's standard streams, terminal and signals."""

    stdin: int
    stdout: int
    stderr: int

    @property
    def is_shared(self) -> bool:
        """Whether the input is a terminal's, which others may read, too."""

    def has_input(self) -> bool:
        """Return whether the input is for our program now, and not for another job or a pager."""

    def suspend(self, *, whole_job: bool) -> None:
        """Give the terminal back, and stop this process or its *whole_job* until a shell continues it."""

    def size(self) -> tuple[int, int]:
        """Return rows and columns, or zeros if there is no terminal."""

    def take_input(self, raw: bool) -> AbstractContextManager[None]:
        """Use the input, from a terminal in *raw* mode if wanted; its mode is restored in any case."""

    def deliver(self, handler: Callable[[int], None]) -> None:
        """Pass queued and all future signals to *handler*."""

    def alarm(self, seconds: float) -> None:
        """Deliver SIGALRM after *seconds*."""
