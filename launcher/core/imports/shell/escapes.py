"""Backslash escapes in ``$'...'`` of bash and zsh, and outside quotes in fish."""

import re

from launcher.core.imports.shell.tokens import UnclosedError

_ONE = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "v": "\v"}
_CODE = re.compile(r"x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{1,4}|U[0-9A-Fa-f]{1,8}|[0-7]{1,3}")
_LAST = 0x10FFFF


def read_ansi_c(text: str, at: int) -> tuple[str, int]:
    """Return the text from *at*, just after ``$'``, up to the closing quote, and the position after it."""
    found: list[str] = []
    while at < len(text):
        if text[at] == "'":
            return "".join(found), at + 1
        if text[at] == "\\":
            char, at = read_backslash(text, at)
            found.append(char)
        else:
            end = at + 1
            while end < len(text) and text[end] not in "'\\":
                end += 1
            found.append(text[at:end])
            at = end
    raise UnclosedError("a $' is never closed")


def read_backslash(text: str, at: int) -> tuple[str, int]:
    """Return the character of the escape *at* that position, and the position after it."""
    if code := _CODE.match(text, at + 1):
        number = int(code[0], 8) if code[0].isdigit() else int(code[0][1:], 16)
        return _char(number), code.end()
    following = text[at + 1 : at + 2]
    if following == "c" and text[at + 2 : at + 3]:
        return chr(ord(text[at + 2]) & 0x1F), at + 3
    return _ONE.get(following, following or "\\"), at + 2


def _char(number: int) -> str:
    """Return the character with that code point, or U+FFFD if it is invalid."""
    return chr(number) if number <= _LAST and not 0xD800 <= number <= 0xDFFF else "\ufffd"  # noqa: PLR2004  halves of a pair, which UTF-8 has not
