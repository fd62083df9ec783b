"""The arguments of a call within a file: `$1`, `"$@"` and `shift` in the function that is called."""

import re
from collections.abc import Iterable, Sequence

from launcher.core.imports.shell.assignment_targets import assigned_names, is_assignment
from launcher.core.imports.shell.definitions import Command
from launcher.core.imports.shell.steps import Step
from launcher.core.imports.shell.tokens import Part, Word, merge_texts
from launcher.core.values.invalid_value import InvalidValueError

_ONE = re.compile(r"([1-9][0-9]?)(?::?-(?P<otherwise>[^$`\\\"']*))?")
_REST = re.compile(r"@:([0-9])")
_ONE_OF_FISH = re.compile(r"\$argv\[([1-9])\]")
_REST_OF_FISH = re.compile(r"\$argv\[([1-9])\.\.(?:-1)?\]")
_SPLIT = re.compile(r"[\s*?\[]")


def is_positional(part: Part) -> bool:
    """Return whether *part* stands for one or some of the arguments, or for their number."""
    if part.kind == "arguments":
        return True
    if part.kind != "strange":
        return False
    name = re.match(r"[0-9@*#]+|\$argv\b", part.text)
    return name is not None and name[0] != "0"


def fill_positional(command: Command, arguments: Sequence[Word]) -> Command:
    """Return *command* with the *arguments* of the call filled in; raises `InvalidValueError` if they are not known."""
    if not any(is_positional(part) for word in command.words for part in word.parts):
        return command
    is_split = not is_assignment(command)
    words = [each for word in command.words for each in _fill(word, arguments, is_split=is_split)]
    return command._replace(words=tuple(words))


def shift(step: Step, arguments: Sequence[Word]) -> tuple[Word, ...]:
    """Return *arguments* after ``shift``, or ``set -e argv[1]`` of fish; raises `InvalidValueError`."""
    words = step.command.words
    said = words[1].literal if step.command.name == "shift" and len(words) > 1 else "1"
    count = int(said) if said and said.isdigit() and len(said) == 1 else len(arguments) + 1
    if step.is_conditional or count > len(arguments) or _has_arguments(arguments[:count]):
        raise InvalidValueError(f"{step.command.source} removes arguments, and applaunch appends all of them")
    return tuple(arguments[count:])


def is_shift(command: Command) -> bool:
    """Return whether *command* removes arguments."""
    options = [word.literal or word.source for word in command.words[1:]]
    return command.name == "shift" or (command.name == "set" and options in (["-e", "argv[1]"], ["--erase", "argv[1]"]))


def reassigned(rest: Iterable[Word], body: Iterable[Step]) -> str:
    """Return what is wrong if the called *body* assigns a variable that *rest*, its arguments, still hold."""
    used = {part.text.partition(":")[0] for word in rest for part in word.parts if part.kind == "variable"}
    both = used & assigned_names(body)
    return f"it assigns {min(both)}, which its arguments use too" if both else ""


def _fill(word: Word, arguments: Sequence[Word], *, is_split: bool) -> list[Word]:
    """Return the words that *word* stands for; *is_split*: if it is not quoted, its shell splits it into words."""
    if len(word.parts) == 1 and (listed := _listed(word.parts[0], arguments)) is not None:
        (part,) = word.parts
        if part.kind == "arguments" and part.text == "*" and part.is_quoted and len(listed) != 1:
            raise InvalidValueError(f"{word.source} joins its arguments")
        if not is_split and (len(listed) > 1 or _has_arguments(listed)):
            raise InvalidValueError(f"{word.source} is assigned to a variable")
        if not _is_fish(part) and not part.is_quoted:
            _refuse_split(word, [piece for each in listed for piece in each.parts if not piece.is_quoted])
        return list(listed)
    parts: list[Part] = []
    for part in word.parts:
        found = _one(part, arguments)
        if found and is_split and not part.is_quoted and not _is_fish(part):
            _refuse_split(word, found)
        parts += [part] if found is None else [each._replace(is_quoted=True) for each in found]
    return [word._replace(parts=merge_texts(parts))] if parts or not word.parts else []


def _listed(part: Part, arguments: Sequence[Word]) -> Sequence[Word] | None:
    """Return the arguments that *part* stands for if it stands for all or all but the first ones, else None."""
    if part.kind == "arguments":
        return arguments
    found = (_REST.fullmatch(part.text) or _REST_OF_FISH.fullmatch(part.text)) if part.kind == "strange" else None
    if found is None:
        return None
    first = max(int(found[1]), 1) - 1
    if _has_arguments(arguments[:first]):
        raise InvalidValueError(f"{part.source} is some of the arguments, and applaunch appends all of them")
    return arguments[first:]


def _one(part: Part, arguments: Sequence[Word]) -> tuple[Part, ...] | None:
    """Return the parts of the argument that *part* stands for, None if it stands for none."""
    if part.kind == "arguments":
        if part.is_quoted and _has_arguments(arguments):
            raise InvalidValueError(f"{part.source} puts the arguments into a word")
        if len(arguments) != 1:
            raise InvalidValueError(f"{part.source} joins its arguments")
        return arguments[0].parts
    found = (_ONE.fullmatch(part.text) or _ONE_OF_FISH.fullmatch(part.text)) if part.kind == "strange" else None
    if found is None:
        return None
    at = int(found[1])
    if _has_arguments(arguments[:at]):
        raise InvalidValueError(f"{part.source} is one of the arguments, which applaunch appends")
    if at <= len(arguments):
        return arguments[at - 1].parts
    otherwise = found.groupdict().get("otherwise")
    return (Part("text", otherwise),) if otherwise else ()


def _refuse_split(word: Word, parts: Iterable[Part]) -> None:
    if any(part.kind == "text" and _SPLIT.search(part.text) for part in parts):
        raise InvalidValueError(f"{word.source} stands without quotes, and its shell splits what it holds")


def _has_arguments(words: Iterable[Word]) -> bool:
    return any(is_positional(part) for word in words for part in word.parts)


def _is_fish(part: Part) -> bool:
    return part.source.startswith("$argv")
