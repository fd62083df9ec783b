"""What is measured of a program: the job, the sample that comes of it, and the clock between them."""

import marshal
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

STOPWATCH = Path(__file__).with_name("stopwatch.py")
LONGEST = 600.0
"""Seconds after which a job's programs are killed."""


class Failed(Exception):  # noqa: N818  it is what became of a variant
    """A variant cannot be measured; says why in one line."""


class Job(NamedTuple):
    """A program and how it is called."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str
    times: int = 1  # one call after another
    at_once: int = 1  # calls side by side
    feed: int = 0  # bytes of input
    drain: bool = False  # its output goes through a pipe to us, else to /dev/null
    makes: int | None = None  # the bytes it must have written


class Sample(NamedTuple):
    """What one job took: whole processes, from their start to their end."""

    wall: float = 0.0  # ms, for each of the calls one after another
    cpu: float = 0.0  # ms user + system of the processes themselves, for each call
    own: float = 0.0  # ms CPU of the process alone, without what it has started, for each call
    watched: float = 0.0  # ms CPU of what a call left running, for each call
    peak: float = 0.0  # MB of resident memory at the worst moment, pages shared with others counted whole
    disk: float = 0.0  # MB that it has left on the disk, what several names share counted once
    held: float = 0.0  # MB while the program runs, shared pages divided among those who share them (PSS)


class Clock:
    """Hands jobs to the stopwatch."""

    def __init__(self, folder: Path, prefix: tuple[str, ...] = ()) -> None:
        """Start the stopwatch; what programs say on stderr is kept in *folder* while it may be wanted.

        The words of *prefix* start it, and so everything that it starts, as another user.
        """
        self._errors = folder / f"errors-{len(prefix)}"
        words = [*prefix, sys.executable, "-I", "-S", str(STOPWATCH)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(words, stdin=pipe, stdout=pipe, process_group=0)  # a Ctrl-C is for us

    def __enter__(self) -> Self:
        """Return the clock."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the stopwatch, and what it may be measuring or what stayed, such as the network of an app."""
        with self._process as process:
            started = children(process.pid)
            process.kill()  # first: in a loop it would start the next
            end(started, signal.SIGTERM)

    def measure(self, job: Job) -> Sample:
        """Run the job and return what it took; raises `Failed` where a program did not do its work."""
        told = self._answer(job)
        bad = next((each for each in told["exits"] if each), 0)
        if bad:
            said = (self._errors.read_text(errors="replace").strip() or "no word").splitlines()[-1]
            raise Failed(f"{os.path.basename(job.argv[0])}: exit {bad}: {said[:200]}")
        if job.makes not in {None, told["bytes"]}:
            raise Failed(f"{os.path.basename(job.argv[0])}: {told['bytes']} bytes came out of {job.makes}")
        calls = job.times * job.at_once
        return Sample(
            wall=told["wall"] / job.times * 1000,
            cpu=told["cpu"] / calls * 1000,
            own=told["own"] / calls * 1000,
            watched=told["watched"] / calls * 1000,
            peak=told["peak"] * 1024 / 1e6,
        )

    def _answer(self, job: Job) -> dict[str, Any]:
        asked, answered = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answered is not None
        plain = job._asdict() | {"argv": list(job.argv), "env": dict(job.env), "errors": str(self._errors)}
        marshal.dump(plain, asked)
        asked.flush()
        while not select.select([answered], [], [], LONGEST)[0]:
            end(children(self._process.pid), signal.SIGKILL)  # then it goes on
        told: dict[str, Any] = marshal.load(answered)
        return told


def children(pid: int) -> list[int]:
    """Return the processes that *pid* has started and that still run, or nothing where the system does not tell."""
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def end(pids: list[int], number: int) -> None:
    """Send a signal to processes, some of which may have ended."""
    for each in pids:
        with suppress(ProcessLookupError):
            os.kill(each, number)
