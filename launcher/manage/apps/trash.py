"""What removed apps had kept of their homes: put aside at first, given back by an undo, deleted for good later."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from launcher.host import files
from launcher.manage.context import Context

AGE = 30 * 24 * 3600.0
"""Seconds after which `gc` deletes it."""
_NAME = re.compile(r"(?P<app>.+)-(?P<moment>\d+)", re.ASCII)


class Discarded(NamedTuple):
    """One folder in the trash."""

    app: str
    path: str
    moment: float  # when it was put there, in unix seconds


def move_to_trash(desk: Context, app: str, *, purge: bool) -> str:
    """Put what *app* kept into the trash, or delete it at once, and return where it is now ("" where nothing is)."""
    kept = f"{desk.places.homes}/{app}"
    if not os.path.isdir(kept):
        return ""
    goal = f"{desk.places.trash}/{app}-{int(desk.now)}"
    files.make_folder(desk.places.trash, 0o700)
    try:
        os.rename(kept, goal)
    except OSError as error:
        raise files.file_error(kept, "cannot be put into the trash", error) from None
    if purge:
        delete_folder(goal)
        return ""
    return goal


def restore_from_trash(desk: Context, app: str) -> bool:
    """Give an app back what it had kept when it was removed last, unless it keeps something again; tell whether."""
    found = [each for each in list_trash(desk) if each.app == app]
    kept = f"{desk.places.homes}/{app}"
    if not found or os.path.lexists(kept):
        return False
    files.make_folder(desk.places.homes, 0o700)
    with suppress(OSError):
        os.rename(max(found, key=lambda each: each.moment).path, kept)
        return True
    return False


def list_trash(desk: Context) -> list[Discarded]:
    """Return what is in the trash."""
    return list(_list(desk.places.trash))


def delete_folder(path: str) -> None:
    """Delete a folder of the trash with all that is in it; raises `HostError`."""
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
