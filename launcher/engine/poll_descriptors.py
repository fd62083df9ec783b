"""Poll descriptors for reading and writing, like the selectors module but without its imports (1 ms)."""

from __future__ import annotations

import select
import sys

READ, WRITE = 1, 2


class DescriptorPoll:
    """The descriptors to poll; epoll would refuse files, and macOS's poll refuses terminals."""

    def __init__(self) -> None:
        """Start with no descriptors."""
        self._wanted: dict[int, int] = {}
        self._poll = None if sys.platform == "darwin" else select.poll()

    def watch(self, descriptor: int, events: int) -> None:
        """Wait for *events* (READ, WRITE or both) on *descriptor* from now on; 0 stops watching it."""
        if self._wanted.get(descriptor, 0) == events:
            return
        if events:
            self._wanted[descriptor] = events
        else:
            del self._wanted[descriptor]
        if self._poll is None:
            return
        if events:
            self._poll.register(descriptor, (select.POLLIN * bool(events & READ)) | (select.POLLOUT * (events >> 1)))
        else:
            self._poll.unregister(descriptor)

    def ready(self, seconds: float | None = None) -> list[tuple[int, int]]:
        """Wait, at most *seconds* if given, and return each ready descriptor with its events."""
        wait = None if seconds is None else max(seconds, 0.0)
        if self._poll is None:
            readers = [each for each, events in self._wanted.items() if events & READ]
            writers = [each for each, events in self._wanted.items() if events & WRITE]
            read, write, _ = select.select(readers, writers, [], wait)
            return [(each, READ * (each in read) | WRITE * (each in write)) for each in self._wanted]
        # an end or an error counts as both events: the next read or write reports it
        return [
            (each, (READ if events & ~select.POLLOUT else 0) | (WRITE if events & ~select.POLLIN else 0))
            for each, events in self._poll.poll(None if wait is None else 1000 * wait + 1)
        ]
