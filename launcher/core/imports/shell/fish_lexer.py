"""Words of fish, which has its own quotes, substitutions and escapes."""

import re

from launcher.core.imports.shell.escapes import read_backslash
from launcher.core.imports.shell.expansions import find_closing
from launcher.core.imports.shell.lexer import Read, read_double_quoted, scan
from launcher.core.imports.shell.tokens import Part, Token, UnclosedError

_MARK = re.compile(r"(?:[0-9]{1,9}(?=[<>]))?(?:&>>?|>>|>&|>\||>\?|>|<\?|<&|<)|;|&&|&|\|\||\|(?=[^&]|$)|&?\||\)|\n")
_PLAIN = re.compile(r"[^ \t\r\f\v\n\\'\"$;&|<>()~*?{]+")
_IN_QUOTES = re.compile(r"[^\"\\$]+")
_IN_SINGLE = re.compile(r"[^'\\]+")
_VARIABLE = re.compile(r"\${1,2}([A-Za-z_][A-Za-z0-9_]*)((?:\[[^\]\n]*\])*)")
_BRACES = re.compile(r"\{[^\s{}'\"`;&|<>()]{0,99}?,[^\s{}'\"`;&|<>()]{0,99}\}")
_COMMENT = re.compile(r"[ \t]*#[^\n]*\n")
_HOME = re.compile(r"~[A-Za-z0-9_.+-]*")


def tokenize(text: str) -> list[Token]:
    """Return the words and marks of *text*; comments are skipped."""
    return scan(text, _MARK, _word, _COMMENT)


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
            return read_double_quoted(text, at + 1, '$"\\', _dollar, _IN_QUOTES)
        case "\\":
            char, end = ("", at + 2) if text.startswith("\\\n", at) else read_backslash(text, at)
            return [Part("text", char)], min(end, len(text))
        case "(":
            end = find_closing(text, at + 1) + 1
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
    raise UnclosedError("a ' is never closed")


def _dollar(text: str, at: int) -> Read:
    if text.startswith("$(", at):
        end = find_closing(text, at + 2) + 1
        return [Part("command", text[at + 2 : end - 1].strip(), text[at:end])], end
    if not (found := _VARIABLE.match(text, at)):
        return [Part("text", "$")], at + 1
    name, indices = found[1], found[2]
    if indices or found[0].startswith("$$"):
        return [Part("strange", found[0], found[0])], found.end()
    return [Part("arguments" if name == "argv" else "variable", name, found[0])], found.end()
