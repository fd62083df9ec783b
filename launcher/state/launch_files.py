"""Launch files: everything a launch needs to know about one command, found by its name and read in one go.

``current/<command>`` is replaced as a whole, by a rename. It records what it was compiled from, so that `stat` alone
shows whether a catalog was edited. Every launch imports this module, so it imports little.
"""

from __future__ import annotations

import os

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.values.checksum import verify
from launcher.core.values.resolved_image import ResolvedImage
from launcher.fast_stdlib import NamedTuple
from launcher.state.state_folders import check_owner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Self

SCHEMA = 2
LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-")


class Source(NamedTuple):
    """A file or folder that a launch file was compiled from, as it was then; size -1 if it did not exist."""

    path: str
    size: int
    mtime_ns: int


class LaunchSettings(NamedTuple):
    """The user's settings that a launch follows (docs/settings.md)."""

    autostart: bool = False
    arguments: bool = False
    cover: tuple[str, ...] = ()
    show: tuple[str, ...] = ()
    warm_idle: int = 8
    runtime: str = "auto"
    unpack_limit: int = 2 << 30  # bytes
    free_disk: int = 5 << 30  # bytes
    network_keep: int = 300  # seconds
    networks: int = 4


class DeployedImage(NamedTuple):
    """The image of a deployment: its name in the catalog, the image that was resolved, and the deployment's tag."""

    image: str
    pin: ResolvedImage
    tag: str


class LaunchFile(NamedTuple):
    """What a command stands for now."""

    app: str
    command: str
    entry: CatalogEntry
    """The catalog entry, all layers merged."""
    image: str
    pin: ResolvedImage = ResolvedImage()
    """The image that the app stays on."""
    settings: LaunchSettings = LaunchSettings()
    theirs: tuple[str, ...] = ()
    """The keys (mount_cwd, path_args, volumes) that a published catalog decides; see `Invocation.theirs`."""
    tag: str = ""
    """The tag of its deployment; "" if an edited catalog chose the image, not a transaction."""
    pinned: bool = False
    """Whether edits of a catalog leave the image as it is."""
    aside: DeployedImage | None = None
    """The deployment's image, while an edited catalog has another one in its place."""
    commands: tuple[str, ...] = ()
    """The names of all commands of the app."""
    published: tuple[Any, ...] = ()
    """What published catalogs said about the app when it was deployed."""
    sources: tuple[Source, ...] = ()
    unasked: str = ""
    """The permissions of an app that is not installed which need approval, in words."""
    folder: str = ""
    """The folder of this file, if it belongs to a project."""

    @property
    def deployed(self) -> DeployedImage:
        """The image of the deployment, whatever an edited catalog has in its place."""
        return self.aside or DeployedImage(self.image, self.pin, self.tag)

    def with_image(self, pin: ResolvedImage) -> Self:
        """Return this launch file with its app held on *pin*."""
        return self._replace(pin=pin)


def read(folder: str, name: str) -> LaunchFile | None:
    """Return the launch file of the command *name*; None if it is missing, damaged or has another schema.

    Raises `StateError` if another user could have written it.
    """
    if not is_name(name):
        return None
    try:
        with open(f"{folder}/{name}", "rb") as file:
            check_owner(f"{folder}/{name}", os.fstat(file.fileno()))
            check_owner(folder, os.stat(folder))
            found = _parse(verify(file.read()))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return found if found.command == name else None


def is_damaged(folder: str, name: str) -> bool:
    """Return whether the command *name* has a launch file that cannot be read."""
    return is_name(name) and os.path.lexists(f"{folder}/{name}") and read(folder, name) is None


def stamp_sources(paths: Iterable[str]) -> tuple[Source, ...]:
    """Return the present state of *paths*; call it before you read them, so that no edit is missed."""
    return tuple(_stamped(path) for path in paths)


def is_stale(file: LaunchFile) -> bool:
    """Return whether a source of *file* was changed, deleted or created since it was compiled."""
    return any(_stamped(source.path) != source for source in file.sources)


def _parse(value: dict[str, Any]) -> LaunchFile:
    """Return the launch file that `_to_json` wrote; raises any of the errors that `read` expects."""
    if value["schema"] != SCHEMA:
        raise ValueError(value["schema"])
    if value.get("settings", {}).keys() != _SETTINGS or not value["entry"].keys() <= _KEYS:
        return _parse(_from_another_version(value))
    words = [value[key] for key in _WORDS]
    if not all(isinstance(word, str) for word in (*words, *value["commands"])):
        raise ValueError(words)
    if not all(isinstance(tables, dict) for _, _, tables in value["published"]):
        raise ValueError(value["published"])
    return LaunchFile(
        app=value["app"],
        command=value["command"],
        entry=CatalogEntry.from_json(value["entry"]),
        image=value["image"],
        pin=_pin(*[value[key] for key in ResolvedImage._fields]),
        settings=LaunchSettings(**{key: _typed(each) for key, each in value["settings"].items()}),
        theirs=tuple(value["theirs"]),
        tag=value["tag"],
        pinned=value["pinned"] is True,
        aside=_deployed(*value["aside"]) if value["aside"] else None,
        commands=tuple(value["commands"]),
        published=tuple(value["published"]),
        sources=tuple([Source(*source) for source in value["sources"]]),
        unasked=value["unasked"],
        folder=value["folder"],
    )


_SETTINGS = frozenset(LaunchSettings._fields)
_KEYS = frozenset(CatalogEntry._fields)
_WORDS = ("app", "command", "image", "tag", "unasked", "folder")


def _from_another_version(value: dict[str, Any]) -> dict[str, Any]:
    """Return a launch file of another applaunch version in the form of this one, and stale, so that it is compiled."""
    entry = value["entry"].get("entry", value["entry"])
    return value | {
        "entry": {key: each for key, each in entry.items() if key in _KEYS},
        "settings": LaunchSettings()._asdict(),
        "theirs": (),
        "sources": [*value["sources"], _NEVER],
    }


_NEVER = Source("", 0, 0)
"""A source that is never as it was: no file has an empty path."""


def _typed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _pin(digest: str, image_id: str, pulled: object, loaded: object, platform: str) -> ResolvedImage:
    if not all(isinstance(word, str) for word in (digest, image_id, platform)):
        raise ValueError(digest)
    return ResolvedImage(digest, image_id, pulled is True, loaded is True, platform)


def _deployed(image: str, pin: Iterable[Any], tag: str) -> DeployedImage:
    if not isinstance(image, str) or not isinstance(tag, str):
        raise TypeError(image)
    return DeployedImage(image, _pin(*pin), tag)


def _stamped(path: str) -> Source:
    try:
        seen = os.stat(path)
    except (OSError, ValueError):
        return Source(path, -1, 0)
    return Source(path, seen.st_size, seen.st_mtime_ns)


def is_name(name: str) -> bool:
    """Return whether *name* may be the name of a command, and so of a file in this folder and no other."""
    return name != "" and name[0] != "." and LETTERS.issuperset(name)
