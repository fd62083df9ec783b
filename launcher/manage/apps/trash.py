"""The trash: the kept homes of removed apps, restored by an undo, deleted after a time."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from launcher.host import files
from launcher.manage.context import Context

AGE = 30 * 24 * 3600.0
"""Seconds after which `gc` deletes a folder of the trash."""
_NAME = re.compile(r"(?P<app>.+)-(?P<moment>\d+)", re.ASCII)


class Discarded(NamedTuple):
    """One folder in the trash."""

    app: str
    path: str
    moment: float  # when it was put there, in Unix seconds


def move_to_trash(context: Context, app: str, *, purge: bool) -> str:
    """Move the kept home of *app* to the trash, or delete it; return its path there, "" if there is none."""
    kept = f"{context.places.homes}/{app}"
    if not os.path.isdir(kept):
        return ""
    goal = f"{context.places.trash}/{app}-{int(context.now)}"
    files.make_folder(context.places.trash, 0o700)
    try:
        os.rename(kept, goal)
    except OSError as error:
        raise files.file_error(kept, "cannot be put into the trash", error) from None
    if purge:
        delete_folder(goal)
        return ""
    return goal


def restore_from_trash(context: Context, app: str) -> bool:
    """Restore the home that an app had when it was last removed, unless it has one again; return whether."""
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
    """Delete a folder of the trash and everything in it; raises `HostError`."""
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
