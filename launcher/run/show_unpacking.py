"""Shows on a terminal how far an image is unpacked that an engine exports, as a pull shows its layers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from launcher.core.images.pull_events import PullEvent
from launcher.errors import printable

if TYPE_CHECKING:
    from launcher.core.images.tar_reader import ByteStream
    from launcher.host.pull_progress import Progress


class ShownStream:
    """A stream that shows how much of it was read."""

    def __init__(self, stream: ByteStream, total: int, image: str, progress: Progress) -> None:
        """Read from *stream*, of *total* bytes (0: unknown); *image* is what the line is about."""
        self._stream = stream
        self._total = total
        self._image = printable(image)
        self._progress = progress
        self._done = 0
        self._next = 0.0

    def read(self, size: int, /) -> bytes:
        """Return at most *size* bytes, b"" at the end; raises what the stream raises."""
        data = self._stream.read(size)
        self._done += len(data)
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _INTERVAL
            done = min(self._done, self._total) if self._total else self._done  # the archive has headers besides
            self._progress.show(PullEvent(self._image, "Unpacking", done, self._total))
        return data

    def end(self) -> None:
        """Show that all is unpacked."""
        self._progress.show(PullEvent(self._image, "Unpacked", self._done))


_INTERVAL = 0.1  # seconds
