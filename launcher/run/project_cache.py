"""Commands called inside a project: which project counts, and the launch files that were compiled for it.

Every launch inside a project loads this module, so it reads no catalog; `launcher.run.project_command` does, when a
file of the project has changed.
"""

from __future__ import annotations

import os

from launcher.errors import printable
from launcher.fast_stdlib import loads
from launcher.host.find_project import LOCK_NAME, lock_path, next_above
from launcher.host.ownership import owners, untrusted_reason
from launcher.host.process import is_terminal
from launcher.host.terminal import write_message
from launcher.state import launch_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.host.locations import Places
    from launcher.state.launch_files import LaunchFile

_STDERR = 2


def find_usable_project(found: str, where: Places, home: str) -> str:
    """Return the catalog, its links resolved, of the project whose catalog was *found*, or of the next one above.

    Return "" if none counts. A person at a terminal is told about the first that does not.
    """
    noted = False
    while found and (why := refusal_reason(found, where, home)):
        if not noted:
            write_note(f"{_shown(found, home)}: ignored, since it {why}; to use it: applaunch trust --owner")
        found, noted = next_above(found, home), True
    return os.path.realpath(found) if found else ""


def read_launch_file(name: str, path: str, where: Places) -> LaunchFile | None:
    """Return the launch file of *name* in the project whose catalog is at *path*; None if it has to be compiled.

    A file that was compiled for another project, which had the same folder, does not count.
    """
    known = launch_files.read(launch_file_folder(path, where), name)
    if known is None or [each.path for each in known.sources[:2]] != [path, lock_path(path)]:
        return None
    return None if launch_files.is_stale(known) else known


def refusal_reason(found: str, where: Places, home: str) -> str:
    """Return why the project whose catalog was *found* is ignored, in words; "" if it is used.

    It is used if only the caller can have written its files, or if the caller has accepted their owner.
    """
    try:
        why = untrusted_reason(found, home)
        lock = f"{os.path.dirname(os.path.realpath(found))}/{LOCK_NAME}"
        if not why and os.path.lexists(lock) and (why := untrusted_reason(lock, home)):
            why = f"has a lock that {why}"
        if not why or owners(found) == accepted_owners(found, where):
            return ""
    except OSError:
        return "cannot be looked at"
    return why


def accepted_owners(found: str, where: Places) -> tuple[int, int] | None:
    """Return the owners that the caller has accepted for the project catalog at *found*, None if there are none."""
    try:
        with open(owner_file(found, where), "rb") as file:
            said = loads(file.read())
        return tuple(said["owners"]) if said["path"] == os.fsencode(found).hex() else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def owner_file(found: str, where: Places) -> str:
    """Return the path of the file with the accepted owners of the project catalog at *found*."""
    return f"{where.trust}/{path_digest(found)}.owner"


def launch_file_folder(path: str, where: Places) -> str:
    """Return the folder of the launch files of a project."""
    return f"{where.projects}/{path_digest(path)}"


def path_digest(path: str) -> str:
    """Return the checksum of *path* in hexadecimal digits."""
    return sha256(os.fsencode(path)).hexdigest()


def _shown(path: str, home: str) -> str:
    return f"~{path[len(home) :]}" if home != "/" and path.startswith(home + "/") else path


def write_note(what: str) -> None:
    """Print a note if stderr is a terminal; for a script, stderr holds only what the program writes."""
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
