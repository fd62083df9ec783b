"""The folders of the private engine: permanent data, runtime state and the socket."""

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

_MAX_BASE = 20  # podman accepts a runroot of at most 50 characters


def make_folders(folder: str, runtime_dir: str, uid: int, longest_socket: int) -> EngineFolders:
    """Choose and create the folders of the engine in *folder*."""
    run = _run_folder(folder, runtime_dir, uid)
    make_own_folder(run, uid)
    _empty_after_boot(run, uid)
    socket = f"{folder}/engine.sock"
    if len(socket.encode()) > longest_socket:  # then that path is a link to a shorter one
        _link(f"{run}/engine.sock", socket)
        socket = f"{run}/engine.sock"
    return EngineFolders(f"{folder}/data", run, socket)


def make_own_folder(path: str, uid: int) -> None:
    """Create *path* for this user only; raises `EngineError` for another user's folder or a link."""
    try:
        make_private_folder(path)
        found = os.lstat(path)
    except OSError as error:
        raise EngineError("engine", f"{path}: {(error.strerror or str(error)).lower()}") from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid:
        raise EngineError("engine", f"{path} is not a folder that you own", "move it away")
    if found.st_mode & 0o077:
        os.chmod(path, 0o700)


@contextmanager
def hold_folder(path: str) -> Iterator[int]:
    """Lock *path*, for child processes too: programs that clean /tmp by age skip a locked folder."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield handle
    finally:
        os.close(handle)


def _run_folder(folder: str, runtime_dir: str, uid: int) -> str:
    """Return the folder that the first start chose; podman's database requires it to stay the same."""
    with suppress(OSError):
        return os.readlink(f"{folder}/run")
    short = runtime_dir if 0 < len(runtime_dir) <= _MAX_BASE else "/tmp"
    run = f"{'/run' if uid == 0 else short}/applaunch-{uid}-{zlib.crc32(folder.encode()):08x}"
    _link(run, f"{folder}/run")
    return run


def _empty_after_boot(run: str, uid: int) -> None:
    """Empty *run* if it is from an earlier boot (/tmp may survive one): its process ids are no longer valid."""
    boot_file = f"{run}/boot"
    with suppress(OSError), open(boot_file, encoding="ascii") as file:
        if file.read() == boot_id():
            return
    shutil.rmtree(run)
    make_own_folder(run, uid)
    with open(boot_file, "w", encoding="ascii") as file:
        file.write(boot_id())


def _link(target: str, path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)
    os.symlink(target, path)
