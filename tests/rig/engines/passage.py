"""How an engine in a network namespace of its own reaches the rig's registry on this machine's loopback.

Run as root: ``passage.py MEETING ADDRESS... -- PROGRAM...``. This process becomes PROGRAM, which enters such a namespace,
writes its pid to the fifo MEETING and reads a line there once the way is open. A child stays beside it: it listens in
that namespace at each ADDRESS (HOST:PORT) and joins every caller to the same address out here. Where nobody listens out
here the caller's connection is reset, a moment after it was made. The child ends with PROGRAM's pid namespace; where it
breaks before that, it ends PROGRAM.
"""

import asyncio
import atexit
import ctypes
import functools
import os
import signal
import socket
import struct
import sys
from pathlib import Path

CLONE_NEWNET = 0x40000000
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER of no seconds: to close is to reset."""


def main(words: list[str]) -> None:
    """Become the program; the child stays at the doors."""
    end = words.index("--")
    meeting, *addresses = words[:end]
    if os.fork():
        os.execvp(words[end + 1], words[end + 1 :])
    atexit.register(os.kill, os.getppid(), signal.SIGTERM)  # by then a traceback is in the log
    pid = int(Path(meeting).read_text())
    listeners = {each: _listening(pid, each) for each in addresses}
    Path(meeting).write_text("open\n")
    asyncio.run(_serve(listeners))


def _listening(pid: int, address: str) -> socket.socket:
    """Return a socket that listens where process *pid* is: a socket stays in the namespace it was made in."""
    host, _, port = address.partition(":")
    here, there = (os.open(f"/proc/{each}/ns/net", os.O_RDONLY | os.O_CLOEXEC) for each in ("self", pid))
    _enter(there)
    try:
        return socket.create_server((host, int(port)))
    finally:
        _enter(here)
        os.close(here)
        os.close(there)


def _enter(namespace: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)  # os.setns is Python 3.12's
    if libc.setns(namespace, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), f"setns: {os.strerror(ctypes.get_errno())}")


async def _serve(listeners: dict[str, socket.socket]) -> None:
    for address, listener in listeners.items():
        await asyncio.start_server(functools.partial(_join, address), sock=listener)
    await asyncio.Event().wait()


async def _join(address: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    host, _, port = address.partition(":")
    try:
        from_there, to_there = await asyncio.open_connection(host, int(port))
    except OSError:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        writer.transport.abort()
        return
    try:
        async with asyncio.TaskGroup() as both_ways:
            both_ways.create_task(_carry(reader, to_there))
            both_ways.create_task(_carry(from_there, writer))
    except* OSError:  # one side is gone without a word
        pass
    finally:
        to_there.close()
        writer.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


if __name__ == "__main__":
    main(sys.argv[1:])
