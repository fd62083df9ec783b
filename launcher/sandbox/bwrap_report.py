"""What bwrap tells the launcher about a sandbox, on two pipes of its own."""

from __future__ import annotations

from launcher.fast_stdlib import loads, os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self


class BwrapReport:
    """What bwrap reports about the sandbox, JSON objects, one a line (``--json-status-fd``), and its stderr."""

    def __init__(self) -> None:
        """Open the pipes; bwrap gets `writing` and `errors`."""
        self._reading, self.writing = os.pipe()
        self._printed, self.errors = os.pipe()
        self._data = b""

    def __enter__(self) -> Self:
        """Return this report."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the pipes."""
        self.close_writing()
        os.close(self._reading)
        os.close(self._printed)

    def close_writing(self) -> None:
        """Close the ends that bwrap has by now."""
        if self.writing >= 0:
            os.close(self.writing)
            os.close(self.errors)
            self.writing = -1

    def read_errors(self) -> str:
        """Return the last line that bwrap, or what stands before it, has printed."""
        os.set_blocking(self._printed, False)
        try:
            lines = os.read(self._printed, 4096).decode("utf-8", "replace").split("\n")
        except OSError:
            lines = []
        last = next((line.strip() for line in reversed(lines) if line.strip()), "could not start the program")
        return last.removeprefix("bwrap: ")

    def read_init(self) -> int:
        """Return the pid of the sandbox's first process, once it is known; 0 if bwrap ended before."""
        while b"}\n" not in self._data and self._read():
            pass
        if b"}\n" not in self._data:
            return 0
        found = loads(self._data.partition(b"\n")[0])
        return found.get("child-pid", 0) if isinstance(found, dict) else 0

    def has_begun(self) -> bool:
        """Return, once bwrap has ended, whether the program had begun."""
        while self._read():
            pass
        return b'"exit-code"' in self._data

    def _read(self) -> bytes:
        data = os.read(self._reading, 4096)
        self._data += data
        return data
