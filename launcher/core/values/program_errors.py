"""The errors for a program that an image does not have, or that may not run."""

from __future__ import annotations

from launcher.errors import CannotRunError, NotFoundError


def program_missing(program: str) -> NotFoundError:
    """Return the error for a program that the image does not contain."""
    return NotFoundError(program, "not found in the image", "check entrypoint and command with: applaunch info NAME")


def program_not_executable(program: str) -> CannotRunError:
    """Return the error for a file of the image that is not executable, or not for this user."""
    return CannotRunError(program, "exists in the image but may not run", "check entrypoint and user")
