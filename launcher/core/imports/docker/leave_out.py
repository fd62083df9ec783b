"""Notes for the commands beside a run, which an entry omits; an error if the run depends on one of them."""

import re
from collections.abc import Collection, Iterator, Sequence

from launcher.core.imports.docker.beside_run import (
    ENDS,
    Surroundings,
    can_do_without,
    is_declaration,
    is_of_engine,
    is_own,
    is_program_test,
)
from launcher.core.imports.docker.proposal import Note, shorten
from launcher.core.imports.shell.assignment_targets import is_assignment
from launcher.core.imports.shell.definitions import Command
from launcher.core.imports.shell.steps import Step
from launcher.core.values.invalid_value import InvalidValueError

_ALWAYS = "an entry always runs the container"
_BESIDE = "an entry is the run alone; do it yourself if it is needed"
_TERMINAL = "applaunch allocates a terminal if you have one"
_TESTS = ("command", "which", "type", "hash", "whence", "builtin", "test", "[", "[[", "((", "tty", "isatty")
_TERMINAL_TEST = re.compile(
    r"(?:\[\[?|test) (?:! )?-t [0-2](?: (?:&&|-a) -t [0-2])*(?: \]\]?)?|tty -s|isatty(?: std(?:in|out))?"
)
_SOME = r"(?:-gt|-ne|>|!=) ['\"]?0['\"]?|-ge ['\"]?1['\"]?"
_NONE = r"(?:-eq|=|==) ['\"]?0['\"]?|-lt ['\"]?1['\"]?"
_COUNT = r"['\"]?(?:\$#|\$\{#\})['\"]?"
_FIRST = r"['\"]?(?:\$1|\$\{1:?-?\}|\$[*@])['\"]?"
_SOME_OF_BASH = r"\(\( ?\$?#(?: ?(?:>|!=) ?0| ?>= ?1)? ?\)\)"
_NONE_OF_BASH = r"\(\( ?(?:!\$?#|\$?# ?(?:== ?0|< ?1)) ?\)\)"
_HAS_SOME = re.compile(rf"{_SOME_OF_BASH}|(?:\[\[?|test) (?:{_COUNT} (?:{_SOME})|(?:-n )?{_FIRST})(?: \]\]?)?")
_HAS_NONE = re.compile(rf"{_NONE_OF_BASH}|(?:\[\[?|test) (?:{_COUNT} (?:{_NONE})|(?:-z |! ){_FIRST})(?: \]\]?)?")
_ARGUMENTS = "applaunch appends the arguments, if there are any"


def leave_out(steps: Sequence[Step], runs: Collection[int], around: Surroundings) -> list[Note]:
    """Return notes for everything beside the *runs*, which are the same; raises `InvalidValueError` if they need it."""
    at = min(runs)
    _refuse_joined(steps, at)
    tests, notes = _judge_tests(steps, at, runs)
    told: set[int] = set()
    own = {block.at for block in steps[at].blocks}
    for index, step in enumerate(steps):
        if index in runs or index in tests:
            continue
        if not can_do_without(step, around, is_after=index > at):
            raise InvalidValueError(_also(steps, index, at))
        outer = next((block for block in step.blocks if block.kind != "group" and block.at not in own), None)
        if outer is not None:
            if outer.at not in told:
                told.add(outer.at)
                notes.append(Note(shorten(outer.source), "refused", "", _BESIDE))
        elif _is_worth_a_note(step.command, around.own):
            notes.append(Note(shorten(step.command.source), "refused", "", _BESIDE))
    return notes


def decides_by_arguments(steps: Sequence[Step], full: int, bare: int) -> bool:
    """Return whether the run at *full* takes place if there are arguments, and that at *bare* if there are none."""
    wanted = {full: _HAS_SOME, bare: _HAS_NONE}
    for at, pattern in wanted.items():
        for block in steps[at].blocks[-1:]:
            other = _HAS_NONE if pattern is _HAS_SOME else _HAS_SOME
            tests = [step.command for step in steps if _is_condition(step, block.at)]
            if len(tests) == 1 and block.kind == "if":
                return (pattern if block.branch == "then" else other).fullmatch(tests[0].source) is not None
    return False


def are_alternatives(steps: Sequence[Step], one: int, other: int) -> bool:
    """Return whether of the steps at *one* and *other*, which is later, only one takes place."""
    if steps[one].command.name == "exec":
        return True
    for block in steps[one].blocks:
        for same in (each for each in steps[other].blocks if each.at == block.at and each.kind in ("if", "case")):
            if same.branch != block.branch or any(_is_condition(steps[at], block.at) for at in range(one + 1, other)):
                return True
    after = steps[one + 1 : other]
    if any(each.command.name in ENDS and each.blocks == steps[one].blocks for each in after):
        return True
    return steps[one].joint == "&&" and steps[other].joint == "||" and not after


def _refuse_joined(steps: Sequence[Step], at: int) -> None:
    """Raise if the run at *at* is in a pipe, a loop or the background."""
    run = steps[at]
    if run.joint in ("|", "|&"):
        raise InvalidValueError(_also(steps, at - 1, at))
    if run.command.end.strip() in ("|", "|&", "&"):
        following = steps[at + 1].command.source if at + 1 < len(steps) else ""
        raise InvalidValueError(
            f"an entry is one run, and this also has {f'{run.command.end.strip()} {following}'.strip()!r}"
        )
    if any(block.kind in ("loop", "case") for block in run.blocks):
        raise InvalidValueError("it decides or loops")


def _judge_tests(steps: Sequence[Step], at: int, runs: Collection[int]) -> tuple[set[int], list[Note]]:
    """Return the steps that decide whether the run at *at* takes place, and their notes."""
    run = steps[at]
    notes: list[Note] = []
    tests: set[int] = set()
    for block in run.blocks:
        if block.kind == "if":
            found = [index for index, step in enumerate(steps) if _is_condition(step, block.at)]
            notes.append(_judge([steps[index].command for index in found], "if ", is_either=len(runs) > 1))
            tests.update(found)
    for index in _before(steps, at):
        command = steps[index].command
        if command.name in _TESTS:
            notes.append(_judge([command], "", is_either=len(runs) > 1))
            tests.add(index)
        elif command.name in ENDS:
            raise InvalidValueError(_also(steps, index, at))
    return tests, notes


def _before(steps: Sequence[Step], at: int) -> Iterator[int]:
    """Yield the steps whose result decides by ``&&`` or ``||`` whether the run, or its group, takes place."""
    if steps[at].joint in ("&&", "||") and at:
        yield at - 1
    for block in steps[at].blocks:
        if block.kind == "group" and block.is_conditional:
            inside = [any(each.at == block.at for each in step.blocks) for step in steps[:at]]
            outside = [index for index, is_in in enumerate(inside) if not is_in]
            yield from outside[-1:]


def _is_condition(step: Step, place: int) -> bool:
    return any(block.at == place and block.branch == "condition" for block in step.blocks)


def _judge(conditions: Sequence[Command], word: str, *, is_either: bool) -> Note:
    """Return the note about a test that decides whether, or with *is_either* how, the container runs.

    Raises `InvalidValueError` if an entry cannot do without it.
    """
    source = shorten(word + " && ".join(command.source for command in conditions))
    if all(_TERMINAL_TEST.fullmatch(command.source) for command in conditions):
        return Note(source, "explained", "", _TERMINAL) if is_either else Note(source, "refused", "", _ALWAYS)
    if is_either and all(_HAS_SOME.fullmatch(each.source) or _HAS_NONE.fullmatch(each.source) for each in conditions):
        return Note(source, "explained", "", _ARGUMENTS)
    for command in conditions:
        if not (is_program_test(command) or is_of_engine(command)):
            raise InvalidValueError(f"it decides or loops: {source}")
    return Note(source, "refused", "", f"{_ALWAYS}; it does not look for another program")


def _is_worth_a_note(command: Command, own: Collection[str]) -> bool:
    return not (
        is_assignment(command) or is_own(command, own) or is_declaration(command) or command.name in ENDS
    ) and bool(command.words)


def _also(steps: Sequence[Step], index: int, at: int) -> str:
    """Return the error message for a step that an entry cannot express."""
    step = steps[index]
    if any(block.kind in ("loop", "case", "if") for block in step.blocks):
        return f"it decides or loops, and this also has {step.command.source!r}"
    if index < at:
        return f"an entry is one run, and this also has {f'{step.command.source} {step.command.end.strip()}'.strip()!r}"
    joint = step.joint or (steps[index - 1].command.end.strip() or ";")
    return f"an entry is one run, and this also has {f'{joint} {step.command.source}'!r}"
