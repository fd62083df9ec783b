"""Quoted words for bash, zsh and fish: the shell fills in the facts of a call and expands nothing else."""

import re
from itertools import groupby
from typing import Literal

from launcher.core.imports.docker.file_variables import parse_value
from launcher.core.imports.docker.option_values import Piece, Value, text_value
from launcher.core.values.invalid_value import InvalidValueError
from launcher.errors import printable

Shell = Literal["sh", "bash", "zsh", "fish"]

_SAFE = re.compile(r"[A-Za-z0-9_./:,=@%+-]+")
_IDS = {"uid": "id -u", "gid": "id -g"}
_NAMES = {"pwd": "PWD", "home": "HOME", "user": "USER"}

CALLER = Value((Piece("uid"), Piece("text", ":"), Piece("gid")))
"""The caller, in the form of docker's ``--user``."""


def parse_template(text: str) -> Value:
    """Parse a catalog's text with variables; a leading ``~`` is the home."""
    if text == "~" or text.startswith("~/"):
        rest = parse_value(text[1:])
        return Value((Piece("home"), *rest.pieces))
    return parse_value(text)


def join_words(*parts: str | Value) -> Value:
    """Return *parts* as one word; strings are literal."""
    pieces = [piece for part in parts for piece in (text_value(part) if isinstance(part, str) else part).pieces]
    return Value(tuple(pieces))


def quote_word(said: Value, shell: Shell) -> str:
    """Return *said* as one word for *shell*; raises `InvalidValueError` if the shell cannot express it."""
    if not said.pieces:
        return "''"
    if all(piece.kind == "text" for piece in said.pieces):
        return quote("".join(piece.text for piece in said.pieces), shell)
    is_safe = all(_SAFE.fullmatch(piece.text) for piece in said.pieces if piece.kind == "text")
    if shell != "fish" and is_safe:
        return f'"{"".join(piece.text if piece.kind == "text" else _fact(piece, shell) for piece in said.pieces)}"'
    return "".join(quote(piece.text, shell) if piece.kind == "text" else _alone(piece, shell) for piece in said.pieces)


def quote(text: str, shell: Shell) -> str:
    """Return *text* as one word that the shell does not expand.

    Characters that could move the cursor or hide text are escaped, except in sh, which has no escapes.
    """
    if printable(text) != text and shell != "sh":
        return _escape_text(text, shell)
    if _SAFE.fullmatch(text) and not (shell == "zsh" and text.startswith("=")):
        return text
    if shell == "fish":
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return "'" + text.replace("'", "'\"'\"'") + "'"  # not '\'': a second round of quotes makes that hard to read


def _escape_text(text: str, shell: Shell) -> str:
    """Return *text* as ``$'...'`` for bash and zsh, for fish with the escapes between quotes."""
    if shell == "fish":
        pieces = ((is_odd, "".join(each)) for is_odd, each in groupby(text, _is_odd))
        return "".join(_escape_chars(each) if is_odd else quote(each, shell) for is_odd, each in pieces)
    return "$'" + "".join(_escape_chars(char) if _is_odd(char) else _ANSI.get(char, char) for char in text) + "'"


_ANSI = {"'": "\\'", "\\": "\\\\"}


def _is_odd(char: str) -> bool:
    return printable(char) != char


def _escape_chars(text: str) -> str:
    """Return characters as escapes of all three shells; above ASCII the short form would be a byte."""
    return "".join(f"\\x{ord(char):02x}" if char.isascii() else f"\\U{ord(char):08x}" for char in text)


def _alone(piece: Piece, shell: Shell) -> str:
    is_command = piece.kind in _IDS and shell == "fish"
    return _fact(piece, shell) if is_command else f'"{_fact(piece, shell)}"'


def _fact(piece: Piece, shell: Shell) -> str:
    """Return a fact as the shell's expansion, for use in double quotes."""
    if piece.kind in _IDS:
        return f"({_IDS[piece.kind]})" if shell == "fish" else f"$({_IDS[piece.kind]})"
    if piece.kind in _NAMES:
        return f"${_NAMES[piece.kind]}" if shell == "fish" else f"${{{_NAMES[piece.kind]}}}"
    return _variable(piece.text, shell)


def _variable(text: str, shell: Shell) -> str:
    name = re.split(r"[:?]", text, maxsplit=1)[0]
    if shell == "fish":
        if text != name:
            raise InvalidValueError(f"fish has no word for ${{{text}}}")
        return f"${name}"
    if text == name:
        return f"${{{name}?}}"  # an error where it is not set, as in a catalog
    mark, rest = text[len(name) : len(name) + 2], text[len(name) + 2 :]
    if printable(rest) != rest:
        raise InvalidValueError(f"{shell} has no word for ${{{printable(text)}}}")
    escaped = re.sub(r'([\\"`$])', r"\\\1", rest)
    return f"${{{name}{mark}{escaped}}}"
