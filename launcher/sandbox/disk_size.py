"""The disk space of all trees together, in which a file that several trees share counts once."""

import os
from collections.abc import Iterator


def disk_size(store: str) -> int:
    """Return the bytes of all files below *store*; folders that may not be read are left out."""
    sizes = {(each.st_dev, each.st_ino): each.st_size for each in _files(store)}
    return sum(sizes.values())


def _files(folder: str) -> Iterator[os.stat_result]:
    try:
        with os.scandir(folder) as found:
            entries = list(found)
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _files(entry.path)
        elif entry.is_file(follow_symlinks=False):
            yield entry.stat(follow_symlinks=False)
