"""Make every system call with harmless arguments, each in a process of its own, and print what came of it as JSON.

A program for the inside of containers and sandboxes: it needs nothing but Python.
"""

import contextlib
import ctypes
import json
import os
import select
import signal
import sys

PATIENCE, SHORT = 5, 0.2  # seconds; what takes longer waits for something: it is not refused
WAITING = {23, 34, 270, 271}  # select, pause, pselect6, ppoll
LIBC = ctypes.CDLL(None, use_errno=True)
WORD = ctypes.c_ulong
NOTHING, ODD = (0,) * 6, (0xFFFFFFFFFFFFFFFF,) * 6
X32 = 0x40000000


def cases():
    """Yield a name, the number of the call and its arguments."""
    for number in range(471):
        yield f"{number} zeros", number, NOTHING
        yield f"{number} ones", number, ODD
    for number in range(0, 550, 3):
        yield f"x32 {number}", number | X32, NOTHING
    for value in (0, 8, 0x20000, 0x20008, 0xFFFFFFFF, 0x40000, 0x400000, 0x100000000):
        yield f"personality {value:#x}", 135, (value,)
    for bit in range(8, 32):  # the first eight are the number of a signal
        yield f"clone {1 << bit:#x}", 56, (1 << bit | 0x11,)
    for family in range(46):
        yield f"socket {family}", 41, (family, 1, 0)
    for request in (0x5401, 0x5413, 0x5412, 0x541C, 0x100005412, 0x10000541C):
        yield f"ioctl {request:#x}", 16, (0, request, 0)


def outcome(number, arguments):
    """Return "fine", the number of an error, "signal" or "waits"."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        os.dup2(write, 99)  # low descriptors may be closed by the call
        ctypes.set_errno(0)
        result = LIBC.syscall(WORD(number), *[WORD(each) for each in arguments])
        os.write(99, str(ctypes.get_errno() if result == -1 else "fine").encode())
        os._exit(0)
    os.close(write)
    ready, _, _ = select.select([read], [], [], SHORT if number in WAITING else PATIENCE)
    said = os.read(read, 20).decode().replace("finefine", "fine") if ready else "waits"  # clone: from two processes
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(OSError):
            kill(child, signal.SIGKILL)
    os.close(read)
    os.waitpid(child, 0)
    return said or "signal"


if __name__ == "__main__":
    os.dup2(os.pipe()[0], 0)  # a pipe: what root does to a device in a sandbox, it does to the machine's own
    json.dump({name: outcome(number, arguments) for name, number, arguments in cases()}, sys.stdout)
