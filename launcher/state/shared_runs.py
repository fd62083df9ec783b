"""Programs that run in shared containers: a file for each, locked as long as its launch lives.

``warm/running/<program>`` outlives a launcher that was killed together with its watcher; the next call that finds a
note without its lock ends that program. The launch path imports this module.
"""

from __future__ import annotations

import fcntl
import os

from launcher.fast_stdlib import suppress
from launcher.state.warm_store import RUNNING, forget, list_entries, open_locked, write_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.run.warm_policy import Idle


class Note:
    """The file of one program, locked by its launch."""

    def __init__(self, folder: str, program: str, idle: Idle) -> None:
        """Record that *program* is about to start in *idle*, and lock the file; a full disk is ignored."""
        self._path = f"{folder}/{RUNNING}/{program}"
        self._descriptor = -1
        with suppress(OSError):
            write_record(self._path, "", idle)
            self._descriptor = open_locked(self._path, fcntl.LOCK_EX)

    def close(self) -> None:
        """Delete the file, since the program has ended."""
        forget(self._path)
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def left_programs(folder: str) -> list[tuple[str, str, Idle]]:
    """Return path, program and container of each file whose launch is gone."""
    found = []
    for path, idle in list_entries(f"{folder}/{RUNNING}"):
        if (descriptor := open_locked(path, fcntl.LOCK_EX)) >= 0:
            os.close(descriptor)
            found.append((path, path.rpartition("/")[2], idle))
    return found
