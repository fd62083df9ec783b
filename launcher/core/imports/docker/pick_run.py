"""The one run in a body of a script, written out: variables filled in, aliases and functions of the file followed."""

import re
from collections import ChainMap
from collections.abc import Mapping, MutableMapping, Sequence
from itertools import takewhile
from typing import NamedTuple

from launcher.core.imports.docker.beside_run import Surroundings
from launcher.core.imports.docker.detect_runs import PROGRAMS, count_before, is_run, parse_run
from launcher.core.imports.docker.leave_out import leave_out
from launcher.core.imports.docker.option_parser import FLAG_TEXT
from launcher.core.imports.docker.positional import fill_positional, is_shift, reassigned, shift
from launcher.core.imports.docker.proposal import Note
from launcher.core.imports.shell.assignments import Assigned, Scope, advance, exported_names, fill_in
from launcher.core.imports.shell.definitions import Command, Definition, Shell
from launcher.core.imports.shell.steps import Step, read_steps
from launcher.core.imports.shell.tokens import Part, Word, merge_texts
from launcher.core.values.invalid_value import InvalidValueError

_FOUND = re.compile(r"(?:command -v|which|type -p|type -P) ([a-z-]+)(?: 2>/dev/null)?(?: \|\| .*)?")
_ELSE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*:-([a-z-]+)")
_ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")
_ENVIRONMENT = ("-e", "--env")
_DEEPEST = 8
_MOST_CALLS = 100
_SILENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*:?\+['\"]?(.*?)['\"]?")


class ScriptNames(NamedTuple):
    """What a file defines: its aliases and functions by name, and the variables that it assigns."""

    definitions: Mapping[str, Definition]
    scope: MutableMapping[str, Assigned]
    shell: Shell = "sh"
    runners: frozenset[str] = frozenset()  # the names that may run a container, directly or by others
    calls: list[str] = []  # noqa: RUF012  of the definition that is followed; each gets a list of its own


class PickedRun(NamedTuple):
    """The run, with every variable of the file filled in, and notes about what is left out."""

    command: Command
    notes: tuple[Note, ...] = ()


def pick_run(
    definition: Definition,
    names: ScriptNames,
    within: tuple[str, ...] = (),
    arguments: tuple[Word, ...] | None = None,
) -> PickedRun | None:
    """Return the run of *definition*, None if it runs no container; raises `InvalidValueError`.

    *within* are the names that lead to it, *arguments* those of the call; None if nobody in the file calls it.
    """
    if len(within) == 0:
        names = names._replace(calls=[])
    names.calls.append(definition.name)
    if len(names.calls) > _MOST_CALLS or len(within) > _DEEPEST:
        raise InvalidValueError("it calls too many functions")
    within = (*within, definition.name)
    steps = read_steps(definition.body, names.shell)
    steps, flaw = _called(steps, arguments)
    runs: dict[int, PickedRun] = {}
    scope: ChainMap[str, Assigned] = ChainMap({}, names.scope)
    exported: set[str] = set()
    for index, step in enumerate(steps):
        if _may_be_run(step.command, names):
            passed = {name: value for name, value in scope.maps[0].items() if name in exported} if exported else {}
            if found := _written_out(step.command, scope, names, within, passed):
                runs[index] = found
        advance(scope, step)
        exported |= exported_names([step])
    if not runs:
        return None
    if flaw:
        raise InvalidValueError(flaw)
    at = next(iter(runs))
    if len({_fingerprint(run.command) for run in runs.values()}) > 1:
        others = [steps[index].command.source for index in runs if index != at]
        raise InvalidValueError(f"an entry is one run, and this also has '{steps[at].command.end.strip()} {others[0]}'")
    notes = leave_out(steps, runs, Surroundings(definition.name, names.definitions, names.shell))
    return runs[at]._replace(notes=(*notes, *runs[at].notes))


def _called(steps: Sequence[Step], arguments: tuple[Word, ...] | None) -> tuple[list[Step], str]:
    """Return *steps* as they are when they are called with these *arguments*, and why they cannot be a run."""
    if arguments is None:
        return [*steps], ""
    found: list[Step] = []
    flaw = reassigned(arguments, steps)
    for step in steps:
        command, listed = step.command, step.listed
        try:
            if is_shift(command):
                arguments = shift(step, arguments)
                command = command._replace(words=())
            listed = fill_positional(command._replace(words=listed), arguments).words
            command = fill_positional(command, arguments)
        except InvalidValueError as wrong:
            flaw = flaw or wrong.what
        found.append(step._replace(command=command, listed=listed))
    return found, flaw


def _may_be_run(command: Command, names: ScriptNames) -> bool:
    if is_run(command) or not command.words:
        return bool(command.words)
    name = command.words[0].literal
    return name is None or name == "command" or name.lstrip("\\") in names.runners


def _written_out(
    command: Command, scope: MutableMapping[str, Assigned], names: ScriptNames, within: tuple[str, ...], exported: Scope
) -> PickedRun | None:
    """Return *command* as a run with all its words filled in; None if it is none.

    *exported* are the variables that the body itself gives to its programs.
    """
    command = _with_program(command, scope)
    name = command.name.lstrip("\\")
    followed = names.definitions.get(name)
    if followed is None or name not in names.runners or name in within or is_run(command):
        if not is_run(command):
            return None
        mine: ChainMap[str, Assigned] = ChainMap({}, scope)
        advance(mine, Step(command._replace(words=_assigning(command))))
        words = _fill_words(command.words, scope, {**exported, **mine.maps[0]})
        passed = {word.head.partition("=")[0] for word in words if word.source in mine.maps[0]}
        return PickedRun(command._replace(words=tuple(word for word in words if _name_of(word) not in passed)))
    try:
        rest = _fill_words(command.words[1:], scope, {})
        inner = _follow(followed, names._replace(scope=scope), within, rest)
        if inner is None:
            return None
        if followed.flaw:
            raise InvalidValueError(followed.flaw)  # noqa: TRY301  reported with the name like the others
    except InvalidValueError as wrong:
        raise InvalidValueError(f"it calls {name} (line {followed.line}): {wrong}") from None
    redirections = (*inner.command.redirections, *command.redirections)
    return PickedRun(inner.command._replace(redirections=redirections), inner.notes)


def _follow(
    followed: Definition, names: ScriptNames, within: tuple[str, ...], rest: tuple[Word, ...]
) -> PickedRun | None:
    """Return the run that *followed* is with the *rest* of the line that calls it."""
    if followed.kind != "alias":
        return pick_run(followed, names, within, rest)
    *before, last = followed.body or (Command(()),)
    body = (*before, last._replace(words=(*last.words, *rest)))
    return pick_run(followed._replace(body=body), names, within)


def _assigning(command: Command) -> tuple[Word, ...]:
    """Return the words before the program that set variables for it alone."""
    return tuple(takewhile(lambda word: _name_of(word) != "", command.words))


def _name_of(word: Word) -> str:
    found = _ASSIGNED.match(word.source)
    return found[1] if found else ""


def _with_program(command: Command, scope: Scope) -> Command:
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


def _fill_words(words: Sequence[Word], scope: Scope, exported: Scope) -> tuple[Word, ...]:
    """Return *words* filled in; one of the *exported* variables that is passed by its name gets its value."""
    result: list[Word] = []
    for written in words:
        word = _explain_terminal(written, scope)
        filled = fill_in(word, scope)
        before = result[-1].literal if result else ""
        name = word.literal or ""
        value = exported.get(name) if before in _ENVIRONMENT else None
        if value and not value.doubt and len(value.words) == 1:
            filled = [word._replace(parts=merge_texts([Part("text", f"{name}="), *value.words[0].parts]))]
        result += filled
    return tuple(result)


def _explain_terminal(word: Word, scope: Scope) -> Word:
    """Return *word* with variables that hold ``-t`` or nothing written as the test for a terminal."""
    return word._replace(parts=tuple(_terminal(part, scope) for part in word.parts))


def _terminal(part: Part, scope: Scope) -> Part:
    if part.kind == "strange" and (found := _SILENT.fullmatch(part.text)) and FLAG_TEXT.fullmatch(found[1]):
        return part._replace(kind="command", text=_TEST)
    value = scope.get(part.text) if part.kind == "variable" else None
    others = value.others if value else ()
    if any(others) and all(not each or FLAG_TEXT.fullmatch(each) for each in others):
        return part._replace(kind="command", text=_TEST)
    return part


_TEST = "[ -t 0 ] && echo -t"


def _fingerprint(command: Command) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Return what two runs share that differ by a terminal or an engine alone."""
    try:
        run = parse_run(command)
    except InvalidValueError:
        run = None
    words = run.words if run else command.words
    held = [tuple((part.kind, part.text) for part in word.parts) for word in words if not _is_terminal(word)]
    return tuple(held)


def _is_terminal(word: Word) -> bool:
    return word.head.startswith("-") and FLAG_TEXT.fullmatch(word.literal or "") is not None
