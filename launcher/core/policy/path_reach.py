"""What access to a path of this machine gives: control of an engine, of the machine, of the home, or the path only."""

import posixpath
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from launcher.core.policy.engine_sockets import is_engine_socket
from launcher.core.policy.key_risks import RISKS
from launcher.core.values.invocation import Invocation


class MachineFacts(NamedTuple):
    """Facts about this machine that permissions depend on."""

    real_paths: Mapping[str, str] = {}  # each path with links resolved, and with one name for each folder
    sockets: tuple[str, ...] = ()  # of engines
    own: tuple[str, ...] = ()  # applaunch's own folders
    homes: tuple[str, ...] = ()  # the caller's home in passwd, in case HOME is another folder
    rootless: bool = False  # the current engine is known to run as the caller
    remapped: bool = False  # the current engine is known to map the users of images to other ids (userns-remap)


class Reach(NamedTuple):
    """The risk class of a path, and a description of what it is ("" for an ordinary path)."""

    risk: str
    words: str = ""


class SensitivePath(NamedTuple):
    """A path of this machine that gives access to more than its content."""

    path: str
    words: str
    reading: str  # the risk class of reading it
    writing: str
    deep: bool = False  # applies to everything below it, too
    alone: bool = False  # does not apply to reading a parent folder, because the path may not exist


_C, _H = "critical", "high"
_ENGINE = "an engine's socket"
_MACHINE = (
    SensitivePath("/", "the whole machine", _C, _C),
    SensitivePath("/proc", "the machine's processes and, through them, its disk", _C, _C, deep=True),
    SensitivePath("/dev", "the machine's devices", _C, _C),
    SensitivePath("/sys", "the machine's kernel", _H, _C, deep=True),
    SensitivePath("/etc", "the machine's configuration", _H, _C, deep=True),
    SensitivePath("/boot", "the machine's kernel and boot loader", _H, _C, deep=True),
    *(
        SensitivePath(path, "programs that the machine runs as root", _H, _C, deep=True)
        for path in ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix")
    ),
    *(
        SensitivePath(path, "the engine's images and containers", _C, _C, deep=True)
        for path in (
            *("/var/lib/docker", "/var/lib/containers", "/var/lib/containerd", "/var/lib/rancher", "/var/lib/kubelet"),
            *("/run/docker", "/run/containerd", "/run/containers", "/run/crio", "/run/k3s"),
        )
    ),
    *(
        SensitivePath(path, "jobs and services of the machine", _H, _C, deep=True)
        for path in ("/var/spool/cron", "/var/spool/at", "/var/lib/systemd", "/run/systemd")
    ),
    SensitivePath("/run/dbus", "the system bus", _C, _C, deep=True),
    SensitivePath("/run/user", "the sockets of every session", _C, _C),
    SensitivePath("/tmp/.X11-unix", "the X11 display", _C, _C, deep=True),
)
_USUAL = (
    *("/run/docker.sock", "/run/podman/podman.sock", "/run/containerd/containerd.sock", "/run/crio/crio.sock"),
    *("/run/buildkit/buildkitd.sock", "/run/cri-dockerd.sock"),
)
_OF_SESSION = ("docker.sock", "podman/podman.sock", "buildkit/buildkitd.sock", "bus", "gnupg", "systemd", "dbus-1")
_OF_HOME = (".docker/run", ".docker/desktop", ".colima", ".lima", ".orbstack/run", ".rd", ".finch")
STARTUP_PATHS = (
    *(".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".profile", ".bash_aliases", ".inputrc"),
    *(
        ".zshrc",
        ".zshenv",
        ".zprofile",
        ".zlogin",
        ".config/fish",
        ".xprofile",
        ".xsession",
        ".xinitrc",
        ".pam_environment",
    ),
    *(".config/autostart", ".config/systemd", ".config/environment.d", ".local/share/systemd"),
    *(".local/bin", "bin", ".config/applaunch", ".local/share/applaunch", ".local/state/applaunch", ".cache/applaunch"),
    ".local/share/containers",
)
"""Paths in a home that run as its owner, or configure what runs."""


def sensitive_paths(call: Invocation, machine: MachineFacts) -> tuple[SensitivePath, ...]:
    """Return the sensitive paths for this caller, the whole machine first, and the targets of those that are links."""
    written = tuple(_paths_of(call, machine))
    resolved = (
        each._replace(path=machine.real_paths[each.path]) for each in written if each.path in machine.real_paths
    )
    return tuple(dict.fromkeys((*written, *resolved)))


def _paths_of(call: Invocation, machine: MachineFacts) -> Iterator[SensitivePath]:
    yield from _MACHINE
    homes = tuple(dict.fromkeys(home.rstrip("/") for home in (call.home, *machine.homes)))
    if call.home != "/root":
        yield SensitivePath("/root", "root's home", _H, _C, deep=True)
    yield from (SensitivePath(path, _ENGINE, _C, _C, deep=True) for path in (*_USUAL, *machine.sockets))
    runtime = call.env.get("XDG_RUNTIME_DIR", "").rstrip("/")
    for folder in dict.fromkeys((runtime or f"/run/user/{call.uid}", f"/run/user/{call.uid}")):
        yield SensitivePath(folder, "your session's sockets", _C, _C)
        yield from (
            SensitivePath(f"{folder}/{each}", "your session's sockets", _C, _C, deep=True) for each in _OF_SESSION
        )
    for home in homes:
        yield SensitivePath(home or "/", "your home", _H, _C)
        yield from (SensitivePath(f"{home}/{each}", _ENGINE, _C, _C, deep=True, alone=True) for each in _OF_HOME)
        yield SensitivePath(f"{home}/.gnupg", "your GnuPG keys and their agent", _C, _C, deep=True, alone=True)
        yield from (
            SensitivePath(f"{home}/{each}", "files that run as you", _H, _C, deep=True) for each in STARTUP_PATHS
        )
    yield from (SensitivePath(folder, "applaunch's own files", _H, _C, deep=True) for folder in machine.own)


def path_forms(path: str) -> tuple[str, ...]:
    """Return the absolute paths that *path* may mean: as the kernel resolves it, and with ``..`` removed (docker)."""
    tidy = posixpath.normpath(path)
    return tuple(dict.fromkeys((path, f"/{tidy.lstrip('/')}")))


def real_paths(path: str, machine: MachineFacts) -> tuple[str, ...]:
    """Return every path that the engine may mount for *path*, with links resolved."""
    found = [machine.real_paths.get(each, "") or without_var_run(path_forms(each)[-1]) for each in path_forms(path)]
    return tuple(dict.fromkeys(found))


def reach_of(path: str, known: tuple[SensitivePath, ...], machine: MachineFacts, *, read_only: bool) -> Reach:
    """Return the highest risk of access to *path*, by the *known* sensitive paths of this caller."""
    worst = Reach("high")
    for tidy in dict.fromkeys((*real_paths(path, machine), path_forms(path)[-1])):
        if is_engine_socket(tidy):
            return Reach("critical", _ENGINE)
        for place in known:
            found = _reach_through(tidy, place, read_only=read_only)
            if found and RISKS.index(found.risk) > RISKS.index(worst.risk):
                worst = found
    return worst


def known_paths(call: Invocation, machine: MachineFacts) -> tuple[str, ...]:
    """Return the paths of all `sensitive_paths`, which may be links themselves."""
    return tuple(place.path for place in sensitive_paths(call, machine))


def without_var_run(path: str) -> str:
    """Return *path* with /var/run replaced by /run, because /var/run is a link to it on every system."""
    return path.removeprefix("/var") if is_in(path, "/var/run") else path


def is_in(path: str, folder: str) -> bool:
    """Tell whether *path* is *folder* or is inside it."""
    return f"{path}/".startswith(f"{folder.rstrip('/')}/")


def _reach_through(path: str, place: SensitivePath, *, read_only: bool) -> Reach | None:
    risk = place.reading if read_only else place.writing
    if path == place.path or (place.deep and is_in(path, place.path)):
        return Reach(risk, place.words)
    if is_in(place.path, path) and not (place.alone and read_only):
        return Reach(risk, f"it contains {place.words}")
    return None
