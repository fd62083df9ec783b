"""Aliases, functions and `docker run` lines of a script as proposals; every other line is skipped and reported."""

from collections.abc import Iterator

from launcher.core.imports.docker.detect_runs import is_run, other_command, parse_run
from launcher.core.imports.docker.option_values import Caller
from launcher.core.imports.docker.proposal import (
    NO_RUN,
    Found,
    Note,
    Proposal,
    Skipped,
    check_names,
    command_table,
    skip,
    sort_keys,
)
from launcher.core.imports.docker.run_line_reader import read
from launcher.core.imports.shell import fish_parser, sh_parser
from launcher.core.imports.shell.definitions import Definition
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.reference import repo_of

_LONGEST = 56  # characters of a name that gets a number
_NO_PLAIN_RUN = "it is not a plain docker run or podman run"
_EARLY = "in double quotes the shell reads it when the alias is defined; applaunch reads it at each call"


def from_script(text: str, origin: str, caller: Caller, *, is_fish: bool = False) -> Found:
    """Read *text*; reports call it *origin*."""
    read = (fish_parser if is_fish else sh_parser).parse_definitions(text)
    found = [(each.name, _convert(each, origin, caller)) for each in read]
    last = {each.name: each for name, each in found if name and isinstance(each, Proposal)}
    used = dict.fromkeys(last, 1)
    kept: list[Proposal] = []
    others: list[Skipped] = []
    for name, each in found:
        if isinstance(each, Skipped):
            others.append(each)
        elif not name:
            kept.append(each._replace(name=_numbered_name(each.name, used)))
        elif last[each.name] is each:
            kept.append(each)
        else:
            why = f"line {last[each.name].line} defines the same name and wins"
            others.append(Skipped(origin, each.line, each.name, "", why))
    return Found(tuple(kept), tuple(sorted(others, key=lambda each: each.line)))


def _numbered_name(name: str, used: dict[str, int]) -> str:
    """Return *name*, which is a guess from the image, with a number if it is already used.

    *used* has the names that are, and how many go by each.
    """
    unused = name
    while unused in used:
        used[name] += 1
        unused = f"{name[:_LONGEST]}-{used[name]}"
    used[unused] = 1
    return unused


def _convert(definition: Definition, origin: str, caller: Caller) -> Proposal | Skipped:
    runs = [command for command in definition.body if is_run(command)]
    broken = next((command.broken for command in definition.body if command.broken), "")
    if broken and not definition.flaw:
        return skip(definition, origin, broken)
    if not runs:
        flaw = (definition.flaw or _NO_PLAIN_RUN) if _may_run(definition) else ""
        return skip(definition, origin, flaw or next(_others(definition), NO_RUN))
    if definition.flaw:
        return skip(definition, origin, definition.flaw)
    if len(definition.body) > 1 or definition.body[0].end not in ("\n", ";"):
        return skip(definition, origin, f"an entry is one run, and this also has {_rest(definition)!r}")
    try:
        return _proposal(definition, origin, caller)
    except InvalidValueError as wrong:
        return skip(definition, origin, str(wrong))


def _may_run(definition: Definition) -> bool:
    """Return whether its text mentions a run, though it cannot be parsed as one."""
    return any(f"{word} run" in definition.source for word in ("docker", "podman"))


def _others(definition: Definition) -> Iterator[str]:
    for command in definition.body:
        if name := other_command(command):
            yield f"{name} is not a run of a container"


def _rest(definition: Definition) -> str:
    """Return the text beside the first run."""
    first = next(index for index, command in enumerate(definition.body) if is_run(command))
    others = [command for index, command in enumerate(definition.body) if index != first]
    end = definition.body[first].end.strip()
    return f"{end} {others[0].source}".strip() if others else end


def _proposal(definition: Definition, origin: str, caller: Caller) -> Proposal:
    (command,) = definition.body
    run = parse_run(command)
    if run is None:
        raise InvalidValueError(NO_RUN)
    line = read(run, caller, kind=definition.kind)
    name = definition.name or repo_of(line.image).rpartition("/")[2]
    try:
        app, own = check_names(name)
    except InvalidValueError as wrong:
        raise InvalidValueError(f"{wrong.what}; import it by itself with --as NAME") from None
    about = {"description": definition.description} if definition.description else {}
    notes = [_early(note) if definition.is_early else note for note in line.notes]
    notes += [Note(each, "refused", "", "an entry cannot redirect") for each in command.redirections]
    table = sort_keys(about | line.table)
    return Proposal(app, table | command_table(app, own, table), tuple(notes), origin, definition.line)


def _early(note: Note) -> Note:
    """Return the *note* of an alias in double quotes, with a remark that the current folder is read at each call."""
    if note.fate != "carried" or not ("$PWD" in note.part or "${PWD}" in note.part or "pwd" in note.part):
        return note
    return note._replace(why="; ".join(filter(None, (note.why, _EARLY))))
