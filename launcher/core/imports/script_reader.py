"""Aliases, functions and `docker run` lines of a script as proposals; every other line is skipped and reported."""

import re
from collections.abc import Iterator

from launcher.core.imports.docker.detect_runs import PROGRAMS, is_run, other_command, parse_run
from launcher.core.imports.docker.option_values import Caller
from launcher.core.imports.docker.pick_run import PickedRun, ScriptNames, pick_run
from launcher.core.imports.docker.proposal import (
    NO_RUN,
    Found,
    Note,
    Proposal,
    Skipped,
    check_names,
    command_table,
    shorten,
    skip,
    sort_keys,
)
from launcher.core.imports.docker.read_names import in_order, read_names
from launcher.core.imports.docker.run_line_reader import read
from launcher.core.imports.shell import fish_parser, sh_parser
from launcher.core.imports.shell.assignment_targets import is_assignment
from launcher.core.imports.shell.definitions import Definition, Shell
from launcher.core.imports.shell.steps import read_steps
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.reference import repo_of

_INPUT = re.compile(r"0?<(?![&>])(?!\s*/dev/null)")
_LONGEST = 56  # characters of a name that gets a number
_NO_PLAIN_RUN = "it is not a plain docker run or podman run"
_EARLY = "in double quotes the shell reads it when the alias is defined; applaunch reads it at each call"


def from_script(text: str, origin: str, caller: Caller, *, is_fish: bool = False, name: str = "") -> Found:
    """Read *text*; reports call it *origin*. A script that is one run is the app *name*."""
    definitions, names, steps = read_names(text, _shell(text, origin, is_fish=is_fish))
    if (script := _script(text, name, names)) and (one := _convert_script(script, origin, caller, names)):
        return one
    found = [(each.name, _convert(each, origin, caller, seen)) for each, seen in in_order(definitions, names, steps)]
    last = {each.name: each for name, each in found if name and isinstance(each, Proposal)}
    used = dict.fromkeys(last, 1)
    kept: list[Proposal] = []
    others: list[Skipped] = []
    for given, each in found:
        if isinstance(each, Skipped):
            others.append(each)
        elif not given:
            kept.append(each._replace(name=_numbered_name(each.name, used)))
        elif last[each.name] is each:
            kept.append(each)
        else:
            why = f"line {last[each.name].line} defines the same name and wins"
            others.append(Skipped(origin, each.line, each.name, "", why))
    return Found(tuple(kept), tuple(sorted(others, key=lambda each: each.line)))


_ZSH = re.compile(r"^#!\S*(?:/| )zsh\b|^\s*(?:setopt|unsetopt|emulate|autoload|zstyle|compdef|bindkey)\b", re.MULTILINE)


def _shell(text: str, origin: str, *, is_fish: bool) -> Shell:
    """Return whose rules count for *text*; zsh is known by its own words or by the name of its file."""
    return "fish" if is_fish else "zsh" if "zsh" in origin or _ZSH.search(text) else "sh"


_SHELL = re.compile(r"#!\s*(?:\S*/)?(?:env (?:-S )?)?(?:\S*/)?(?:ba|z|da|k|fi|a)?sh\b")


def _script(text: str, name: str, names: ScriptNames) -> Definition | None:
    """Return *text* as one definition if it is a script, which is called by the *name* of its file."""
    if not name or not _SHELL.match(text) or any(each.kind == "alias" for each in names.definitions.values()):
        return None
    body = (fish_parser if names.shell == "fish" else sh_parser).parse_top(text)
    return Definition("script", name, tuple(body), 1) if body else None


def _convert_script(script: Definition, origin: str, caller: Caller, names: ScriptNames) -> Found | None:
    """Return the one app that *script* is; None if it runs none or several containers."""
    steps = read_steps(script.body, names.shell)
    runs = [step for step in steps if is_run(step.command)]
    if len(runs) > 1 and not any(step.blocks for step in runs):
        return None
    made = _convert(script, origin, caller, names._replace(scope={}))
    if isinstance(made, Proposal):
        line = next((step.command.line for step in runs), script.line)
        return Found((made._replace(line=line),))
    return Found((), (made,)) if runs or made.why != NO_RUN else None


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


def _convert(definition: Definition, origin: str, caller: Caller, names: ScriptNames) -> Proposal | Skipped:
    try:
        picked = None if definition.flaw else pick_run(definition, names)
        broken = next((command.broken for command in definition.body if command.broken), "")
        if broken and not definition.flaw:
            return skip(definition, origin, broken)
        if picked is None:
            flaw = (definition.flaw or _NO_PLAIN_RUN) if _may_run(definition) else ""
            return skip(definition, origin, flaw or next(_others(definition, names), NO_RUN))
        return _proposal(definition, picked, origin, caller)
    except InvalidValueError as wrong:
        return skip(definition, origin, str(wrong))


def _may_run(definition: Definition) -> bool:
    """Return whether its text mentions a run, though it cannot be parsed as one."""
    if definition.kind == "line" and all(is_assignment(command) for command in definition.body):
        return False  # what it holds is reported where it is used
    named = (definition.source, definition.flaw)
    return any(f"{word} run" in text for word in PROGRAMS for text in named) or any(
        command.words[1].literal == "run" and command.words[0].literal is None
        for command in definition.body
        if len(command.words) > 1
    )


def _others(definition: Definition, names: ScriptNames) -> Iterator[str]:
    for step in read_steps(definition.body, names.shell):
        if name := other_command(step.command):
            is_composed = "compose" in name and name.endswith((" run", " exec"))
            why = "; import the compose file itself" if is_composed else ""
            yield f"{name} is not a run of a container{why}"


def _proposal(definition: Definition, picked: PickedRun, origin: str, caller: Caller) -> Proposal:
    command = picked.command
    run = parse_run(command)
    if run is None:
        raise InvalidValueError(NO_RUN)
    if source := next((each for each in command.redirections if _INPUT.match(each)), ""):
        raise InvalidValueError(f"it reads its input from {shorten(source)}, and an entry reads yours")
    line = read(run, caller, kind=definition.kind)
    name = definition.name or repo_of(line.image).rpartition("/")[2]
    try:
        app, own = check_names(name)
    except InvalidValueError as wrong:
        raise InvalidValueError(f"{wrong.what}; import it by itself with --as NAME") from None
    about = {"description": definition.description} if definition.description else {}
    notes = [*picked.notes, *(_early(note) if definition.early else note for note in line.notes)]
    notes += [Note(each, "refused", "", "an entry cannot redirect") for each in command.redirections]
    table = sort_keys(about | line.table)
    return Proposal(app, table | command_table(app, own, table), tuple(notes), origin, definition.line)


def _early(note: Note) -> Note:
    """Return the *note* of an alias in double quotes, with a remark that the current folder is read at each call."""
    if note.fate != "carried" or not ("$PWD" in note.part or "${PWD}" in note.part or "pwd" in note.part):
        return note
    return note._replace(why="; ".join(filter(None, (note.why, _EARLY))))
