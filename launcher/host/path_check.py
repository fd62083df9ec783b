"""What is at a path of this machine, looked at once, and whether it is still that when it has been mounted."""

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
    """Return what is at each of *paths* that exists; raises OSError where no descriptor is left to look with."""
    found = {}
    for path in dict.fromkeys(paths):
        try:
            found[path] = _looked(path)
        except ValueError:
            continue
        except OSError as error:
            _raise_too_many(error)
    return found


def _raise_too_many(error: OSError) -> None:
    """Raise *error* where it only says that we have no descriptor left: what is at a path is not known then."""
    if error.errno in (errno.EMFILE, errno.ENFILE):
        raise error


def existing_paths(home: str, *lists: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return, of each of *lists*, the paths under *home* that may be there, absolute; absolute ones stay as they are.

    A path with a ``*`` stands for all names in the home that begin and end so.
    """
    root = home.rstrip("/")
    listed = {"": _names(f"{root}/")}
    return tuple(tuple(_present(root, paths, listed)) for paths in lists)


def _present(root: str, paths: Iterable[str], listed: dict[str, Collection[str]]) -> Iterator[str]:
    there = listed[""]
    for path in paths:
        if path[0] == "/":
            yield path
        elif path in there:
            yield f"{root}/{path}"
        elif "/" in path:
            folder, _, name = path.rpartition("/")
            if folder.partition("/")[0] in there and (folder not in _FULL or name in _listed(root, folder, listed)):
                yield f"{root}/{path}"
        elif "*" in path:
            begin, _, end = path.partition("*")
            yield from [f"{root}/{name}" for name in sorted(there) if name.startswith(begin) and name.endswith(end)]


_FULL = (".config", ".local/share")  # many are asked for in there: to list it is quicker than to look at each


def _listed(root: str, folder: str, listed: dict[str, Collection[str]]) -> Collection[str]:
    if folder not in listed:
        listed[folder] = _names(f"{root}/{folder}")
    return listed[folder]


def _names(folder: str) -> Collection[str]:
    try:
        return frozenset(os.listdir(folder))
    except PermissionError:  # a path in it may be opened all the same
        return _Any()
    except OSError as error:
        _raise_too_many(error)
        return ()


class _Any(tuple[str, ...]):
    """The names of a folder that cannot be listed: every name may be there."""

    __slots__ = ()

    def __contains__(self, name: object) -> bool:
        return True


class MountCheck:
    """The sources of a run's mounts as they were when they were looked at."""

    def __init__(self, spec: RunSpec, seen: Mapping[str, PathFact], cwd: str = "") -> None:
        """Keep what *seen* says of the sources of *spec*, and when the folders that they lie in changed.

        In and around the current folder *cwd* a build may write all the time.
        """
        known = {fact.real: fact for fact in seen.values()}
        self._facts = [known[path] for path in {mount.source for mount in spec.mounts} if path in known]
        self._relabelled = {mount.source for mount in spec.mounts if mount.relabel}  # the engine changes their labels
        self._folders = {fact.real: _changed(fact.real) for fact in self._facts if fact.real != cwd}

    def check(self) -> None:
        """Raise `CannotRunError` where one of them is, or was meanwhile, another: a link in the place of a file, say.

        The engine looks a path up once more when it mounts it, and follows links: what it found is known only by what
        was there before and after.
        """
        for fact in self._facts:
            if self._is_other(fact):
                what = f"{fact.real} was exchanged for something else while it was mounted"
                raise CannotRunError("launch", what, "try again when nothing changes it")

    def _is_other(self, fact: PathFact) -> bool:
        try:
            now = _looked(fact.real)
        except OSError as error:
            _raise_too_many(error)
            return True
        if now[:2] != fact[:2] or now.stamp[:2] != fact.stamp[:2]:
            return True
        return now.stamp != fact.stamp and fact.real not in self._relabelled and self._was_moved(fact, now)

    def _was_moved(self, fact: PathFact, now: PathFact) -> bool:
        """Tell whether it may have been away: a rename changes the time of change alone.

        Where it was written as well, it counts as moved if something in its folder was. The current folder, whose mode
        or time a build may set, counts as moved if it is seen to move.
        """
        (_, _, changed, modified), (_, _, changed_before, modified_before) = now.stamp, fact.stamp
        if changed == changed_before:
            return False
        if fact.real in self._folders:
            if modified == modified_before:
                return True
            return _changed(fact.real) != self._folders[fact.real]
        return any(not _is_at(fact.real) for _ in range(_OFTEN))


_OFTEN = 50


def _looked(path: str) -> PathFact:
    """Return what is at *path*; kind and real path are of one and the same thing, whatever changes meanwhile."""
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


def _changed(path: str) -> int:
    try:
        return os.stat(os.path.dirname(path)).st_ctime_ns
    except OSError:
        return 0


def _is_at(path: str) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False
