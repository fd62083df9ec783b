"""A command called inside a project: what was made of it before, for the caller's own project and nobody else's.

A launch loads this inside a project, and what it costs is paid at each call there; reading catalogs is
`launcher.run.project_command`, for when something has changed.
"""

from __future__ import annotations

import os

from launcher.errors import CatalogError, NotFoundError
from launcher.fast_stdlib import loads
from launcher.host.find_project import LOCK_NAME, lock_path, next_above
from launcher.host.ownership import owners, untrusted_reason
from launcher.host.process import is_terminal
from launcher.host.terminal import write_message
from launcher.state import launch_files as currents

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.errors import UserError
    from launcher.host.locations import Places
    from launcher.state.launch_files import LaunchFile

_STDERR = 2


def looked_up(name: str, found: str, where: Places, home: str) -> LaunchFile | None:
    """Return what the command *name* stands for in the project whose catalog was *found*, or in the next one above.

    None where the project does not count, and so the command is what it is elsewhere: a terminal is told why. Raises
    `CannotRunError` if the project's catalog has to be trusted first, `CatalogError` if it is invalid and no other
    catalog knows the name.
    """
    noted = False
    while found:
        if why := refusal(found, where, home):
            if not noted:
                _tell(f"{_shown(found, home)}: ignored, since it {why}; to use it: applaunch trust --owner")
            found, noted = next_above(found, home), True
            continue
        path = os.path.realpath(found)
        known = currents.read(folder_of(path, where), name)
        if known and _is_of(known, path) and not currents.is_stale(known):
            return known
        return _made(name, path, where, home)
    return None


def _is_of(known: LaunchFile, path: str) -> bool:
    """Tell whether *known* was made of this project's own files, and not of another's in a folder of the same name."""
    return [each.path for each in known.sources[:2]] == [path, lock_path(path)]


def refusal(found: str, where: Places, home: str) -> str:
    """Return why the project whose catalog was *found* does not count, in words; "" where it does.

    It counts where only the caller can have written its files, and where the caller has accepted its owner.
    """
    try:
        why = untrusted_reason(found, home)
        lock = f"{os.path.dirname(os.path.realpath(found))}/{LOCK_NAME}"
        if not why and os.path.lexists(lock) and (why := untrusted_reason(lock, home)):
            why = f"has a lock that {why}"
        if not why or owners(found) == accepted(found, where):
            return ""
    except OSError:
        return "cannot be looked at"
    return why


def accepted(found: str, where: Places) -> tuple[int, int] | None:
    """Return the owners that the caller has accepted for the project catalog at *found*, None where none were."""
    try:
        with open(owner_file(found, where), "rb") as file:
            said = loads(file.read())
        return tuple(said["owners"]) if said["path"] == os.fsencode(found).hex() else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def owner_file(found: str, where: Places) -> str:
    """Return the file that tells which owners are accepted for the project catalog at *found*."""
    return f"{where.trust}/{digest_of(found)}.owner"


def folder_of(path: str, where: Places) -> str:
    """Return the folder of the launch files of one project."""
    return f"{where.projects}/{digest_of(path)}"


def digest_of(path: str) -> str:
    """Return the checksum of a *path*, in hexadecimal digits."""
    return sha256(os.fsencode(path)).hexdigest()


def _made(name: str, path: str, where: Places, home: str) -> LaunchFile | None:
    """Read the catalogs anew; a project that cannot be followed does not keep an app from running as installed."""
    from launcher.run import project_command  # noqa: PLC0415  reading catalogs costs 20 ms, once for each edit

    try:
        return project_command.in_project(name, path, where, home)
    except CatalogError as trouble:
        _refuse_unknown(name, trouble, where, home)
        _tell(f"{trouble.where}: ignored: {trouble.what}{trouble.fix and '; '}{trouble.fix}")
        return None


def _refuse_unknown(name: str, trouble: UserError, where: Places, home: str) -> None:
    """Raise *trouble* where nothing but the project can say what *name* is."""
    from launcher.run.compile_launch_file import compiled, restored  # noqa: PLC0415  it is loaded

    if (currents.read(where.current, name) or restored(name, where, home)) is None:
        try:
            compiled(name, None, where, home)
        except NotFoundError:
            raise trouble from None


def _shown(path: str, home: str) -> str:
    return f"~{path[len(home) :]}" if home != "/" and path.startswith(home + "/") else path


def _tell(what: str) -> None:
    """Write a note for who sits at a terminal; what a script reads from stderr stays the program's own."""
    from launcher.errors import printable  # noqa: PLC0415  only for who is told

    if is_terminal(_STDERR):
        write_message(printable(f"applaunch: {what}"))


if TYPE_CHECKING:
    from hashlib import sha256
else:
    try:
        from _sha2 import sha256  # hashlib itself costs 2 ms
    except ImportError:
        try:
            from _sha256 import sha256  # before Python 3.12
        except ImportError:
            from hashlib import sha256
