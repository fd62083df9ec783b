"""A proposed entry, with a note for each part of its source."""

from typing import Any, NamedTuple, Self

from launcher.core.catalog.keys import KEYS
from launcher.core.catalog.value_parsers import without_nul
from launcher.core.imports.docker.run_flags import Fate
from launcher.core.imports.shell.definitions import Definition
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.names import check_app_name, check_command_name

_LONGEST = 200  # characters of a source that people are shown


class Note(NamedTuple):
    """One part of the source, and how it was converted."""

    part: str
    fate: Fate
    key: str = ""  # of the catalog, where it is carried
    why: str = ""


class Proposal(NamedTuple):
    """A proposed app of the catalog."""

    name: str
    table: dict[str, Any]
    notes: tuple[Note, ...]
    origin: str = ""
    line: int = 0

    @property
    def kept(self) -> tuple[Note, ...]:
        """The parts that are in the entry."""
        return tuple(note for note in self.notes if note.fate == "carried")

    @property
    def lost(self) -> tuple[Note, ...]:
        """The parts that the entry lacks."""
        return tuple(note for note in self.notes if note.fate == "refused")

    def named(self, name: str) -> Self:
        """Return this proposal with another *name*; raises `InvalidValueError`."""
        app, command = check_names(name)
        table = {key: value for key, value in self.table.items() if key != "commands"}
        return self._replace(name=app, table=table | command_table(app, command, table))


class Skipped(NamedTuple):
    """Text that makes no entry: its place, name and text, and why it was skipped."""

    origin: str
    line: int
    name: str
    text: str
    why: str


class Found(NamedTuple):
    """The result of reading: proposals and skipped text."""

    proposals: tuple[Proposal, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    def __add__(self, other: object) -> "Found":
        """Return both results together."""
        if not isinstance(other, Found):
            return NotImplemented
        return Found((*self.proposals, *other.proposals), (*self.skipped, *other.skipped))


NO_RUN = "runs no container"
"""Why most lines of a shell's startup file are skipped."""


SAME = "your catalog has the same entry already"
"""Why an entry that was imported before is skipped."""


def skip(definition: Definition, origin: str, why: str) -> Skipped:
    """Return the report for a *definition* that makes no entry."""
    return Skipped(origin, definition.line, definition.name, shorten(definition.source), why)


def shorten(text: str) -> str:
    """Return *text*, shortened for display; the rest is counted."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text) - _LONGEST} more)"


def check_names(name: str) -> tuple[str, str]:
    """Return the names of the app and its command for *name*; raises `InvalidValueError`."""
    command = check_command_name(name)
    return check_app_name(command.lower()), command


def command_table(app: str, command: str, table: dict[str, Any]) -> dict[str, Any]:
    """Return the `commands` table if *command* differs from its *app*: it has upper case letters."""
    if app == command:
        return {}
    has_program = "entrypoint" in table or "command" in table
    return {"commands": {command: {} if has_program else {"command": []}}}


def check_keys(keys: dict[str, Any]) -> dict[str, Any]:
    """Return *keys* if they are valid in a catalog; raises `InvalidValueError`."""
    for key, value in keys.items():
        KEYS[key].parse(without_nul(value))
        if any(_is_half(text) for text in _strings(value)):
            raise InvalidValueError("it is no text that a file can hold")
    return keys


def add_keys(table: dict[str, Any], keys: dict[str, Any]) -> dict[str, Any]:
    """Return *table* with *keys* added as docker adds options: lists grow, a later single value wins."""
    result = dict(table)
    for key, value in keys.items():
        if isinstance(value, list) and key not in ("entrypoint", "command"):
            result[key] = [*result.get(key, []), *(item for item in value if item not in result.get(key, []))]
        elif isinstance(value, dict):
            result[key] = {**result.get(key, {}), **value}
        else:
            result[key] = value
    return result


def drop_defaults(table: dict[str, Any]) -> dict[str, Any]:
    """Return *table* without applaunch's defaults: an init, and no capabilities unless for the image's user."""
    is_caller = table.get("user", "image") != "image"
    defaults = _DEFAULTS | ({"cap_drop": ["ALL"]} if is_caller else {})
    return {key: value for key, value in table.items() if key not in defaults or value != defaults[key]}


_DEFAULTS: dict[str, Any] = {"init": True, "read_only": False, "network_mode": "bridge", "pull_policy": "missing"}


def sort_keys(table: dict[str, Any]) -> dict[str, Any]:
    """Return *table* in the order of the catalog's keys, descriptive keys first."""
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
