"""Recognize the error messages of the engine's init among the program's output.

With `init`, the engine starts its init (docker: tini, podman: catatonit), and only the init finds out that the program
is missing. Its message is the first output on the program's stderr. tini exits as a shell would, catatonit with 1.
"""

from __future__ import annotations

from launcher.core.values.program_errors import program_missing, program_not_executable
from launcher.fast_stdlib import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.errors import UserError

_PREFIXES = (b"[FATAL tini (", b"ERROR (catatonit:")
_TINI = pattern(rb"(?s)\[FATAL tini \(\d+\)\] exec .* failed: (?P<why>[^\r\n]*)\r?\n")
_CATATONIT = pattern(rb"ERROR \(catatonit:\d+\): failed to exec pid1: (?P<why>[^\r\n]*)\r?\n")
_MISSING = b"No such file or directory"
_CODES = (126, 127, 1)  # tini's two, and catatonit's for all errors


class InitErrorFilter:
    """Pass a program's stderr on, but hold it back while it looks like a message of an init."""

    def __init__(self) -> None:
        """Start before the first byte."""
        self.held = b""
        self._passes = False

    def feed(self, data: bytes | memoryview) -> bytes | memoryview:
        """Return the part of the output that can be shown after receiving *data*."""
        if self._passes:
            return data
        self.held += bytes(data)
        if any(self.held.startswith(prefix) or prefix.startswith(self.held) for prefix in _PREFIXES):
            return b""
        self._passes = True
        shown, self.held = self.held, b""
        return shown

    def error(self, exit_code: int, program: str) -> UserError | None:
        """Return the error that init reported about *program*, or None if the output is the program's own."""
        found = _TINI.fullmatch(self.held) or _CATATONIT.fullmatch(self.held)
        if not found or exit_code not in _CODES:
            return None
        return program_missing(program) if found["why"] == _MISSING else program_not_executable(program)
