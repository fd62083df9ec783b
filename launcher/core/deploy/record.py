"""The record types of deployments and transactions, named as in dnf's history."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Self, get_args, get_origin

from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.names import did_you_mean
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import NotFoundError

Action = Literal["Install", "Remove", "Upgrade", "Downgrade", "Reinstall", "Rebase", "Pin", "Unpin"]
Status = Literal["Started", "Ok", "Failed"]

MARKS: Mapping[Status, str] = {"Started": "*", "Ok": "", "Failed": "#"}


class Command(NamedTuple):
    """One name on PATH, its shim, and the command in the catalog that it runs."""

    name: str
    shim: str
    target: str


class Deployment(NamedTuple):
    """One installed state of an app."""

    app: str
    image: str
    """The image reference in the catalog."""
    digest: str
    """The repository digest, ``sha256:...``; empty until it is known."""
    image_id: str
    """The engine's id of the image; empty until it is pulled."""
    pulled: bool
    """Whether applaunch pulled the image, and may therefore remove it."""
    source: str
    """The catalog layer that the app comes from."""
    entry_hash: str
    commands: tuple[Command, ...]
    created: str
    """When it was planned, in UTC: ``2026-11-23T16:00:00Z``."""
    number: int = 0
    """A number that is unique on this machine and never used again; 0 until it is recorded."""
    tag: str = ""
    """The deployment's own tag for its image: ``docker.io/applaunch/jq:7-1a2b3c``."""
    parent: int = 0
    """The number of the previous deployment; 0 for the first one."""
    loaded: bool = False
    """Whether the engine knows the image only by its id: it came from a bundle or was built here."""
    platform: str = ""
    """``linux/amd64``; empty until the image is present."""
    recipe: str = ""
    """The checksum of the build inputs; empty for an image that is pulled."""
    entries: Mapping[str, Any] = {}
    """The merged entry of each command."""
    published: Sequence[Any] = ()
    """The snapshot of published catalogs for this app: see `Snapshot`."""
    own: Mapping[str, Any] | None = None
    """The app's TOML table in the user's own catalog."""
    pinned: bool = False
    """Whether upgrades skip it."""

    @property
    def shown_image(self) -> str:
        """The image as it is shown to people; the generated name of a built image is not useful to them."""
        return f"(built here, {self.recipe[:12]})" if self.recipe else self.image

    @property
    def pin(self) -> ResolvedImage:
        """The exact image of this deployment; empty before the first pull."""
        return ResolvedImage(self.digest, self.image_id, self.pulled, self.loaded, self.platform)

    @property
    def wanted_platform(self) -> str:
        """The platform that its entries ask for, or ""."""
        return next((str(entry["platform"]) for entry in self.entries.values() if entry.get("platform")), "")

    def with_image(self, pin: ResolvedImage) -> Self:
        """Return this deployment with the exact image *pin*."""
        return self._replace(**pin._asdict())

    def to_dict(self) -> dict[str, Any]:
        """Return this deployment as a JSON object."""
        lists = {"commands": [command._asdict() for command in self.commands], "published": [*self.published]}
        return {**self._asdict(), **lists}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """Parse the result of `to_dict`; raises ValueError if a key is missing or has the wrong type."""
        commands = tuple(Command(**_fields(Command, each)) for each in _listed(value, "commands"))
        return cls(**_fields(cls, value) | {"commands": commands, "published": tuple(value.get("published", ()))})


class Change(NamedTuple):
    """The change of one app in a transaction: an install has no *before*, a removal no *after*."""

    app: str
    action: Action
    before: Deployment | None
    after: Deployment | None
    own: tuple[Any, Any] | None = None
    """The app's TOML table in the user's own catalog before and after, if that changed, too."""

    def to_dict(self) -> dict[str, Any]:
        """Return this change as a JSON object."""
        before, after = (side and side.to_dict() for side in (self.before, self.after))
        return {**self._asdict(), "before": before, "after": after, "own": self.own and [*self.own]}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """Parse the result of `to_dict`; raises ValueError if a key is missing or has the wrong type."""
        fields = _fields(cls, value)
        before, after = (side and Deployment.from_dict(side) for side in (fields["before"], fields["after"]))
        own = _listed(value, "own") if fields.get("own") is not None else None
        return cls(fields["app"], fields["action"], before, after, (own[0], own[1]) if own else None)


def find_app(deployed: Mapping[str, Deployment], name: str) -> Deployment:
    """Return the app *name*, or the app that has a command of that name; raises `NotFoundError`."""
    if name in deployed:
        return deployed[name]
    for deployment in deployed.values():
        if name in [command.name for command in deployment.commands]:
            return deployment
    fix = did_you_mean(name, deployed, "list installed apps with: applaunch list")
    raise NotFoundError(name, "is not installed", fix)


def find_apps(deployed: Mapping[str, Deployment], names: Iterable[str]) -> list[Deployment]:
    """Return the apps *names*, each once, or all apps if there are no names; raises `NotFoundError`."""
    return [find_app(deployed, name) for name in dict.fromkeys(names)] or [*deployed.values()]


class Transaction(NamedTuple):
    """One recorded command of a user: either all of its changes are applied or none."""

    id: int
    began: str
    ended: str
    """Empty while it is running, and if it was interrupted."""
    user: str
    command_line: tuple[str, ...]
    status: Status
    version: str
    """The version of applaunch that ran it."""
    changes: tuple[Change, ...]
    why: str = ""
    """The error of a failed transaction."""

    @property
    def actions(self) -> str:
        """Its distinct actions, as dnf shows them: ``Install, Remove``."""
        return ", ".join(dict.fromkeys(change.action for change in self.changes))

    @property
    def altered(self) -> int:
        """The number of apps that it changes."""
        return len(self.changes)

    @property
    def mark(self) -> str:
        """``*`` if it has not ended, ``#`` if it failed, else ""."""
        return MARKS[self.status]

    def to_dict(self) -> dict[str, Any]:
        """Return this transaction as a JSON object."""
        lists = {"command_line": [*self.command_line], "changes": [change.to_dict() for change in self.changes]}
        return {**self._asdict(), **lists}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """Parse the result of `to_dict`; raises ValueError if a key is missing or has the wrong type."""
        changes = tuple(Change.from_dict(each) for each in _listed(value, "changes"))
        lists = {"command_line": tuple(_listed(value, "command_line")), "changes": changes}
        return cls(**_fields(cls, value) | lists)


def _fields(record: Any, value: Any) -> dict[str, Any]:
    """Return the fields of the type *record* in *value*; fields of a later version are ignored."""
    name = record.__name__.lower()
    if not isinstance(value, Mapping):
        raise InvalidValueError(f"{value!r} is not a {name}")
    missing = [key for key in record._fields if key not in value and key not in record._field_defaults]
    if missing:
        raise ValueError(f"a {name} lacks {', '.join(missing)}")
    fields = {key: value[key] for key in record._fields if key in value}
    for key, field in fields.items():
        if not _has_type(field, record.__annotations__[key]):
            raise ValueError(f"{key} of a {name} is {field!r}")
    return fields


def _has_type(value: Any, kind: Any) -> bool:
    """Tell whether *value* has the type *kind* or is one of its literals; lists and records are checked elsewhere."""
    if isinstance(kind, type):
        return type(value) is kind
    return value in get_args(kind) if get_origin(kind) is Literal else True


def _listed(value: Any, key: str) -> Sequence[Any]:
    found = value.get(key) if isinstance(value, Mapping) else None
    if not isinstance(found, list | tuple):
        raise InvalidValueError(f"{key!r} is not a list")
    return found
