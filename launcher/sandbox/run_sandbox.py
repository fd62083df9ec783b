"""One run in a sandbox, from the start of bwrap to the program's exit code.

The program has the caller's own descriptors and terminal; nothing is relayed. Signals are received one by one while
they are blocked, as `launcher.core.sandbox.start_program` explains. If this process dies, however it dies, the kernel
kills bwrap and the program (``--die-with-parent``).
"""

from __future__ import annotations

import errno
import time

from launcher.errors import ReplacedError, SandboxError
from launcher.fast_stdlib import NamedTuple, os, signal
from launcher.sandbox.bwrap_report import BwrapReport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


HELD_SIGNALS = (
    *(signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGTERM),
    signal.SIGCONT,
    signal.SIGCHLD,
)
"""The signals that are blocked while a program runs, and received one by one."""


class Bind(NamedTuple):
    """A mount whose source shall be what it was when it was planned."""

    option: str
    """Bwrap's word: ``bind``, ``ro-bind``."""
    source: str
    target: str
    device: int
    inode: int


class Text(NamedTuple):
    """A read-only file that is made for one run."""

    target: str
    text: str


class SandboxStart(NamedTuple):
    """All that is needed to start a program in a sandbox, in plain values."""

    bwrap: str
    """The path of bwrap."""
    options: tuple[str | Bind | Text, ...]
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
    limits: tuple[tuple[str, int, int], ...] = ()
    """Resource limits by docker's names (``nofile``), with their soft and hard values."""
    binds_descriptors: bool = False
    """Whether bwrap can mount what a descriptor refers to (``--bind-fd``)."""


class SandboxEnd(NamedTuple):
    """How a run ended: its exit code, and the signals that this process received meanwhile."""

    exit_code: int
    received: tuple[int, ...] = ()


def run_sandbox(start: SandboxStart) -> SandboxEnd:
    """Run a program to its end; raises `SandboxError` if bwrap could not start it."""
    with _open_report() as report:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, HELD_SIGNALS)
        try:
            child = _spawn(start, report)
            report.close_writing()
            received: list[int] = []
            exit_code = os.waitstatus_to_exitcode(_wait(child, start, report, received))
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if exit_code < 0:
            return SandboxEnd(128 - exit_code, tuple(received))
        if not received and not report.has_begun():
            raise SandboxError("bubblewrap", report.read_errors(), "applaunch doctor")
        return SandboxEnd(exit_code, tuple(received))


def _open_report() -> BwrapReport:
    try:
        return BwrapReport()
    except OSError as error:
        raise _not_started(error) from None


def _not_started(error: OSError) -> SandboxError:
    fix = "ulimit -n 64" if error.errno in (errno.EMFILE, errno.ENFILE) else "applaunch doctor"
    return SandboxError("bubblewrap", f"cannot be started: {(error.strerror or str(error)).lower()}", fix)


def _spawn(start: SandboxStart, report: BwrapReport) -> int:
    """Start bwrap and return its pid; raises `SandboxError`."""
    kept: list[int] = []
    try:
        kept += [os.memfd_create("options"), os.open(start.seccomp, os.O_RDONLY), os.dup(_STDERR)]
        options, seccomp, stderr = kept
        words = ["--seccomp", str(seccomp), "--json-status-fd", str(report.writing)]
        for option in start.options:
            if isinstance(option, str):
                words.append(option)
            else:
                words += _text_words(*option, kept) if isinstance(option, Text) else _bind_words(option, start, kept)
        data = b"".join([os.fsencode(word) + b"\0" for word in words])
        _check_room(max(kept), start)
        while data:
            data = data[os.write(options, data) :]
        os.lseek(options, 0, os.SEEK_SET)
        for descriptor in (report.writing, *kept[:3]):
            os.set_inheritable(descriptor, True)
        init, *program = start.program
        command = (*start.before, start.bwrap, "--args", str(options), "--", init, str(stderr), *program)
        return _start(start, command, report.errors)
    except OSError as error:
        raise _not_started(error) from None
    finally:
        for descriptor in kept:
            os.close(descriptor)


def _check_room(highest: int, start: SandboxStart) -> None:
    """Raise OSError if bwrap could not open some descriptors above *highest*: it would end, but its child never."""
    limits = [soft for name, soft, _ in start.limits if name == "nofile"]
    if highest + _NEEDED > min([os.sysconf("SC_OPEN_MAX"), *limits]):
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


_NEEDED = 8
"""How many descriptors bwrap opens itself."""


def _bind_words(bind: Bind, start: SandboxStart, kept: list[int]) -> tuple[str, str, str]:
    """Return bwrap's words for a mount, and add its source's descriptor to those *kept* open.

    A path may be exchanged while bwrap starts, for a link to a secret; what a descriptor refers to may not. Raises
    `ReplacedError` if it was exchanged since it was planned. A bwrap that cannot mount what a descriptor refers to must
    not inherit it: the program would inherit it too, and could leave the sandbox by it.
    """
    option, source, target, device, inode = bind
    descriptor = os.open(source, os.O_PATH | os.O_CLOEXEC)
    kept.append(descriptor)
    seen = os.fstat(descriptor)
    if (seen.st_dev, seen.st_ino) != (device, inode):
        what = f"{source} was replaced while it was being mounted"
        raise ReplacedError("launch", what, "try again when no other program changes it")
    if not start.binds_descriptors:
        return f"--{option}", source, target
    os.set_inheritable(descriptor, True)
    return f"--{option}-fd", str(descriptor), target


def _text_words(target: str, text: str, kept: list[int]) -> tuple[str, ...]:
    kept.append(os.memfd_create("text"))
    os.write(kept[-1], os.fsencode(text))
    os.lseek(kept[-1], 0, os.SEEK_SET)
    os.set_inheritable(kept[-1], True)
    return "--perms", "0644", "--ro-bind-data", str(kept[-1]), target


def _start(start: SandboxStart, command: tuple[str, ...], errors: int) -> int:
    if start.limits:
        from launcher.sandbox.limited_start import start_limited  # noqa: PLC0415  few apps

        return start_limited(command, start.limits, errors, reads=start.reads)
    actions: list[Any] = [(os.POSIX_SPAWN_DUP2, errors, _STDERR)]
    if not start.reads:
        actions.append((os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0))
    return os.posix_spawn(command[0], command, {}, file_actions=actions, setsigdef=_IGNORED_BY_PYTHON)


_STDERR = 2
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)


def _wait(child: int, start: SandboxStart, report: BwrapReport, received: list[int]) -> int:
    """Return the wait status of *child* when it has ended, forwarding signals to its program until then."""
    deadline = None
    while True:
        left = _LONGEST_SLEEP if deadline is None else max(0.0, min(_LONGEST_SLEEP, deadline - time.monotonic()))
        found = signal.sigtimedwait(HELD_SIGNALS, left)
        if found is None or found.si_signo == signal.SIGCHLD:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return status
            if deadline is not None and time.monotonic() >= deadline:
                _send(start, report, signal.SIGKILL)
                deadline = time.monotonic() + _LONGEST_SLEEP
            continue
        received.append(found.si_signo)
        if found.si_code != _FROM_KERNEL or _is_hangup_for_us(found.si_signo):
            is_repeated = found.si_signo == signal.SIGTERM and deadline is not None
            _send(start, report, signal.SIGKILL if is_repeated else found.si_signo)
            if found.si_signo in _ENDING and deadline is None:
                deadline = time.monotonic() + start.grace


def _is_hangup_for_us(number: int) -> bool:
    """Tell whether a signal from the kernel came to this process alone, which has the terminal that was closed.

    All others are keys at the terminal, and went to the program as well (tty_ioctl(4), setsid(2)).
    """
    return number == signal.SIGHUP and os.getsid(0) == os.getpid()


_LONGEST_SLEEP = 2.0  # seconds: if this process has threads, one of them may get the SIGCHLD in our place
_FROM_KERNEL = 0x80  # SI_KERNEL, sigaction(2)
_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)  # not Ctrl-C, which ends a line in a program that reads


def _send(start: SandboxStart, report: BwrapReport, number: int) -> None:
    """Send signal *number* to the program itself, not to bwrap, which would not pass it on."""
    from launcher.sandbox.inner_process import find_child  # noqa: PLC0415  only for a signal

    init = report.read_init()
    try:
        program = init if start.is_pid_1 else find_child(init)
        if program:
            os.kill(program, number)
    except OSError:  # it has ended
        return
