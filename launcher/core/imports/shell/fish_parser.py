"""Parse aliases, functions and lines of fish."""

from collections import deque
from collections.abc import Iterator

from launcher.core.imports.shell.command_parser import (
    Parts,
    commands_outside,
    definitions_in,
    parse_commands,
    split_parts,
)
from launcher.core.imports.shell.definitions import Command, Definition
from launcher.core.imports.shell.fish_lexer import tokenize
from launcher.core.imports.shell.tokens import Part, Word

_BLOCKS = ("function", "if", "for", "while", "switch", "begin")
_LEADING = ("and", "or", "not", "begin")
_LONE_OPTIONS = ("-S", "--no-scope-shadowing")


def parse_definitions(text: str) -> Iterator[Definition]:
    """Yield the definitions in *text* in order; a line that defines nothing is one definition of kind ``line``."""
    return definitions_in(_parts(text), _row)


def parse_top(text: str) -> list[Command]:
    """Return the commands of *text* that stand outside functions, with their keywords."""
    return commands_outside(_parts(text))


def _parts(text: str) -> Parts:
    found = parse_commands(tokenize(text))

    def read_function(at: int) -> tuple[Definition, int]:
        body, flaw, end = _body(found, at + 1)
        return _function(found[at], body, flaw), end

    return split_parts(found, lambda at: found[at].name == "function", read_function)


def _row(row: list[Command]) -> Iterator[Definition]:
    rest = []
    for command in map(_without_keywords, row):
        if command.name == "alias":
            yield _alias(command)
        elif command.name == "abbr" and (abbreviation := _abbreviation(command)):
            yield abbreviation
        elif command.name not in ("end", "begin") and not command.is_empty:
            rest.append(command)
    if rest:
        yield Definition("line", "", tuple(rest), rest[0].line)


def _without_keywords(command: Command) -> Command:
    first = next((at for at, word in enumerate(command.words) if word.source not in _LEADING), len(command.words) - 1)
    return command._replace(words=command.words[first:]) if first > 0 else command


def _alias(command: Command) -> Definition:
    """Return the definition of ``alias NAME BODY`` or ``alias NAME=BODY``."""
    words = [word for word in command.words[1:] if word.source not in ("-s", "--save")]
    name, equals, _ = words[0].head.partition("=") if words else ("", "", "")
    if equals:
        words[:1] = [Word((), name, words[0].line), words[0].after(len(name) + 1)]
    flaw = command.broken or ("" if name and words[1:] and not words[2:] else "it is not a name and a body")
    if flaw:
        return Definition("alias", name, (command,), command.line, flaw)
    body = words[1]
    meant = tuple(parse_commands(tokenize(body.unquoted)))
    return Definition("alias", name, meant, command.line, early=body if body.is_expanded else None)


def _abbreviation(command: Command) -> Definition | None:
    """Return the definition of ``abbr [--add] NAME WORDS``; None if it adds no plain abbreviation."""
    words = list(command.words[1:])
    while words and words[0].head.startswith("-") and words[0].literal in _ABBR_OPTIONS:
        words.pop(0)
    if not words[1:] or words[0].head.startswith("-"):
        return None
    text = " ".join(word.unquoted for word in words[1:])
    return Definition("alias", words[0].literal or "", tuple(parse_commands(tokenize(text))), command.line)


_ABBR_OPTIONS = ("-a", "--add", "-g", "--global", "-U", "--universal", "--")


def _function(header: Command, body: list[Command], flaw: str) -> Definition:
    words = deque(header.words[1:])
    name, description = "", ""
    arguments: list[Word] = []
    while words:
        word = words.popleft()
        if word.source in ("-d", "--description") and words:
            description = words.popleft().literal or ""
        elif word.head.startswith("--description="):
            description = word.after(len("--description=")).literal or ""
        elif word.source in ("-a", "--argument-names"):
            while words and not words[0].head.startswith("-") and (name or len(words) > 1):
                arguments.append(words.popleft())
        elif word.head.startswith("--argument-names="):
            arguments.append(word.after(len("--argument-names=")))
        elif word.head.startswith("-"):
            if "=" not in word.head and word.source not in _LONE_OPTIONS and words:
                words.popleft()  # -w COMMAND, -e EVENT: how the function is called, not what it does
        elif not name:
            name = word.literal or ""
    named = [_named_argument(word, at, header.line) for at, word in enumerate(arguments, 1)]
    return Definition("function", name, (*named, *body), header.line, flaw or header.broken, description)


def _named_argument(word: Word, at: int, line: int) -> Command:
    """Return what ``--argument-names`` does for one name: it assigns an argument to it."""
    text = f"$argv[{at}]"
    value = Word((Part("strange", text, text),), text, line)
    words = [Word((Part("text", each),), each, line) for each in ("set", "-l", word.source)]
    return Command((*words, value), line=line)


def _body(found: list[Command], at: int) -> tuple[list[Command], str, int]:
    body: list[Command] = []
    depth, flaw = 1, ""
    for index in range(at, len(found)):
        name = found[index].name
        following = found[index].words[1].source if len(found[index].words) > 1 else ""
        if name == "function":
            flaw = "it defines another function"
        if name in _BLOCKS or (name == "else" and following == "if"):
            depth += name != "else"
        depth -= name == "end"
        if depth == 0:
            return body, flaw, index + 1
        body.append(found[index])
    return body, flaw or "its end is missing", len(found)
