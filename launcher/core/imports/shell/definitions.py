"""Commands, and the aliases and functions that a script defines."""

from typing import Literal, NamedTuple

from launcher.core.imports.shell.tokens import Word

Shell = Literal["sh", "zsh", "fish"]
"""Whose rules count: ``sh`` is bash and sh too."""


class Command(NamedTuple):
    """One command: its words, its redirections as written, its end mark, and why it cannot be parsed."""

    words: tuple[Word, ...]
    redirections: tuple[str, ...] = ()
    end: str = "\n"
    line: int = 1
    broken: str = ""

    @property
    def source(self) -> str:
        """Its source text, simplified for display."""
        return " ".join([*(word.source for word in self.words), *self.redirections])

    @property
    def name(self) -> str:
        """The program or shell keyword that it begins with; "" if it needs expansion."""
        if not self.words:
            return ""
        first = self.words[0]
        if first.source.startswith("((") and first.literal is None:
            return "(("
        return first.source if first.source in ("[", "[[") else first.literal or ""

    @property
    def is_empty(self) -> bool:
        """Whether it consists of its end mark only."""
        return not (self.words or self.redirections or self.broken)


class Definition(NamedTuple):
    """A name and the commands it stands for; a *kind* of ``line`` is a command without a name."""

    kind: str  # "alias", "function", "script" or "line"
    name: str
    body: tuple[Command, ...]
    line: int
    flaw: str = ""  # why no entry can stand for it
    description: str = ""
    early: Word | None = None  # an alias in double quotes, whose variables are read when it is made

    @property
    def source(self) -> str:
        """Its source text, simplified for display."""
        said = " ".join(
            f"{command.source}{_MARKS.get(command.end, f' {command.end.strip()}')}" for command in self.body
        )
        return said.strip() or self.name


_MARKS = {"\n": "", ";": ";"}
