"""The journal: one line for every run, added by the launch with a single write.

A file holds the runs that ended in one month, in UTC: ``2026-11.jsonl`` in the folder ``runs``. The launch path
imports this module, so it imports next to nothing.
"""

from __future__ import annotations

import time

from launcher.fast_stdlib import NamedTuple, dumps, loads, os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

LONGEST = 64 * 1024  # one write of this size is whole on every local file system
BLOCK = 64 * 1024
START = b'{"time":'  # never inside a JSON string, where a quote is escaped: what follows a torn line is found by it
CLOCK_SLACK = 60.0
YEAR_9999 = 253_370_764_800.0  # unix seconds: no calendar shows a later moment


class Run(NamedTuple):
    """One run of a program."""

    time: float
    """When it began, in Unix seconds."""
    app: str
    command: str
    digest: str
    """The digest of the image, or its id if it has none."""
    exit_code: int
    seconds: float
    """How long it took."""
    cwd: str
    args: tuple[str, ...] | None = None
    """Its arguments, secrets masked, if the user turned that on."""
    cut: bool = False
    """Whether the arguments were too long to keep."""
    runtime: str = ""
    """What ran it: ``bubblewrap``, or "" for an engine."""

    @property
    def ended(self) -> float:
        """When it ended, in Unix seconds."""
        return self.time + self.seconds


def append(folder: str, run: Run) -> bool:
    """Append *run* to its month with one write; return whether that worked. A launch never fails because of it."""
    line = _line(run)
    try:
        fd = _opened(folder, f"{folder}/{_month(run.ended)}.jsonl")
        try:
            return os.write(fd, line) == len(line)
        finally:
            os.close(fd)
    except OSError:
        return False


def read(folder: str, since: float | None = None, app: str | None = None) -> Iterator[Run]:
    """Yield the runs of *folder*, the latest first; only as much is read as is needed.

    *since* leaves out what had ended before that moment, and *app* what other apps ran. A line that is torn, or
    is not ours, is passed over.
    """
    for month in reversed(_months(folder)):
        if since is not None and month < _month(since - CLOCK_SLACK):
            return
        for line in _backwards(f"{folder}/{month}.jsonl"):
            run = _parsed(line)
            if run is None:
                continue
            if since is not None and run.ended < since - CLOCK_SLACK:
                return
            if (app is None or run.app == app) and (since is None or run.ended >= since):
                yield run


def prune(folder: str, keep_seconds: float, now: float) -> list[str]:
    """Delete the months that are entirely older than *keep_seconds*, and return their files."""
    oldest = _month(now - keep_seconds)
    old = [f"{folder}/{month}.jsonl" for month in _months(folder) if month < oldest]
    for path in old:
        os.unlink(path)
    return old


def _line(run: Run) -> bytes:
    line = _encoded(run)
    return line if len(line) <= LONGEST else _encoded(run._replace(args=None, cut=True))


def _encoded(run: Run) -> bytes:
    """Return *run* as a line of ASCII, from which arguments that are not UTF-8 are restored."""
    return dumps(run._asdict()) + b"\n"


def _opened(folder: str, path: str) -> int:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
    try:
        return os.open(path, flags, 0o600)
    except FileNotFoundError:
        from launcher.state.state_folders import make_private_folders  # noqa: PLC0415  the first run of all

        make_private_folders(folder)
        return os.open(path, flags, 0o600)


def _month(seconds: float) -> str:
    return time.strftime("%Y-%m", time.gmtime(seconds))


def _months(folder: str) -> list[str]:
    """Return the months that have a file, the oldest first; other files are ignored."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return sorted(name[:7] for name in names if _is_month(name))


def _is_month(name: str) -> bool:
    return name[4:5] == "-" and name[7:] == ".jsonl" and name.isascii() and (name[:4] + name[5:7]).isdigit()


def _backwards(path: str) -> Iterator[bytes]:
    """Yield the lines of a file from the last to the first, read in blocks."""
    try:
        file = open(path, "rb", buffering=0)  # noqa: SIM115  no pathlib; closed below
    except OSError:
        return
    with file:
        end, rest = file.seek(0, os.SEEK_END), b""
        while end > 0:
            size = min(BLOCK, end)
            end = file.seek(end - size)
            rest, *lines = (file.read(size) + rest).split(b"\n")
            yield from reversed(lines)
            if len(rest) > 2 * LONGEST:
                rest = b""  # too long to be one of our lines
        yield rest


def _parsed(line: bytes) -> Run | None:
    start = line.rfind(START)
    if start < 0:
        return None
    try:
        return _run(loads(line[start:]))
    except (ValueError, TypeError, OverflowError):
        return None


def _run(value: Any) -> Run | None:
    if not isinstance(value, dict):
        return None
    fields = {key: value[key] for key in Run._fields if key in value}
    args = fields.get("args")
    run = Run(**fields | {"args": None if args is None else tuple(args)})
    words = (run.app, run.command, run.digest, run.cwd, run.runtime, *(run.args or ()))
    sound = all(isinstance(each, str) for each in words) and type(run.exit_code) is int
    return run if sound and all(_is_moment(each) for each in (run.time, run.seconds, run.ended)) else None


def _is_moment(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value < YEAR_9999  # also false for NaN
