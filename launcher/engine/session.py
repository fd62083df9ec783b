"""One run, from create to exit code: streams joined, signals passed on, nothing left behind."""

import contextlib
import os
import selectors
import signal
import sys
from collections.abc import Callable
from typing import Protocol

from launcher.core.spec import RunSpec
from launcher.engine.frames import Frames
from launcher.engine.init import Opening
from launcher.engine.protocol import Engine, Stream
from launcher.errors import Trouble

_CHUNK = 1 << 16
_FULL = 4 * _CHUNK  # input waiting for the program; no more is read until it has taken some


class Console(Protocol):
    """Where the caller sits: three descriptors, a terminal perhaps, and the signals that come in."""

    stdin: int
    stdout: int
    stderr: int

    def size(self) -> tuple[int, int]:
        """Return rows and columns; zeros where there is no terminal."""

    def raw(self) -> contextlib.AbstractContextManager[None]:
        """Hand the terminal's keys to the program as they are; the terminal is restored in any case."""

    def deliver(self, handler: Callable[[int], None]) -> None:
        """Hand every signal to *handler* from now on, those first that came before."""

    def alarm(self, seconds: float) -> None:
        """Deliver SIGALRM when that time is over."""


def run(spec: RunSpec, engine: Engine, console: Console) -> int:
    """Run *spec* and return the program's own exit code; raises BrokenPipeError where nobody reads its output."""
    container = engine.create(spec)
    try:
        stream = engine.attach(container, spec)
        exit_code = engine.wait(container)
        engine.start(container)
    except BaseException:
        with contextlib.suppress(Trouble):  # what went wrong first is what is told
            engine.remove(container)
        raise
    try:
        with console.raw() if spec.tty else contextlib.nullcontext():
            console.deliver(_passing_on(spec, engine, console, container))
            opening = Opening()
            _join(spec, stream, console, opening)
            code = exit_code()
    except BaseException:
        stream.close()  # first: an engine cannot kill while nobody reads (moby, engine-notes.md 0.4)
        with contextlib.suppress(Trouble):
            engine.remove(container)
        raise
    if opening.held:
        if trouble := opening.trouble(code, _program(spec)):
            raise trouble
        _write(console.stdout if spec.tty else console.stderr, opening.held)
    return code


def _program(spec: RunSpec) -> str:
    return next(iter((*(spec.entrypoint or ()), *(spec.command or ()))), "the program")


def _passing_on(spec: RunSpec, engine: Engine, console: Console, container: str) -> Callable[[int], None]:
    """Return what to do with a signal: the program gets it; a new size of the window goes to its terminal.

    One that asks it to end gives it its grace period; when that is over, or when it is asked again, it is killed.
    """
    asked = False

    def pass_on(number: int) -> None:
        nonlocal asked
        if number == signal.SIGWINCH:
            if spec.tty:
                engine.resize(container, *console.size())
        elif number == signal.SIGALRM or (asked and number == signal.SIGTERM):
            engine.kill(container, signal.SIGKILL)
        else:
            engine.kill(container, number)
            if number in _ASKING and not asked:
                asked = True
                console.alarm(_HUNG_UP if spec.tty and number == signal.SIGHUP else spec.stop_grace_period)

    pass_on(signal.SIGWINCH)
    return pass_on


_ASKING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_HUNG_UP = 1.0  # seconds; whoever sat at the terminal is gone


def _join(spec: RunSpec, stream: Stream, console: Console, opening: Opening) -> None:
    """Carry bytes both ways until the program's output ends."""
    with _selector() as waiting:
        pump = _Pump(spec, stream, console, waiting, opening)
        waiting.register(stream, selectors.EVENT_READ)
        if spec.stdin:
            waiting.register(console.stdin, selectors.EVENT_READ)
        else:
            pump.no_more_input()
        while pump.is_open:
            for key, events in waiting.select():
                pump.turn(key.fileobj is stream, events)


class _Pump:
    """The two directions of one session; each turn moves what can be moved without waiting."""

    def __init__(
        self, spec: RunSpec, stream: Stream, console: Console, waiting: selectors.BaseSelector, opening: Opening
    ) -> None:
        self.is_open = True
        self._stream, self._console, self._waiting, self._opening = stream, console, waiting, opening
        self._frames = None if spec.tty else Frames()
        self._backlog = b""
        self._reads_input = spec.stdin

    def turn(self, is_stream: bool, events: int) -> None:
        if not is_stream:
            self._take_input()
            return
        if events & selectors.EVENT_WRITE:
            self._push()
        if events & selectors.EVENT_READ:
            self._show_output()

    def no_more_input(self) -> None:
        self._reads_input = False
        if not self._backlog:
            with contextlib.suppress(OSError):
                self._stream.half_close()

    def _take_input(self) -> None:
        try:
            data = os.read(self._console.stdin, _CHUNK)
        except OSError:  # a terminal that has gone, or a descriptor that cannot be read: there is no input
            data = b""
        self._backlog += data
        if not data:
            self._waiting.unregister(self._console.stdin)
            self.no_more_input()
        self._push()

    def _push(self) -> None:
        """Send what waits; where the program takes no more input, forget it as a closed pipe would."""
        try:
            while self._backlog and (sent := self._stream.send(self._backlog)):
                self._backlog = self._backlog[sent:]
        except OSError:
            self._backlog = b""
            self._stop_reading()
        if not self._backlog and not self._reads_input:
            self.no_more_input()
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._backlog else 0)
        self._waiting.modify(self._stream, events)
        if self._reads_input:
            self._listen(len(self._backlog) < _FULL)

    def _listen(self, wanted: bool) -> None:
        listens = self._console.stdin in self._waiting.get_map()
        if wanted and not listens:
            self._waiting.register(self._console.stdin, selectors.EVENT_READ)
        elif listens and not wanted:
            self._waiting.unregister(self._console.stdin)

    def _stop_reading(self) -> None:
        self._listen(wanted=False)
        self._reads_input = False

    def _show_output(self) -> None:
        data = self._stream.receive()
        if data is None:
            return
        self.is_open = bool(data)
        if self._frames is None:
            _write(self._console.stdout, self._opening.through(data))
            return
        for number, part in self._frames.feed(data):
            if number == _STDERR:
                _write(self._console.stderr, self._opening.through(part))
            else:
                _write(self._console.stdout, part)


_STDERR = 2


def _write(descriptor: int, data: bytes | memoryview) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _selector() -> selectors.BaseSelector:
    """Return a selector that takes files and terminals alike: epoll refuses files, and macOS's poll terminals."""
    return selectors.SelectSelector() if sys.platform == "darwin" else selectors.PollSelector()
