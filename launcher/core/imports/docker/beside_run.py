"""Commands beside a run that an entry does not need: messages, preparation, clean-up, and queries to the engine."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from launcher.core.imports.docker.detect_runs import PROGRAMS
from launcher.core.imports.shell.assignment_targets import assigned_names, is_assignment
from launcher.core.imports.shell.definitions import Command, Definition, Shell
from launcher.core.imports.shell.steps import Step, read_steps

ENDS = ("return", "exit")
_DECLARING = ("local", "declare", "typeset", "readonly", "export", "integer", "emulate", "setopt", "unsetopt")
_HARMLESS = (
    *("echo", "printf", "print", ":", "true", "false", "mkdir", "touch", "xhost", "sleep", "clear", "trap", "stty"),
    *(
        "tput",
        "unset",
        "string",
        "status",
        "wait",
        "logger",
        "notify-send",
        "grep",
        "tty",
        "which",
        "type",
        "hash",
        "whence",
    ),
    *("test", "[", "[[", "((", "isatty", *_DECLARING),
)
_OF_ENGINE = (
    *("pull", "rm", "stop", "kill", "ps", "inspect", "images", "volume", "network", "info", "version", "logs", "wait"),
    *("start", "login"),
)
_OF_OBJECTS = ("inspect", "ls", "pull", "exists", "rm", "stop", "start", "kill", "prune")
_SEARCH = (
    r"(?:(?:builtin )?command (?:-v|-q|-s|-V|--search|--query)"
    r"|(?:builtin )?(?:which|type|hash|whence)(?: -[a-zA-Z]+| --query)*) +(?:-- +)?[\"']?([^ \"')`;>|&]+)"
)
_PROGRAM_TEST = re.compile(_SEARCH)
_PATH_OF = re.compile(rf"{_SEARCH}(?: *2?>+ *[^ ]+)?(?: *\|\| *(?:true|:))?")
_EXECUTABLE = re.compile(r"(?:\[\[?|test) -x [\"']?[^ ]*?([^ /\"']+)[\"']?(?: \]\]?)?")
_IN_ZSH = re.compile(r"\$\+commands\[([^\]]+)\]")
_DEEPEST = 1  # helpers of helpers
_MOST_COMMANDS = 50


class Surroundings(NamedTuple):
    """The names of the own programs that a definition prefers, and what its file defines besides."""

    own: Collection[str]
    definitions: Mapping[str, Definition]
    shell: Shell = "sh"


def can_do_without(step: Step, around: Surroundings, *, is_after: bool, depth: int = 0) -> bool:
    """Return whether a run means the same without *step*, which stands before it or, with *is_after*, behind it."""
    command = step.command
    name = command.name
    if command.broken or command.end.strip() == "&":
        return False
    if "argv" in assigned_names([step]):
        return False  # of fish: the arguments themselves
    if not command.words or is_assignment(command) or name in _HARMLESS:
        return True
    if name in ENDS:
        return is_after or step.is_conditional
    if is_of_engine(command) or is_program_test(command) or _only_prints(command):
        return True
    return (step.is_conditional and is_own(command, around.own)) or _is_helper(name, around, depth)


def _only_prints(command: Command) -> bool:
    """Return whether *command* prints a here-document, or sets options of the shell and no arguments."""
    if command.name == "set":
        return command.words[-1].head.startswith(("-", "+")) or "pipefail" in command.source
    return command.name == "cat" and len(command.words) == 1 and any("<<" in each for each in command.redirections)


def _is_helper(name: str, around: Surroundings, depth: int) -> bool:
    """Return whether *name* is a function of the file that does only what a run can do without."""
    helper = around.definitions.get(name)
    if helper is None or depth > _DEEPEST or helper.kind != "function" or len(helper.body) > _MOST_COMMANDS:
        return False
    inner = read_steps(helper.body, around.shell)
    return all(
        can_do_without(each, around, is_after=True, depth=depth + 1)
        and (not is_assignment(each.command) or is_declaration(each.command) or _is_local(each, inner))
        for each in inner
    )


def _is_local(step: Step, inner: Sequence[Step]) -> bool:
    """Return whether the variable that *step* assigns is declared ``local`` in the same body."""
    name = step.command.words[0].head.partition("=")[0].rstrip("+")
    declaring = [each.command.words for each in inner if each.command.name == "local"]
    declared = [word.head.partition("=")[0] for words in declaring for word in words]
    return name in declared


def is_declaration(command: Command) -> bool:
    """Return whether *command* only declares variables or options of the shell."""
    return command.name in (*_DECLARING, "set")


def is_of_engine(command: Command) -> bool:
    """Return whether *command* looks at, fetches or removes something of the engine."""
    words = [word.literal or "" for word in command.words[:4]]
    words = words[1:] if words[:1] == ["sudo"] else words
    if not words[1:] or words[0].rpartition("/")[2] not in PROGRAMS:
        return False
    if words[1] in ("image", "container"):
        return words[2:3] != [] and words[2] in _OF_OBJECTS
    return words[1] in _OF_ENGINE


def is_program_test(command: Command) -> bool:
    """Return whether *command* looks for a program, on PATH or at a path."""
    return any(True for _ in _searched(command))


def searched_programs(commands: Iterable[Command]) -> set[str]:
    """Return the names of the programs, engines excepted, that *commands* look for."""
    return {name for command in commands for name in _searched(command)} - {*PROGRAMS}


def _searched(command: Command) -> Iterator[str]:
    for pattern in (_PROGRAM_TEST.match, _EXECUTABLE.fullmatch, _IN_ZSH.search):
        if found := pattern(command.source):
            yield found[1]
    for part in (part for word in command.words for part in word.parts if part.kind == "command"):
        if found := _PATH_OF.fullmatch(part.text):
            yield found[1]


def is_own(command: Command, own: Collection[str]) -> bool:
    """Return whether *command* runs one of the programs that the definition prefers to its container."""
    words = list(command.words)
    while words and words[0].literal in ("command", "exec", "builtin"):
        words = words[1:]
    if not words:
        return False
    parts = words[0].parts
    if len(parts) == 1 and parts[0].kind == "command":
        found = _PATH_OF.fullmatch(parts[0].text)
        return found is not None and found[1] in own
    name = words[0].literal if words[0].literal is not None else words[0].source
    return name != "" and name.lstrip("\\").rpartition("/")[2] in own
