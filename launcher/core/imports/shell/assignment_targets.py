"""Which variables a command assigns, and which words it gives them."""

import re
from collections.abc import Iterable, Iterator, Sequence

from launcher.core.imports.shell.definitions import Command
from launcher.core.imports.shell.steps import Step
from launcher.core.imports.shell.tokens import Word

Target = tuple[str, bool, tuple[Word, ...], bool]
"""The name, whether the words are added to its value, the words, and whether they are a list."""

_ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\+?)=")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DECLARING = ("export", "local", "readonly", "declare", "typeset", "integer")
_SETTING = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*):?=")


def is_assignment(command: Command) -> bool:
    """Return whether *command* only assigns variables."""
    return bool(command.words) and any(True for _ in read_targets(command))


def assigned_names(steps: Iterable[Step]) -> set[str]:
    """Return the names of the variables that *steps* assign."""
    return {name for step in steps for name, *_ in read_targets(step.command)}


def read_targets(command: Command) -> Iterator[Target]:
    """Yield each assignment of *command*."""
    words = command.words
    name = command.name
    if name == "set" and len(words) > 1:
        yield from _of_fish(words[1:])
        return
    if name == ":":
        yield from _of_defaults(words[1:])
        return
    if name in _DECLARING:
        words = words[1:]
        for word in words:
            if found := _ASSIGNED.match(word.head):
                value = word.after(found.end())
                yield found[1], bool(found[2]), (value,), command.end == "(" and not value.parts
        return
    if words and all(_ASSIGNED.match(word.head) for word in words):
        for word in words:
            found = _ASSIGNED.match(word.head)
            if found:
                value = word.after(found.end())
                yield found[1], bool(found[2]), (value,), command.end == "(" and not value.parts


def _of_defaults(words: Sequence[Word]) -> Iterator[Target]:
    """Yield what ``: "${NAME:=text}"`` assigns."""
    for word in words:
        if len(word.parts) == 1 and (found := _SETTING.match(word.parts[0].source)):
            yield found[1], False, (word,), False


def _of_fish(words: Sequence[Word]) -> Iterator[Target]:
    """Yield what fish's ``set -gx NAME VALUES`` assigns."""
    first = next((at for at, word in enumerate(words) if not word.head.startswith("-")), len(words))
    options, rest = " ".join(word.head for word in words[:first]), words[first:]
    if rest and _NAME.fullmatch(rest[0].literal or "") and not re.search(r"-[a-zA-Z]*[eqSnL]", options):
        yield rest[0].literal or "", "a" in options, tuple(rest[1:]), True
