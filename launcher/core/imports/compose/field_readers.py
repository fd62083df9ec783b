"""Tables of foreign files, read key by key: each key has a reader or a reason, and none is ignored."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from launcher.core.catalog.keys import KEYS
from launcher.core.imports.docker.cwd_mount import decide_mounts
from launcher.core.imports.docker.file_variables import settle
from launcher.core.imports.docker.option_converters import CONVERTERS as OPTIONS
from launcher.core.imports.docker.option_converters import Converted
from launcher.core.imports.docker.option_parser import MOST
from launcher.core.imports.docker.option_values import Caller, Value
from launcher.core.imports.docker.proposal import Note, add_keys, check_keys, drop_defaults, shorten
from launcher.core.imports.docker.run_flags import Fate
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.names import did_you_mean
from launcher.core.values.reference import Reference

Reader = Callable[[Any, Caller], list[Converted]]


class Field(NamedTuple):
    """How one key of a foreign file is converted: its reader, or why there is none."""

    fate: Fate
    key: str = ""  # of the catalog
    why: str = ""
    read: Reader | None = None


def carried(key: str, read: Reader, why: str = "") -> Field:
    """Return a field that is converted to a catalog key."""
    return Field("carried", key, why, read)


def explained(why: str) -> Field:
    """Return a field that has no effect for a program in the foreground."""
    return Field("explained", "", why)


def refused(why: str) -> Field:
    """Return a field that no catalog key can express."""
    return Field("refused", "", why)


def planned(key: str) -> Field:
    """Return a field whose catalog key is reserved and not implemented."""
    return Field("refused", key, f"the key {key!r} is reserved and not implemented yet")


def read(
    table: Mapping[str, Any], fields: Mapping[str, Field], caller: Caller, *, workdir: Value | None = None
) -> tuple[dict[str, Any], list[Note]]:
    """Return the catalog keys that *table* is converted to, and a note for each of its keys.

    *workdir* is the working directory unless the table sets it.
    """
    if len(table) > MOST:
        raise InvalidValueError(f"it has more than {MOST} keys")
    result: dict[str, Any] = {}
    notes: list[Note] = []
    brought: list[Converted] = []
    for name, raw in table.items():
        field = fields.get(name) or _unknown(name, fields)
        if field.read is None:
            notes.append(Note(_part(name, raw), field.fate, "", field.why))
            continue
        try:
            if isinstance(raw, list | dict) and len(raw) > MOST:
                raise InvalidValueError(f"it has more than {MOST} items")  # noqa: TRY301  reported like the errors of its reader
            gifts = [_check_item(gift) for gift in field.read(raw, caller)]
            if len(gifts) == 1 and gifts[0].flaw:
                raise InvalidValueError(gifts[0].flaw)  # noqa: TRY301  the only one of its list
        except InvalidValueError as wrong:
            notes.append(Note(_part(name, raw), "refused", "", str(wrong)))
            continue
        for gift in gifts:
            result = add_keys(result, gift.keys)
        brought += gifts
        notes += _notes_for(name, raw, field, gifts)
    workdir = result.pop("working_dir", workdir)
    binds = [gift.bind for gift in brought if gift.bind]
    view = decide_mounts(binds, workdir, caller, is_host=result.get("user", "image") == "host")
    result = drop_defaults(result | view.keys)
    told = _add_mount_notes(notes, view.told, view.folder_told)
    return result, [note if _is_in(note, result) else note._replace(fate="explained", key="", why=_SO) for note in told]


def _check_item(gift: Converted) -> Converted:
    """Return *gift*, with the flaw that its keys have in a catalog, if it is one of several."""
    try:
        check_keys({key: said for key, said in gift.keys.items() if key != "working_dir"})
    except InvalidValueError as wrong:
        if not gift.source:
            raise
        return Converted(source=gift.source, flaw=str(wrong))
    return gift


def each_item(raw: Any, read_item: Callable[[Any], Converted]) -> list[Converted]:
    """Return what *read_item* makes of each item of *raw*; one that it refuses does not lose the others."""
    found = []
    for item in raw:
        try:
            found.append(read_item(item))
        except InvalidValueError as wrong:
            found.append(Converted(source=item if isinstance(item, str) else _plain(item), flaw=str(wrong)))
    return found


_SO = "that is the default"


def _is_in(note: Note, table: Mapping[str, Any]) -> bool:
    return note.fate != "carried" or note.key in table or note.key not in KEYS


def strings(raw: Any) -> list[str]:
    """Read a list of strings or a single one; numbers are converted. Raises `InvalidValueError`."""
    items = raw if isinstance(raw, list) else [raw]
    return [text(item) for item in items]


def text(raw: Any) -> str:
    """Read a string, a number or a boolean as text; raises `InvalidValueError`."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, str | int | float):
        return str(raw)
    raise InvalidValueError(f"{shorten(repr(raw))} is not a text")


def is_true(raw: Any) -> bool:
    """Read a boolean; raises `InvalidValueError`."""
    if not isinstance(raw, bool):
        raise InvalidValueError("is neither true nor false")
    return raw


def image(raw: str) -> str:
    """Return the full reference of an image; raises `InvalidValueError`."""
    try:
        return Reference.parse(raw).full
    except ValueError as error:
        raise InvalidValueError(str(error)) from None


def each_option(option: str, read_value: Callable[[str], Value]) -> Reader:
    """Return a reader of a list (or a single text) whose items are the values of an *option* of docker run."""

    def read_item(item: str, caller: Caller) -> Converted:
        value, why = settle(read_value(item))
        gift = OPTIONS[option](value, caller)
        return gift._replace(source=item, why="; ".join(filter(None, (gift.why, why))))

    return lambda raw, caller: each_item(strings(raw), lambda item: read_item(item, caller))


def _unknown(name: str, fields: Mapping[str, Field]) -> Field:
    if name.startswith("x-"):
        return explained("is for other tools")
    return refused(f"no such key is known ({did_you_mean(name, fields, 'it may be newer than this applaunch')})")


def _part(name: str, raw: Any) -> str:
    return shorten(f"{name}: {raw if isinstance(raw, str) else _plain(raw)}")


def _plain(raw: Any) -> str:
    return json.dumps(raw, default=str, ensure_ascii=False)


def _notes_for(name: str, raw: Any, field: Field, gifts: list[Converted]) -> Iterator[Note]:
    """Yield a note for each item of a key's value; volumes are decided later."""
    if not gifts:
        yield Note(_part(name, raw), "explained", "", field.why or _SO)
    for gift in gifts:
        part = _part(name, raw) if len(gifts) == 1 else _part(name, gift.source or gift.keys)
        if gift.flaw:
            yield Note(part, "refused", "", gift.flaw)
        elif gift.bind:
            yield Note(part, "carried", _VOLUME, gift.why)
        elif "working_dir" in gift.keys:
            yield Note(part, "carried", _FOLDER)
        elif gift.keys:
            yield Note(part, "carried", next(iter(gift.keys)), gift.why or field.why)
        else:
            yield Note(part, "explained", "", gift.why or field.why)


_VOLUME, _FOLDER = "a volume, to be judged", "a folder, to be judged"


def _add_mount_notes(notes: list[Note], told: tuple[tuple[str, str], ...], about: tuple[str, str]) -> Iterator[Note]:
    judged = iter(told)
    for note in notes:
        if note.key not in (_VOLUME, _FOLDER):
            yield note
            continue
        key, why = next(judged) if note.key == _VOLUME else about
        yield note._replace(fate="carried" if key else "refused", key=key, why="; ".join(filter(None, (why, note.why))))
