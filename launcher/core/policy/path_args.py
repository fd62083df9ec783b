"""Paths named in arguments, and the mounts that make them visible to the program."""

from __future__ import annotations

import posixpath

from launcher.core.values.mount import Mount
from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeAlias

Policy = str | tuple[str, ...]
"""``ro``, ``rw``, ``none``, or the names of options whose values are paths (read-only)."""

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
"""Paths that every container has itself: an argument with such a path means the image's file."""

TOO_LARGE = ("/", "/etc", "/home", "/opt", "/root", "/srv", "/tmp", "/var", "/mnt", "/media", "/nix")
"""Folders that are too large to mount for an argument; paths inside them are mounted."""


_KERNEL_PATHS = ("/proc", "/sys", "/dev", "/boot", "/run")
"""Folders that a link may not point into: they contain sockets, devices and files of other processes."""


class PathFact(NamedTuple):
    """What exists at a path of the host."""

    kind: str  # "folder", "file", "socket", "fifo", "device", or "" if it does not exist
    real: str  # the path with symbolic links resolved
    stamp: tuple[int, ...] = ()  # device, inode, changed, modified (ns), to detect an exchanged file


PathFacts: TypeAlias = "Mapping[str, PathFact]"


def named_paths(args: Iterable[str], policy: Policy, cwd: str) -> tuple[str, ...]:
    """Return the absolute paths that *args* may name, normalized, with links not followed, without duplicates.

    An argument is a path as a whole (``../a``, ``/mnt/b``), after its first ``=`` (``--out=/srv/x``, ``if=/srv/y``), or
    where tools glue it to something (`_glued`).
    """
    words = _words(tuple(args), policy)
    return tuple(dict.fromkeys(_normalize(posixpath.join(cwd, word)) for word in words if _may_be_path(word)))


def _normalize(path: str) -> str:
    """Return the absolute *path* without ``..`` and with one leading slash: POSIX lets normpath keep two."""
    return "/" + posixpath.normpath(path).lstrip("/")


def argument_mounts(
    paths: Iterable[str],
    policy: Policy,
    facts: PathFacts,
    visible: Iterable[Mount],
    may_mount_folder: Callable[[str], bool] = lambda _path: True,
) -> tuple[Mount, ...]:
    """Return the mounts that make *paths* visible at the same absolute paths, unless *visible* mounts already do.

    With ``rw``, the folder of a file is mounted if *may_mount_folder* allows it for the file: the file may be new, and
    many programs write a new file beside an old one and rename it (``sed -i``). A file behind a link to another folder
    is mounted without that folder, which the argument does not name. Links are resolved before mounting. Sockets,
    devices and fifos are only mounted with `volumes`.
    """
    if policy == "none":
        return ()
    writable = policy == "rw"
    found: dict[str, Mount] = {}
    existing = tuple(visible)
    named = tuple(paths)
    folders = _folders(named, facts, may_mount_folder) if writable else ()
    for path, real in sorted((*folders, *_mountable(named, facts)), key=_length):
        if not _is_visible(path, real, (*existing, *found.values())):
            found[path] = Mount(real, path, read_only=not writable)
    return tuple(found.values())


def _length(pair: tuple[str, str]) -> int:
    return len(pair[0])


def invisible_paths(paths: Iterable[str], facts: PathFacts, mounts: Iterable[Mount]) -> tuple[str, ...]:
    """Return the *paths* that exist but are not visible in the container."""
    every = tuple(mounts)
    existing = [path for path in paths if _exists(facts, path) and not is_image_path(path)]
    return tuple(path for path in existing if not _is_visible(path, facts[path].real, every))


def hidden_sockets(paths: Iterable[str], facts: PathFacts, mounts: Iterable[Mount]) -> tuple[str, ...]:
    """Return the sockets among *paths*, and the folders below /run, that exist but are not visible in the container."""
    every = tuple(mounts)
    return tuple(
        [
            path
            for path in paths
            if _exists(facts, path) and _is_socket(facts[path]) and not _is_visible(path, facts[path].real, every)
        ]
    )


def _is_socket(fact: PathFact) -> bool:
    return fact.kind == "socket" or (fact.kind == "folder" and fact.real.startswith("/run/"))


def _words(args: tuple[str, ...], policy: Policy) -> Iterator[str]:
    if isinstance(policy, str):
        for arg in args:
            option, equals, value = arg.partition("=")
            word = value if equals and "/" not in option else arg
            yield word
            yield from _glued(word)
        return
    for arg, following in zip(args, (*args, "")[1:], strict=True):
        option, equals, value = arg.partition("=")
        if option in policy:
            yield value if equals else following


def _glued(word: str) -> Iterator[str]:
    """Yield the paths in *word* that begin with ``/`` or ``../``, in the forms that compilers, make and editors use.

    They are ``-I../inc``, ``@/tmp/x.rsp``, ``file:///x``, and lists of nothing but such paths: ``/a:/b``, ``/a,../b``.
    """
    if "://" in word:
        pieces = [word.removeprefix("file://")]
    elif word.startswith("@"):
        pieces = [word[1:]]
    elif word.startswith("-"):
        pieces = [word[2:]]
    else:
        pieces = word.replace(",", ":").split(":")
    if pieces != [word] and all(piece.startswith(("/", "../")) for piece in pieces):
        yield from pieces


def _may_be_path(word: str) -> bool:
    """Tell whether *word* may be a path; an option, a URL and a single dash are not."""
    return bool(word) and not word.startswith("-") and "://" not in word and "\0" not in word and "\n" not in word


def _mountable(paths: Iterable[str], facts: PathFacts) -> Iterator[tuple[str, str]]:
    """Yield each existing path to make visible, with the path to mount there."""
    for path in paths:
        if is_image_path(path) or path in TOO_LARGE or not _exists(facts, path):
            continue
        real = facts[path].real
        if facts[path].kind in ("folder", "file") and _may_be_mounted(real):
            yield path, real
            if real != path and not is_image_path(real):
                yield real, real


def _folders(
    paths: Iterable[str], facts: PathFacts, may_mount_folder: Callable[[str], bool]
) -> Iterator[tuple[str, str]]:
    """Yield the folder of each file that may be made or replaced, with the path to mount there."""
    for path in paths:
        folder = posixpath.dirname(path)
        if is_image_path(path) or path in TOO_LARGE or not _may_hold_new_file(folder, facts):
            continue
        real = facts[folder].real
        is_new = not _exists(facts, path)
        is_here = not is_new and facts[path].kind == "file" and posixpath.dirname(facts[path].real) == real
        if (is_new or is_here) and may_mount_folder(path):
            yield folder, real
            if real != folder:
                yield real, real


def _may_be_mounted(real: str) -> bool:
    return real not in TOO_LARGE and not any(_is_below(real, folder) for folder in _KERNEL_PATHS)


def _may_hold_new_file(folder: str, facts: PathFacts) -> bool:
    """Tell whether *folder* exists and may be mounted for a new file in it."""
    if folder in TOO_LARGE or is_image_path(folder) or not _exists(facts, folder):
        return False
    fact = facts[folder]
    return fact.kind == "folder" and _may_be_mounted(fact.real) and not is_image_path(fact.real)


def _exists(facts: PathFacts, path: str) -> bool:
    return path in facts and facts[path].kind != ""


def is_image_path(path: str) -> bool:
    """Tell whether *path* means a file of the image, which every container has itself."""
    return any(_is_below(path, folder) for folder in IMAGE_PATHS)


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _is_visible(path: str, real: str, mounts: Iterable[Mount]) -> bool:
    """Tell whether a mount shows *path*, which resolves to *real*, at the same path as on the host."""
    for mount in mounts:
        if mount.kind == "bind" and _is_below(path, mount.target):
            shown = mount.source.rstrip("/") + path[len(mount.target.rstrip("/")) :]
            if shown in (path, real):
                return True
    return False
