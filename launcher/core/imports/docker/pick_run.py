"""The one run in a body of a script, written out: variables filled in, aliases and functions of the file followed."""

import re
from collections import ChainMap
from collections.abc import Mapping, MutableMapping, Sequence
from itertools import pairwise, takewhile
from typing import NamedTuple

from launcher.core.imports.docker.beside_run import Surroundings, searched_programs
from launcher.core.imports.docker.detect_runs import count_before, is_run, parse_run
from launcher.core.imports.docker.fill_words import fill_program, fill_words
from launcher.core.imports.docker.leave_out import are_alternatives, decides_by_arguments, leave_out
from launcher.core.imports.docker.positional import fill_positional, is_shift, reassigned, shift
from launcher.core.imports.docker.proposal import Note
from launcher.core.imports.shell.assignments import Assigned, Scope, advance, fill_in
from launcher.core.imports.shell.definitions import Command, Definition, Shell
from launcher.core.imports.shell.steps import Step, read_steps
from launcher.core.imports.shell.terminal_test import FLAG_TEXT
from launcher.core.imports.shell.tokens import Word
from launcher.core.values.invalid_value import InvalidValueError

_ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")
_DEEPEST = 8
_MOST_CALLS = 100


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
    seen: list[Step] = []
    runs: dict[int, PickedRun] = {}
    scope: ChainMap[str, Assigned] = ChainMap({}, names.scope)
    for index, step in enumerate(steps):
        if _may_be_run(step.command, names) and (found := _written_out(step.command, scope, names, within)):
            runs[index] = found
        seen.append(step._replace(command=_as_far_as_known(step.command, scope)))
        advance(scope, step)
    if not runs:
        return None
    if flaw:
        raise InvalidValueError(flaw)
    at = _chosen(runs, seen)
    own = frozenset((definition.name, *searched_programs(step.command for step in seen)))
    notes = leave_out(seen, runs, Surroundings(own, names.definitions, names.shell))
    return runs[at]._replace(notes=(*notes, *runs[at].notes))


def _chosen(runs: Mapping[int, PickedRun], steps: Sequence[Step]) -> int:
    """Return the place of the run that stands for all *runs*; raises `InvalidValueError` if they differ."""
    prints = {at: _fingerprint(run.command) for at, run in runs.items()}
    first, *others = prints
    unlike = [at for at in others if prints[at] != prints[first]]
    twice = [at for before, at in pairwise(prints) if not are_alternatives(steps, before, at)]
    if not unlike and not twice:
        return first
    if not twice and len(others) == len(unlike) == 1:  # one with the arguments, and one without
        bare, full = sorted(prints, key=lambda at: len(prints[at]))
        if prints[full] == (*prints[bare], _ALL) and decides_by_arguments(steps, full, bare):
            return full
    other = steps[(unlike or twice)[0]].command.source
    raise InvalidValueError(f"an entry is one run, and this also has '{steps[first].command.end.strip()} {other}'")


_ALL = (("arguments", "@"),)


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


def _as_far_as_known(command: Command, scope: Scope) -> Command:
    """Return *command* with the variables filled in whose values are known, to be judged, not to be run."""
    words: list[Word] = []
    for word in command.words:
        try:
            words += fill_in(word, scope)
        except InvalidValueError:
            words.append(word)
    return command._replace(words=tuple(words))


def _may_be_run(command: Command, names: ScriptNames) -> bool:
    words = command.words[count_before(command) :]
    if is_run(command) or not words:
        return is_run(command)
    name = words[0].literal
    return name is None or name == "command" or name.lstrip("\\") in names.runners


def _written_out(
    command: Command, scope: MutableMapping[str, Assigned], names: ScriptNames, within: tuple[str, ...]
) -> PickedRun | None:
    """Return *command* as a run with all its words filled in; None if it is none."""
    command = fill_program(command, scope)
    before = _assigning(command)
    called = command._replace(words=command.words[len(before) :])
    mine: ChainMap[str, Assigned] = ChainMap({}, scope)
    advance(mine, Step(command._replace(words=before)))
    mine.maps[0].update({name: value._replace(is_exported=True) for name, value in mine.maps[0].items()})
    name = called.name.lstrip("\\")
    followed = names.definitions.get(name)
    if is_run(command):
        passed: set[str] = set()
        words = fill_words(called.words, scope, mine, passed)
        unused = tuple(word for word in before if _name_of(word) not in passed)
        return PickedRun(command._replace(words=(*unused, *words)))
    if followed is None or name not in names.runners or name in within:
        return None
    try:
        inner = _follow(followed, names._replace(scope=mine), within, fill_words(called.words[1:], scope, mine, set()))
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
