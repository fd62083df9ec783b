"""An entry that is proposed, and what became of each part of what it was read from."""

from typing import Any, NamedTuple, Self

from launcher.core.catalog.key_parsers import without_nul
from launcher.core.catalog.keys import KEYS
from launcher.core.imports.docker.run_flags import Fate
from launcher.core.imports.shell.definitions import Definition
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.names import check_app_name, check_command_name

_LONGEST = 200  # characters of a source that people are shown


class Note(NamedTuple):
    """One part as it was written, and what became of it."""

    part: str
    fate: Fate
    key: str = ""  # of the catalog, where it is carried
    why: str = ""


class Proposal(NamedTuple):
    """One app as a catalog would have it."""

    name: str
    table: dict[str, Any]
    notes: tuple[Note, ...]
    origin: str = ""
    line: int = 0

    @property
    def kept(self) -> tuple[Note, ...]:
        """What is in the entry."""
        return tuple(note for note in self.notes if note.fate == "carried")

    @property
    def lost(self) -> tuple[Note, ...]:
        """What the entry does not say, and the line did."""
        return tuple(note for note in self.notes if note.fate == "refused")

    def named(self, name: str) -> Self:
        """Return this proposal under another *name*; raises `InvalidValueError`."""
        app, command = names(name)
        table = {key: value for key, value in self.table.items() if key != "commands"}
        return self._replace(name=app, table=table | commands(app, command, table))


class Left(NamedTuple):
    """What was read and makes no entry: where it stands, its text and name, and why."""

    origin: str
    line: int
    name: str
    text: str
    why: str


class Found(NamedTuple):
    """All that was read."""

    proposals: tuple[Proposal, ...] = ()
    left: tuple[Left, ...] = ()

    def __add__(self, other: object) -> "Found":
        """Return both."""
        if not isinstance(other, Found):
            return NotImplemented
        return Found((*self.proposals, *other.proposals), (*self.left, *other.left))


NO_RUN = "runs no container"
"""Why most lines of a shell's start file are left."""


def left(definition: Definition, origin: str, why: str) -> Left:
    """Return what is told of a *definition* that makes no entry."""
    return Left(origin, definition.line, definition.name, shortened(definition.source), why)


def shortened(text: str) -> str:
    """Return *text* as far as people want to read it; the rest is counted."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text) - _LONGEST} more)"


def names(name: str) -> tuple[str, str]:
    """Return the names of the app and of its command that a *name* asks for; raises `InvalidValueError`."""
    command = check_command_name(name)
    return check_app_name(command.lower()), command


def commands(app: str, command: str, table: dict[str, Any]) -> dict[str, Any]:
    """Return the table of commands where the *command* is not named like its *app*: it has upper case letters."""
    if app == command:
        return {}
    has_program = "entrypoint" in table or "command" in table
    return {"commands": {command: {} if has_program else {"command": []}}}


def checked(keys: dict[str, Any]) -> dict[str, Any]:
    """Return *keys* when a catalog may hold them; raises `InvalidValueError`."""
    for key, value in keys.items():
        KEYS[key].parse(without_nul(value))
        if any(_is_half(text) for text in _strings(value)):
            raise InvalidValueError("it is no text that a file can hold")
    return keys


def with_keys(table: dict[str, Any], keys: dict[str, Any]) -> dict[str, Any]:
    """Return *table* with *keys* added as docker adds options: lists grow, of single values the last counts."""
    result = dict(table)
    for key, value in keys.items():
        if isinstance(value, list) and key not in ("entrypoint", "command"):
            result[key] = [*result.get(key, []), *(item for item in value if item not in result.get(key, []))]
        elif isinstance(value, dict):
            result[key] = {**result.get(key, {}), **value}
        else:
            result[key] = value
    return result


def without_defaults(table: dict[str, Any]) -> dict[str, Any]:
    """Return *table* without what applaunch does by itself: an init; for who is not the image's user, no capability."""
    is_caller = table.get("user", "image") != "image"
    defaults = _DEFAULTS | ({"cap_drop": ["ALL"]} if is_caller else {})
    return {key: value for key, value in table.items() if key not in defaults or value != defaults[key]}


_DEFAULTS: dict[str, Any] = {"init": True, "read_only": False, "network_mode": "bridge", "pull_policy": "missing"}


def ordered(table: dict[str, Any]) -> dict[str, Any]:
    """Return *table* in the order of the catalog's keys, what it is about first."""
    order = {key: place for place, key in enumerate(dict.fromkeys((*_ABOUT, *KEYS)))}
    return dict(sorted(table.items(), key=lambda item: order.get(item[0], len(order))))


_ABOUT = (
    *("description", "homepage", "license", "version", "extends"),
    *("image", "build", "entrypoint", "command", "user", "mount_cwd", "working_dir", "volumes", "path_args"),
)


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for pair in value.items() for item in pair for text in _strings(item)]
    if isinstance(value, list):
        return [text for item in value for text in _strings(item)]
    return [value] if isinstance(value, str) else []


def _is_half(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text)
