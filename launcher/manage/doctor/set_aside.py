"""Shims and launch files that no app has: moved out of the way, never deleted, for the record may be wrong."""

import os
import shutil

from launcher.core.values.duration import iso
from launcher.host import files
from launcher.manage.context import Context
from launcher.state.state_folders import make_private


def move_aside(desk: Context, path: str) -> str:
    """Move the file at *path* into a folder of the state, and return what to say of it; raises `HostError`."""
    folder = f"{desk.places.state}/aside/{iso(desk.now).replace(':', '')}/{os.path.basename(os.path.dirname(path))}"
    goal = f"{folder}/{os.path.basename(path)}"
    try:
        make_private(folder)
        shutil.move(path, goal)  # also to another file system
    except FileNotFoundError:
        return "gone already"
    except OSError as error:
        raise files.file_error(path, "cannot be moved away", error) from None
    return f"moved to {desk.shown(goal)}"
