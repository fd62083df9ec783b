"""Starts bwrap under resource limits: posix_spawn knows none, and the launcher itself shall not be limited."""

from __future__ import annotations

import os
import resource
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def start_limited(command: tuple[str, ...], limits: Sequence[tuple[str, int, int]], errors: int, *, reads: bool) -> int:
    """Start *command* in a child under *limits*, with *errors* as its stderr, and return its pid."""
    pid = os.fork()
    if pid:
        return pid
    try:
        os.dup2(errors, 2)
        if not reads:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        with suppress(OSError, ValueError, AttributeError):  # bwrap's report will lack the exit code
            for name, soft, hard in limits:
                resource.setrlimit(getattr(resource, f"RLIMIT_{name.upper()}"), (soft, hard))
            os.execve(command[0], command, {})  # noqa: S606  a list of words, and no shell
    finally:
        os._exit(1)
