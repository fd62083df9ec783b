"""The facts of this process: user, arguments, environment, folder and terminal."""

from __future__ import annotations

import os
import sys

from launcher.core.values.invocation import Invocation
from launcher.errors import HostError
from launcher.fast_stdlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def read_invocation(name: str, args: Sequence[str], env: Mapping[str, str] = os.environ) -> Invocation:
    """Return the facts that a plan needs; raises `HostError` if the current folder no longer exists."""
    uid = os.getuid()
    env = own_environment(env)
    if env is os.environ and env.get("LC_CTYPE") in _COERCED:
        from launcher.host.coerced_locale import without_coerced_locale  # noqa: PLC0415  without a locale, as in cron

        env = without_coerced_locale(env)
    home, user = home_and_user(env)
    rows, columns = terminal_size()
    return Invocation(
        name=name,
        args=tuple(args),
        cwd=(cwd := _cwd(name)),
        typed_cwd=_typed_cwd(cwd, env.get("PWD", "")),
        home=home,
        user=user,
        uid=uid,
        gid=os.getgid(),
        groups=tuple(os.getgroups()),
        env=env,
        stdin_open=_has_input(),
        stdin_tty=is_terminal(0),
        stdout_tty=is_terminal(1),
        rows=rows,
        columns=columns,
        pid=os.getpid(),
        started=process_stamp(os.getpid()),
    )


_COERCED = ("C.UTF-8", "C.utf8", "UTF-8")  # what Python sets (PEP 538)


def _typed_cwd(cwd: str, typed: str) -> str:
    """Return *typed*, if it is another absolute path of the current folder *cwd*; else ""."""
    if typed == cwd or not typed.startswith("/"):
        return ""
    with suppress(OSError, ValueError):
        if os.path.samefile(typed, cwd):
            return "/" + os.path.normpath(typed).lstrip("/")
    return ""


def home_and_user(env: Mapping[str, str] = os.environ) -> tuple[str, str]:
    """Return the caller's home (from HOME) and login name (from the account).

    If root runs with another user's HOME (`sudo -E`), it is root's own home: the user could not change files that root
    writes there.
    """
    import pwd  # noqa: PLC0415  not on every platform

    try:
        entry = pwd.getpwuid(os.getuid())
        home, user = entry.pw_dir, entry.pw_name
    except KeyError:
        home, user = "/", f"user{os.getuid()}"
    from_env = env.get("HOME") or home
    return os.path.realpath(home if _belongs_to_other(from_env) else from_env), user


def own_environment(env: Mapping[str, str]) -> Mapping[str, str]:
    """Return *env*, for root without the variables that name another user's folders (`sudo -E`)."""
    if os.getuid() != _ROOT or not (foreign := foreign_variables(env)):
        return env
    if "HOME" not in foreign:
        return {name: value for name, value in env.items() if name not in foreign}
    return {name: value for name, value in env.items() if name not in _FOLDERS} | {"HOME": home_and_user(env)[0]}


def foreign_variables(env: Mapping[str, str]) -> list[str]:
    """Return the variables that make root use another user's folders; empty for any other user."""
    return [name for name in ("HOME", *_FOLDERS) if _belongs_to_other(env.get(name, ""))]


def _belongs_to_other(path: str) -> bool:
    """Return whether we are root and *path*, or its nearest existing parent, belongs to another user."""
    if os.getuid() != _ROOT or not path.startswith("/"):
        return False
    while True:
        try:
            return os.stat(path).st_uid != _ROOT
        except OSError:
            path = os.path.dirname(path)


_ROOT = 0
_FOLDERS = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_BIN_HOME")


def system_homes() -> tuple[str, ...]:
    """Return the home in the caller's account, which may differ from HOME; empty for a uid without an account."""
    import pwd  # noqa: PLC0415  not on every platform

    try:
        return (os.path.realpath(pwd.getpwuid(os.getuid()).pw_dir),)
    except (KeyError, OSError):
        return ()


def open_standard_descriptors() -> None:
    """Open /dev/null for each of the descriptors 0 to 2 that is closed, so that no socket gets its number.

    A program in a sandbox inherits its input: else bwrap would open something there, and a program that reads would
    wait for ever. Its outputs stay closed, so that writing to them fails.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        os.set_inheritable(descriptor, descriptor == 0)
    os.close(descriptor)


_STDERR = 2


def keep_owner_permissions() -> None:
    """Clear the owner's bits in the umask: with umask 0777 we could not read our own files again."""
    mask = os.umask(0o077)
    os.umask(mask & 0o077)


def read_umask() -> int:
    """Return the umask of this process."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def is_terminal(descriptor: int) -> bool:
    """Return whether *descriptor* is an open terminal."""
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def terminal_size() -> tuple[int, int]:
    """Return the rows and columns of the terminal, or zeros if there is none."""
    for descriptor in (1, 0, 2):
        try:
            size = os.get_terminal_size(descriptor)
        except OSError:
            continue
        return size.lines, size.columns
    return 0, 0


def process_stamp(pid: int) -> str:
    """Return a stamp of process *pid*, which distinguishes it from all others; "" if unknown.

    It is the start time in ticks since boot (hundredths of a second, in which many processes may start), the pid in
    the process's own namespace, and the boot id: ``1234.77@...``.
    """
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            ticks = file.read().rpartition(b")")[2].split()[19].decode()
        return f"{ticks}.{_own_pid(pid)}@{_namespace_stamp()}"
    except (OSError, IndexError):
        return ""


def _own_pid(pid: int) -> int:
    """Return the pid of process *pid* in its own namespace, which may be one inside ours."""
    if pid == os.getpid():
        return pid
    with open(f"/proc/{pid}/status", "rb") as file:
        return int(file.read().partition(b"\nNSpid:")[2].split(b"\n", 1)[0].split()[-1])


def _namespace_stamp() -> str:
    """Return the boot id, in a container with its pid namespace."""
    with open("/proc/sys/kernel/random/boot_id", "rb") as file:
        boot = file.read().strip().decode()
    namespace = os.stat("/proc/self/ns/pid").st_ino
    return boot if namespace == _MACHINE else f"{boot}:{namespace}"


_MACHINE = 0xEFFFFFFC  # the machine's own pid namespace (linux/proc_ns.h, PROC_PID_INIT_INO)


def live_stamps() -> tuple[set[str], str]:
    """Return the stamps of all processes, and their pid namespace; nothing if other users' processes are hidden."""
    if not os.path.exists("/proc/1/stat"):  # with hidepid, an invisible process may be alive
        return set(), ""
    stamps = {process_stamp(int(name)) for name in os.listdir("/proc") if name.isdigit()}
    return stamps, process_stamp(os.getpid()).partition("@")[2]


def command_name(script: str, known: str) -> str:
    """Return the command's name: that of *script*, or that of its link target if only that is in the folder *known*."""
    name = os.path.basename(script)
    if os.path.islink(script) and not os.path.exists(f"{known}/{name}"):
        return os.path.basename(os.path.realpath(script))
    return name


def _cwd(name: str) -> str:
    try:
        return os.getcwd()
    except OSError:
        raise HostError(name, "the current folder no longer exists", "cd to another folder") from None


def _has_input() -> bool:
    """Return whether stdin can have any input: it is open and is not /dev/null."""
    try:
        status, null = os.fstat(0), os.stat(os.devnull)
    except OSError:
        return False
    return (status.st_rdev, status.st_ino, status.st_dev) != (null.st_rdev, null.st_ino, null.st_dev)


def die_by_signal(signal: int, *, with_group: bool = False) -> None:
    """End this process by *signal*, so that the parent process sees the same as from a native program.

    *with_group* sends it to the whole foreground process group, as the terminal does for Ctrl-C, so that a calling
    script ends, too.
    """
    import signal as signals  # noqa: PLC0415  only at the very end

    sys.stdout = None  # nothing is left to flush, and a broken pipe must not be reported
    signals.signal(signal, signals.SIG_DFL)
    if with_group:
        os.killpg(0, signal)
    os.kill(os.getpid(), signal)
