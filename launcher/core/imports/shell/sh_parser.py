"""Parse aliases, functions and lines of bash, zsh and sh."""

import re
from collections.abc import Iterator, Sequence

from launcher.core.imports.shell.command_parser import (
    Parts,
    commands_outside,
    definitions_in,
    parse_commands,
    split_parts,
)
from launcher.core.imports.shell.definitions import Command, Definition
from launcher.core.imports.shell.sh_lexer import tokenize

_OPENERS = ("if", "then", "elif", "else", "while", "until", "do", "!", "{", "time")
_CLOSERS = ("fi", "done", "esac", "}")
_NAME = re.compile(r"[^\s$`'\"=(){}|&;<>]+")
_ALIAS = re.compile(r"([^\s$`'\"=(){}|&;<>/]+)=")
_UNCLOSED = "its { is never closed"


def parse_definitions(text: str) -> Iterator[Definition]:
    """Yield the definitions in *text* in order; a line that defines nothing is one definition of kind ``line``."""
    return definitions_in(_parts(text), _row)


def parse_top(text: str) -> list[Command]:
    """Return the commands of *text* that stand outside functions, with their keywords."""
    return commands_outside(_parts(text))


def _parts(text: str) -> Parts:
    found = parse_commands(tokenize(text))

    def read_function(at: int) -> tuple[Definition, int]:
        name, start, cut = _header(found, at) or ("", at, 0)
        line = found[at].line
        body, flaw, end = _body(found, start, cut)
        return Definition("function", name, tuple(body), line, flaw), end

    return split_parts(found, lambda at: _header(found, at) is not None, read_function)


def _row(row: list[Command]) -> Iterator[Definition]:
    """Yield the aliases of one line, and the rest of it as one definition."""
    rest = []
    for command in map(_without_keywords, row):
        if command.name == "alias":
            yield from _aliases(command)
        elif command.name not in _CLOSERS and not command.is_empty:
            rest.append(command)
    if rest:
        yield Definition("line", "", tuple(rest), rest[0].line)


def _aliases(command: Command) -> Iterator[Definition]:
    """Yield the definitions of one ``alias`` command; a name alone is a query."""
    options = [word for word in command.words[1:] if word.head.startswith(("-", "+"))]
    named = [(found, word) for word in command.words[1:] if (found := _ALIAS.match(word.head))]
    if command.broken:
        yield Definition("alias", named[0][0][1] if named else "", (command,), command.line, command.broken)
        return
    flaw = f"alias {options[0].source} makes no name of a command" if options else ""
    for found, word in named:
        value = word.after(found.end())
        body = tuple(parse_commands(tokenize(value.unquoted)))
        yield Definition("alias", found[1], body, word.line, flaw, early=value if value.is_expanded else None)


def _without_keywords(command: Command) -> Command:
    """Return *command* without leading shell keywords."""
    first = next((at for at, word in enumerate(command.words) if word.source not in _OPENERS), len(command.words))
    return command._replace(words=command.words[first:]) if first else command


def _header(found: Sequence[Command], at: int) -> tuple[str, int, int] | None:
    """Return the name of the function at *at*, the index of its body, and how many words there belong to the header.

    None if no function begins there.
    """
    command = found[at]
    is_called = command.end == "(" and at + 1 < len(found) and found[at + 1].end == ")" and not found[at + 1].words
    if command.name == "function" and len(command.words) > 1 and _NAME.fullmatch(command.words[1].source):
        is_all = not command.words[2:]  # only `function` and the name
        return command.words[1].source, at + (2 if is_called else 1) * is_all, 0 if is_all else 2
    if is_called and len(command.words) == 1 and _NAME.fullmatch(command.words[0].source):
        return command.words[0].source, at + 2, 0
    return None


def _body(found: list[Command], at: int, cut: int) -> tuple[list[Command], str, int]:
    """Return the commands of the function body at *at*, its flaw, and the index after it."""
    if at >= len(found):
        return [], _UNCLOSED, at
    first = found[at]._replace(words=found[at].words[cut:])
    if first.is_empty and first.end == "(":
        return _in_brackets(found, at + 1)
    if not first.words or first.words[0].source != "{":
        return [first], "", at + 1
    found[at] = first._replace(words=first.words[1:])
    body: list[Command] = []
    flaw, depth = "", 1
    for index in range(at, len(found)):
        command = found[index]
        if _header(found[index : index + 2], 0):
            flaw = "it defines another function"
        words = _without_keywords(command).words
        depth += sum(word.source == "{" for word in command.words[: len(command.words) - len(words)])
        if words and "}" in (words[0].source, words[-1].source):
            depth -= 1
            if depth == 0:
                last = _last(command, body)
                return [*body, *last], flaw, index + 1
        if command.words or command.redirections or command.broken:
            body.append(command)
    return body, flaw or _UNCLOSED, len(found)


def _last(command: Command, body: list[Command]) -> list[Command]:
    """Return the words before the closing brace of *command*; its redirections apply to the whole body."""
    kept = tuple(word for word in command.words if word.source != "}")
    if not kept and body and command.redirections:
        body[-1] = body[-1]._replace(redirections=(*body[-1].redirections, *command.redirections))
    return [command._replace(words=kept, end="\n")] if kept else []


def _in_brackets(found: list[Command], at: int) -> tuple[list[Command], str, int]:
    body, depth = [], 1
    for index in range(at, len(found)):
        command = found[index]
        depth += {"(": 1, ")": -1}.get(command.end, 0)
        if not command.is_empty:
            body.append(command)
        if depth == 0:
            body[-1:] = [each._replace(end="\n") for each in body[-1:]]
            return body, "", index + 1
    return body, "its ( is never closed", len(found)
