"""The record of the running private engine, in the file running.json of its folder."""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from launcher.engine.endpoint import probe_socket
from launcher.engine.process_lifetime import Process

if TYPE_CHECKING:
    from collections.abc import Iterator


class EngineRecord(NamedTuple):
    """The contents of running.json."""

    program: str
    run: str
    socket: str
    process: Process
    pause: Process | None = None
    """Rootless podman's second process, which holds the user namespace."""

    @property
    def usable(self) -> bool:
        """Whether the engine answers and a logout has not deleted its runtime folder."""
        return self.process.alive and os.path.isdir(self.run) and not probe_socket(self.socket)


def load(folder: str) -> EngineRecord | None:
    """Return the record in *folder*, or None if there is none."""
    try:
        with open(f"{folder}/running.json", encoding="utf-8") as file:
            program, run, socket, process, pause = json.load(file)
        return EngineRecord(program, run, socket, Process(*process), Process(*pause) if pause else None)
    except (OSError, ValueError, TypeError):
        return None


def save(folder: str, record: EngineRecord) -> None:
    """Replace the record in *folder*."""
    with open(f"{folder}/running.json.new", "w", encoding="utf-8") as file:
        json.dump(record, file)
    os.replace(f"{folder}/running.json.new", f"{folder}/running.json")


@contextmanager
def locked(folder: str) -> Iterator[None]:
    """Hold the lock of *folder*: only one process may start or stop the engine at a time."""
    with open(f"{folder}/lock", "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
