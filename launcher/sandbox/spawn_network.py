"""Start pasta or slirp4netns in the background, with a process that holds the namespace."""

from __future__ import annotations

import os
import select
import time

from launcher.fast_stdlib import NamedTuple, signal, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

PASTA_FORWARDER, SLIRP_FORWARDER = "169.254.1.1", "10.0.2.3"
"""The addresses inside at which the machine's resolver can be asked."""


class Started(NamedTuple):
    """A network that runs, or why it does not."""

    pid: int = 0
    """The process that holds it; 0: it does not run."""
    program: int = 0
    """The process of pasta or slirp4netns."""
    time: str = ""
    """When that process started, in clock ticks after the boot."""
    forwarder: str = ""
    """The address of the machine's resolver inside; "": it cannot be asked."""
    message: str = ""
    """What the program printed last."""

    def end(self) -> None:
        """End the network at once."""
        with suppress(OSError):
            os.kill(self.pid, signal.SIGKILL)


def spawn_network(program: str, unshare: str, holder: tuple[str, ...], options: tuple[str, ...]) -> Started:
    """Start *program*, pasta or slirp4netns, and *holder* in its namespace; return when programs can join it.

    *options* are pasta's, about addresses and ports.

    What runs then has none of our descriptors and is in a session of its own: a signal of the terminal does not reach
    it, and no pipe of the caller stays open for it.
    """
    is_slirp = os.path.basename(program) == "slirp4netns"
    errors = os.memfd_create("errors")
    output, theirs = os.pipe()
    try:
        group = os.fork()
        if group == 0:
            try:
                _become_daemon(theirs, errors)
                if is_slirp:
                    _exec_slirp(program, unshare, holder)
                _exec(program, *_PASTA_OPTIONS, *options, *(_IPV4 if _has_ipv4() else ()), "--", *holder)
            finally:  # whatever happened, this copy of the launcher must not go on
                os._exit(1)
        os.close(theirs)
        theirs = -1
        os.waitpid(group, 0)
        started, *words = _read_answer(output, is_slirp=is_slirp)
        message = os.pread(errors, _LARGEST, 0).decode("utf-8", "replace").strip()
    finally:
        for descriptor in (output, errors, *([theirs] if theirs >= 0 else [])):
            os.close(descriptor)
    if len(words) < 2 + is_slirp:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)  # pasta leaves a process that waits for it
        return Started(message=_explain(message))
    forwarder = SLIRP_FORWARDER if is_slirp else "" if _NO_SERVER in message else PASTA_FORWARDER
    return Started(int(words[0]), int(started), words[1].decode(), forwarder)


_PATIENCE = 20  # seconds
_LINES = 2  # of the answer: the program's pid, and what the holder prints
_LARGEST = 1 << 16
_NOISE = ("WARNING", "Failed to send")  # slirp4netns about its filter; pasta about syslog
_NO_SERVER = "Couldn't get any nameserver address"
_PASTA_OPTIONS = (
    *("--quiet", "--foreground", "--config-net"),
    *("--udp-ns", "none", "--no-map-gw"),  # with the options about ports: the machine's loopback cannot be reached
    *("--dns-forward", PASTA_FORWARDER),
)
_IPV4 = ("--ipv4-only",)  # as docker's bridge
_SLIRP_OPTIONS = ("--configure", "--mtu=65520", "--disable-host-loopback", "--enable-sandbox", "--enable-seccomp")


def _explain(message: str) -> str:
    """Return the line of *message* that tells why a network was not made."""
    lines = [line for line in message.splitlines() if not line.startswith(_NOISE)]
    if not lines:
        return f"it did not start within {_PATIENCE} seconds"
    return lines[-1] if lines[0].startswith("Traceback") else lines[0]  # the holder's, or the program's own


def _become_daemon(output: int, errors: int) -> None:
    os.setsid()
    if os.fork():
        os._exit(0)
    os.chdir("/")
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(output, 1)
    os.dup2(errors, 2)
    os.closerange(3, 1 << 16)
    os.write(1, b"%d\n" % os.getpid())
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        with suppress(OSError):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _exec(*argv: str) -> NoReturn:
    try:
        os.execve(argv[0], argv, {})  # noqa: S606  no shell: a program found on PATH and checked
    except OSError as error:
        os.write(2, f"{argv[0]}: {(error.strerror or str(error)).lower()}\n".encode())
    os._exit(1)


def _exec_slirp(program: str, unshare: str, holder: tuple[str, ...]) -> NoReturn:
    """Start the holder in namespaces of its own, and become slirp4netns, which ends when the holder does."""
    told, tell = os.pipe()
    alive, dies = os.pipe()
    if os.fork() == 0:
        os.dup2(tell, 1)
        os.set_inheritable(dies, True)
        _exec(unshare, *(() if os.getuid() == 0 else ("--user", "--map-root-user")), "--net", "--", *holder)
    os.close(dies)
    os.close(tell)
    line = os.read(told, 100)
    if not line:
        os._exit(1)
    os.write(1, line)
    ready = os.dup(1)
    os.dup2(2, 1)
    for descriptor in (ready, alive):
        os.set_inheritable(descriptor, True)
    pid = line.split()[0].decode()
    _exec(program, *_SLIRP_OPTIONS, f"--ready-fd={ready}", f"--exit-fd={alive}", pid, "tap0")


def _read_answer(output: int, *, is_slirp: bool) -> list[bytes]:
    """Return the program's pid, the holder's line as words, and slirp4netns's "1", as soon as they are in *output*.

    If the program ends, others may still hold the pipe open: then there is less.
    """
    deadline, data = time.monotonic() + _PATIENCE, b""
    watched: list[int] = []
    try:
        while data.count(b"\n") < _LINES or (is_slirp and data.endswith(b"\n")):
            ready, _, _ = select.select([output, *watched], [], [], max(deadline - time.monotonic(), 0))
            if output not in ready or not (chunk := os.read(output, 100)):
                break
            data += chunk
            if not watched and b"\n" in data:
                with suppress(OSError):
                    watched.append(os.pidfd_open(int(data.partition(b"\n")[0])))
    finally:
        for descriptor in watched:
            os.close(descriptor)
    return data.split() or [b"0"]


def _has_ipv4() -> bool:
    """Return whether the machine has a default route of IPv4: pasta refuses `--ipv4-only` without one."""
    with suppress(OSError), open("/proc/net/route", "rb") as file:
        return any(line.split()[1:2] == [b"00000000"] for line in file)
    return False
