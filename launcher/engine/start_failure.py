"""Why a program did not start, with the exit codes of docker run."""

from __future__ import annotations

from launcher.core.values.program_errors import program_missing, program_not_executable
from launcher.fast_stdlib import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.errors import EngineError, UserError

_MISSING = ("executable file not found", "no such file or directory")
_FORBIDDEN = ("permission denied", "is a directory", "exec format error")
_PROGRAM = pattern(r'exec: \\?"(?P<name>[^"\\]+)\\?"|stat (?P<path>\S+): ')


def start_failure(error: EngineError) -> UserError:
    """Return the error for an engine's refusal to start: exit code 127, 126, or *error* itself (125)."""
    found = _PROGRAM.search(error.what)
    program = (found["name"] or found["path"] or "").strip() if found else "the program"
    message = error.what.replace(program, "").lower()  # the program may be called mount
    if "mount" in message or "chdir" in message or "working directory" in message:
        return error
    if any(phrase in message for phrase in _MISSING):
        return program_missing(program)
    if any(phrase in message for phrase in _FORBIDDEN):
        return program_not_executable(program)
    return error
