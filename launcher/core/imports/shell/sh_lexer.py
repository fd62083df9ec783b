"""Words of bash, zsh and sh: quotes taken off, expansions kept as the text that they are."""

import re

from launcher.core.imports.shell import expansions
from launcher.core.imports.shell.expansions import Read
from launcher.core.imports.shell.tokens import MOST_BROKEN, Broken, Mark, Part, Token, Unclosed, Word, joined

_MARK = re.compile(
    r"(?:[0-9]{1,9}(?=[<>]))?(?:<<<|<<-?|<&|<>|<(?!\()|&>>|&>|>>|>&|>\||>(?!\())|;;&?|;&|;|&&|&|\|\||\|&|\||\(|\)|\n"
)
_BLANK = re.compile(r"[ \t\r\f\v]+")
_PLAIN = re.compile(r"[^ \t\r\f\v\n\\'\"`$;&|<>()~*?\[{]+")
_BRACES = re.compile(r"\{[^\s{}'\"`;&|<>()]{0,99}?(?:,|\.\.)[^\s{}'\"`;&|<>()]{0,99}\}")
_HOME = re.compile(r"~[A-Za-z0-9_.+-]*")
_ASSIGNED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_QUOTES = {
    "'": expansions.single,
    '"': expansions.double,
    "\\": expansions.escaped,
    "$": expansions.dollar,
    "`": expansions.backquoted,
    "<": expansions.process,
    ">": expansions.process,
}


def tokens(text: str) -> list[Token]:
    """Return the words and marks of *text*; comments and the bodies of here-documents are left out.

    What is opened and never closed makes its line a `Broken` one; reading goes on behind it.
    """
    found: list[Token] = []
    documents: list[str] = []  # delimiters of here-documents, whose bodies begin at the next line
    at, line, broken = 0, 1, 0
    while at < len(text):
        if blank := _BLANK.match(text, at):
            at = blank.end()
        elif text.startswith("\\\n", at):
            at, line = at + 2, line + 1
        elif text[at] == "#":
            at = _end_of_line(text, at)
        elif mark := _MARK.match(text, at):
            found.append(Mark(mark[0], line))
            at = mark.end()
            if mark[0] == "\n":
                end = _behind(text, at, documents)
                line += 1 + text.count("\n", at, end)
                at, documents = end, []
        else:
            start = at
            try:
                parts, at = _word(text, at)
            except Unclosed as error:
                broken += 1
                if broken > MOST_BROKEN:
                    return [*found, Mark("\n", line), Broken("too much before it cannot be read", text[at:], line)]
                at = _end_of_line(text, at)
                found.append(Broken(str(error), text[start:at], line))
                continue
            if found and _opens_document(found[-1]):
                documents.append(joined(parts)[0].text if parts else "")
            found.append(Word(joined(parts), text[start:at], line))
            line += text.count("\n", start, at)
    return found


def _opens_document(before: Token) -> bool:
    return isinstance(before, Mark) and before.text.lstrip("0123456789") in ("<<", "<<-")


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _behind(text: str, at: int, documents: list[str]) -> int:
    """Return where the text goes on behind the bodies of *documents*, which begin at *at*."""
    for delimiter in documents:
        while at < len(text):
            end = _end_of_line(text, at)
            row, at = text[at:end], min(end + 1, len(text))
            if row.lstrip("\t") == delimiter:
                break
    return at


def _word(text: str, at: int) -> Read:
    start, parts = at, list[Part]()
    while at < len(text) and not _ends(text, at):
        more, at = _next(text, at, start)
        parts += more
    return parts, at


def _ends(text: str, at: int) -> bool:
    is_process = text[at] in "<>" and text.startswith("(", at + 1)
    return text[at] in " \t\r\f\v\n;&|<>()" and not is_process


def _next(text: str, at: int, start: int) -> Read:
    """Read the next part of the word that begins at *start*."""
    if plain := _PLAIN.match(text, at):
        return [Part("text", plain[0])], plain.end()
    if read := _QUOTES.get(text[at]):
        return read(text, at)
    if text[at] == "~" and (at == start or _ASSIGNED.fullmatch(text, start, at)):
        home = _HOME.match(text, at)
        name = home[0] if home else "~"
        return [Part("tilde" if name == "~" else "strange", name, name)], at + len(name)
    if text[at] in "*?[":
        return [Part("glob", text[at], text[at])], at + 1
    if braces := _BRACES.match(text, at):
        return [Part("strange", braces[0], braces[0])], braces.end()
    return [Part("text", text[at])], at + 1
