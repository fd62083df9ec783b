"""The commands of a body, each with the conditions and loops that it stands in."""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from launcher.core.imports.shell.definitions import Command, Shell
from launcher.core.imports.shell.tokens import Part, Word

Branch = Literal["condition", "then", "else"]

_LOOPS = ("for", "while", "until", "select", "switch")
_LIST = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_DEEPEST = 100
_WORDLESS = ("!", "{", "time", "do", "begin", "not", "builtin", "and", "or")


class Block(NamedTuple):
    """An ``if``, a loop, a ``case`` or a group, by the place in the body where it begins."""

    kind: Literal["if", "loop", "case", "group"]
    at: int
    branch: Branch = "then"
    is_conditional: bool = True  # False: a group that always runs
    source: str = ""  # the first command of it


class Step(NamedTuple):
    """A command without the keywords before it, the blocks around it, and the mark before it."""

    command: Command
    blocks: tuple[Block, ...] = ()
    joint: str = ""  # the mark between it and the command before: "&&", "||", "|"; "" if there is none
    listed: tuple[Word, ...] = ()  # the words in the brackets of ``NAME=(...)``
    is_spread: bool = True  # whether the name of a list alone stands for all of it, as in zsh and fish

    @property
    def is_conditional(self) -> bool:
        """Whether it may not run, or may run more than once."""
        return self.joint in ("&&", "||") or any(block.is_conditional for block in self.blocks)


def read_steps(body: Sequence[Command], shell: Shell) -> list[Step]:  # noqa: C901  one for each place of a keyword
    """Return the steps of *body*, whose commands still have their keywords."""
    found: list[Step] = []
    open_ones: list[Block] = []
    joint = ""
    listing = False
    for index, command in enumerate(body):
        words = command.words
        if listing:
            found[-1] = found[-1]._replace(listed=(*found[-1].listed, *words))
            listing = command.end != ")"
            continue
        while words and (keyword := words[0].source) in _KEYWORDS:
            if keyword in ("and", "or") and shell == "fish":
                joint = "&&" if keyword == "and" else "||"
            if len(open_ones) < _DEEPEST:  # deeper ones are never left, so that all behind them stays conditional
                _enter(open_ones, keyword, index, is_conditional=joint in ("&&", "||"))
            if keyword in _OPENING:
                open_ones[-1] = open_ones[-1]._replace(source=_without_negation(command, words))
            words = words[1:]
            if keyword in ("for", "select", "case", "switch"):
                words = _loop_variable(keyword, words)  # its other words are no command
        rest = command._replace(words=words)
        is_pattern = command.end == ")" and bool(open_ones) and open_ones[-1].kind == "case"
        if not rest.is_empty and not is_pattern:
            found.append(Step(rest, tuple(open_ones), joint, is_spread=shell != "sh"))
        before = joint
        joint = command.end if command.end in ("&&", "||", "|", "|&") else ""
        if shell == "fish" and open_ones and open_ones[-1].branch == "condition" and not joint:
            following = body[index + 1].words[:1] if index + 1 < len(body) else ()
            if not (following and following[0].source in ("and", "or")):
                open_ones[-1] = open_ones[-1]._replace(branch="then")
        listing = command.end == "(" and bool(words) and _LIST.fullmatch(words[-1].source) is not None
        if command.end == "(" and not listing and not _in_case(open_ones) and len(open_ones) < _DEEPEST:
            open_ones.append(Block("group", index, is_conditional=before in ("&&", "||")))
        elif (
            command.end == ")"
            and 0 < len(open_ones) < _DEEPEST
            and not _in_case(open_ones)
            and open_ones[-1].kind == "group"
        ):
            open_ones.pop()
    return found


def _loop_variable(keyword: str, words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Return a command that makes the variable of a loop unknown, after its *keyword*."""
    if keyword in ("case", "switch") or not words:
        return ()
    return (Word((Part("text", "unset"),), "unset", words[0].line), words[0])


_OPENING = ("if", *_LOOPS, "case")


def _without_negation(command: Command, words: tuple[Word, ...]) -> str:
    """Return the first line of a block as it is shown: the keyword and its first command."""
    return command._replace(words=tuple(word for word in words if word.source != "!")).source


def _enter(open_ones: list[Block], keyword: str, index: int, *, is_conditional: bool) -> None:
    """Open, change or close a block at *keyword*; a group is conditional after ``&&`` and ``||``."""
    if keyword == "if":
        open_ones.append(Block("if", index, "condition"))
    elif keyword in _LOOPS:
        open_ones.append(Block("case" if keyword == "switch" else "loop", index))
    elif keyword == "case" and not (open_ones and open_ones[-1].kind == "case"):
        open_ones.append(Block("case", index))
    elif keyword in ("{", "begin"):
        open_ones.append(Block("group", index, is_conditional=is_conditional))
    elif keyword in _CHANGES and open_ones and open_ones[-1].kind == "if":
        open_ones[-1] = open_ones[-1]._replace(branch=_CHANGES[keyword])
    elif keyword in _CLOSERS and open_ones:
        open_ones.pop()


_CHANGES: dict[str, Branch] = {"then": "then", "else": "else", "elif": "condition"}
_CLOSERS = ("fi", "done", "esac", "}", "end")
_KEYWORDS = frozenset(("if", "case", *_LOOPS, *_CHANGES, *_CLOSERS, *_WORDLESS))


def _in_case(open_ones: list[Block]) -> bool:
    return any(block.kind == "case" for block in open_ones)
