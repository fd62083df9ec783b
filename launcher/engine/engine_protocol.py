"""What a session needs of an engine (seven verbs, and the stream they give) and of the place its caller sits at.

Only type checkers read this file: a launch never imports it.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from launcher.core.values.run_spec import RunSpec

ExitCode = Callable[[], int]
"""Blocks until the program has ended, and gives its exit code; raises `EngineError`."""


class Stream(Protocol):
    """The program's streams as the engine carries them: one connection, both ways, never blocking."""

    def fileno(self) -> int:
        """Return the descriptor to wait on."""

    def receive(self) -> bytes | memoryview | None:
        """Return what has come, empty at the end, None where nothing is there yet; good until the next call."""

    def send(self, data: bytes) -> int:
        """Return how many bytes went; 0 where the connection is full; raises OSError where nobody reads."""

    def half_close(self) -> None:
        """Say that no more input comes."""

    def close(self) -> None:
        """Leave, whatever is still under way."""


class Reply(Protocol):
    """How far an engine is with a request that nobody waits for."""

    def state(self, patience: float = 0.0) -> str:
        """Return ``answered``, ``slow`` (it answers, but not this yet) or ``silent`` after at most *patience* seconds.

        Raises `EngineError` for a refusal.
        """


class Engine(Protocol):
    """One engine. Everything raises `EngineError` and nothing else."""

    def close(self) -> None:
        """Let go of every connection."""

    def create(self, spec: RunSpec) -> str:
        """Return the new container's id; raises `ImageMissingError` where the image is to be pulled first."""

    def attach(self, container: str, spec: RunSpec) -> Stream:
        """Join the program's streams, before it starts."""

    def wait(self, container: str) -> ExitCode:
        """Ask for the exit code, before the program starts (a short run may be gone after it)."""

    def start(self, container: str) -> None:
        """Start the program; raises `NotFoundError`, or `CannotRunError` for a program that may not run."""

    def send_signal(self, container: str, signal: int) -> Reply | None:
        """Send *signal* to the program without waiting; a container that has ended is no trouble.

        None: the engine has answered already. Raises `EngineStalledError` where it should have.
        """

    def send_size(self, container: str, rows: int, columns: int) -> None:
        """Tell the program's terminal its new size, if that can be done without waiting; raises nothing."""

    def probe(self) -> Reply | None:
        """Ask whether the engine answers, without waiting; None where that cannot be."""

    def resize(self, container: str, rows: int, columns: int) -> None:
        """Tell the program's terminal its size; a container that has ended is no trouble."""

    def remove(self, container: str, patience: float) -> bool:
        """Remove the container, running or not, by id or name; False where there is none.

        Raises `EngineStalledError` where there is no answer in *patience* seconds.
        """


class Console(Protocol):
    """Where the caller sits: three descriptors, a terminal perhaps, and the signals that come in."""

    stdin: int
    stdout: int
    stderr: int

    def size(self) -> tuple[int, int]:
        """Return rows and columns; zeros where there is no terminal."""

    def raw(self, wanted: bool) -> AbstractContextManager[None]:
        """Hand the terminal's keys to the program as they are, where that is *wanted*; restored in any case."""

    def deliver(self, handler: Callable[[int], None]) -> None:
        """Hand every signal to *handler* from now on, those first that came before."""

    def alarm(self, seconds: float) -> None:
        """Deliver SIGALRM when that time is over."""
