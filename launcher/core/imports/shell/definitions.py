"""What a text of aliases and functions defines, before anybody asks what it would run."""

from typing import NamedTuple

from launcher.core.imports.shell.tokens import Word


class Command(NamedTuple):
    """One command: its words, its redirections as written, the mark that ends it, and why it cannot be read."""

    words: tuple[Word, ...]
    redirections: tuple[str, ...] = ()
    end: str = "\n"
    line: int = 1
    broken: str = ""

    @property
    def source(self) -> str:
        """How it was written, as far as people need to know it."""
        return " ".join([*(word.source for word in self.words), *self.redirections])

    @property
    def name(self) -> str:
        """The program that it would start, or the word of the shell's grammar; "" where a shell would have to say."""
        return self.words[0].literal or "" if self.words else ""

    @property
    def is_empty(self) -> bool:
        """Whether it is only a mark."""
        return not (self.words or self.redirections or self.broken)


class Definition(NamedTuple):
    """A name, and the commands that it stands for; *kind* ``line`` is a command by itself, which has no name."""

    kind: str  # "alias", "function" or "line"
    name: str
    body: tuple[Command, ...]
    line: int
    flaw: str = ""  # why no entry can stand for it
    description: str = ""
    is_early: bool = False  # what its double quotes hold was read when the alias was made

    @property
    def source(self) -> str:
        """How it was written, as far as people need to know it."""
        said = " ".join(
            f"{command.source}{_MARKS.get(command.end, f' {command.end.strip()}')}" for command in self.body
        )
        return said.strip() or self.name


_MARKS = {"\n": "", ";": ";"}
