"""Words of a run with the variables of the file filled in; what asks for a terminal is recognized."""

import re
from collections import ChainMap
from collections.abc import Sequence

from launcher.core.imports.docker.detect_runs import PROGRAMS, WRAPPERS, count_before
from launcher.core.imports.shell.assignments import Scope, fill_in
from launcher.core.imports.shell.definitions import Command
from launcher.core.imports.shell.terminal_test import FLAG_TEXT, TEST
from launcher.core.imports.shell.tokens import Part, Word, merge_texts
from launcher.core.values.invalid_value import InvalidValueError

_FOUND = re.compile(r"(?:command -v|which|type -p|type -P) ([a-z-]+)(?: 2>/dev/null)?(?: \|\| .*)?")
_ELSE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*:-([a-z-]+)")
_ENVIRONMENT = ("-e", "--env")
_SILENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*:?\+['\"]?(.*?)['\"]?")


def fill_program(command: Command, scope: Scope) -> Command:
    """Return *command* with the word that names its program filled in, as far as it is known."""
    at = count_before(command)
    before, first, rest = command.words[:at], command.words[at : at + 1], command.words[at + 1 :]
    if not first or first[0].literal is not None:
        return command
    try:
        filled = fill_in(first[0], scope)
        return command._replace(words=(*before, *_program_words(filled, scope), *rest))
    except InvalidValueError as wrong:
        held = [part.text for part in first[0].parts if part.kind == "variable"]
        texts = scope[held[0]].others if len(held) == len(first[0].parts) and held[0] in scope else ()
        if any(texts) and all(text in ("", *WRAPPERS) for text in texts):
            return fill_program(command._replace(words=(*before, *rest)), scope)
        if any(texts) and all(text in ("", *PROGRAMS) for text in texts):
            program = next(text for text in texts if text)
            return command._replace(words=(*before, first[0]._replace(parts=(Part("text", program),)), *rest))
        is_named = any(program in str(wrong) for program in PROGRAMS)
        if is_named or (rest and rest[0].literal == "run"):
            raise InvalidValueError(f"what {first[0].source} holds is not known: {wrong}") from None
        return command


def _program_words(words: Sequence[Word], scope: Scope) -> Sequence[Word]:
    """Return the *words* of a variable that stands where a program does, an engine named by its name alone."""
    if len(words) != 1:
        return words
    (word,) = words
    named = (word.literal or "").split()
    if named[:1] and named[0] in PROGRAMS:  # zsh would not split it, and find no such program
        return [word._replace(parts=(Part("text", each),)) for each in named]
    if len(word.parts) == 1 and (part := word.parts[0]).kind in ("command", "variable"):
        found = (_FOUND if part.kind == "command" else _ELSE).fullmatch(part.text)
        if found and found[1] in PROGRAMS and part.text.partition(":")[0] not in scope:
            return [word._replace(parts=(Part("text", found[1]),))]
    return words


def fill_words(words: Sequence[Word], scope: Scope, given: Scope, passed: set[str]) -> tuple[Word, ...]:
    """Return *words* filled in by *scope*; what ``-e NAME`` passes has the value that the run is *given*.

    The names of these variables are added to *passed*.
    """
    result: list[Word] = []
    for written in words:
        word = _explain_terminal(written, scope)
        name = word.literal or ""
        if name in given and result and result[-1].literal in _ENVIRONMENT:
            passed.add(name)
            result.append(_passed(word, name, given))
        else:
            result += fill_in(word, scope)
    return tuple(result)


def _passed(word: Word, name: str, given: Scope) -> Word:
    """Return the *word* of ``-e NAME`` with the value of this variable, which the file assigns."""
    value = given[name]
    if value.is_exported and value is _of_file(given).get(name):
        return word  # the caller's shell has it from the file
    parts = value.words[0].parts if len(value.words) == 1 else ()
    own = len(parts) == 1 and parts[0].kind == "variable" and parts[0].text.partition(":")[0] == name
    if value.is_exported and not value.doubt and (parts or value.words):
        return word._replace(parts=merge_texts([Part("text", f"{name}="), *parts]))
    if own:
        return word  # its own value or a default: without an export, programs see the caller's
    source = f"{name}, which line {value.line} changes" + ("" if value.is_exported else " without export")
    return word._replace(parts=(Part("strange", name, source),))


def _of_file(scope: Scope) -> Scope:
    """Return the outermost variables of *scope*: those that the file assigns outside of functions."""
    while isinstance(scope, ChainMap):
        scope = scope.maps[-1]
    return scope


def _explain_terminal(word: Word, scope: Scope) -> Word:
    """Return *word* with variables that hold ``-t`` or nothing written as the test for a terminal."""
    return word._replace(parts=tuple(_terminal(part, scope) for part in word.parts))


def _terminal(part: Part, scope: Scope) -> Part:
    if part.kind == "strange" and (found := _SILENT.fullmatch(part.text)) and FLAG_TEXT.fullmatch(found[1]):
        return part._replace(kind="command", text=TEST)
    value = scope.get(part.text) if part.kind == "variable" else None
    others = value.others if value else ()
    if any(others) and all(not each or FLAG_TEXT.fullmatch(each) for each in others):
        return part._replace(kind="command", text=TEST)
    return part
