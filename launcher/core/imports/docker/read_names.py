"""What a script defines, each alias and function with the variables that it sees."""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from launcher.core.imports.docker.detect_runs import PROGRAMS
from launcher.core.imports.docker.pick_run import ScriptNames
from launcher.core.imports.shell import fish_parser, sh_parser
from launcher.core.imports.shell.assignments import Assigned, Scope, advance, assign, fill_in
from launcher.core.imports.shell.command_parser import parse_commands
from launcher.core.imports.shell.definitions import Command, Definition, Shell
from launcher.core.imports.shell.fish_lexer import tokenize as tokenize_fish
from launcher.core.imports.shell.sh_lexer import tokenize as tokenize_sh
from launcher.core.imports.shell.steps import Step, read_steps
from launcher.core.imports.shell.tokens import Part, Word, merge_texts
from launcher.core.values.invalid_value import InvalidValueError

_MARK = "\ufdd0"  # no character of any text: it stands for what a shell put there
_PLACE = re.compile(f"{_MARK}([0-9]+){_MARK}")


def read_names(text: str, shell: Shell) -> tuple[list[Definition], ScriptNames, list[Step]]:
    """Return the definitions of *text*, what they have in common, and the steps outside of functions.

    An alias in double quotes holds the values at its line; everything else sees those at the end of the file.
    """
    parser = fish_parser if shell == "fish" else sh_parser
    steps = read_steps(parser.parse_top(text), shell)
    last = assign(steps, {})
    found = [
        _made_early(each, scope, last, shell) if each.early else each
        for each, scope in _with_scope(parser.parse_definitions(text), steps)
    ]
    named = {each.name: each for each in found if each.name}
    return found, ScriptNames(named, last, shell, _runners(named, last)), steps


def _runners(definitions: Mapping[str, Definition], scope: Scope) -> frozenset[str]:
    """Return the names that may run a container: they mention an engine, or a name or a variable that does."""
    holders = {f"${name}" for name, value in scope.items() if _ENGINE.search(value.source)}
    holders |= {f"${{{name[1:]}" for name in holders}
    callers: dict[str, set[str]] = {name: set() for name in definitions}
    found: set[str] = set()
    for name, each in definitions.items():
        source = each.source
        if _ENGINE.search(source) or (holders and not holders.isdisjoint(_VARIABLE.findall(source))):
            found.add(name)
        for word in (word for command in each.body for word in command.words):
            if (word.literal or "").lstrip("\\") in definitions:
                callers[(word.literal or "").lstrip("\\")].add(name)
    rest = [*found]
    while rest:
        more = callers[rest.pop()] - found
        found |= more
        rest += more
    return frozenset(found)


_ENGINE = re.compile("|".join(PROGRAMS))
_VARIABLE = re.compile(r"\$\{?[A-Za-z_][A-Za-z0-9_]*")


def in_order(
    definitions: Iterable[Definition], names: ScriptNames, steps: Sequence[Step]
) -> Iterator[tuple[Definition, ScriptNames]]:
    """Yield each definition with what it sees: a line sees the variables as they are there.

    They change with the next definition: use them at once.
    """
    for each, scope in _with_scope(definitions, steps):
        yield each, names._replace(scope=scope) if each.kind == "line" else names


def _with_scope(
    definitions: Iterable[Definition], steps: Sequence[Step]
) -> Iterator[tuple[Definition, dict[str, Assigned]]]:
    """Yield each definition with the variables before its line, which change with the next one."""
    scope: dict[str, Assigned] = {}
    rest = deque(steps)
    for each in definitions:
        while rest and rest[0].command.line < each.line:
            advance(scope, rest.popleft())
        yield each, scope


def _made_early(definition: Definition, scope: Scope, last: Scope, shell: Shell) -> Definition:
    """Return an alias in double quotes as its shell makes it: variables and commands filled in, then read as words."""
    word = definition.early
    if word is None or _MARK in word.unquoted:
        return definition
    try:
        quoted = word._replace(parts=tuple(part._replace(is_quoted=True) for part in word.parts))
        filled = fill_in(quoted, scope)
    except InvalidValueError as wrong:
        return definition._replace(flaw=wrong.what)
    parts = filled[0].parts if filled else ()
    if flaw := "it holds a list" if len(filled) > 1 else _assigned_later(parts, scope, last):
        return definition._replace(flaw=flaw)
    text = "".join(part.text if part.kind == "text" else f"{_MARK}{at}{_MARK}" for at, part in enumerate(parts))
    if f"\\{_MARK}" in text:
        return definition._replace(flaw="a backslash stands before what its shell puts there")
    body = parse_commands((tokenize_fish if shell == "fish" else tokenize_sh)(text))
    return definition._replace(body=tuple(_put_back(command, parts) for command in body))


def _assigned_later(parts: tuple[Part, ...], scope: Scope, last: Scope) -> str:
    """Return the flaw of an alias that reads a variable before the file assigns it; "" if there is none."""
    for part in parts:
        name = part.text.partition(":")[0]
        if part.kind == "variable" and name in last and name not in scope:
            return f"{part.source} is read when the alias is made, before line {last[name].line} assigns it"
    return ""


def _put_back(command: Command, parts: tuple[Part, ...]) -> Command:
    return command._replace(
        words=tuple(_word(word, parts) for word in command.words),
        redirections=tuple(_source(each, parts) for each in command.redirections),
    )


def _word(word: Word, parts: tuple[Part, ...]) -> Word:
    found: list[Part] = []
    for part in word.parts:
        if part.kind != "text":
            found.append(part._replace(text=_source(part.text, parts), source=_source(part.source, parts)))
            continue
        for at, piece in enumerate(_PLACE.split(part.text)):
            found.append(parts[int(piece)]._replace(is_quoted=True) if at % 2 else Part("text", piece))
    return word._replace(parts=merge_texts(found), source=_source(word.source, parts))


def _source(text: str, parts: tuple[Part, ...]) -> str:
    return _PLACE.sub(lambda found: parts[int(found[1])].source, text)
