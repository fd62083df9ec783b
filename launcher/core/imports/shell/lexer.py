"""The loop of both lexers: blanks, comments, marks and here-documents; each shell reads its own words."""

import re
from collections.abc import Callable

from launcher.core.imports.shell.tokens import MOST_BROKEN, Broken, Mark, Part, Token, UnclosedError, Word, merge_texts

Read = tuple[list[Part], int]
"""The parts that were read, and the position after them."""

_BLANK = re.compile(r"[ \t\r\f\v]+")


def scan(  # noqa: C901  one for each kind of text
    text: str,
    marks: re.Pattern[str],
    read_word: Callable[[str, int], Read],
    continued_comments: re.Pattern[str] | None = None,
) -> list[Token]:
    """Return the words and *marks* of *text*; comments and the bodies of here-documents are skipped.

    *continued_comments* are the comments that a continued line may have in its middle.
    A line with something that is opened and never closed becomes a `Broken`; reading goes on with the next line.
    """
    found: list[Token] = []
    documents: list[str] = []  # delimiters of here-documents, whose bodies begin on the next line
    at, line, broken = 0, 1, 0
    while at < len(text):
        if blank := _BLANK.match(text, at):
            at = blank.end()
        elif text.startswith("\\\n", at):
            at, line = at + 2, line + 1
            while comment := continued_comments and continued_comments.match(text, at):
                at, line = comment.end(), line + 1
        elif text[at] == "#":
            at = _end_of_line(text, at)
        elif mark := marks.match(text, at):
            found.append(Mark(mark[0], line))
            at = mark.end()
            if mark[0] == "\n":
                end = skip_documents(text, at, documents)
                line += 1 + text.count("\n", at, end)
                at, documents = end, []
        else:
            start = at
            try:
                parts, at = read_word(text, at)
            except UnclosedError as error:
                broken += 1
                if broken > MOST_BROKEN:
                    return [
                        *found,
                        Mark("\n", line),
                        Broken("too many lines before it cannot be read", text[at:], line),
                    ]
                at = _end_of_line(text, at)
                found.append(Broken(str(error), text[start:at], line))
                continue
            if found and _opens_document(found[-1]):
                documents.append(merge_texts(parts)[0].text if parts else "")
            found.append(Word(merge_texts(parts), text[start:at], line))
            line += text.count("\n", start, at)
    return found


def read_double_quoted(
    text: str, at: int, escapable: str, read_expansion: Callable[[str, int], Read], plain: re.Pattern[str]
) -> Read:
    """Read from after an opening ``"`` to the closing one; a backslash protects the *escapable* characters."""
    parts: list[Part] = []
    while at < len(text):
        if text[at] == '"':
            return [part._replace(is_quoted=True) for part in parts], at + 1
        if found := plain.match(text, at):
            parts.append(Part("text", found[0]))
            at = found.end()
        elif text[at] == "\\":
            following = text[at + 1 : at + 2]
            kept = "" if following == "\n" else following if following and following in escapable else "\\" + following
            parts.append(Part("text", kept))
            at += 2
        else:
            more, at = read_expansion(text, at)
            parts += more
    raise UnclosedError('a " is never closed')


def _opens_document(before: Token) -> bool:
    return isinstance(before, Mark) and before.text.lstrip("0123456789") in ("<<", "<<-")


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def skip_documents(text: str, at: int, documents: list[str]) -> int:
    """Return the position after the bodies of *documents*, which begin at *at*."""
    for delimiter in documents:
        while at < len(text):
            end = _end_of_line(text, at)
            row, at = text[at:end], min(end + 1, len(text))
            if row.lstrip("\t") == delimiter:
                break
    return at
