"""One run in a sandbox, from the start of bwrap to the program's exit code.

The program has the caller's own descriptors and terminal; nothing is relayed. Signals are received one by one while
they are blocked, as `launcher.core.sandbox.start_program` explains. If this process dies, however it dies, the kernel
kills bwrap and the program (``--die-with-parent``).
"""

from __future__ import annotations

import os

from launcher.core.sandbox.start_program import HELD_SIGNALS
from launcher.errors import SandboxError
from launcher.fast_stdlib import NamedTuple, loads, signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class SandboxStart(NamedTuple):
    """All that is needed to start a program in a sandbox."""

    bwrap: str
    """The path of bwrap."""
    options: tuple[str, ...]
    """Bwrap's options, which no other user shall see."""
    program: tuple[str, ...]
    """The start program, the program's path, and its argv."""
    seccomp: str
    """The path of the compiled filter of system calls."""
    before: tuple[str, ...] = ()
    """The words before bwrap, which enter a network namespace: an absolute path first."""
    reads: bool = True
    """Whether the program gets the caller's stdin, and not /dev/null."""
    grace: float = 10.0
    """Seconds between a request to end and SIGKILL."""
    is_pid_1: bool = False
    limits: tuple[tuple[int, int, int], ...] = ()
    """Resource limits (``RLIMIT_*`` of setrlimit(2)) with their soft and hard values."""


class SandboxEnd(NamedTuple):
    """How a run ended: its exit code, and the signals that this process received meanwhile."""

    exit_code: int
    received: tuple[int, ...] = ()


def run_sandbox(start: SandboxStart) -> SandboxEnd:
    """Run a program to its end; raises `SandboxError` if bwrap could not start it."""
    report, report_write = os.pipe()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, HELD_SIGNALS)
    try:
        child = _spawn(start, report_write)
        os.close(report_write)
        received: list[int] = []
        status = _wait(child, start, report, received)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    try:
        began = b'"exit-code"' in _read_all(report)
    finally:
        os.close(report)
    exit_code = os.waitstatus_to_exitcode(status)
    if exit_code < 0:
        return SandboxEnd(128 - exit_code, tuple(received))
    if not began and not received:
        raise SandboxError("bubblewrap", "could not start the program", "applaunch doctor")
    return SandboxEnd(exit_code, tuple(received))


def _spawn(start: SandboxStart, report: int) -> int:
    """Start bwrap and return its pid; raises `SandboxError`."""
    options = os.memfd_create("options", 0)
    seccomp = os.open(start.seccomp, os.O_RDONLY)
    try:
        os.set_inheritable(report, True)
        os.set_inheritable(seccomp, True)
        words = ("--seccomp", str(seccomp), "--json-status-fd", str(report), *start.options)
        data = b"".join([os.fsencode(word) + b"\0" for word in words])
        while data:
            data = data[os.write(options, data) :]
        os.lseek(options, 0, os.SEEK_SET)
        command = (*start.before, start.bwrap, "--args", str(options), "--", *start.program)
        return _start(start, command)
    except OSError as error:
        raise SandboxError("bubblewrap", f"cannot be started: {error.strerror}", "applaunch doctor") from None
    finally:
        os.close(options)
        os.close(seccomp)


def _start(start: SandboxStart, command: Sequence[str]) -> int:
    actions = [] if start.reads else [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
    if not start.limits:
        return os.posix_spawn(command[0], command, {}, file_actions=actions, setsigdef=_IGNORED_BY_PYTHON)
    from launcher.sandbox.limited_start import start_limited  # noqa: PLC0415  few apps

    return start_limited(command, start.limits, reads=start.reads)


_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)


def _wait(child: int, start: SandboxStart, report: int, received: list[int]) -> int:
    """Return the wait status of *child* when it has ended, forwarding signals to its program until then."""
    patience = None
    while True:
        found = signal.sigwaitinfo(HELD_SIGNALS) if patience is None else signal.sigtimedwait(HELD_SIGNALS, patience)
        if found is None or found.si_signo == signal.SIGCHLD:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return status
            if found is None:
                _send(start, report, signal.SIGKILL)
            continue
        received.append(found.si_signo)
        if found.si_code != _FROM_KERNEL:  # a key at the terminal: the program has it already
            _send(start, report, found.si_signo)
            if found.si_signo in _ENDING:
                patience = start.grace


_FROM_KERNEL = 0x80  # SI_KERNEL, sigaction(2)
_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT)


_inits: dict[int, int] = {}


def _send(start: SandboxStart, report: int, number: int) -> None:
    """Send signal *number* to the program itself, not to bwrap, which would not pass it on."""
    init = _inits.get(report) or _read_init(report)
    _inits[report] = init
    try:
        program = init if start.is_pid_1 else _first_child(init)
        if program:
            os.kill(program, number)
    except OSError:  # it has ended
        return


def _read_init(report: int) -> int:
    """Return the pid of the sandbox's first process, as bwrap reports it; 0 if it never began."""
    data = b""
    while not data.endswith(b"}\n"):
        more = os.read(report, 1)
        if not more:
            return 0
        data += more
    found = loads(data)
    return found.get("child-pid", 0) if isinstance(found, dict) else 0


def _first_child(init: int) -> int:
    """Return the first child of a sandbox's first process: the program; 0 if there is none, or no longer."""
    from time import sleep  # noqa: PLC0415  only for a signal

    for _ in range(_TRIES if init else 0):
        with open(f"/proc/{init}/task/{init}/children", "rb") as file:
            children = file.read().split()
        if children:
            return int(children[0])
        sleep(0.001)
    return 0


_TRIES = 1000


def _read_all(report: int) -> bytes:
    data = b""
    while more := os.read(report, 4096):
        data += more
    return data
