"""The compiled launch files: all that a launch must know of one command, found by its name and read by one open.

``current/<command>`` is replaced whole, by a rename, and says what it was compiled from, so that an edited catalog
is noticed by `stat` alone. The launch path imports this module, so it imports next to nothing.
"""

from __future__ import annotations

import os

from launcher.core.values.checksum import add_checksum, verify
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import StateError
from launcher.fast_stdlib import NamedTuple, suppress
from launcher.state.state_folders import make_private, refuse_doubtful, unwritable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Self

SCHEMA = 2
NEW = ".new-"  # how a file begins that is being written
LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-")


class Source(NamedTuple):
    """A file or folder that a launch file was compiled from, as it was then; size -1 where there was none."""

    path: str
    size: int
    mtime_ns: int


class LaunchFile(NamedTuple):
    """What a command stands for now."""

    app: str
    command: str
    entry: dict[str, Any]
    """The catalog entry, merged and plain, as its reader wants it."""
    image: str
    digest: str = ""
    image_id: str = ""
    pulled: bool = False
    loaded: bool = False
    platform: str = ""
    tag: str = ""
    """The own tag of the deployment that it is; "" where no transaction has made it so, but an edit of a catalog."""
    pinned: bool = False
    """Whether no edit of a catalog moves it to another image."""
    aside: tuple[Any, ...] = ()
    """Image, pin and tag of the deployment, while an edit of a catalog has another image in its place."""
    commands: tuple[str, ...] = ()
    """The names of all the app's commands."""
    published: tuple[Any, ...] = ()
    """What catalogs of others say of the app, as they did when it was deployed."""
    sources: tuple[Source, ...] = ()
    unasked: str = ""
    """What catalogs of others would have it do and nobody has allowed, in words; "" where it is installed."""
    folder: str = ""
    """Where it is, if not among the user's own: the folder of a project."""

    @property
    def pin(self) -> ResolvedImage:
        """The image that the app is held on."""
        return ResolvedImage(self.digest, self.image_id, self.pulled, self.loaded, self.platform)

    def held_on(self, pin: ResolvedImage) -> Self:
        """Return this, held on *pin*."""
        return self._replace(**pin._asdict())


def read(folder: str, name: str) -> LaunchFile | None:
    """Return what the command *name* stands for; a file that is missing, damaged or of another schema is None.

    Raises StateError where another user could have written it.
    """
    if not _is_name(name):
        return None
    try:
        with open(f"{folder}/{name}", "rb") as file:
            refuse_doubtful(f"{folder}/{name}", os.fstat(file.fileno()))
            refuse_doubtful(folder, os.stat(folder))
            current = _parsed(verify(file.read()))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return current if current and current.command == name else None


def write(folder: str, current: LaunchFile) -> None:
    """Put *current* in the place of what its command stood for, whole or not at all.

    It is on the disk when this returns. Raises StateError where that cannot be.
    """
    path = _path(folder, current.command)
    value = {"schema": SCHEMA, **current._asdict()}
    try:
        make_private(folder)
        _replace(folder, path, add_checksum(value))
    except OSError as error:
        raise unwritable(path, error) from error


def remove(folder: str, name: str) -> bool:
    """Forget the command *name*, and tell whether it was known. Raises StateError where its file cannot be deleted."""
    path = _path(folder, name)
    try:
        os.unlink(path)
        _flush(folder)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise unwritable(path, error) from error
    return True


def is_damaged(folder: str, name: str) -> bool:
    """Tell whether the command *name* has a launch file that `read` cannot follow."""
    return _is_name(name) and os.path.lexists(f"{folder}/{name}") and read(folder, name) is None


def names(folder: str) -> list[str]:
    """Return the names of all commands, sorted."""
    return sorted(name for name in _listed(folder) if _is_name(name))


def leftovers(folder: str) -> list[str]:
    """Return the files that a writer left half-written when it was killed."""
    return sorted(f"{folder}/{name}" for name in _listed(folder) if name.startswith(NEW))


def stamp(paths: Iterable[str]) -> tuple[Source, ...]:
    """Return *paths* as they are now; call it before reading them, so that no edit falls in between."""
    return tuple(_stamped(path) for path in paths)


def is_stale(current: LaunchFile) -> bool:
    """Tell whether something that *current* was compiled from has changed, gone or appeared since."""
    return any(_stamped(source.path) != source for source in current.sources)


def _parsed(value: dict[str, Any]) -> LaunchFile | None:
    if value["schema"] != SCHEMA:
        return None
    current = LaunchFile(**{key: value[key] for key in LaunchFile._fields})
    words = (
        current.app,
        current.command,
        current.image,
        *current.pin[:2],
        current.platform,
        current.tag,
        current.unasked,
        current.folder,
        *current.commands,
    )
    if not all(isinstance(word, str) for word in words) or not isinstance(current.entry, dict):
        return None
    if not all(isinstance(tables, dict) for _, _, tables in current.published):
        return None
    return current._replace(
        pulled=current.pulled is True,
        loaded=current.loaded is True,
        pinned=current.pinned is True,
        commands=tuple(current.commands),
        published=tuple(current.published),
        aside=_aside(*current.aside) if current.aside else (),
        sources=tuple([Source(*source) for source in current.sources]),
    )


def _aside(image: str, pin: Iterable[Any], tag: str) -> tuple[str, ResolvedImage, str]:
    held = ResolvedImage(*pin)
    if not all(isinstance(word, str) for word in (image, tag, *held[:2], held.platform)):
        raise ValueError(image)
    return image, held, tag


def _stamped(path: str) -> Source:
    try:
        seen = os.stat(path)
    except (OSError, ValueError):
        return Source(path, -1, 0)
    return Source(path, seen.st_size, seen.st_mtime_ns)


def _is_name(name: str) -> bool:
    """Tell whether *name* can be a command's, and so a file's in this folder and in no other."""
    return name != "" and name[0] != "." and LETTERS.issuperset(name)


def _path(folder: str, name: str) -> str:
    if not _is_name(name):
        raise StateError(where=folder, what=f"{name!r} is no command's name", fix="use letters, digits and . _ + -")
    return f"{folder}/{name}"


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _replace(folder: str, path: str, text: bytes) -> None:
    new = f"{folder}/{NEW}{os.urandom(8).hex()}"
    try:
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(fd, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(fd)
        os.replace(new, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(new)
        raise
    _flush(folder)


def _flush(folder: str) -> None:
    """Bring the renames in *folder* to the disk."""
    fd = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
