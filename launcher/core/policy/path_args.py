"""Paths that arguments name: which of them the program could not see, and how it comes to see them."""

from __future__ import annotations

import posixpath

from launcher.core.values.mount import Mount
from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TypeAlias

Policy = str | tuple[str, ...]
"""``ro``, ``rw``, ``none``, or the names of the options whose values are paths (read-only)."""

IMAGE_PATHS = (
    *("/proc", "/sys", "/dev", "/boot", "/run", "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"),
    *(
        "/etc/passwd",
        "/etc/group",
        "/etc/hosts",
        "/etc/hostname",
        "/etc/resolv.conf",
        "/etc/localtime",
        "/etc/alternatives",
    ),
)
"""What a container has of its own: a path in there means the image's."""

TOO_LARGE = ("/", "/etc", "/home", "/opt", "/root", "/srv", "/tmp", "/var", "/mnt", "/media", "/nix")
"""Folders too large to be meant: what is in them is bound, they themselves are not."""


_KERNELS = ("/proc", "/sys", "/dev", "/boot", "/run")
"""What no link may lead to: a path in there is a socket, a device, or another process's."""


class PathFact(NamedTuple):
    """What is at a path of the host."""

    kind: str  # "folder", "file", "socket", "fifo", "device", or "" where nothing is
    real: str  # without symbolic links
    stamp: tuple[int, ...] = ()  # device, inode, changed, modified (ns): by which it is known again


PathFacts: TypeAlias = "Mapping[str, PathFact]"


def named_paths(args: Iterable[str], policy: Policy, cwd: str) -> tuple[str, ...]:
    """Return the absolute paths that *args* may name, as typed (``..`` kept out, links not followed), each once.

    A word names a path as a whole (``../a``, ``/mnt/b``) or after its first ``=`` (``--out=/srv/x``, ``if=/dev/zero``).
    """
    words = _words(tuple(args), policy)
    return tuple(dict.fromkeys(posixpath.normpath(posixpath.join(cwd, word)) for word in words if _like_a_path(word)))


def argument_mounts(
    paths: Iterable[str], policy: Policy, facts: PathFacts, visible: Iterable[Mount]
) -> tuple[Mount, ...]:
    """Return the mounts that make *paths* visible at the same absolute paths, as far as *visible* ones do not yet.

    With ``rw`` a path that does not exist yet is a new file: its folder is bound. What is mounted is what the path
    leads to, without links. Sockets, devices and fifos are left to `volumes`.
    """
    if policy == "none":
        return ()
    writes = policy == "rw"
    found: dict[str, Mount] = {}
    seen = tuple(visible)
    for path, real in sorted(_wanted(paths, facts, writes=writes), key=_length):
        if not _is_seen(path, real, (*seen, *found.values())):
            found[path] = Mount(real, path, read_only=not writes)
    return tuple(found.values())


def _length(wanted: tuple[str, str]) -> int:
    return len(wanted[0])


def invisible_paths(paths: Iterable[str], facts: PathFacts, mounts: Iterable[Mount]) -> tuple[str, ...]:
    """Return the *paths* that exist and that the program could not see."""
    seen = tuple(mounts)
    there = [path for path in paths if _exists(facts, path) and not _is_own(path)]
    return tuple(path for path in there if not _is_seen(path, facts[path].real, seen))


def _words(args: tuple[str, ...], policy: Policy) -> Iterator[str]:
    if isinstance(policy, str):
        for arg in args:
            option, equals, value = arg.partition("=")
            yield value if equals and "/" not in option else arg
        return
    for arg, following in zip(args, (*args[1:], ""), strict=True):
        option, equals, value = arg.partition("=")
        if option in policy:
            yield value if equals else following


def _like_a_path(word: str) -> bool:
    """Tell whether *word* can be a path that matters: an option, a URL and a lone dash are none."""
    return bool(word) and not word.startswith("-") and "://" not in word and "\0" not in word and "\n" not in word


def _wanted(paths: Iterable[str], facts: PathFacts, *, writes: bool) -> Iterator[tuple[str, str]]:
    """Yield what is to be seen, each with what is mounted there."""
    for path in paths:
        if _is_own(path) or path in TOO_LARGE:
            continue
        if _exists(facts, path):
            real = facts[path].real
            if facts[path].kind not in ("folder", "file") or not _may_be_shown(real):
                continue
            yield path, real
            if real != path and not _is_own(real):
                yield real, real
        elif writes and _may_hold(parent := posixpath.dirname(path), facts):
            yield parent, facts[parent].real


def _may_be_shown(real: str) -> bool:
    return real not in TOO_LARGE and not any(_is_below(real, folder) for folder in _KERNELS)


def _may_hold(folder: str, facts: PathFacts) -> bool:
    """Tell whether *folder* exists and may be bound for a new file in it."""
    if folder in TOO_LARGE or _is_own(folder) or not _exists(facts, folder):
        return False
    fact = facts[folder]
    return fact.kind == "folder" and _may_be_shown(fact.real) and not _is_own(fact.real)


def _exists(facts: PathFacts, path: str) -> bool:
    return path in facts and facts[path].kind != ""


def _is_own(path: str) -> bool:
    return any(_is_below(path, folder) for folder in IMAGE_PATHS)


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _is_seen(path: str, real: str, mounts: Iterable[Mount]) -> bool:
    """Tell whether a mount shows *path*, which leads to *real*, at the path it has on the host."""
    for mount in mounts:
        if mount.kind == "bind" and _is_below(path, mount.target):
            shown = mount.source.rstrip("/") + path[len(mount.target.rstrip("/")) :]
            if shown in (path, real):
                return True
    return False
