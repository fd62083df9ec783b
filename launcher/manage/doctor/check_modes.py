"""Check who can read or write applaunch's files and folders, and remove the permissions of others."""

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
    """A file or folder whose mode lets others in or keeps its owner out."""

    path: str
    mode: int
    """The mode it should have."""


def check_modes(context: Context) -> Iterator[Finding]:
    """Check that our folders are private, and that only the owner can write what decides what runs."""
    where = context.places
    tops = [where.config, where.state, where.cache, where.data]
    found = [*_foreign_folders(context, tops)]
    for open_folder in [each for path in _folders(context) if (each := _wrong_mode(path, 0o700, _OTHERS))]:
        path, mode = open_folder
        what = f"{context.shown(path)} is {_mode(path)}, and should be {mode:04o}"
        repair = repairable("modes", what, partial(_set_modes, [open_folder]))
        user_made = path in (where.config, f"{where.config}/catalog.d") and not os.stat(path).st_mode & _WRITERS
        found.append(repair._replace(state="note") if user_made else repair)
    by_folder: dict[str, list[WrongMode]] = {}
    for path in _files(context):
        if each := _wrong_mode(path, 0o600, _OTHERS):
            by_folder.setdefault(os.path.dirname(path), []).append(each)
    for folder, some in by_folder.items():
        named = (
            context.shown(some[0].path) if len(some) == 1 else f"{count(len(some), 'file')} in {context.shown(folder)}"
        )
        found.append(
            repairable("modes", f"{named}: others can read or write, or you cannot", partial(_set_modes, some))
        )
    found += _written_by_others(context)
    yield from found or [ok("modes", "nobody else can read or write applaunch's files")]


def _folders(context: Context) -> Iterator[str]:
    """Yield the folders that must be private, outermost first, without the data of apps and of a private engine."""
    where = context.places
    yield from (where.config, where.remotes, where.keys, where.overrides, f"{where.config}/catalog.d")
    yield from (where.state, where.current, where.runs, where.trust, where.projects, where.warm, where.known)
    yield from (where.cache, where.copies, where.traits, where.accounts, where.data, where.homes, where.trash)


def _files(context: Context) -> Iterator[str]:
    """Yield the files that only applaunch writes, without those mounted into containers, which others must read."""
    where = context.places
    yield from (path for path in _list(where.state) if os.path.basename(path).startswith("state.db"))
    for folder in (where.current, where.runs, where.trust, where.known, where.remotes, where.keys, where.traits):
        yield from _list(folder)
    for folder in (where.projects, where.warm, where.copies):
        for each in _list(folder, folders=True):
            yield from _list(each)


def _written_by_others(context: Context) -> Iterator[Finding]:
    """Yield files that the user wrote or containers read, and that others can write."""
    where = context.places
    own = [where.user_catalog, where.settings]
    for folder in (f"{where.config}/catalog.d", where.overrides):
        own += [path for path in _list(folder) if path.endswith(".toml")]
    for path in filter(os.path.exists, own):
        try:
            check_ownership(path, context.call.home)
        except HostError as error:
            at, mode = error.where, stat.S_IMODE(os.stat(error.where).st_mode)
            if error.fix.startswith("chmod") and _is_own(at):
                repair = partial(_set_modes, [WrongMode(os.path.realpath(at), mode & ~_WRITERS)])
                yield repairable("modes", f"{context.shown(at)}: {error.what}", repair)
            else:
                yield problem("modes", f"{context.shown(at)}: {error.what}", error.fix)
    accounts = [path for folder in _list(where.accounts, folders=True) for path in _list(folder)]
    loose = [each for path in (*accounts, where.hosts) if (each := _wrong_mode(path, 0o644, _WRITERS))]
    if loose:
        what = f"{count(len(loose), 'file')} for containers: others can write, or containers cannot read"
        yield repairable("modes", what, partial(_set_modes, loose))


def _foreign_folders(context: Context, tops: list[str]) -> Iterator[Finding]:
    for path in tops:
        if os.path.isdir(path) and not _is_own(path):
            fix = f"check it, then: sudo chown -R {context.call.uid} {path}"
            yield problem("modes", f"{context.shown(path)} belongs to another user", fix)


def _wrong_mode(path: str, mode: int, others: int) -> WrongMode | None:
    """Return what should change at *path*, or None; links and files of other users are not touched."""
    try:
        status = os.lstat(path)
    except OSError:
        return None
    is_ours = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
    if not is_ours or status.st_uid != os.getuid():
        return None
    lacks = mode & ~stat.S_IMODE(status.st_mode)
    return WrongMode(path, mode) if status.st_mode & others or lacks else None


def _set_modes(loose: list[WrongMode]) -> str:
    for each in loose:
        try:
            os.chmod(each.path, each.mode)
        except OSError as error:
            raise files.file_error(each.path, "cannot set its mode", error) from None
    return f"set to {loose[0].mode:04o}"


def _list(folder: str, *, folders: bool = False) -> list[str]:
    try:
        paths = [f"{folder}/{name}" for name in sorted(os.listdir(folder))]
    except OSError:
        return []
    return [path for path in paths if not os.path.islink(path) and os.path.isdir(path) == folders]


def _is_own(path: str) -> bool:
    return os.stat(path).st_uid == os.getuid()


def _mode(path: str) -> str:
    return f"{stat.S_IMODE(os.lstat(path).st_mode):04o}"
