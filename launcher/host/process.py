"""Who called, what was typed, and where: the facts of this process."""

from __future__ import annotations

import os
import sys

from launcher.core.values.invocation import Invocation
from launcher.errors import HostError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def read_invocation(name: str, args: Sequence[str], env: Mapping[str, str] = os.environ) -> Invocation:
    """Read everything that a plan may want to know; raises `HostError` where the current folder is gone."""
    uid = os.getuid()
    env = own_environment(env)
    home, user = home_and_user(env)
    rows, columns = terminal_size()
    return Invocation(
        name=name,
        args=tuple(args),
        cwd=_cwd(name),
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


def home_and_user(env: Mapping[str, str] = os.environ) -> tuple[str, str]:
    """Return the caller's home and login name: HOME as the shell has it, the name as the system has it.

    Of root in another user's HOME (`sudo -E`) it is root's own: what root writes there the user could not change.
    """
    import pwd  # noqa: PLC0415  not on every platform

    try:
        entry = pwd.getpwuid(os.getuid())
        home, user = entry.pw_dir, entry.pw_name
    except KeyError:
        home, user = "/", f"user{os.getuid()}"
    given = env.get("HOME") or home
    return os.path.realpath(home if _is_anothers(given) else given), user


def own_environment(env: Mapping[str, str]) -> Mapping[str, str]:
    """Return *env*; of root in another user's folders (`sudo -E`) it is without the variables that lead there."""
    if os.getuid() != _ROOT or not (named := foreign_variables(env)):
        return env
    if "HOME" not in named:
        return {name: value for name, value in env.items() if name not in named}
    return {name: value for name, value in env.items() if name not in _FOLDERS} | {"HOME": home_and_user(env)[0]}


def foreign_variables(env: Mapping[str, str]) -> list[str]:
    """Return the variables that lead root into another user's folders; none for anybody else."""
    return [name for name in ("HOME", *_FOLDERS) if _is_anothers(env.get(name, ""))]


def _is_anothers(path: str) -> bool:
    """Tell whether we are root, and the folder at *path*, or the first that there is above it, is another user's."""
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
    """Return the caller's home as the system has it, which need not be HOME; empty for a uid without an account."""
    import pwd  # noqa: PLC0415  not on every platform

    try:
        return (os.path.realpath(pwd.getpwuid(os.getuid()).pw_dir),)
    except (KeyError, OSError):
        return ()


def open_standard_descriptors() -> None:
    """Open /dev/null in the place of any of the descriptors 0 to 2 that is closed, before a socket takes it."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        pass
    os.close(descriptor)


_STDERR = 2


def keep_owner_permissions() -> None:
    """Take the owner's rights out of the umask: with 0777, nobody could read again what we write."""
    mask = os.umask(0o077)
    os.umask(mask & 0o077)


def is_terminal(descriptor: int) -> bool:
    """Tell whether *descriptor* is a terminal; one that is closed is none."""
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def terminal_size() -> tuple[int, int]:
    """Return the rows and columns of the terminal that people look at; zeros where there is none."""
    for descriptor in (1, 0, 2):
        try:
            size = os.get_terminal_size(descriptor)
        except OSError:
            continue
        return size.lines, size.columns
    return 0, 0


def process_stamp(pid: int) -> str:
    """Return when process *pid* began, so that a pid used again is not taken for it; "" where none is known."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            ticks = file.read().rpartition(b")")[2].split()[19].decode()
        return f"{ticks}@{_seen_from()}"
    except (OSError, IndexError):
        return ""


def _seen_from() -> str:
    """Return this boot's id; in a container with its pid namespace, where the machine's processes are not seen."""
    with open("/proc/sys/kernel/random/boot_id", "rb") as file:
        boot = file.read().strip().decode()
    namespace = os.stat("/proc/self/ns/pid").st_ino
    return boot if namespace == _MACHINE else f"{boot}:{namespace}"


_MACHINE = 0xEFFFFFFC  # the first pid namespace, in which every process is seen (linux/proc_ns.h, PROC_PID_INIT_INO)


def live_stamps() -> tuple[set[str], str]:
    """Return the stamps of all processes, and where they are seen from; nothing where other people's are hidden."""
    if not os.path.exists("/proc/1/stat"):  # mounted with hidepid: what is not seen may be alive all the same
        return set(), ""
    stamps = {process_stamp(int(name)) for name in os.listdir("/proc") if name.isdigit()}
    return stamps, process_stamp(os.getpid()).partition("@")[2]


def command_name(script: str, known: str) -> str:
    """Return the command's name: the script's, or what it links to where *known* (a folder) has only that."""
    name = os.path.basename(script)
    if os.path.islink(script) and not os.path.exists(f"{known}/{name}"):
        return os.path.basename(os.path.realpath(script))
    return name


def _cwd(name: str) -> str:
    try:
        return os.getcwd()
    except OSError:
        raise HostError(name, "the current folder does not exist any more", "cd to another one") from None


def _has_input() -> bool:
    """Tell whether anything could come on stdin: it is open, and not /dev/null."""
    try:
        status, null = os.fstat(0), os.stat(os.devnull)
    except OSError:
        return False
    return (status.st_rdev, status.st_ino, status.st_dev) != (null.st_rdev, null.st_ino, null.st_dev)


def die_by_signal(signal: int, *, with_group: bool = False) -> None:
    """End this process by *signal*, so that whoever waits for it sees what a native program would show.

    *with_group* sends it to all of the terminal's foreground job, as the terminal does when Ctrl-C is typed: a script
    that called us ends too.
    """
    from signal import SIG_DFL  # noqa: PLC0415  only at the very end
    from signal import signal as set_handler  # noqa: PLC0415  only at the very end

    sys.stdout = None  # nothing of ours is left to flush, and a broken pipe must not be told
    set_handler(signal, SIG_DFL)
    if with_group:
        os.killpg(0, signal)
    os.kill(os.getpid(), signal)
