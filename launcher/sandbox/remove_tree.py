"""Remove a tree that nobody uses."""

from __future__ import annotations

import errno
import fcntl
import os

from launcher.core.values.file_error_fixes import fix_for
from launcher.errors import HostError
from launcher.sandbox.remove_files import remove_folder

NEW, OLD = ".new", ".old"
"""How the folders of trees end that are being made, or removed."""


def remove_unused(folder: str) -> int | None:
    """Remove *folder*, a tree or a part of one, and return the bytes that are free now; None if it is in use.

    It gets another name first, so that no launch finds a part of it. Raises `HostError`.
    """
    lock = -1
    try:
        try:
            lock = os.open(f"{folder}/lock", os.O_RDONLY | os.O_CREAT, 0o600)  # its maker may be about to lock it
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not os.path.samestat(os.fstat(lock), os.stat(f"{folder}/lock")):
                return 0  # made anew by another process
        except FileNotFoundError:
            return 0  # removed by another process
        if not folder.endswith(OLD):
            renamed = f"{folder.removesuffix(NEW)}.{os.urandom(4).hex()}{OLD}"
            os.rename(folder, renamed)
            folder = renamed
        return remove_folder(os.fsencode(folder))
    except BlockingIOError:
        return None
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.ENOENT):
            return 0  # another process has just made its lock in the rest of this tree, and removes that
        reason = (error.strerror or str(error)).lower()
        raise HostError(folder, f"cannot be removed: {reason}", fix_for(error, folder)) from None
    finally:
        if lock >= 0:
            os.close(lock)
