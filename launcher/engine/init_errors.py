"""What the engine's init says when it cannot start the program: told from what programs say.

With `init`, the engine starts its init (docker: tini, podman: catatonit), and only that finds out that the program
is missing. Its words come on the program's stderr, before anything else; tini exits as a shell would, catatonit with 1.
"""

from __future__ import annotations

from launcher.errors import CannotRunError, NotFoundError, UserError
from launcher.fast_stdlib import pattern

_OPENINGS = (b"[FATAL tini (", b"ERROR (catatonit:")
_TINI = pattern(rb"(?s)\[FATAL tini \(\d+\)\] exec .* failed: (?P<why>[^\r\n]*)\r?\n")
_CATATONIT = pattern(rb"ERROR \(catatonit:\d+\): failed to exec pid1: (?P<why>[^\r\n]*)\r?\n")
_MISSING = b"No such file or directory"
_CODES = (126, 127, 1)  # tini's for both, and catatonit's for everything


class InitErrorFilter:
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

    def trouble(self, exit_code: int, program: str) -> UserError | None:
        """Return what init's words about *program* mean, None where what was held is the program's own."""
        found = _TINI.fullmatch(self.held) or _CATATONIT.fullmatch(self.held)
        if not found or exit_code not in _CODES:
            return None
        return program_missing(program) if found["why"] == _MISSING else program_not_executable(program)


def program_missing(program: str) -> NotFoundError:
    """Return the trouble of a program that the image does not have."""
    return NotFoundError(program, "not in the image", "check entrypoint and command with: applaunch info NAME")


def program_not_executable(program: str) -> CannotRunError:
    """Return the trouble of a file of the image that is no program, or not for this user."""
    return CannotRunError(program, "found in the image, and may not run", "check entrypoint and user")
