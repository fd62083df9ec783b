"""Ctrl-Z: the launch stops when its program has stopped, and continues it when a shell continues the launch.

A typed Ctrl-Z is a byte for the program's own terminal. What becomes of it is decided there: it stops the program, or a
job of a shell in the container, or is a key like any other.
"""

from __future__ import annotations

from launcher.core.run.process_states import has_stopped_process, is_stopped
from launcher.errors import EngineError
from launcher.fast_stdlib import signal, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.core.values.run_spec import RunSpec
    from launcher.engine.engine_protocol import Console, Engine

_CHECKS = (0.03, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)  # seconds between looks at the program after Ctrl-Z
_LAST_OUTPUT = 0.06  # seconds in which what it wrote before it stopped arrives
_WAKING = 0.2  # seconds until a look at whether all of the program goes on
_FOREGROUND = 0.25  # seconds between looks at whether a shell has brought us to the foreground: it sends no signal


class JobControl:
    """Stop and continue the launch together with its program."""

    def __init__(
        self, spec: RunSpec, engine: Engine, console: Console, container: str, clock: Callable[[], float]
    ) -> None:
        """Look after the program in *container*; nothing is due yet."""
        self._spec, self._engine, self._console, self._container = spec, engine, console, container
        self._clock = clock
        self._checks: list[float] = []
        self._has_stopped = False
        self._stop_at = self._wake_at = self._input_at = 0.0  # when to look next; 0: not at all

    @property
    def due(self) -> list[float]:
        """The times of the next looks."""
        return [each for each in (self._stop_at, self._wake_at, self._input_at) if each]

    def typed(self) -> None:
        """See whether a Ctrl-Z that was just typed stops the program."""
        self._checks, self._has_stopped = [*_CHECKS], False
        self._stop_at = self._clock() + self._checks.pop(0)

    def stop(self) -> None:
        """Stop the program and this process, which has received SIGTSTP; return when it is continued."""
        number = signal.SIGTSTP if self._spec.init else signal.SIGSTOP  # pid 1 ignores what it does not handle
        self._send(number)
        self._console.suspend(whole_job=False)
        self.resume()

    def resume(self) -> None:
        """Continue the program: this process was continued."""
        self._send(signal.SIGCONT)
        if self._spec.tty:
            self._wake_at = self._clock() + _WAKING
            self.take_input()

    def _send(self, number: int) -> None:
        with suppress(EngineError):  # a hanging engine is noticed by the signals that end a launch
            self._engine.send_signal(self._container, number)

    def take_input(self) -> None:
        """Take the terminal if we are in the foreground, or look again later."""
        if self._console.has_input():
            self._input_at = 0.0
            self._engine.send_size(self._container, *self._console.size())
        else:
            self._input_at = self._clock() + _FOREGROUND

    def look(self) -> None:
        """Do what is due."""
        now = self._clock()
        if self._input_at and now >= self._input_at:
            self.take_input()
        try:
            if self._stop_at and now >= self._stop_at:
                self._check_stop(now)
            if self._wake_at and now >= self._wake_at:
                self._wake_at = 0.0
                self._wake_others()
        except EngineError:  # it cannot tell
            self._stop_at = self._wake_at = 0.0

    def _check_stop(self, now: float) -> None:
        self._stop_at = now + self._checks.pop(0) if self._checks else 0.0
        if not is_stopped(self._engine.processes(self._container)):
            self._has_stopped = False
        elif self._has_stopped:
            self._stop_at = 0.0
            self._console.suspend(whole_job=True)
            self.resume()
        else:
            self._has_stopped, self._stop_at = True, now + _LAST_OUTPUT

    def _wake_others(self) -> None:
        """Continue the program's children, too: an init passes the signal to the program alone."""
        processes = self._engine.processes(self._container)
        if has_stopped_process(processes) and not is_stopped(processes):
            self._engine.wake(self._container)
