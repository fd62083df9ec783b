"""Words of fish, whose quotes, substitutions and escapes are its own."""

import re

from launcher.core.imports.shell.escapes import backslash
from launcher.core.imports.shell.expansions import Read, closing
from launcher.core.imports.shell.tokens import MOST_BROKEN, Broken, Mark, Part, Token, Unclosed, Word, joined

_MARK = re.compile(r"(?:[0-9]{1,9}(?=[<>]))?(?:&>>?|>>|>&|>\||>\?|>|<\?|<&|<)|;|&&|&|\|\||\|(?=[^&]|$)|&?\||\)|\n")
_BLANK = re.compile(r"[ \t\r\f\v]+")
_PLAIN = re.compile(r"[^ \t\r\f\v\n\\'\"$;&|<>()~*?{]+")
_IN_QUOTES = re.compile(r"[^\"\\$]+")
_IN_SINGLE = re.compile(r"[^'\\]+")
_VARIABLE = re.compile(r"\${1,2}([A-Za-z_][A-Za-z0-9_]*)((?:\[[^\]\n]*\])*)")
_BRACES = re.compile(r"\{[^\s{}'\"`;&|<>()]{0,99}?,[^\s{}'\"`;&|<>()]{0,99}\}")
_HOME = re.compile(r"~[A-Za-z0-9_.+-]*")


def tokens(text: str) -> list[Token]:
    """Return the words and marks of *text*, comments left out; a line that cannot be read is a `Broken` one."""
    found: list[Token] = []
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
            line += mark[0] == "\n"
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
            found.append(Word(joined(parts), text[start:at], line))
            line += text.count("\n", start, at)
    return found


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _word(text: str, at: int) -> Read:
    start, parts = at, list[Part]()
    while at < len(text) and text[at] not in " \t\r\f\v\n;&|<>)":
        more, at = _next(text, at, start)
        parts += more
    return parts, at


def _next(text: str, at: int, start: int) -> Read:  # noqa: PLR0911  one for each sign of fish's
    """Read the next part of the word that begins at *start*."""
    if plain := _PLAIN.match(text, at):
        return [Part("text", plain[0])], plain.end()
    match text[at]:
        case "'":
            return _single(text, at + 1)
        case '"':
            return _double(text, at + 1)
        case "\\":
            char, end = ("", at + 2) if text.startswith("\\\n", at) else backslash(text, at)
            return [Part("text", char)], min(end, len(text))
        case "(":
            end = closing(text, at + 1) + 1
            return [Part("command", text[at + 1 : end - 1].strip(), text[at:end])], end
        case "$":
            return _dollar(text, at)
        case "~" if at == start and (home := _HOME.match(text, at)):
            return [Part("tilde" if home[0] == "~" else "strange", home[0], home[0])], home.end()
        case "*" | "?":
            return [Part("glob", text[at], text[at])], at + 1
    if braces := _BRACES.match(text, at):
        return [Part("strange", braces[0], braces[0])], braces.end()
    return [Part("text", text[at])], at + 1


def _single(text: str, at: int) -> Read:
    """Read single quotes, in which a backslash protects itself and the quote."""
    found: list[str] = []
    while at < len(text):
        if text[at] == "'":
            return [Part("text", "".join(found))], at + 1
        if plain := _IN_SINGLE.match(text, at):
            found.append(plain[0])
            at = plain.end()
        else:
            following = text[at + 1 : at + 2]
            found.append(following if following in ("'", "\\") and following else "\\" + following)
            at += 2
    raise Unclosed("a ' is never closed")


def _double(text: str, at: int) -> Read:
    parts: list[Part] = []
    while at < len(text):
        if text[at] == '"':
            return parts, at + 1
        if plain := _IN_QUOTES.match(text, at):
            parts.append(Part("text", plain[0]))
            at = plain.end()
        elif text[at] == "\\":
            following = text[at + 1 : at + 2]
            kept = following if following in ("$", '"', "\\") else "" if following == "\n" else "\\" + following
            parts.append(Part("text", kept))
            at += 2
        else:
            more, at = _dollar(text, at)
            parts += more
    raise Unclosed('a " is never closed')


def _dollar(text: str, at: int) -> Read:
    if text.startswith("$(", at):
        end = closing(text, at + 2) + 1
        return [Part("command", text[at + 2 : end - 1].strip(), text[at:end])], end
    if not (found := _VARIABLE.match(text, at)):
        return [Part("text", "$")], at + 1
    name, indices = found[1], found[2]
    if indices or found[0].startswith("$$"):
        return [Part("strange", found[0], found[0])], found.end()
    return [Part("arguments" if name == "argv" else "variable", name, found[0])], found.end()
