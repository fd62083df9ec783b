"""One run, from create to exit code: streams joined, signals passed on, nothing left behind."""

from __future__ import annotations

import os
import select

from launcher.engine.init_errors import InitErrorFilter
from launcher.engine.poll_descriptors import READ, WRITE, DescriptorPoll
from launcher.engine.signal_forwarding import SignalForwarder
from launcher.engine.stream_frames import FrameDecoder
from launcher.errors import EngineLostError, EngineStalledError, HostError, Interrupted, UserError
from launcher.fast_stdlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.core.values.run_spec import RunSpec
    from launcher.engine.engine_protocol import Console, Engine, Stream

_CHUNK = 1 << 16
_FULL = 4 * _CHUNK  # input waiting for the program; no more is read until it has taken some


def run_container(spec: RunSpec, engine: Engine, console: Console, guard: Callable[[bool], None]) -> int:
    """Run *spec* and return the program's own exit code; raises BrokenPipeError where nobody reads its output.

    *guard* is told True as long as the engine may hold a container of this run, which outlives us then.
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
        opening = InitErrorFilter()
        with console.raw(spec.tty):
            passing = SignalForwarder(spec, engine, console, container)
            if spec.tty:
                engine.resize(container, *console.size())
            console.deliver(passing)
            _join(spec, stream, console, opening, passing)
            code = exit_code()
    except BaseException as error:
        stream.close()  # first: an engine cannot kill while nobody reads (moby, engine-notes.md 0.4)
        _remove(engine, container, error, guard)
        raise
    guard(False)
    if opening.held:
        if trouble := opening.trouble(code, _program(spec)):
            raise trouble
        _write(console.stdout if spec.tty else console.stderr, opening.held)
    return code


def _remove(engine: Engine, container: str, error: BaseException, guard: Callable[[bool], None]) -> None:
    """Remove what a failed run leaves, unless *error* shows that this would mean to wait for an engine that hangs."""
    if isinstance(error, (Interrupted, EngineStalledError)):
        return
    with suppress(UserError):  # what went wrong first is what is told
        engine.remove(container, _REMOVAL)
        guard(False)


_REMOVAL = 5.0  # seconds; then it is left to the watcher


def _program(spec: RunSpec) -> str:
    return next(iter((*(spec.entrypoint or ()), *(spec.command or ()))), "the program")


def _join(spec: RunSpec, stream: Stream, console: Console, opening: InitErrorFilter, passing: SignalForwarder) -> None:
    """Carry bytes both ways until the program's output ends."""
    pump = _Pump(spec, stream, console, opening, passing)
    while pump.is_open:
        for descriptor, events in pump.waiting.ready():
            pump.turn(descriptor, events)


class _Pump:
    """The two directions of one session; each turn moves what can be moved without waiting."""

    def __init__(
        self, spec: RunSpec, stream: Stream, console: Console, opening: InitErrorFilter, passing: SignalForwarder
    ) -> None:
        self.is_open = True
        self._typed = passing.typed if spec.tty else None
        self.waiting = DescriptorPoll()
        self._stream, self._console, self._opening = stream, console, opening
        self._frames = None if spec.tty else FrameDecoder()
        self._backlog = b""
        self._reads_input = spec.stdin
        self.waiting.want(stream.fileno(), READ)
        if spec.stdin:
            self.waiting.want(console.stdin, READ)
        else:
            self.no_more_input()

    def turn(self, descriptor: int, events: int) -> None:
        if descriptor != self._stream.fileno():
            self._take_input()
            return
        if events & WRITE:
            self._push()
        if events & READ:
            self._show_output()

    def no_more_input(self) -> None:
        self._reads_input = False
        if not self._backlog:
            with suppress(OSError):
                self._stream.half_close()

    def _take_input(self) -> None:
        try:
            data = os.read(self._console.stdin, _CHUNK)
        except OSError:  # a terminal that has gone, or a descriptor that cannot be read: there is no input
            data = b""
        if self._typed:
            self._typed(data)
        self._backlog += data
        if not data:
            self.waiting.want(self._console.stdin, 0)
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
        self.waiting.want(self._stream.fileno(), READ | WRITE if self._backlog else READ)
        if self._reads_input:
            self._listen(len(self._backlog) < _FULL)

    def _listen(self, wanted: bool) -> None:
        self.waiting.want(self._console.stdin, READ if wanted else 0)

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
        parts: list[bytes | memoryview] = []
        last = 0
        for number, part in self._frames.feed(data):
            if number != last:  # in the order in which they came: both may lead to one place
                self._flush(last, parts)
                parts, last = [], number
            parts.append(part)
        self._flush(last, parts)

    def _flush(self, number: int, parts: list[bytes | memoryview]) -> None:
        if number == _STDERR:
            _write(self._console.stderr, *map(self._opening.through, parts))
        else:
            _write(self._console.stdout, *parts)


_STDERR = 2


def _write(descriptor: int, *parts: bytes | memoryview) -> None:
    """Write all of *parts* with as few calls as can be."""
    for first in range(0, len(parts), _AT_ONCE):
        some = [memoryview(part) for part in parts[first : first + _AT_ONCE] if part]
        while some:
            try:
                written = os.writev(descriptor, some)
            except BlockingIOError:  # whoever reads has made the pipe so, for itself
                select.select([], [descriptor], [])
                continue
            except BrokenPipeError:
                raise
            except OSError as error:  # a full disk; nobody else will say so
                raise _unwritable(descriptor, error) from None
            while some and written >= len(some[0]):
                written -= len(some.pop(0))
            if written:
                some[0] = some[0][written:]


def _unwritable(descriptor: int, error: OSError) -> HostError:
    name = "stderr" if descriptor == _STDERR else "stdout"
    return HostError(name, f"cannot be written: {(error.strerror or '').lower()}", "write to another place")


_AT_ONCE = 512  # the system takes 1024 (IOV_MAX)
