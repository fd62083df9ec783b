"""Detect the commands that run a container, and the words before their options."""

import re
from collections import deque
from typing import NamedTuple

from launcher.core.imports.shell.definitions import Command
from launcher.core.imports.shell.tokens import Word
from launcher.core.values.invalid_value import InvalidValueError

PROGRAMS = ("docker", "podman", "nerdctl", "podman-remote")
_COMPOSERS = ("docker-compose", "podman-compose")
_ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\+?=")
_BEFORE = {
    "command": "it only bypasses aliases",
    "exec": "it only replaces the shell",
    "sudo": "applaunch talks to the engine as you are",
    "doas": "applaunch talks to the engine as you are",
    "winpty": "applaunch allocates a terminal if you have one",
    "env": "it only sets variables",
    "time": "it measures the run: time NAME",
    "nice": "it sets the priority of the client alone",
    "nohup": "it protects the client alone: nohup NAME",
}
"""Words that may precede the program, and why they are dropped."""
WRAPPERS = ("sudo", "doas", "winpty")
"""Those of them that people write only where they need them."""
_INSIDE = "an entry sets variables inside"
_ENGINE = "the engine is the same for all apps: DOCKER_HOST or docker context"
_SWITCHES = ("-D", "--debug", "--tls", "--tlsverify", "-r", "--remote", "--noout", "--syslog", "--transient-store")
"""Global options of docker and podman without a value; all others take one."""


class Run(NamedTuple):
    """The words of one run after ``run``, and the parts before it: part, fate and reason."""

    program: str
    words: tuple[Word, ...]
    before: tuple[tuple[str, str, str], ...] = ()


def is_run(command: Command) -> bool:
    """Return whether *command* runs a container, even if it is malformed."""
    try:
        return parse_run(command) is not None
    except InvalidValueError:
        return True


def parse_run(command: Command) -> Run | None:
    """Return *command* as a run, or None if it is something else; raises `InvalidValueError` if it is unclear."""
    words = deque(command.words)
    before = _take_before(words)
    program = (words[0].literal or "").rpartition("/")[2] if words else ""
    if program not in PROGRAMS:
        return None
    words.popleft()
    before += _global(words)
    if words and words[0].literal == "container":
        words.popleft()
    if not words or words[0].literal != "run":
        return None
    return Run(program, tuple(words)[1:], tuple(before))


def count_before(command: Command) -> int:
    """Return how many words of *command* precede its program: variables, ``exec``, ``sudo`` and the like."""
    words = deque(command.words)
    _take_before(words)
    return len(command.words) - len(words)


def _take_before(words: deque[Word]) -> list[tuple[str, str, str]]:
    """Remove what precedes the program from *words* and return it as notes."""
    before: list[tuple[str, str, str]] = []
    if words and words[0].literal in ("$", "%"):
        words.popleft()  # the prompt that was copied along
    while words and (found := _ASSIGNED.match(words[0].head)):
        word = words.popleft()
        before.append((word.source, "refused", f"set {found[1]} where you call it; {_INSIDE}"))
    while words and (words[0].literal or "").lstrip("\\") in _BEFORE:
        word = words.popleft()
        why = _BEFORE[(word.literal or "").lstrip("\\")]
        before.append((word.source, "explained", why))
        while words and (found := _ASSIGNED.match(words[0].head)):
            before.append((words.popleft().source, "refused", f"set {found[1]} where you call it; {_INSIDE}"))
        while words and words[0].head.startswith("-") and word.literal in ("sudo", "doas"):
            before.append((words.popleft().source, "explained", why))
    return before


def _global(words: deque[Word]) -> list[tuple[str, str, str]]:
    """Remove the global options of docker or podman from *words* and return them as notes."""
    found = []
    while words and words[0].head.startswith("-"):
        word = words.popleft()
        source = word.source
        if "=" not in word.head and word.literal not in _SWITCHES and words:
            source += f" {words.popleft().source}"
        found.append((source, "refused", _ENGINE))
    return found


def other_command(command: Command) -> str:
    """Return ``docker exec`` and the like if *command* is another command of docker or podman, else ""."""
    words = [word.literal or word.source for word in command.words[:3]]
    program = words[0].rpartition("/")[2] if words else ""
    if program in _COMPOSERS and len(words) > 1:
        return f"{program} {words[1]}"
    if program not in PROGRAMS or len(words) == 1:
        return ""
    return " ".join([program, *words[1 : 3 if words[1] == "compose" else 2]])
