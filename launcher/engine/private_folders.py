"""Where the private engine keeps what lasts, what a reboot ends, and its socket."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import zlib
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from launcher.engine.detect_traits import make_private_folder
from launcher.engine.private_daemons import EngineFolders
from launcher.engine.process_lifetime import boot_id
from launcher.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_BASE = 20  # podman takes no runroot of more than 50 characters


def make_folders(folder: str, runtime_dir: str, uid: int, longest_socket: int) -> EngineFolders:
    """Decide on the folders of the engine in *folder* and make them."""
    run = _run(folder, runtime_dir, uid)
    make_own_folder(run, uid)
    _fresh_after_boot(run, uid)
    socket = f"{folder}/engine.sock"
    if len(socket.encode()) > longest_socket:  # then that name is a link to where it is
        _link(f"{run}/engine.sock", socket)
        socket = f"{run}/engine.sock"
    return EngineFolders(f"{folder}/data", run, socket)


def make_own_folder(path: str, uid: int) -> None:
    """Make the folder *path* for this user alone; one that is somebody else's, or a link, is refused."""
    try:
        make_private_folder(path)
        found = os.lstat(path)
    except OSError as error:
        raise EngineError("engine", f"{path}: {(error.strerror or str(error)).lower()}") from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid:
        raise EngineError("engine", f"{path} is not a folder of yours", "move it away")
    if found.st_mode & 0o077:
        os.chmod(path, 0o700)


@contextmanager
def hold_folder(path: str) -> Iterator[int]:
    """Hold *path* by a lock that a child may inherit: what cleans /tmp by age leaves a locked folder alone."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield handle
    finally:
        os.close(handle)


def _run(folder: str, runtime_dir: str, uid: int) -> str:
    """Return the folder that was chosen at the first start, for podman's database holds its users to it."""
    with suppress(OSError):
        return os.readlink(f"{folder}/run")
    short = runtime_dir if 0 < len(runtime_dir) <= _LONGEST_BASE else "/tmp"
    run = f"{'/run' if uid == 0 else short}/applaunch-{uid}-{zlib.crc32(folder.encode()):08x}"
    _link(run, f"{folder}/run")
    return run


def _fresh_after_boot(run: str, uid: int) -> None:
    """Empty *run* when it is of an earlier boot (/tmp may outlive one): what it tells of processes is not so."""
    marked = f"{run}/boot"
    with suppress(OSError), open(marked, encoding="ascii") as file:
        if file.read() == boot_id():
            return
    shutil.rmtree(run)
    make_own_folder(run, uid)
    with open(marked, "w", encoding="ascii") as file:
        file.write(boot_id())


def _link(target: str, path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)
    os.symlink(target, path)
