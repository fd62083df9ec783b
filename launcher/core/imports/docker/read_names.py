"""What a script defines, each alias and function with the variables that it sees."""

import re

from launcher.core.imports.docker.pick_run import ScriptNames
from launcher.core.imports.shell import fish_parser, sh_parser
from launcher.core.imports.shell.assignments import Scope, assign, fill_in, is_assignment
from launcher.core.imports.shell.command_parser import parse_commands
from launcher.core.imports.shell.definitions import Command, Definition, Shell
from launcher.core.imports.shell.fish_lexer import tokenize as tokenize_fish
from launcher.core.imports.shell.sh_lexer import tokenize as tokenize_sh
from launcher.core.imports.shell.steps import read_steps
from launcher.core.imports.shell.tokens import Part, Word, merge_texts
from launcher.core.values.invalid_value import InvalidValueError

_MARK = "\ufdd0"  # no character of any text: it stands for what a shell put there
_PLACE = re.compile(f"{_MARK}([0-9]+){_MARK}")


def read_names(text: str, shell: Shell) -> tuple[list[tuple[Definition, Scope]], ScriptNames]:
    """Return the definitions of *text* with the variables that each one sees, and what they have in common.

    An alias in double quotes and a line see the values at their line; everything else those at the end of the file.
    """
    parser = fish_parser if shell == "fish" else sh_parser
    steps = read_steps(parser.parse_top(text), shell)
    last = assign(steps, {})
    commands = [step.command for step in steps]
    changed = sorted({each.line for each in commands if is_assignment(each) or each.name == "read"})
    found: list[tuple[Definition, Scope]] = []
    scopes: dict[int, Scope] = {}
    for each in parser.parse_definitions(text):
        if each.early is None and each.kind != "line":
            found.append((each, last))
            continue
        known = sum(line < each.line for line in changed)
        scope = scopes.get(known)
        if scope is None:
            scope = scopes[known] = assign(steps, {}, until=each.line) if known else {}
        found.append((_made_early(each, scope, last, shell) if each.early else each, last if each.early else scope))
    return found, ScriptNames({each.name: each for each, _ in found if each.name}, last, shell)


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
