"""A folder that its owner can enter and root cannot: a FUSE mount without ``allow_root``, served by a process of ours.

A network folder that is exported with ``root_squash`` looks the same to an engine, which is root.
"""

import ctypes
import os
import struct
import subprocess
import sys
import threading
from contextlib import contextmanager

NO_SUCH, NOT_BUILT = 2, 38  # ENOENT, ENOSYS
LOOKUP, FORGET, GETATTR, STATFS, INIT, OPENDIR, READDIR, RELEASEDIR = 1, 2, 3, 17, 26, 27, 28, 29  # linux/fuse.h
HEADER = struct.Struct("=IIQQIIII")
NOSUID_NODEV, DETACH = 6, 2  # linux/mount.h


@contextmanager
def closed_folder(path, uid, namespace=0):
    """Mount a folder at *path* that *uid* alone can enter, until the block ends; in it is one folder, ``sub``.

    The mount is in the mount namespace of the process *namespace*, or in ours. Only root can do that.
    """
    path.mkdir()
    words = [sys.executable, "-m", "tests.closed_folder", path, str(uid), str(namespace)]
    server = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert server.stdout.read(1) == b"!", "no FUSE mount"
        yield path
    finally:
        server.stdin.close()
        server.stdout.close()
        assert server.wait(20) == 0


def _mount(path, uid, namespace):
    from tests import opened

    if namespace:
        opened.enter(namespace)
    libc = ctypes.CDLL(None, use_errno=True)
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=40755,user_id={uid},group_id={uid}"
    if libc.mount(b"closed", path.encode(), b"fuse", NOSUID_NODEV, options.encode()):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    threading.Thread(target=_serve, args=(device, uid), daemon=True).start()
    os.write(1, b"!")
    os.read(0, 1)
    libc.umount2(path.encode(), DETACH)


def _serve(device, uid):
    """Answer the kernel until this process ends."""
    attributes = struct.pack("=6Q10I", 1, 0, 0, 0, 0, 0, 0, 0, 0, 0o40755, 2, uid, uid, 0, 4096, 0)
    answers = {
        INIT: struct.pack("=IIIIHHIIHHI28x", 7, 31, 0, 0, 0, 0, 4096, 1, 0, 0, 0),
        LOOKUP: struct.pack("=4Q2I", 2, 1, 0, 0, 0, 0) + attributes,
        GETATTR: struct.pack("=QII", 0, 0, 0) + attributes,
        OPENDIR: bytes(16),
        READDIR: b"",
        RELEASEDIR: b"",
        STATFS: bytes(80),
    }
    while True:
        request = os.read(device, 1 << 20)
        _, opcode, unique, *_ = HEADER.unpack_from(request)
        error, body = (0, answers[opcode]) if opcode in answers else (-NOT_BUILT, b"")
        if opcode == LOOKUP and request[HEADER.size :] != b"sub\0":
            error, body = -NO_SUCH, b""
        if opcode != FORGET:
            os.write(device, struct.pack("=IiQ", 16 + len(body), error, unique) + body)


if __name__ == "__main__":
    _mount(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
