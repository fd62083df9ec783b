"""Open the standard streams of a command, so that each exists, takes all data and reports a failed write."""

import os
import select
import sys
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import Any

from launcher.host import process

NAMES = {1: "stdout", 2: "stderr"}


class _Stream(FileIO):
    """A stream whose errors name it; data that a full disk did not take is dropped, not written again at exit."""

    def write(self, data: Any) -> int:
        """Write some of *data*, waiting for the reader if another process made the stream non-blocking.

        Raises OSError.
        """
        try:
            while (written := super().write(data)) is None:
                select.select([], [self], [])
        except BrokenPipeError:
            raise
        except OSError as error:
            error.filename = NAMES[self.fileno()]
            null = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
            os.dup2(null, self.fileno())
            os.close(null)
            raise
        return written


def open_standard_streams() -> None:
    """Open closed streams as /dev/null, and flush each line, so that stdout and stderr stay in order."""
    process.open_standard_descriptors()
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False, encoding="utf-8")  # noqa: SIM115  it stays open as long as the process
    if sys.stdout is None or sys.stdout is sys.__stdout__:
        sys.stdout = _open_stream(1, sys.stdout)
    if sys.stderr is None or sys.stderr is sys.__stderr__:
        sys.stderr = _open_stream(2, sys.stderr)


def _open_stream(descriptor: int, before: Any) -> TextIOWrapper:
    encoding = (before and before.encoding) or "utf-8"
    raw = BufferedWriter(_Stream(descriptor, "wb", closefd=False))
    return TextIOWrapper(raw, encoding=encoding, errors="backslashreplace", line_buffering=True)
