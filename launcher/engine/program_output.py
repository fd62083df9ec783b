"""Write the program's output to the caller's streams: all of it, in the order in which the engine sent it."""

from __future__ import annotations

import os
import select

from launcher.errors import HostError

_STDERR = 2
_MAX_PARTS = 512  # the system allows 1024 (IOV_MAX)


def write_output(descriptor: int, *parts: bytes | memoryview) -> None:
    """Write all of *parts* to *descriptor* with as few calls as possible.

    Raises BrokenPipeError if nobody reads any more, and `HostError` if stdout cannot be written. What stderr does not
    take is dropped: a native program could not report that either, and goes on.
    """
    for first in range(0, len(parts), _MAX_PARTS):
        some = [memoryview(part) for part in parts[first : first + _MAX_PARTS] if part]
        while some:
            try:
                written = os.writev(descriptor, some)
            except BlockingIOError:  # the reader made the pipe non-blocking
                select.select([], [descriptor], [])
                continue
            except BrokenPipeError:
                raise
            except OSError as error:  # a full disk, which must be reported here
                if descriptor == _STDERR:
                    return
                what = f"cannot be written: {(error.strerror or '').lower()}"
                raise HostError("stdout", what, "redirect the output elsewhere") from None
            while some and written >= len(some[0]):
                written -= len(some.pop(0))
            if written:
                some[0] = some[0][written:]
