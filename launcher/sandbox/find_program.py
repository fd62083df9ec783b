"""Finds the program of a sandbox before it starts: bwrap has one exit code for all that may be wrong with it."""

from __future__ import annotations

import errno
import os
import stat

from launcher.core.values.program_errors import program_missing, program_not_executable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.sandbox.view import View


def find_program(view: View, word: str, search: str, working_dir: str) -> str:
    """Return the absolute path of the program *word* in a sandbox, looked for in the folders of the PATH *search*.

    Raises `NotFoundError` (exit code 127) if there is none, `CannotRunError` (126) if it may not be executed.
    """
    if "/" in word:
        candidates = [word if word.startswith("/") else f"{working_dir or '/'}/{word}"]
    else:
        candidates = [f"{folder or working_dir}/{word}" for folder in search.split(":") if word]
    denied = False
    for candidate in candidates:
        try:
            found = view.find(candidate)
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
            continue
        if not found.exists or not found.host:
            continue
        if _is_executable(found.host):
            return candidate
        denied = True
    raise program_not_executable(word) if denied else program_missing(word)


def _is_executable(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode) and os.access(path, os.X_OK)
    except OSError:
        return False
