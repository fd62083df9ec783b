"""Forward signals to the program, or end the launch if the engine does not answer."""

from __future__ import annotations

import time

from launcher.errors import EngineError, EngineStalledError, Interrupted
from launcher.fast_stdlib import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.core.values.run_spec import RunSpec
    from launcher.engine.engine_protocol import Console, Engine, Reply
    from launcher.engine.job_control import JobControl

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
"""The signals that end a launch itself if they cannot be forwarded."""
_TERMINATING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_HANGUP_GRACE = 1.0  # seconds of grace after the terminal was closed
_PROMPT = 0.1  # seconds to wait, so that later input arrives after the signal, as for a native program
_SILENCE = 0.35  # seconds until a silent engine counts as hanging
_SLOW_LIMIT = 5.0  # seconds for an engine that answers only a ping
_SUSPEND = b"\x1a"
_KEYS = ((b"\x03", signal.SIGINT), (b"\x1c", signal.SIGQUIT))
_WHY = "the engine does not answer; the container will be removed when it does"


class SignalForwarder:
    """Handle each signal: forward it to the program, or set the new size of its terminal.

    A signal that asks the program to end starts its grace period; when that is over, or on a second request, the
    program is killed. Nothing here waits long for the engine: an alarm checks later whether it has answered.
    """

    def __init__(
        self,
        spec: RunSpec,
        engine: Engine,
        console: Console,
        container: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Forward signals to the program in *container*."""
        self._clock = clock
        self._spec, self._engine, self._console, self._container = spec, engine, console, container
        self._kill_at = 0.0  # the end of the grace period; 0: not requested
        self._reply: Reply | None = None
        self._check_at = 0.0
        self._has_waited = False
        self._job_control: JobControl | None = None
        self._by: tuple[int, bool] = (0, False)  # the signal of the pending reply, and whether it was typed

    def __call__(self, number: int) -> None:
        """Handle a signal; raises `Interrupted` if it ends the launch."""
        if number == signal.SIGWINCH:
            if self._spec.tty:
                self._engine.send_size(self._container, *self._console.size())
        elif number == signal.SIGALRM:
            self._check_engine()
            if self._job_control:
                self._job_control.look()
        elif number == signal.SIGTSTP:
            self._jobs.stop()
        elif number == signal.SIGCONT:
            self._jobs.resume()
        elif number == signal.SIGTERM and self._kill_at:
            self._send(signal.SIGKILL, number)
        else:
            self._send(number, number)
            if number in _TERMINATING and not self._kill_at:
                grace = _HANGUP_GRACE if self._spec.tty and number == signal.SIGHUP else self._spec.stop_grace_period
                self._kill_at = self._clock() + grace
        self._set_alarm()

    def typed(self, data: bytes) -> None:
        """Look for control keys typed in raw mode: a hanging engine cannot deliver them to the program."""
        if _SUSPEND in data:
            self._jobs.typed()
            self._set_alarm()
        for key, number in _KEYS:
            if key in data and not self._reply:
                try:
                    self._await_reply(self._engine.probe(), number, typed=True)
                except EngineStalledError:
                    raise Interrupted(number, _WHY, typed=True) from None
                except EngineError:
                    return  # the program's streams show why
                self._set_alarm()

    def await_foreground(self) -> None:
        """Take the terminal once a shell brings us to the foreground."""
        self._jobs.take_input()
        self._set_alarm()

    @property
    def _jobs(self) -> JobControl:
        if self._job_control is None:
            from launcher.engine.job_control import JobControl  # noqa: PLC0415  only for a job that a shell controls

            self._job_control = JobControl(self._spec, self._engine, self._console, self._container, self._clock)
        return self._job_control

    def _send(self, number: int, by: int) -> None:
        try:
            reply = self._engine.send_signal(self._container, number)
        except EngineStalledError:
            if by in ENDING_SIGNALS:
                raise Interrupted(by, _WHY) from None
            return
        began = self._clock()
        if reply and reply.state(_PROMPT) == "answered":
            return
        if by in ENDING_SIGNALS and not self._reply:  # keep the first signal without an answer
            self._await_reply(reply, by)
            self._check_at = began + _SILENCE

    def _await_reply(self, reply: Reply | None, by: int, *, typed: bool = False) -> None:
        self._reply, self._by, self._has_waited = reply, (by, typed), False
        self._check_at = self._clock() + _SILENCE

    def _check_engine(self) -> None:
        now = self._clock()
        if self._reply and now >= self._check_at:
            state = self._reply.state()
            if state == "silent" or (state == "slow" and self._has_waited):
                number, typed = self._by
                raise Interrupted(number, _WHY, typed=typed)
            self._has_waited, self._check_at = True, now + _SLOW_LIMIT
            if state == "answered":
                self._reply = None
        if self._kill_at and now >= self._kill_at:
            self._kill_at = now + _KILL_AGAIN
            self._send(signal.SIGKILL, signal.SIGTERM)

    def _set_alarm(self) -> None:
        moments = [each for each in (self._kill_at, self._check_at if self._reply else 0.0) if each]
        moments += self._job_control.due if self._job_control else ()
        if moments:
            self._console.alarm(min(moments) - self._clock())


_KILL_AGAIN = 3600.0  # seconds until a killed program is killed again
