"""The trash: data of removed apps, which undo restores and gc deletes after some time."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from launcher.host import files
from launcher.manage.context import Context

AGE = 30 * 24 * 3600.0
"""The age in seconds at which `gc` deletes it."""
_NAME = re.compile(r"(?P<app>.+)-(?P<moment>\d+)", re.ASCII)


class Discarded(NamedTuple):
    """One folder in the trash."""

    app: str
    path: str
    moment: float  # when it was put there, in Unix seconds


def move_to_trash(context: Context, app: str, *, purge: bool) -> str:
    """Move the data of *app* to the trash or, with *purge*, delete it; return the new path, or ""."""
    kept = f"{context.places.homes}/{app}"
    if not os.path.isdir(kept):
        return ""
    goal = f"{context.places.trash}/{app}-{int(context.now)}"
    files.make_folder(context.places.trash, 0o700)
    try:
        os.rename(kept, goal)
    except OSError as error:
        raise files.file_error(kept, "cannot be moved to the trash", error) from None
    if purge:
        delete_folder(goal)
        return ""
    return goal


def restore_from_trash(context: Context, app: str) -> bool:
    """Restore the newest data of *app* from the trash unless it has data again; return whether it was restored."""
    found = [each for each in list_trash(context) if each.app == app]
    kept = f"{context.places.homes}/{app}"
    if not found or os.path.lexists(kept):
        return False
    files.make_folder(context.places.homes, 0o700)
    with suppress(OSError):
        os.rename(max(found, key=lambda each: each.moment).path, kept)
        return True
    return False


def list_trash(context: Context) -> list[Discarded]:
    """Return the folders in the trash."""
    return list(_list(context.places.trash))


def delete_folder(path: str) -> None:
    """Delete a folder in the trash; raises `HostError`."""
    try:
        shutil.rmtree(path)
    except OSError as error:
        raise files.file_error(str(error.filename or path), "cannot be deleted", error) from None


def _list(folder: str) -> Iterator[Discarded]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        if fits := _NAME.fullmatch(name):
            yield Discarded(fits["app"], f"{folder}/{name}", float(fits["moment"]))
