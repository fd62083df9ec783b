"""Join the network that is kept for an app, or make one: a network namespace with a way out by pasta or slirp4netns."""

from __future__ import annotations

import fcntl
import os

from launcher.core.sandbox.network_files import (
    RESOLV_CONF,
    SYSTEMD_RESOLV_CONF,
    is_stub,
    needs_forwarder,
    resolver_text,
)
from launcher.core.values.checksum import verify
from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from launcher.core.sandbox.sandbox_traits import SandboxTraits


class Network(NamedTuple):
    """A network that a run has joined."""

    words: tuple[str, ...]
    """What goes before bwrap on the command line; bwrap then needs no ``--unshare-net``."""
    lock: int
    """A descriptor that keeps the network as long as it is open: close it when the run is over."""
    resolver: str
    """The text of the program's /etc/resolv.conf, unless its entry has `dns`."""


def join_network(
    folder: str, app: str, traits: SandboxTraits, *, share: bool = True, keep_seconds: int = 300
) -> Network:
    """Return the network of *app*, which has a name in *folder*; make it if there is none.

    It is kept until no run has used it for *keep_seconds*. With *share* = False it is a new one for this run only. No
    other user and no other app can reach it, and a program in it cannot reach the loopback of the machine. Raises
    `SandboxError` if it cannot be made; the machine's own network never takes its place.
    """
    text = _read_text(RESOLV_CONF)
    if is_stub(text):
        text = _read_text(SYSTEMD_RESOLV_CONF) or text
    path = record_path(folder, app) if share else ""

    if path and (found := _join(path, traits, text)):
        return found
    from launcher.sandbox import start_network  # noqa: PLC0415  the first run, or the first after some minutes

    turn = start_network.take_turn(folder)
    try:
        if path and (found := _join(path, traits, text)):  # another run was quicker
            return found
        keep = max(keep_seconds, 0) if share else 0
        lock, record = start_network.start_network(folder, path, traits, keep, needs_forwarder(text))
        return _network(lock, record, traits, text)
    finally:
        os.close(turn)


def record_path(folder: str, app: str) -> str:
    """Return the path of the record about the network of *app*."""
    name = app.replace("%", "%25").replace("/", "%2F")
    return f"{folder}/{f'%2E{name[1:]}' if name.startswith('.') else name}"


def _start_time(pid: int) -> str:
    """Return when process *pid* started, in clock ticks after the boot; "" if there is none."""
    fields = _read_text(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return fields[_STARTED] if len(fields) > _STARTED and fields[0] not in ("Z", "X") else ""


_STARTED = 19  # proc(5): field 22, counted after the second


def _join(path: str, traits: SandboxTraits, text: str) -> Network | None:
    """Return the network that the record at *path* tells of, held for this run; None if there is none any more."""
    try:
        lock = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH)
        status = os.fstat(lock)
        record = verify(os.read(lock, _LARGEST))
        if (
            status.st_nlink
            and status.st_uid == os.getuid()
            and not status.st_mode & _OTHERS
            and record["boot"] == _read_text("/proc/sys/kernel/random/boot_id")
            and record["started"] == _start_time(record["pid"])
            and (record["forwarder"] or not needs_forwarder(text))
        ):
            os.utime(lock)
            return _network(lock, record, traits, text)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    os.close(lock)
    return None


_LARGEST, _OTHERS = 4096, 0o077


def _network(lock: int, record: dict[str, Any], traits: SandboxTraits, text: str) -> Network:
    user = () if os.getuid() == 0 else ("--user", "--preserve-credentials")
    words = (traits.nsenter, "--target", str(record["pid"]), *user, "--net", "--")
    return Network(words, lock, resolver_text(text, str(record["forwarder"])))


def _read_text(path: str) -> str:
    try:
        with open(path, "rb", 0) as file:
            return file.read(_LARGEST).decode("utf-8", "surrogateescape")
    except OSError:
        return ""
