"""Device nodes of their own for root's sandboxes: whoever owns the machine's could close them to everybody.

bwrap's ``--dev`` shows the machine's own nodes. They belong to root, so root in a sandbox may change the mode and owner
of /dev/null, and it changes for the whole machine. In a container they are the container's.
"""

from __future__ import annotations

import os

from launcher.errors import SandboxError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

DEVICES: Final = ("null", "zero", "full", "random", "urandom", "tty")
"""The names of the devices that bwrap's ``--dev`` shows (bubblewrap.c, SETUP_MOUNT_DEV)."""


def make_nodes(folder: str) -> str:
    """Return *folder*, which holds a node for each of `DEVICES`, made if it is missing or was changed.

    Raises `SandboxError` if there can be none.
    """
    try:
        if _state(folder) != _wanted():
            _make(folder)
        if _state(folder) != _wanted() or os.statvfs(folder).f_flag & os.ST_NODEV:
            raise SandboxError("bubblewrap", f"{folder} cannot hold device nodes")
    except OSError as error:
        raise SandboxError("bubblewrap", f"{folder}: {(error.strerror or str(error)).lower()}") from None
    return folder


def _make(folder: str) -> None:
    os.makedirs(folder, 0o700, exist_ok=True)
    for name in DEVICES:
        new = f"{folder}/.{name}-{os.urandom(8).hex()}"
        os.mknod(new, _CHARACTER | 0o600, os.stat(f"/dev/{name}").st_rdev)
        os.chmod(new, 0o666)  # noqa: S103  as in every /dev
        os.replace(new, f"{folder}/{name}")


def _state(folder: str) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = []
    for name in DEVICES:
        try:
            seen = os.lstat(f"{folder}/{name}")
        except FileNotFoundError:
            return []
        found.append((seen.st_mode, seen.st_uid, seen.st_gid, seen.st_rdev))
    return found


def _wanted() -> list[tuple[int, ...]]:
    return [(_CHARACTER | 0o666, 0, 0, os.stat(f"/dev/{name}").st_rdev) for name in DEVICES]


_CHARACTER = 0o020000  # stat.h: S_IFCHR
