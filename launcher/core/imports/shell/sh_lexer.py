"""Words of bash, zsh and sh: quotes removed, expansions kept as text."""

import re

from launcher.core.imports.shell import expansions
from launcher.core.imports.shell.lexer import Read, scan
from launcher.core.imports.shell.tokens import Part, Token, Word

_MARK = re.compile(
    r"(?:[0-9]{1,9}(?=[<>]))?(?:<<<|<<-?|<&|<>|<(?!\()|&>>|&>|>>|>&|>\||>(?!\())|;;&?|;&|;|&&|&|\|\||\|&|\||\((?!\([^()\n;]*(?:\([^()\n;]*\)[^()\n;]*)*\)\))|\)|\n"
)
_ARITHMETIC = re.compile(r"\(\([^()\n;]*(?:\([^()\n;]*\)[^()\n;]*)*\)\)")
_REMARK = re.compile(r"`#[^`]*`")
"""A comment inside a continued line: a command that is nothing but a comment."""
_PLAIN = re.compile(r"[^ \t\r\f\v\n\\'\"`$;&|<>()~*?\[{]+")
_BRACES = re.compile(r"\{[^\s{}'\"`;&|<>()]{0,99}?(?:,|\.\.)[^\s{}'\"`;&|<>()]{0,99}\}")
_HOME = re.compile(r"~[A-Za-z0-9_.+-]*")
_ASSIGNED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_QUOTES = {
    "'": expansions.read_single_quoted,
    '"': expansions.read_double_quotes,
    "\\": expansions.read_escape,
    "$": expansions.read_dollar,
    "`": expansions.read_backquoted,
    "<": expansions.read_process,
    ">": expansions.read_process,
}


def tokenize(text: str) -> list[Token]:
    """Return the words and marks of *text*; comments and the bodies of here-documents are skipped."""
    found = scan(text, _MARK, _word)
    return [each for each in found if not (isinstance(each, Word) and _REMARK.fullmatch(each.source))]


def _word(text: str, at: int) -> Read:
    if arithmetic := _ARITHMETIC.match(text, at):
        return [Part("strange", arithmetic[0], arithmetic[0])], arithmetic.end()
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
