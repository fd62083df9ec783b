"""Inspect paths on this machine, and check that they have not been replaced when they have been mounted."""

from __future__ import annotations

import errno
import os
import stat

from launcher.core.policy.path_args import PathFact
from launcher.errors import CannotRunError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from launcher.core.values.run_spec import RunSpec


def inspect_paths(paths: Sequence[str]) -> dict[str, PathFact]:
    """Return what is at each of *paths* that exists; raises OSError if no file descriptor is left."""
    found = {}
    for path in dict.fromkeys(paths):
        try:
            found[path] = _inspect(path)
        except ValueError:
            continue
        except OSError as error:
            _raise_too_many(error)
    return found


def _raise_too_many(error: OSError) -> None:
    """Raise *error* if it means that no file descriptor is left: the path's state is unknown then."""
    if error.errno in (errno.EMFILE, errno.ENFILE):
        raise error


def existing_paths(home: str, *lists: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return, for each of *lists*, the absolute paths of those entries under *home* that may exist.

    Absolute paths are returned unchanged. A ``*`` in a name matches any text.
    """
    root = home.rstrip("/")
    listings = {"": _names(f"{root}/")}
    return tuple(tuple(_existing(root, paths, listings)) for paths in lists)


def _existing(root: str, paths: Iterable[str], listings: dict[str, Collection[str]]) -> Iterator[str]:
    present_names = listings[""]
    for path in paths:
        if path[0] == "/":
            yield path
        elif path in present_names:
            yield f"{root}/{path}"
        elif "/" in path:
            folder, _, name = path.rpartition("/")
            if folder.partition("/")[0] in present_names and (
                folder not in _FULL or name in _listing(root, folder, listings)
            ):
                yield f"{root}/{path}"
        elif "*" in path:
            begin, _, end = path.partition("*")
            yield from [
                f"{root}/{name}" for name in sorted(present_names) if name.startswith(begin) and name.endswith(end)
            ]


_FULL = (".config", ".local/share")  # many paths are inside: one listing is faster than many checks

LISTED_FOLDERS = ("", *_FULL)
"""The folders under the home whose names `existing_paths` reads."""


def _listing(root: str, folder: str, listings: dict[str, Collection[str]]) -> Collection[str]:
    if folder not in listings:
        listings[folder] = _names(f"{root}/{folder}")
    return listings[folder]


def _names(folder: str) -> Collection[str]:
    try:
        return frozenset(os.listdir(folder))
    except PermissionError:  # paths inside it may still be accessible
        return _AnyName()
    except OSError as error:
        _raise_too_many(error)
        return ()


class _AnyName(tuple[str, ...]):
    """The names in a folder that cannot be listed: any name may exist."""

    __slots__ = ()

    def __contains__(self, name: object) -> bool:
        return True


class MountCheck:
    """The sources of a run's mounts, as they were before mounting."""

    def __init__(self, spec: RunSpec, before: Mapping[str, PathFact], cwd: str = "") -> None:
        """Keep what *before* says about the sources of *spec*, and when their parent folders changed.

        The current folder *cwd* is treated differently, since a build may write in and around it all the time.
        """
        known = {fact.real: fact for fact in before.values()}
        self._facts = [known[path] for path in {mount.source for mount in spec.mounts} if path in known]
        self._relabelled = {mount.source for mount in spec.mounts if mount.relabel}  # the engine changes their labels
        self._folders = {fact.real: _parent_ctime(fact.real) for fact in self._facts if fact.real != cwd}

    def check(self) -> None:
        """Raise `CannotRunError` if a source was replaced, for example by a link.

        The engine resolves a path again when it mounts it, and follows links. Comparing the state before and after the
        mount shows what the engine found.
        """
        for fact in self._facts:
            if self._was_replaced(fact):
                what = f"{fact.real} was replaced while it was being mounted"
                raise CannotRunError("launch", what, "try again when no other program changes it")

    def _was_replaced(self, fact: PathFact) -> bool:
        try:
            now = _inspect(fact.real)
        except OSError as error:
            _raise_too_many(error)
            return True
        if now[:2] != fact[:2] or now.stamp[:2] != fact.stamp[:2]:
            return True
        return now.stamp != fact.stamp and fact.real not in self._relabelled and self._was_moved(fact, now)

    def _was_moved(self, fact: PathFact, now: PathFact) -> bool:
        """Return whether the path may have been moved away and back: a rename changes only the ctime.

        If the path was also written, it counts as moved if its parent folder changed. A build may change the mode or
        time of the current folder, so that one counts as moved only if it is missing at some moment.
        """
        (_, _, changed, modified), (_, _, changed_before, modified_before) = now.stamp, fact.stamp
        if changed == changed_before:
            return False
        if fact.real in self._folders:
            if modified == modified_before:
                return True
            return _parent_ctime(fact.real) != self._folders[fact.real]
        return any(not _is_folder(fact.real) for _ in range(_REPEATS))


_REPEATS = 50


def _inspect(path: str) -> PathFact:
    """Return what is at *path*; its kind and real path belong to the same file, even if the path is being replaced."""
    descriptor = os.open(path, _PATH_ONLY)
    try:
        status = os.fstat(descriptor)
        real = os.readlink(f"/proc/self/fd/{descriptor}") if _PATH_ONLY else os.path.realpath(path)
    finally:
        os.close(descriptor)
    if not status.st_nlink:
        raise FileNotFoundError(path)
    stamp = (status.st_dev, status.st_ino, status.st_ctime_ns, status.st_mtime_ns)
    return PathFact(_KINDS.get(stat.S_IFMT(status.st_mode), "device"), real, stamp)


_PATH_ONLY = getattr(os, "O_PATH", 0)
_KINDS = {
    stat.S_IFDIR: "folder",
    stat.S_IFREG: "file",
    stat.S_IFSOCK: "socket",
    stat.S_IFIFO: "fifo",
}


def _parent_ctime(path: str) -> int:
    try:
        return os.stat(os.path.dirname(path)).st_ctime_ns
    except OSError:
        return 0


def _is_folder(path: str) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False
