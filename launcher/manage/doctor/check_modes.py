"""Looks who else may read or write applaunch's folders and files, and takes those rights away."""

import os
import stat
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from launcher.errors import HostError
from launcher.host import files
from launcher.host.strict_read import check_ownership
from launcher.manage.context import Context
from launcher.manage.doctor.finding import Finding, count, ok, problem, repairable

_OTHERS = 0o077
_WRITERS = 0o022


class WrongMode(NamedTuple):
    """A file or folder whose mode lets others in, or keeps its owner out."""

    path: str
    mode: int
    """The mode that it should have."""


def check_modes(desk: Context) -> Iterator[Finding]:
    """Look whether our folders are their owner's alone, and whether what decides what runs can only be the owner's."""
    where = desk.places
    tops = [where.config, where.state, where.cache, where.data]
    found = [*_strangers(desk, tops)]
    for open_folder in [each for path in _folders(desk) if (each := _loose(path, 0o700, _OTHERS))]:
        path, mode = open_folder
        what = f"{desk.shown(path)} is {_mode(path)}, and should be {mode:04o}"
        repair = repairable("modes", what, partial(_set, [open_folder]))
        people_make = path in (where.config, f"{where.config}/catalog.d") and not os.stat(path).st_mode & _WRITERS
        found.append(repair._replace(state="note") if people_make else repair)
    by_folder: dict[str, list[WrongMode]] = {}
    for path in _files(desk):
        if each := _loose(path, 0o600, _OTHERS):
            by_folder.setdefault(os.path.dirname(path), []).append(each)
    for folder, some in by_folder.items():
        named = desk.shown(some[0].path) if len(some) == 1 else f"{count(len(some), 'file')} in {desk.shown(folder)}"
        found.append(repairable("modes", f"{named}: others may read or write, or you may not", partial(_set, some)))
    found += _written_by_others(desk)
    yield from found or [ok("modes", "nobody else may read or write applaunch's files")]


def _folders(desk: Context) -> Iterator[str]:
    """Yield the folders that are ours alone, from the top; what apps and a private engine keep is theirs."""
    where = desk.places
    yield from (where.config, where.remotes, where.keys, where.overrides, f"{where.config}/catalog.d")
    yield from (where.state, where.current, where.runs, where.trust, where.projects, where.warm, where.known)
    yield from (where.cache, where.copies, where.traits, where.accounts, where.data, where.homes, where.trash)


def _files(desk: Context) -> Iterator[str]:
    """Yield the files that applaunch alone writes; those that are mounted into containers others have to read."""
    where = desk.places
    yield from (path for path in _listed(where.state) if os.path.basename(path).startswith("state.db"))
    for folder in (where.current, where.runs, where.trust, where.known, where.remotes, where.keys, where.traits):
        yield from _listed(folder)
    for folder in (where.projects, where.warm, where.copies):
        for each in _listed(folder, folders=True):
            yield from _listed(each)


def _written_by_others(desk: Context) -> Iterator[Finding]:
    """Yield what the user wrote, or containers read, and others may write."""
    where = desk.places
    own = [where.user_catalog, where.settings]
    for folder in (f"{where.config}/catalog.d", where.overrides):
        own += [path for path in _listed(folder) if path.endswith(".toml")]
    for path in filter(os.path.exists, own):
        try:
            check_ownership(path, desk.call.home)
        except HostError as trouble:
            at, mode = trouble.where, stat.S_IMODE(os.stat(trouble.where).st_mode)
            if trouble.fix.startswith("chmod") and _is_mine(at):
                repair = partial(_set, [WrongMode(os.path.realpath(at), mode & ~_WRITERS)])
                yield repairable("modes", f"{desk.shown(at)}: {trouble.what}", repair)
            else:
                yield problem("modes", f"{desk.shown(at)}: {trouble.what}", trouble.fix)
    accounts = [path for folder in _listed(where.accounts, folders=True) for path in _listed(folder)]
    loose = [each for path in (*accounts, where.hosts) if (each := _loose(path, 0o644, _WRITERS))]
    if loose:
        what = f"{count(len(loose), 'file')} that containers read: others may write, or containers may not read"
        yield repairable("modes", what, partial(_set, loose))


def _strangers(desk: Context, tops: list[str]) -> Iterator[Finding]:
    for path in tops:
        if os.path.isdir(path) and not _is_mine(path):
            fix = f"look at it, then: sudo chown -R {desk.call.uid} {path}"
            yield problem("modes", f"{desk.shown(path)} belongs to another user", fix)


def _loose(path: str, mode: int, others: int) -> WrongMode | None:
    """Return what should change at *path*; a link, and what is another's, is left alone."""
    try:
        seen = os.lstat(path)
    except OSError:
        return None
    is_ours = stat.S_ISREG(seen.st_mode) or stat.S_ISDIR(seen.st_mode)
    if not is_ours or seen.st_uid != os.getuid():
        return None
    lacks = mode & ~stat.S_IMODE(seen.st_mode)
    return WrongMode(path, mode) if seen.st_mode & others or lacks else None


def _set(loose: list[WrongMode]) -> str:
    for each in loose:
        try:
            os.chmod(each.path, each.mode)
        except OSError as error:
            raise files.file_error(each.path, "its mode cannot be set", error) from None
    return f"set to {loose[0].mode:04o}"


def _listed(folder: str, *, folders: bool = False) -> list[str]:
    try:
        paths = [f"{folder}/{name}" for name in sorted(os.listdir(folder))]
    except OSError:
        return []
    return [path for path in paths if not os.path.islink(path) and os.path.isdir(path) == folders]


def _is_mine(path: str) -> bool:
    return os.stat(path).st_uid == os.getuid()


def _mode(path: str) -> str:
    return f"{stat.S_IMODE(os.lstat(path).st_mode):04o}"
