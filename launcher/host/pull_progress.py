"""How a pull looks: on a terminal one line per layer, rewritten in place as docker does; elsewhere two plain lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from launcher.errors import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.core.images.pull_events import Pulled, PullEvent

_BAR = 50  # docker's
_SHORTEST_BAR = 10
_DONE = frozenset({"Pull complete", "Already exists", "Download complete"})


class Progress(Protocol):
    """What a door tells about a pull."""

    def begin(self, name: str, image: str) -> None:
        """Say that *name* (the app) pulls *image*."""

    def show(self, event: PullEvent) -> None:
        """Show one step."""

    def end(self, pulled: Pulled) -> None:
        """Say what the pull ended with. After a failure this is not called: what is shown stays shown."""


def choose_progress(
    write: Callable[[str], object], size: Callable[[], tuple[int, int]], *, tty: bool, term: str
) -> Progress:
    """Return what fits the stream: *size* gives (columns, lines), *term* is TERM."""
    return LiveProgress(write, size) if tty and term not in ("", "dumb") else PlainProgress(write)


class PlainProgress:
    """For a log file or a dumb terminal: one line before, one line after."""

    def __init__(self, write: Callable[[str], object]) -> None:
        """Write with *write*."""
        self._write = write

    def begin(self, name: str, image: str) -> None:
        """Write ``NAME: pulling IMAGE``."""
        self._write(f"{printable(name)}: pulling {printable(image)}\n")

    def show(self, event: PullEvent) -> None:
        """Write nothing: a log is not for bars."""

    def end(self, pulled: Pulled) -> None:
        """Write ``Digest: ... Status: ...`` on one line."""
        self._write(" ".join(_closing(pulled)) + "\n")


class LiveProgress:
    """For a terminal. The cursor rests below the last line; a line that changes is gone up to and rewritten."""

    def __init__(self, write: Callable[[str], object], size: Callable[[], tuple[int, int]]) -> None:
        """Write with *write*; *size* is asked at every step, so that a resized window is not garbled."""
        self._write = write
        self._size = size
        self._events: dict[str, PullEvent] = {}
        self._drawn: list[str] = []
        self._drawn_for = size()

    def begin(self, name: str, image: str) -> None:
        """Write ``NAME: pulling IMAGE``."""
        self._write(f"{printable(name)}: pulling {printable(image)}\r\n")

    def show(self, event: PullEvent) -> None:
        """Bring the line of the event's layer up to date."""
        self._events[event.id or event.status] = event
        self._draw()

    def end(self, pulled: Pulled) -> None:
        """Write docker's two closing lines below the layers."""
        self._write("".join(f"{line}\r\n" for line in _closing(pulled)))

    def _draw(self) -> None:
        columns, lines = size = self._size()
        if size != self._drawn_for:  # the old lines may be wrapped or scrolled now: leave them, start below
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
    """Return at most *room* lines: those at work stay to be seen, the others become one count."""
    if len(frame) <= room:
        return frame
    at_work = [text for text, event in zip(frame, events, strict=True) if event.current or event.text]
    rest = [text for text, event in zip(frame, events, strict=True) if not (event.current or event.text)]
    chosen = set((at_work + rest)[: room - 1])
    shown = [text for text in frame if text in chosen]
    done = sum(event.status in _DONE for event in events)
    return [*shown, _cut(f"... {len(frame) - len(shown)} more, {done} of {len(frame)} done", columns)]


def layer_line(event: PullEvent, columns: int) -> str:
    """Return an event as docker writes it: ``ID: STATUS [====>   ]  1.2MB/3.4MB``, at most *columns* - 1 wide."""
    head = f"{event.id}: {event.status}" if event.id else event.status
    if event.total <= 0:
        counts = event.text or (f"{human_size(event.current):>8}" if event.current > 0 else "")
        return _cut(f"{head} {counts}" if counts else head, columns)
    beyond = event.current > event.total
    counts = f"{human_size(event.current):>8}" + ("" if beyond else f"/{human_size(event.total)}")
    width = min(_BAR, columns - 1 - len(f"{head} [>]  999.9MB/999.9MB"))
    return _cut(f"{head} {_bar(event, width)}{counts}", columns)


def human_size(size: int) -> str:
    """Return bytes in docker's way: decimal units, four significant digits: ``1.235MB``."""
    value, units = float(size), ["B", "kB", "MB", "GB", "TB", "PB"]
    while value >= 1000 and len(units) > 1:  # noqa: PLR2004  decimal units
        value /= 1000
        units.pop(0)
    return f"{value:.4g}{units[0]}"


def _bar(event: PullEvent, width: int) -> str:
    if width < _SHORTEST_BAR:
        return ""
    full = min(width, event.current * width // event.total)
    return f"[{'=' * full}>{' ' * (width - full)}] "


def _cut(text: str, columns: int) -> str:
    """Make *text* safe and one row high: a terminal that wraps would put every later line one row off."""
    shown = printable(text).encode("ascii", "backslashreplace").decode()  # a wide character counts for two
    return shown[: max(columns - 1, 1)]


def _closing(pulled: Pulled) -> list[str]:
    digest = [f"Digest: {printable(pulled.digest)}"] if pulled.digest else []
    return [*digest, f"Status: {printable(pulled.status)}"]
