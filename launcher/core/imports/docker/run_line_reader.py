"""A `docker run` command line as an entry: options, image, command and docker's defaults."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from launcher.core.imports.docker.classify_option import ClassifiedOption, classify
from launcher.core.imports.docker.cwd_mount import decide_mounts
from launcher.core.imports.docker.detect_runs import Run
from launcher.core.imports.docker.file_variables import settle
from launcher.core.imports.docker.option_parser import parse_options
from launcher.core.imports.docker.option_values import Caller, parse_word
from launcher.core.imports.docker.positional import is_positional
from launcher.core.imports.docker.proposal import Note, add_keys, check_keys, drop_defaults, shorten, sort_keys
from launcher.core.imports.docker.run_flags import Fate
from launcher.core.imports.shell.tokens import Word
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.reference import Reference

_ONE_VALUE = ("entrypoint", "command")
"""Keys whose list is a single value: a later option replaces it."""


class Line(NamedTuple):
    """A converted run: its catalog keys, and a note for each part."""

    table: dict[str, Any]
    notes: tuple[Note, ...]
    image: str


def read(run: Run, caller: Caller, *, kind: str = "line") -> Line:
    """Read *run*, the text of an alias, function or ``line`` (*kind*).

    Raises `InvalidValueError` if no entry can express it.
    """
    found, rest = parse_options(run.words)
    if not rest:
        raise InvalidValueError("it names no image")
    for option in found:
        if option.value and any(is_positional(part) for part in option.value.parts):
            raise InvalidValueError(
                f"{shorten(option.source)} uses the arguments, which an entry appends to its command"
            )
    image, why = _image(rest[0], caller)
    words, told = _command(rest[1:], caller, kind)
    every = [classify(option, caller, found) for option in found]
    table, notes = _combine(every, caller)
    defaults = {"user": _user(every), "path_args": "none", "image": image} | ({"command": words} if words else {})
    before = [Note(shorten(part), _fate(fate), "", why) for part, fate, why in run.before]
    notes = [*before, *notes, Note(shorten(rest[0].source), "carried", "image", why), *told]
    if not any(option.flag and option.flag.name == "rm" for option in found):
        notes.append(Note("(no --rm)", "explained", "", "applaunch always removes the container"))
    return Line(sort_keys(defaults | table), tuple(notes), image)


def _fate(word: str) -> Fate:
    return "refused" if word == "refused" else "explained"


def _image(word: Word, caller: Caller) -> tuple[str, str]:
    """Return the full name of the image, with the defaults of its variables, and a remark about them."""
    try:
        value, why = settle(parse_word(word))
        return Reference.parse(value.constant(caller)).full, why
    except InvalidValueError as wrong:
        raise InvalidValueError(f"its image {word.source}: {wrong}") from None
    except ValueError as error:
        raise InvalidValueError(str(error)) from None


def _command(words: tuple[Word, ...], caller: Caller, kind: str) -> tuple[list[str], list[Note]]:
    """Return the words after the image, without a function's arguments at the end, which applaunch adds itself."""
    notes = []
    if words and [part.kind for part in words[-1].parts] == ["arguments"]:
        (part,) = words[-1].parts
        if part.is_quoted and (part.text == "*" or part.source == "$argv"):
            why = f"its command: {words[-1].source} joins the arguments to one; applaunch appends each"
            raise InvalidValueError(why)
        is_whole = part.is_quoted or part.source == "$argv"
        why = "applaunch appends the arguments itself" + ("" if is_whole else ", each as it was typed")
        notes.append(Note(words[-1].source, "explained", "", why))
        words = words[:-1]
    elif kind == "function":
        why = "the function dropped its arguments; applaunch passes them on"
        notes.append(Note('(no "$@")', "explained", "", why))
    try:
        said = [parse_word(word).constant(caller) for word in words]
        check_keys({"command": said})
    except InvalidValueError as wrong:
        raise InvalidValueError(f"its command: {wrong}") from None
    carried = [Note(shorten(word.source), "carried", "command") for word in words]
    return said, [*carried, *notes]


def _user(every: Sequence[ClassifiedOption]) -> str:
    """Return the default user: the image's, but ``host`` if the line named a user that was refused."""
    named = any(each.option.flag and each.option.flag.name == "user" and each.fate == "refused" for each in every)
    return "host" if named else "image"


def _combine(every: Sequence[ClassifiedOption], caller: Caller) -> tuple[dict[str, Any], list[Note]]:
    """Return the catalog keys of the options, and a note for each option."""
    table: dict[str, Any] = {}
    for each in every:
        table = add_keys(table, each.gift.keys)
    workdir = table.pop("working_dir", None)
    binds = [each.gift.bind for each in every if each.gift.bind]
    view = decide_mounts(binds, workdir, caller, is_host=table.get("user") == "host")
    table = drop_defaults(table | view.keys)
    return table, [*_notes(every, iter(view.told), view.folder_told, table)]


def _notes(
    every: Sequence[ClassifiedOption],
    volumes: Iterator[tuple[str, str]],
    folder: tuple[str, str],
    table: dict[str, Any],
) -> Iterator[Note]:
    """Yield a note for each option; *volumes* and *folder* hold those of volumes and of the working directory."""
    last = {each.key: each for each in every if each.key and _is_single(each)}
    for each in every:
        part = shorten(each.option.source)
        if each.gift.bind:
            key, why = next(volumes)
            yield Note(part, "carried" if key else "refused", key, why)
        elif each.fate != "carried":
            yield Note(part, each.fate, "", each.why)
        elif last.get(each.key, each) is not each and each.key == "network_mode":
            yield Note(part, "refused", "", "a program joins one network: the last one given")
        elif last.get(each.key, each) is not each:
            yield Note(part, "explained", "", "a later one wins")
        elif each.key == "working_dir":
            yield Note(part, "carried" if folder[0] else "refused", *folder)
        elif each.key not in table:
            yield Note(part, "explained", "", "that is the default")
        else:
            yield Note(part, "carried", each.key, each.why)


def _is_single(each: ClassifiedOption) -> bool:
    return each.key in _ONE_VALUE or not isinstance(each.gift.keys[each.key], list | dict)
