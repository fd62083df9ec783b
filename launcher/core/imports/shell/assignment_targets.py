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
_CHANGING = ("read", "unset", "mapfile", "readarray", "getopts")
_ARITHMETIC = re.compile(
    r"([A-Za-z_][A-Za-z0-9_]*) *(?:\+\+|--|[-+*/%&|^]?=(?!=))|(?:\+\+|--) *([A-Za-z_][A-Za-z0-9_]*)"
)
_SETTING = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*):?=")


def is_assignment(command: Command) -> bool:
    """Return whether *command* only assigns variables."""
    return bool(command.words) and any(True for _ in read_targets(command))


def assigned_names(steps: Iterable[Step]) -> set[str]:
    """Return the names of the variables that *steps* assign."""
    return {name for step in steps for name, *_ in (*read_targets(step.command), *read_defaults(step.command))}


def read_targets(command: Command) -> Iterator[Target]:
    """Yield each assignment of *command*."""
    words = command.words
    name = command.name
    if name == "set" and len(words) > 1:
        yield from _of_fish(words[1:])
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


def read_defaults(command: Command) -> Iterator[Target]:
    """Yield what ``"${NAME:=text}"`` in the words of *command* assigns, as in ``: ${NAME:=text}``."""
    for word in command.words:
        for part in word.parts:
            if found := _SETTING.match(part.source):
                yield found[1], False, (word._replace(parts=(part,)),), False


def changed_names(command: Command) -> set[str]:
    """Return the variables that *command* changes to values that are not known."""
    literals = [word.literal or "" for word in command.words[1:]]
    if command.name == "((":
        return {each for found in _ARITHMETIC.findall(command.words[0].source) for each in found if each}
    if command.name == "let":
        return {each for text in literals for found in _ARITHMETIC.findall(text) for each in found if each}
    if command.name == "printf":
        return {*literals[1:2]} if literals[:1] == ["-v"] else set()
    if command.name in _CHANGING:
        return {text for text in literals if _NAME.fullmatch(text)}
    return set()


def exported_names(command: Command) -> set[str]:
    """Return the names of the variables that *command* gives to the programs that run after it."""
    options = " ".join(word.head for word in command.words[1:] if word.head.startswith("-"))
    if command.name != "export" and not (command.name in ("declare", "typeset", "set") and "x" in options):
        return set()
    return {word.head.partition("=")[0].removesuffix("+") for word in command.words[1:]}


def _of_fish(words: Sequence[Word]) -> Iterator[Target]:
    """Yield what fish's ``set -gx NAME VALUES`` assigns."""
    first = next((at for at, word in enumerate(words) if not word.head.startswith("-")), len(words))
    options, rest = " ".join(word.head for word in words[:first]), words[first:]
    if rest and _NAME.fullmatch(rest[0].literal or "") and not re.search(r"-[a-zA-Z]*[eqSnL]", options):
        yield rest[0].literal or "", "a" in options, tuple(rest[1:]), True
