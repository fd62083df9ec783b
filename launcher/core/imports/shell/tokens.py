"""Tokens of shell text: words with their parts, and the marks between them."""

from typing import Literal, NamedTuple, Self

Kind = Literal["text", "tilde", "variable", "command", "arguments", "glob", "strange"]
"""``tilde`` is the caller's home, ``arguments`` those of the alias or function, ``strange`` another expansion."""


class Part(NamedTuple):
    """A piece of a word: its *text* without quotes, or the body of a command.

    Of a variable it is ``NAME``, ``NAME:-default``, ``NAME:?message`` or ``NAME?message``.
    """

    kind: Kind
    text: str
    source: str = ""  # as it was written; of text, nothing
    is_quoted: bool = False  # in double quotes, so that its value is not split into words


class Word(NamedTuple):
    """One word: its parts, its source text and its line."""

    parts: tuple[Part, ...]
    source: str
    line: int = 1

    @property
    def literal(self) -> str | None:
        """The word as the program gets it, None if it needs expansion."""
        if not self.parts:
            return ""
        return self.parts[0].text if len(self.parts) == 1 and self.parts[0].kind == "text" else None

    @property
    def head(self) -> str:
        """The text that it begins with, up to the first expansion."""
        return self.parts[0].text if self.parts and self.parts[0].kind == "text" else ""

    @property
    def unquoted(self) -> str:
        """The text that a shell reads when it uses an alias made of this word: no quotes, expansions as written."""
        return "".join(part.text if part.kind == "text" else part.source for part in self.parts)

    @property
    def is_expanded(self) -> bool:
        """Whether a shell replaces a part of it when it reads the word."""
        return any(part.kind in ("variable", "command") for part in self.parts)

    def after(self, length: int) -> Self:
        """Return this word without the first *length* characters of its head."""
        rest = self.head[length:]
        return self._replace(parts=((Part("text", rest),) if rest else ()) + self.parts[1:])


class Mark(NamedTuple):
    """An operator between words: ``;``, ``|``, ``>``, or the end of a line."""

    text: str
    line: int


class Broken(NamedTuple):
    """A line that cannot be parsed further, and why."""

    why: str
    source: str
    line: int


Token = Word | Mark | Broken


class UnclosedError(ValueError):
    """A quote or bracket that is opened and never closed; reading goes on with the next line."""


def merge_texts(parts: list[Part]) -> tuple[Part, ...]:
    """Return *parts* with adjacent texts merged and empty ones removed."""
    if len(parts) == 1:
        return tuple(parts) if parts[0].text or parts[0].kind != "text" else ()
    result: list[Part] = []
    texts: list[str] = []
    for part in (*parts, _END):
        if part.kind == "text":
            texts.append(part.text)
            continue
        if text := "".join(texts):
            result.append(Part("text", text))
        texts = []
        result.append(part)
    return tuple(result[:-1])


_END = Part("strange", "")

MOST_BROKEN = 20
"""The number of unreadable lines after which the rest of a text is skipped."""
