"""Group words and marks into commands."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from launcher.core.imports.shell.definitions import Command, Definition
from launcher.core.imports.shell.tokens import Broken, Part, Token, Word

_ENDED = {";": "\n", ";;": "\n", "&": "&\n"}
"""Marks that end a command, and what they become at the end of a line; ``&`` stays visible."""

_INSIDE_TEST = ("&&", "||", "(", ")")


def parse_commands(found: Iterable[Token]) -> list[Command]:
    """Return the commands of *found*; brackets between commands end one, empty or not."""
    result: list[Command] = []
    words: list[Word] = []
    redirections: list[str] = []
    broken, line, pending = "", 0, ""
    for token in found:
        line = line or token.line
        if isinstance(token, Word):
            if pending:
                redirections.append(pending + token.source)
            else:
                words.append(token)
            pending = ""
        elif isinstance(token, Broken):
            words.append(Word((), token.source, token.line))
            broken = token.why
        elif token.text in _INSIDE_TEST and _is_test_open(words):
            words.append(Word((Part("text", token.text),), token.text, token.line))
        elif "<" in token.text or ">" in token.text:
            redirections += [pending] if pending else []
            pending = token.text
        else:
            redirections += [pending] if pending else []
            _add(result, Command(tuple(words), tuple(redirections), token.text, line, broken))
            words, redirections, broken, line, pending = [], [], "", 0, ""
    redirections += [pending] if pending else []
    _add(result, Command(tuple(words), tuple(redirections), "\n", line or 1, broken))
    return result


def _is_test_open(words: Sequence[Word]) -> bool:
    """Return whether *words* have a ``[[`` that is not closed yet."""
    sources = [word.source for word in words]
    return "[[" in sources and "]]" not in sources


Parts = Iterator[Definition | list[Command]]
"""The functions of a text, and the lines between them, in order."""


def split_parts(
    found: Sequence[Command],
    begins_function: Callable[[int], bool],
    read_function: Callable[[int], tuple[Definition, int]],
) -> Parts:
    """Yield the parts of *found*; *read_function* returns the function at a place, and the place after it."""
    at = 0
    while at < len(found):
        if begins_function(at):
            definition, at = read_function(at)
            yield definition
            continue
        end = at + 1
        while not found[end - 1].end.endswith("\n") and end < len(found) and not begins_function(end):
            end += 1
        yield list(found[at:end])
        at = end


def definitions_in(parts: Parts, read_row: Callable[[list[Command]], Iterator[Definition]]) -> Iterator[Definition]:
    """Yield the definitions of *parts*; *read_row* returns those of a line outside functions."""
    for each in parts:
        if isinstance(each, Definition):
            yield each
        else:
            yield from read_row(each)


def commands_outside(parts: Parts) -> list[Command]:
    """Return the commands of *parts* outside functions, with their keywords."""
    return [command for each in parts if isinstance(each, list) for command in each]


def _add(result: list[Command], command: Command) -> None:
    """Append *command*; an empty one that only ends a line ends the one before it."""
    if not command.is_empty or command.end not in ("\n", ";", ";;", "&"):
        result.append(command)
    elif command.end == "\n" and result and result[-1].end in _ENDED:
        result[-1] = result[-1]._replace(end=_ENDED[result[-1].end])
