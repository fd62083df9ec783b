"""What a path of this machine gives to whoever may read or write it: an engine, the machine, the home, or itself."""

import posixpath
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from launcher.core.policy.key_risks import RISKS
from launcher.core.values.invocation import Invocation


class Ground(NamedTuple):
    """What is known of this machine when a permission is judged."""

    real: Mapping[str, str] = {}  # paths without symbolic links, and by one name where two lead to the same folder
    sockets: tuple[str, ...] = ()  # those of engines, wherever they listen
    own: tuple[str, ...] = ()  # applaunch's folders
    homes: tuple[str, ...] = ()  # the caller's home as the system has it, should HOME be another
    rootless: bool = False  # the engine in force is known to run as the caller
    remapped: bool = False  # it is known to have other ids for the users of images (userns-remap)


class Reach(NamedTuple):
    """The class of a path, and what it is in words ("" for an ordinary one)."""

    risk: str
    words: str = ""


class Place(NamedTuple):
    """A place of this machine that gives more than what lies in it."""

    path: str
    words: str
    reading: str  # the class of who may read it
    writing: str
    deep: bool = False  # as much for everything below it
    alone: bool = False  # to read what holds it gives less: it may not be there


_C, _H = "critical", "high"
_ENGINE = "an engine's socket"
SOCKETS = (
    *("docker.sock", "docker.raw.sock", "podman.sock", "containerd.sock", "crio.sock", "cri-dockerd.sock"),
    *("buildkitd.sock", "k3s.sock", "containerd.sock.ttrpc"),
)
"""What the sockets of engines are called, wherever they lie."""
_MACHINE = (
    Place("/", "all of this machine", _C, _C),
    Place("/proc", "the machine's processes and, through them, its disk", _C, _C, deep=True),
    Place("/dev", "the machine's devices", _C, _C),
    Place("/sys", "the machine's kernel", _H, _C, deep=True),
    Place("/etc", "the machine's configuration", _H, _C, deep=True),
    Place("/boot", "the machine's kernel and boot loader", _H, _C, deep=True),
    *(
        Place(path, "programs that the machine runs as root", _H, _C, deep=True)
        for path in ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix")
    ),
    *(
        Place(path, "the engine's images and containers", _C, _C, deep=True)
        for path in (
            *("/var/lib/docker", "/var/lib/containers", "/var/lib/containerd", "/var/lib/rancher", "/var/lib/kubelet"),
            *("/run/docker", "/run/containerd", "/run/containers", "/run/crio", "/run/k3s"),
        )
    ),
    *(
        Place(path, "what the machine runs by itself", _H, _C, deep=True)
        for path in ("/var/spool/cron", "/var/spool/at", "/var/lib/systemd", "/run/systemd")
    ),
    Place("/run/dbus", "the system's bus", _C, _C, deep=True),
    Place("/run/user", "the sockets of every session", _C, _C),
    Place("/tmp/.X11-unix", "the X11 display", _C, _C, deep=True),
)
_USUAL = (
    *("/run/docker.sock", "/run/podman/podman.sock", "/run/containerd/containerd.sock", "/run/crio/crio.sock"),
    *("/run/buildkit/buildkitd.sock", "/run/cri-dockerd.sock"),
)
_OF_SESSION = ("docker.sock", "podman/podman.sock", "buildkit/buildkitd.sock", "bus", "gnupg", "systemd", "dbus-1")
_OF_HOME = (".docker/run", ".docker/desktop", ".colima", ".lima", ".orbstack/run", ".rd", ".finch")
STARTED = (
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
"""Below the home: what runs as its owner, or decides what runs."""


def places(call: Invocation, ground: Ground) -> tuple[Place, ...]:
    """Return the places that matter to this caller, whole machine first, and where those lead that are links."""
    written = tuple(_places(call, ground))
    leading = (each._replace(path=ground.real[each.path]) for each in written if each.path in ground.real)
    return tuple(dict.fromkeys((*written, *leading)))


def _places(call: Invocation, ground: Ground) -> Iterator[Place]:
    yield from _MACHINE
    homes = tuple(dict.fromkeys(home.rstrip("/") for home in (call.home, *ground.homes)))
    if call.home != "/root":
        yield Place("/root", "root's home", _H, _C, deep=True)
    yield from (Place(path, _ENGINE, _C, _C, deep=True) for path in (*_USUAL, *ground.sockets))
    runtime = call.env.get("XDG_RUNTIME_DIR", "").rstrip("/")
    for folder in dict.fromkeys((runtime or f"/run/user/{call.uid}", f"/run/user/{call.uid}")):
        yield Place(folder, "your session's sockets", _C, _C)
        yield from (Place(f"{folder}/{each}", "your session's sockets", _C, _C, deep=True) for each in _OF_SESSION)
    for home in homes:
        yield Place(home or "/", "your home", _H, _C)
        yield from (Place(f"{home}/{each}", _ENGINE, _C, _C, deep=True, alone=True) for each in _OF_HOME)
        yield Place(f"{home}/.gnupg", "your GnuPG keys and their agent", _C, _C, deep=True, alone=True)
        yield from (Place(f"{home}/{each}", "what runs as you", _H, _C, deep=True) for each in STARTED)
    yield from (Place(folder, "applaunch's own files", _H, _C, deep=True) for folder in ground.own)


def forms(path: str) -> tuple[str, ...]:
    """Return the absolute paths that *path* may be: as a kernel reads it, and with its ``..`` taken out (docker)."""
    tidy = posixpath.normpath(path)
    return tuple(dict.fromkeys((path, f"/{tidy.lstrip('/')}")))


def real(path: str, ground: Ground) -> tuple[str, ...]:
    """Return every path that the engine may come to mount for *path*, without links."""
    found = [ground.real.get(each, "") or unaliased(forms(each)[-1]) for each in forms(path)]
    return tuple(dict.fromkeys(found))


def reach(path: str, known: tuple[Place, ...], ground: Ground, *, read_only: bool) -> Reach:
    """Return what *path* gives at the worst, by the *known* places of this caller."""
    worst = Reach("high")
    for tidy in dict.fromkeys((*real(path, ground), forms(path)[-1])):
        if tidy.rpartition("/")[2] in SOCKETS:
            return Reach("critical", _ENGINE)
        for place in known:
            found = _given(tidy, place, read_only=read_only)
            if found and RISKS.index(found.risk) > RISKS.index(worst.risk):
                worst = found
    return worst


def known_paths(call: Invocation, ground: Ground) -> tuple[str, ...]:
    """Return the paths of all `places`, which may be links themselves."""
    return tuple(place.path for place in places(call, ground))


def unaliased(path: str) -> str:
    """Return *path* below /run if it is written below /var/run, which every system keeps as a link to that."""
    return path.removeprefix("/var") if is_in(path, "/var/run") else path


def is_in(path: str, folder: str) -> bool:
    """Tell whether *path* is *folder* or lies in it."""
    return f"{path}/".startswith(f"{folder.rstrip('/')}/")


def _given(path: str, place: Place, *, read_only: bool) -> Reach | None:
    risk = place.reading if read_only else place.writing
    if path == place.path or (place.deep and is_in(path, place.path)):
        return Reach(risk, place.words)
    if is_in(place.path, path) and not (place.alone and read_only):
        return Reach(risk, f"it holds {place.words}")
    return None
