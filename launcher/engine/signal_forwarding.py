"""Signals on their way to the program: it gets them, or its launch ends where the engine does not answer."""

from __future__ import annotations

import time

from launcher.errors import EngineError, EngineStalledError, Interrupted
from launcher.fast_stdlib import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.core.values.run_spec import RunSpec
    from launcher.engine.engine_protocol import Console, Engine, Reply

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
"""What a launch itself ends of, where it cannot be passed on."""
_ASKING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_HUNG_UP = 1.0  # seconds; whoever sat at the terminal is gone
_USUALLY = 0.1  # seconds that input waits for the signal before it, as it would for a native program
_ANSWERS = 0.35  # seconds until an engine that has answered nothing is taken to hang
_SLOW = 5.0  # seconds for an engine that answers a ping, but not the request
_KEYS = ((b"\x03", signal.SIGINT), (b"\x1c", signal.SIGQUIT))
_WHY = "the engine does not answer; the container is removed as soon as it does"


class SignalForwarder:
    """What is done with each signal: the program gets it; a new size of the window goes to its terminal.

    One that asks it to end gives it its grace period; when that is over, or when it is asked again, it is killed.
    Nothing here waits long for the engine: an alarm looks whether it has answered.
    """

    def __init__(
        self,
        spec: RunSpec,
        engine: Engine,
        console: Console,
        container: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Pass signals on to the program in *container*."""
        self._clock = clock
        self._spec, self._engine, self._console, self._container = spec, engine, console, container
        self._kill_at = 0.0  # when the grace period is over; 0: nobody has asked
        self._reply: Reply | None = None
        self._look_at = 0.0
        self._patient = False
        self._by: tuple[int, bool] = (0, False)  # the signal that the reply is about, and whether it was typed

    def __call__(self, number: int) -> None:
        """Take a signal; raises `Interrupted` where it ends the launch."""
        if number == signal.SIGWINCH:
            if self._spec.tty:
                self._engine.send_size(self._container, *self._console.size())
        elif number == signal.SIGALRM:
            self._look()
        elif number == signal.SIGTERM and self._kill_at:
            self._send(signal.SIGKILL, number)
        else:
            self._send(number, number)
            if number in _ASKING and not self._kill_at:
                grace = _HUNG_UP if self._spec.tty and number == signal.SIGHUP else self._spec.stop_grace_period
                self._kill_at = self._clock() + grace
        self._wake()

    def typed(self, data: bytes) -> None:
        """Look at keys for a raw terminal: an engine that hangs carries no Ctrl-C to the program."""
        for key, number in _KEYS:
            if key in data and not self._reply:
                try:
                    self._expect(self._engine.probe(), number, typed=True)
                except EngineStalledError:
                    raise Interrupted(number, _WHY, typed=True) from None
                except EngineError:
                    return  # the program's streams have more to tell
                self._wake()

    def _send(self, number: int, by: int) -> None:
        try:
            reply = self._engine.send_signal(self._container, number)
        except EngineStalledError:
            if by in ENDING_SIGNALS:
                raise Interrupted(by, _WHY) from None
            return
        began = self._clock()
        if reply and reply.state(_USUALLY) == "answered":
            return
        if by in ENDING_SIGNALS and not self._reply:  # the first one that is not answered counts
            self._expect(reply, by)
            self._look_at = began + _ANSWERS

    def _expect(self, reply: Reply | None, by: int, *, typed: bool = False) -> None:
        self._reply, self._by, self._patient = reply, (by, typed), False
        self._look_at = self._clock() + _ANSWERS

    def _look(self) -> None:
        now = self._clock()
        if self._reply and now >= self._look_at:
            state = self._reply.state()
            if state == "silent" or (state == "slow" and self._patient):
                number, typed = self._by
                raise Interrupted(number, _WHY, typed=typed)
            self._patient, self._look_at = True, now + _SLOW
            if state == "answered":
                self._reply = None
        if self._kill_at and now >= self._kill_at:
            self._kill_at = now + _AGAIN
            self._send(signal.SIGKILL, signal.SIGTERM)

    def _wake(self) -> None:
        moments = [each for each in (self._kill_at, self._look_at if self._reply else 0.0) if each]
        if moments:
            self._console.alarm(min(moments) - self._clock())


_AGAIN = 3600.0  # seconds until what was killed already is killed again
