"""Pull progress: one line per layer on a terminal, rewritten in place as docker does, or two plain lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from launcher.errors import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.core.images.pull_events import PullEvent, PullResult

_BAR = 50  # docker's
_MIN_BAR = 10
_UNIT = 1000  # decimal units
_DONE = frozenset({"Pull complete", "Already exists", "Download complete"})


class Progress(Protocol):
    """How a pull is shown."""

    def begin(self, name: str, image: str) -> None:
        """Report that the app *name* pulls *image*."""

    def show(self, event: PullEvent) -> None:
        """Show a step."""

    def end(self, pulled: PullResult) -> None:
        """Report the result of a successful pull. Not called after a failure."""


def choose_progress(
    write: Callable[[str], object], size: Callable[[], tuple[int, int]], *, tty: bool, term: str
) -> Progress:
    """Return the progress display for the stream; *size* returns (columns, lines), *term* is TERM."""
    return LiveProgress(write, size) if tty and term not in ("", "dumb") else PlainProgress(write)


class PlainProgress:
    """For log files and dumb terminals: one line before the pull and one after it."""

    def __init__(self, write: Callable[[str], object]) -> None:
        """Print with *write*."""
        self._write = write

    def begin(self, name: str, image: str) -> None:
        """Write ``NAME: pulling IMAGE``."""
        self._write(f"{printable(name)}: pulling {printable(image)}\n")

    def show(self, event: PullEvent) -> None:
        """Do nothing: progress bars do not belong in a log."""

    def end(self, pulled: PullResult) -> None:
        """Write ``Digest: ... Status: ...`` on one line."""
        self._write(" ".join(_summary(pulled)) + "\n")


class LiveProgress:
    """For terminals. The cursor stays below the last line and moves up to rewrite a line."""

    def __init__(self, write: Callable[[str], object], size: Callable[[], tuple[int, int]]) -> None:
        """Print with *write*; *size* is called at every step to handle a resized window."""
        self._write = write
        self._size = size
        self._events: dict[str, PullEvent] = {}
        self._drawn: list[str] = []
        self._drawn_for = size()

    def begin(self, name: str, image: str) -> None:
        """Write ``NAME: pulling IMAGE``."""
        self._write(f"{printable(name)}: pulling {printable(image)}\r\n")

    def show(self, event: PullEvent) -> None:
        """Update the line of the event's layer."""
        self._events[event.id or event.status] = event
        self._draw()

    def end(self, pulled: PullResult) -> None:
        """Print docker's two closing lines below the layers."""
        self._write("".join(f"{line}\r\n" for line in _summary(pulled)))

    def _draw(self) -> None:
        columns, lines = size = self._size()
        if size != self._drawn_for:  # old lines may be wrapped or scrolled: start below them
            self._drawn, self._drawn_for = [], size
        frame = [layer_line(event, columns) for event in self._events.values()]
        self._redraw(fit_lines(frame, list(self._events.values()), max(lines - 2, 1), columns))

    def _redraw(self, frame: list[str]) -> None:
        height = len(self._drawn)
        moves = []
        for row, (old, new) in enumerate(zip(self._drawn, frame, strict=False)):
            if old != new:
                up = height - row
                moves.append(f"\x1b[{up}A{new}\x1b[K\r\x1b[{up}B")
        moves += [f"{new}\x1b[K\r\n" for new in frame[height:]]
        if moves:
            self._write("".join(moves))
        self._drawn = frame


def fit_lines(frame: list[str], events: list[PullEvent], room: int, columns: int) -> list[str]:
    """Return at most *room* lines: active layers first, the others replaced by a count."""
    if len(frame) <= room:
        return frame
    active = [text for text, event in zip(frame, events, strict=True) if event.current or event.text]
    idle = [text for text, event in zip(frame, events, strict=True) if not (event.current or event.text)]
    chosen = set((active + idle)[: room - 1])
    shown = [text for text in frame if text in chosen]
    done = sum(event.status in _DONE for event in events)
    return [*shown, _cut(f"... {len(frame) - len(shown)} more, {done} of {len(frame)} done", columns)]


def layer_line(event: PullEvent, columns: int) -> str:
    """Return an event formatted as docker does: ``ID: STATUS [====> ] 1.2MB/3.4MB``, at most *columns* - 1 wide."""
    head = f"{event.id}: {event.status}" if event.id else event.status
    if event.total <= 0:
        counts = event.text or (f"{human_size(event.current):>8}" if event.current > 0 else "")
        return _cut(f"{head} {counts}" if counts else head, columns)
    unknown_total = event.current > event.total
    counts = f"{human_size(event.current):>8}" + ("" if unknown_total else f"/{human_size(event.total)}")
    width = min(_BAR, columns - 1 - len(f"{head} [>]  999.9MB/999.9MB"))
    return _cut(f"{head} {_bar(event, width)}{counts}", columns)


def human_size(size: int) -> str:
    """Return a size formatted as docker does, with decimal units and four digits: ``1.235MB``."""
    value, units = float(size), ["B", "kB", "MB", "GB", "TB", "PB"]
    while value >= _UNIT and len(units) > 1:
        value /= _UNIT
        units.pop(0)
    return f"{value:.4g}{units[0]}"


def _bar(event: PullEvent, width: int) -> str:
    if width < _MIN_BAR:
        return ""
    full = min(width, event.current * width // event.total)
    return f"[{'=' * full}>{' ' * (width - full)}] "


def _cut(text: str, columns: int) -> str:
    """Escape *text* and cut it to one row: a wrapped line would shift all lines after it."""
    shown = printable(text).encode("ascii", "backslashreplace").decode()  # wide characters take two columns
    return shown[: max(columns - 1, 1)]


def _summary(pulled: PullResult) -> list[str]:
    digest = [f"Digest: {printable(pulled.digest)}"] if pulled.digest else []
    return [*digest, f"Status: {printable(pulled.status)}"]
