"""A function of this process, run as an ordinary user who has no capability at all.

Root's Python may be where other users cannot read it, and bwrap refuses a caller with ambient capabilities. So the
function runs in a fork; what it imports late must be imported before.
"""

import ctypes
import os
import pickle
import stat
import sys
import tempfile
import traceback
from pathlib import Path

UID = 4343
SYSTEM_PYTHON = "/usr/bin/python3"
CLONE_NEWUSER, CLONE_NEWNS = 0x10000000, 0x00020000  # linux/sched.h
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000  # linux/mount.h


def call_as(uid, function, *args, **named):
    """Return what *function* returns when user *uid* calls it, or fail with its traceback."""

    def body():
        become(uid)
        return function(*args, **named)

    return _forked(body, lambda _: None)


def call_with_tunnels(uid, function, *args, files=()):
    """Do the same where /dev/net/tun is open to everybody, in a mount namespace of its own, as it is on most machines.

    *files* are pairs: what is bound over what. The network's holder runs on the system's own Python, which *uid* can
    read.
    """

    def body():
        assert LIBC.unshare(CLONE_NEWNS) == 0
        assert LIBC.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) == 0
        with tempfile.TemporaryDirectory() as folder:
            os.mknod(f"{folder}/tun", 0o666 | stat.S_IFCHR, os.makedev(10, 200))
            os.chmod(f"{folder}/tun", 0o666)
            for source, target in ((f"{folder}/tun", "/dev/net/tun"), *files):
                assert LIBC.mount(os.fsencode(source), os.fsencode(target), None, MS_BIND, None) == 0, target
        sys.executable = SYSTEM_PYTHON
        os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
        if uid:
            become(uid)
        return function(*args)

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
