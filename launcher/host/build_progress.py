"""How a build looks: one line that tells the step, and the whole log only where it failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.errors import printable

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST = 1 << 20  # characters of a log that are kept, the last ones


class BuildLog:
    """Takes the log of a build as it comes."""

    def __init__(self, name: str, write: Callable[[str], object], width: Callable[[], int], *, live: bool) -> None:
        """Begin for the app *name*; *live*: on a terminal, where a line can be written over."""
        self._name, self._write, self._width, self._live = name, write, width, live
        self._text = ""
        if not live:
            write(f"{printable(name)}: building\n")

    def show(self, text: str) -> None:
        """Take a piece of the log."""
        self._text = (self._text + text)[-_LONGEST:]
        words = text.strip().splitlines()
        if self._live and words:
            line = printable(f"{self._name}: building  {words[-1]}")
            self._write(f"\r{line[: max(self._width() - 1, 1)]}\x1b[K")

    def end(self) -> None:
        """Take the line away: all went well."""
        if self._live:
            self._write("\r\x1b[K")

    def fail(self) -> None:
        """Show all that was said, set in: no line of it can pass for one of ours."""
        self.end()
        for line in self._text.splitlines():
            self._write(f"  {printable(line)}\n")
