"""A function of this process, run as an ordinary user who has no capability at all.

Root's Python may be where other users cannot read it, and bwrap refuses a caller with ambient capabilities. So the
function runs in a fork; what it imports late must be imported before.
"""

import ctypes
import os
import pickle
import traceback
from pathlib import Path

UID = 4343
CLONE_NEWUSER = 0x10000000  # linux/sched.h


def call_as(uid, function, *args, **named):
    """Return what *function* returns when user *uid* calls it, or fail with its traceback."""

    def body():
        become(uid)
        return function(*args, **named)

    return _forked(body, lambda _: None)


def call_without_user_namespaces(uid, function, *args):
    """Do the same in a user namespace in which no other can be made."""

    def body():
        assert LIBC.unshare(CLONE_NEWUSER) == 0
        os.write(ready[1], b"x")
        os.read(mapped[0], 1)
        Path("/proc/sys/user/max_user_namespaces").write_text("0")
        become(uid)
        return function(*args)

    def map_ids(child):
        os.read(ready[0], 1)
        for name in ("uid_map", "gid_map"):
            Path(f"/proc/{child}/{name}").write_text("0 0 65536\n")
        os.write(mapped[1], b"x")

    ready, mapped = os.pipe(), os.pipe()
    try:
        return _forked(body, map_ids)
    finally:
        for descriptor in (*ready, *mapped):
            os.close(descriptor)


def become(uid):
    """Make this process an ordinary user's, for good."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


LIBC = ctypes.CDLL(None)


def _forked(body, meanwhile):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(read)
            result = True, body()
        except BaseException:  # noqa: BLE001  the parent shall see it, whatever it is
            result = False, traceback.format_exc()
        with open(write, "wb") as pipe:
            pickle.dump(result, pipe)
        os._exit(0)
    os.close(write)
    meanwhile(child)
    with open(read, "rb") as pipe:
        data = pipe.read()
    os.waitpid(child, 0)
    fine, result = pickle.loads(data)
    assert fine, result
    return result
