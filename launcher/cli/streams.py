"""The standard streams of one run of `applaunch`: each is there, and one that cannot be written fails in words."""

import os
import sys
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import Any

from launcher.host import process

NAMES = {1: "stdout", 2: "stderr"}


class _Stream(FileIO):
    """A descriptor whose errors name it; what a full disk has not taken is dropped, and not tried again at the end."""

    def write(self, data: Any) -> int:
        """Write some of *data*; raises OSError."""
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            error.filename = NAMES[self.fileno()]
            null = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
            os.dup2(null, self.fileno())
            os.close(null)
            raise


def open_all() -> None:
    """Open what the caller closed as /dev/null, and write lines at once: in order, where both lead to one place."""
    process.open_standard_descriptors()
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False, encoding="utf-8")  # noqa: SIM115  it lasts as long as the process
    if sys.stdout is None or sys.stdout is sys.__stdout__:
        sys.stdout = _opened(1, sys.stdout)
    if sys.stderr is None or sys.stderr is sys.__stderr__:
        sys.stderr = _opened(2, sys.stderr)


def _opened(descriptor: int, before: Any) -> TextIOWrapper:
    encoding = (before and before.encoding) or "utf-8"
    raw = BufferedWriter(_Stream(descriptor, "wb", closefd=False))
    return TextIOWrapper(raw, encoding=encoding, errors="backslashreplace", line_buffering=True)
