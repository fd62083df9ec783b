"""Move unowned shims and launch files aside; they are never deleted, since the record may be wrong."""

import os
import shutil

from launcher.core.values.duration import iso
from launcher.host import files
from launcher.manage.context import Context
from launcher.state.state_folders import make_private_folders


def move_aside(context: Context, path: str) -> str:
    """Move the file at *path* into a folder of the state and return a message about it; raises `HostError`."""
    folder = (
        f"{context.places.state}/aside/{iso(context.now).replace(':', '')}/{os.path.basename(os.path.dirname(path))}"
    )
    target = f"{folder}/{os.path.basename(path)}"
    try:
        make_private_folders(folder)
        shutil.move(path, target)  # works across file systems
    except FileNotFoundError:
        return "it no longer exists"
    except OSError as error:
        raise files.file_error(path, "cannot be moved", error) from None
    return f"moved to {context.shown(target)}"
