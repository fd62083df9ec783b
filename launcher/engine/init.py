"""What the engine's init says when it cannot start the program: told from what programs say.

With `init`, the engine starts its init (docker: tini), and only that finds out that the program is missing. Its
words come on the program's stderr, before anything else, and it exits with 127 or 126 as a shell would.
"""

import re

from launcher.errors import CannotRun, NotFound, Trouble

_OPENINGS = (b"[FATAL tini (",)
_WORDS = re.compile(rb"\[FATAL tini \(\d+\)\] exec (?P<program>.*) failed: (?P<why>[^\r\n]*)\r?\n", re.DOTALL)
_MISSING, _FORBIDDEN = 127, 126


class Opening:
    """Lets a program's error output through, and holds it back where it begins as init's own words do."""

    def __init__(self) -> None:
        """Begin before the first byte."""
        self.held = b""
        self._passes = False

    def through(self, data: bytes | memoryview) -> bytes | memoryview:
        """Return what may be shown now of *data*, which came next."""
        if self._passes:
            return data
        self.held += bytes(data)
        if any(self.held.startswith(words) or words.startswith(self.held) for words in _OPENINGS):
            return b""
        self._passes = True
        shown, self.held = self.held, b""
        return shown

    def trouble(self, exit_code: int) -> Trouble | None:
        """Return what init's words mean, None where what was held is the program's own."""
        found = _WORDS.fullmatch(self.held)
        if not found or exit_code not in (_MISSING, _FORBIDDEN):
            return None
        program = found["program"].decode("utf-8", "replace")
        if exit_code == _MISSING:
            return not_in_image(program)
        return may_not_run(program)


def not_in_image(program: str) -> NotFound:
    """Return the trouble of a program that the image does not have."""
    return NotFound(program, "not in the image", "check entrypoint and command with: applaunch info NAME")


def may_not_run(program: str) -> CannotRun:
    """Return the trouble of a file of the image that is no program, or not for this user."""
    return CannotRun(program, "found in the image, and may not run", "check entrypoint and user")
