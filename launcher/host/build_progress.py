"""Build progress: one status line while building, and the whole log if the build fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.errors import printable

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_LOG = 1 << 20  # characters; older ones are dropped


class BuildLog:
    """Collect a build log and show its progress."""

    def __init__(self, name: str, write: Callable[[str], object], width: Callable[[], int], *, live: bool) -> None:
        """Report on the app *name*; *live* means a terminal, where the line can be rewritten."""
        self._name, self._write, self._width, self._live = name, write, width, live
        self._text = ""
        if not live:
            write(f"{printable(name)}: building\n")

    def show(self, text: str) -> None:
        """Add a piece of the log and show its last line."""
        self._text = (self._text + text)[-_MAX_LOG:]
        words = text.strip().splitlines()
        if self._live and words:
            line = printable(f"{self._name}: building  {words[-1]}")
            self._write(f"\r{line[: max(self._width() - 1, 1)]}\x1b[K")

    def end(self) -> None:
        """Erase the status line after a successful build."""
        if self._live:
            self._write("\r\x1b[K")

    def fail(self) -> None:
        """Print the whole log, indented so that no line of it can pass for a message of ours."""
        self.end()
        for line in self._text.splitlines():
            self._write(f"  {printable(line)}\n")
