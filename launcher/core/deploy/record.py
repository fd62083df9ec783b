"""What is deployed and what was done: the nouns of `applaunch history`, in dnf's words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Self, get_args, get_origin

from launcher.core.values.names import did_you_mean
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import NotFoundError

Action = Literal["Install", "Remove", "Upgrade", "Downgrade", "Reinstall", "Rebase", "Pin", "Unpin"]
Status = Literal["Started", "Ok", "Failed"]

MARKS: Mapping[Status, str] = {"Started": "*", "Ok": "", "Failed": "#"}


class Command(NamedTuple):
    """One name on PATH: the shim that answers to it, and the catalog's command it stands for."""

    name: str
    shim: str
    target: str


class Deployment(NamedTuple):
    """An app as it was put on this machine."""

    app: str
    image: str
    """The reference that was asked for."""
    digest: str
    """The repository digest, ``sha256:...``; empty until a registry has told it."""
    image_id: str
    """The engine's id of the image; empty until it was pulled."""
    pulled: bool
    """Whether applaunch itself pulled the image, and so may remove it."""
    source: str
    """The name of the catalog layer that the app came from."""
    entry_hash: str
    commands: tuple[Command, ...]
    created: str
    """When it was decided, in UTC: ``2026-11-23T16:00:00Z``."""
    number: int = 0
    """Its own among all deployments of this machine, never given twice; 0 until it is written down."""
    tag: str = ""
    """The tag of its own that its image has: ``docker.io/applaunch/jq:7-1a2b3c``."""
    parent: int = 0
    """The number of the deployment that was current when it was made; 0 for a first one."""
    loaded: bool = False
    """Whether the engine knows the image by its id alone: it came from a bundle or was built here."""
    platform: str = ""
    """``linux/amd64``; empty until the image is here."""
    recipe: str = ""
    """The checksum of what the image was built from; empty for one that is pulled."""
    entries: Mapping[str, Any] = {}
    """What each command stood for, all layers merged."""
    published: Sequence[Any] = ()
    """What catalogs of others said of it, which an edit there does not change: see `Snapshot`."""
    own: Mapping[str, Any] | None = None
    """What the user's own catalog said of it, as TOML has it."""
    pinned: bool = False
    """Whether no upgrade moves it."""

    @property
    def shown_image(self) -> str:
        """The image as people are shown it; one that is built has no name that would tell them anything."""
        return f"(built here, {self.recipe[:12]})" if self.recipe else self.image

    @property
    def pin(self) -> ResolvedImage:
        """The image that the app is held on; empty before the first pull."""
        return ResolvedImage(self.digest, self.image_id, self.pulled, self.loaded, self.platform)

    def with_image(self, pin: ResolvedImage) -> Self:
        """Return this deployment, held on *pin*."""
        return self._replace(**pin._asdict())

    def to_dict(self) -> dict[str, Any]:
        """Return this deployment as a JSON object."""
        lists = {"commands": [command._asdict() for command in self.commands], "published": [*self.published]}
        return {**self._asdict(), **lists}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """Read what `to_dict` gave; raises ValueError where a key is missing or is something else."""
        commands = tuple(Command(**_fields(Command, each)) for each in _listed(value, "commands"))
        return cls(**_fields(cls, value) | {"commands": commands, "published": tuple(value.get("published", ()))})


class Change(NamedTuple):
    """What a transaction does to one app: an install has no *before*, a removal no *after*."""

    app: str
    action: Action
    before: Deployment | None
    after: Deployment | None
    own: tuple[Any, Any] | None = None
    """What the user's own catalog said of the app before and after, as TOML has it, where that changed too."""

    def to_dict(self) -> dict[str, Any]:
        """Return this change as a JSON object."""
        before, after = (side and side.to_dict() for side in (self.before, self.after))
        return {**self._asdict(), "before": before, "after": after, "own": self.own and [*self.own]}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """Read what `to_dict` gave; raises ValueError where a key is missing or is something else."""
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
    raise NotFoundError(name, "is not installed", did_you_mean(name, deployed, "applaunch list shows what is"))


def find_apps(deployed: Mapping[str, Deployment], names: Iterable[str]) -> list[Deployment]:
    """Return the apps *names*, each once, or all apps if there are no names; raises `NotFoundError`."""
    return [find_app(deployed, name) for name in dict.fromkeys(names)] or [*deployed.values()]


class Transaction(NamedTuple):
    """One thing that somebody did, whole: either all of its changes hold or none."""

    id: int
    began: str
    ended: str
    """Empty while it is under way, and for ever where it was interrupted."""
    user: str
    command_line: tuple[str, ...]
    status: Status
    version: str
    """The applaunch that did it."""
    changes: tuple[Change, ...]
    why: str = ""
    """What a failed one failed of."""

    @property
    def actions(self) -> str:
        """The different actions in it, as dnf shows them: ``Install, Remove``."""
        return ", ".join(dict.fromkeys(change.action for change in self.changes))

    @property
    def altered(self) -> int:
        """How many apps it changes."""
        return len(self.changes)

    @property
    def mark(self) -> str:
        """``*`` where it has not ended, ``#`` where it failed, else nothing."""
        return MARKS[self.status]

    def to_dict(self) -> dict[str, Any]:
        """Return this transaction as a JSON object."""
        lists = {"command_line": [*self.command_line], "changes": [change.to_dict() for change in self.changes]}
        return {**self._asdict(), **lists}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """Read what `to_dict` gave; raises ValueError where a key is missing or is something else."""
        changes = tuple(Change.from_dict(each) for each in _listed(value, "changes"))
        lists = {"command_line": tuple(_listed(value, "command_line")), "changes": changes}
        return cls(**_fields(cls, value) | lists)


def _fields(noun: Any, value: Any) -> dict[str, Any]:
    """Return the fields of *noun* that *value* holds; what a later version added is left out."""
    name = noun.__name__.lower()
    if not isinstance(value, Mapping):
        raise ValueError(f"{value!r} is no {name}")  # noqa: TRY004  a wrong record, not a wrong call
    missing = [key for key in noun._fields if key not in value and key not in noun._field_defaults]
    if missing:
        raise ValueError(f"a {name} lacks {', '.join(missing)}")
    fields = {key: value[key] for key in noun._fields if key in value}
    for key, held in fields.items():
        if not _fits(held, noun.__annotations__[key]):
            raise ValueError(f"{key} of a {name} is {held!r}")
    return fields


def _fits(held: Any, kind: Any) -> bool:
    """Tell whether *held* is of a plain *kind*, or one of its words; a list or a noun has a reader of its own."""
    if isinstance(kind, type):
        return type(held) is kind
    return held in get_args(kind) if get_origin(kind) is Literal else True


def _listed(value: Any, key: str) -> Sequence[Any]:
    found = value.get(key) if isinstance(value, Mapping) else None
    if not isinstance(found, list | tuple):
        raise ValueError(f"{key!r} is no list")  # noqa: TRY004  a wrong record, not a wrong call
    return found
