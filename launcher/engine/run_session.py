"""Run one container from create to exit code: forward streams and signals, and leave nothing behind."""

from __future__ import annotations

import os
import time

from launcher.engine.init_errors import InitErrorFilter
from launcher.engine.poll_descriptors import READ, WRITE, DescriptorPoll
from launcher.engine.program_output import write_output
from launcher.engine.signal_forwarding import SignalForwarder
from launcher.engine.stream_frames import FrameDecoder
from launcher.errors import EngineLostError, EngineStalledError, Interrupted, UserError
from launcher.fast_stdlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.core.values.run_spec import RunSpec
    from launcher.engine.engine_protocol import Console, Engine, Stream

_CHUNK = 1 << 16
_MAX_PENDING = 4 * _CHUNK  # bytes of pending input; beyond that, no more is read
_PAUSE, _LONGEST_PAUSE = 0.05, 0.8  # seconds


def run_container(spec: RunSpec, engine: Engine, console: Console, guard: Callable[[bool], None]) -> int:
    """Run *spec* and return the program's exit code; raises BrokenPipeError if nobody reads its output.

    *guard* is called with True while the engine may hold a container of this run that would outlive this process.
    """
    guard(True)
    try:
        container = engine.create(spec)
    except UserError as error:
        guard(isinstance(error, EngineLostError))
        raise
    try:
        stream = engine.attach(container, spec)
        exit_code = engine.wait(container)
        engine.start(container)
    except BaseException as error:
        _remove(engine, container, error, guard)
        raise
    try:
        init_filter = InitErrorFilter()
        with console.take_input(raw=spec.tty):
            forwarder = SignalForwarder(spec, engine, console, container)
            if spec.tty:
                engine.resize(container, *console.size())
            console.deliver(forwarder)
            if spec.tty and not console.has_input():
                forwarder.await_foreground()
            pump = _Pump(spec, stream, console, init_filter, forwarder)
            pump.run(_own_input(spec, engine, console, container))
            code = exit_code()
    except BaseException as error:
        stream.close()  # first: an engine cannot kill a program whose output nobody reads (moby, engine-notes.md 0.4)
        _remove(engine, container, error, guard)
        raise
    guard(False)
    if init_filter.held:
        if failure := init_filter.error(code, _program(spec)):
            raise failure
        write_output(console.stdout if spec.tty else console.stderr, init_filter.held)
    return code


def _remove(engine: Engine, container: str, error: BaseException, guard: Callable[[bool], None]) -> None:
    """Remove the container of a failed run, unless *error* shows that the engine hangs."""
    if isinstance(error, (Interrupted, EngineStalledError)):
        return
    with suppress(UserError):  # report only the first error
        engine.remove(container, _REMOVAL)
        guard(False)


_REMOVAL = 5.0  # seconds; after that, the watcher removes it


def _program(spec: RunSpec) -> str:
    return next(iter((*(spec.entrypoint or ()), *(spec.command or ()))), "the program")


def _own_input(spec: RunSpec, engine: Engine, console: Console, container: str) -> Callable[[], bool] | None:
    """Return a function that tells whether what is typed is for the program; None for an input of its own."""
    if not console.is_shared:
        return None
    if spec.tty:
        return console.has_input
    from launcher.engine.typed_input import TypedInput  # noqa: PLC0415  few calls: `program | less` on a terminal

    return TypedInput(engine, console, container).is_ours


class _Pump:
    """The two directions of a session; each turn moves what it can without blocking."""

    def __init__(
        self, spec: RunSpec, stream: Stream, console: Console, init_filter: InitErrorFilter, forwarder: SignalForwarder
    ) -> None:
        self.is_open = True
        self._typed = forwarder.typed if spec.tty else None
        self.poll = DescriptorPoll()
        self._stream, self._console, self._init_filter = stream, console, init_filter
        self._frames = None if spec.tty else FrameDecoder()
        self._backlog = b""
        self._reads_input = spec.stdin
        self._retry_at = self._pause = 0.0  # when to look again at an input that was not for the program
        self.poll.watch(stream.fileno(), READ)
        if spec.stdin:
            self.poll.watch(console.stdin, READ)
        else:
            self.no_more_input()

    def run(self, has_input: Callable[[], bool] | None) -> None:
        """Copy data in both directions until the program's output ends; read no input unless *has_input* says so."""
        while self.is_open:
            for descriptor, events in self.poll.ready(self._retry_at - time.monotonic() if self._retry_at else None):
                if descriptor == self._console.stdin and has_input and not has_input():
                    self._put_off_input()
                else:
                    self.step(descriptor, events)
            if self._retry_at and time.monotonic() >= self._retry_at:
                self._retry_at = 0.0
                self._watch_input(self._reads_input and len(self._backlog) < _MAX_PENDING)

    def step(self, descriptor: int, events: int) -> None:
        if descriptor != self._stream.fileno():
            self._take_input()
            return
        if events & WRITE:
            self._push()
        if events & READ:
            self._show_output()

    def _put_off_input(self) -> None:
        """Leave what was typed in the terminal for now: it is not for the program."""
        self._watch_input(wanted=False)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE) or _PAUSE
        self._retry_at = time.monotonic() + self._pause

    def no_more_input(self) -> None:
        self._reads_input = False
        if not self._backlog:
            with suppress(OSError):
                self._stream.half_close()

    def _take_input(self) -> None:
        try:
            data = os.read(self._console.stdin, _CHUNK)
        except BlockingIOError:  # another program was faster
            return
        except OSError:  # a closed terminal or an unreadable descriptor: there is no input
            data = b""
        self._pause = 0.0
        if self._typed:
            self._typed(data)
        self._backlog += data
        if not data:
            self.poll.watch(self._console.stdin, 0)
            self.no_more_input()
        self._push()

    def _push(self) -> None:
        """Send pending input; if the program reads no more, discard it like a closed pipe would."""
        try:
            while self._backlog and (sent := self._stream.send(self._backlog)):
                self._backlog = self._backlog[sent:]
        except OSError:
            self._backlog = b""
            self._stop_reading()
        if not self._backlog and not self._reads_input:
            self.no_more_input()
        self.poll.watch(self._stream.fileno(), READ | WRITE if self._backlog else READ)
        if self._reads_input:
            self._watch_input(len(self._backlog) < _MAX_PENDING)

    def _watch_input(self, wanted: bool) -> None:
        self.poll.watch(self._console.stdin, READ if wanted and not self._retry_at else 0)

    def _stop_reading(self) -> None:
        self._watch_input(wanted=False)
        self._reads_input = False

    def _show_output(self) -> None:
        data = self._stream.receive()
        if data is None:
            return
        self.is_open = bool(data)
        if self._frames is None:
            write_output(self._console.stdout, self._init_filter.feed(data))
            return
        parts: list[bytes | memoryview] = []
        last = 0
        for number, part in self._frames.feed(data):
            if number != last:  # keep the order: both may go to the same terminal
                self._flush(last, parts)
                parts, last = [], number
            parts.append(part)
        self._flush(last, parts)

    def _flush(self, number: int, parts: list[bytes | memoryview]) -> None:
        if number == _STDERR:
            write_output(self._console.stderr, *map(self._init_filter.feed, parts))
        else:
            write_output(self._console.stdout, *parts)


_STDERR = 2
