"""Words with facts of a call in them, written so that bash, zsh or fish fills them in and nothing else happens."""

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
"""Who calls, as docker's ``--user`` has it."""


def template(text: str) -> Value:
    """Return what a catalog's text with variables says; a leading ``~`` is a home."""
    if text == "~" or text.startswith("~/"):
        rest = parse_value(text[1:])
        return Value((Piece("home"), *rest.pieces))
    return parse_value(text)


def join_words(*parts: str | Value) -> Value:
    """Return *parts* as one word; of strings each is what it is."""
    pieces = [piece for part in parts for piece in (text_value(part) if isinstance(part, str) else part).pieces]
    return Value(tuple(pieces))


def word(said: Value, shell: Shell) -> str:
    """Return *said* as one word of *shell*'s; raises `InvalidValueError` where the shell has no way to say it."""
    if not said.pieces:
        return "''"
    if all(piece.kind == "text" for piece in said.pieces):
        return quoted("".join(piece.text for piece in said.pieces), shell)
    is_safe = all(_SAFE.fullmatch(piece.text) for piece in said.pieces if piece.kind == "text")
    if shell != "fish" and is_safe:
        return f'"{"".join(piece.text if piece.kind == "text" else _fact(piece, shell) for piece in said.pieces)}"'
    return "".join(quoted(piece.text, shell) if piece.kind == "text" else _alone(piece, shell) for piece in said.pieces)


def quoted(text: str, shell: Shell) -> str:
    """Return *text* as one word that no shell expands.

    What could move a cursor or hide text is an escape, except in sh, whose quotes know none.
    """
    if printable(text) != text and shell != "sh":
        return _escaped(text, shell)
    if _SAFE.fullmatch(text) and not (shell == "zsh" and text.startswith("=")):
        return text
    if shell == "fish":
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return "'" + text.replace("'", "'\"'\"'") + "'"  # not '\'': a second round of quotes makes that hard to read


def _escaped(text: str, shell: Shell) -> str:
    """Return *text* in bash's and zsh's ``$'...'``, for fish with the escapes between its quotes."""
    if shell == "fish":
        pieces = ((is_odd, "".join(each)) for is_odd, each in groupby(text, _is_odd))
        return "".join(_escapes(each) if is_odd else quoted(each, shell) for is_odd, each in pieces)
    return "$'" + "".join(_escapes(char) if _is_odd(char) else _ANSI.get(char, char) for char in text) + "'"


_ANSI = {"'": "\\'", "\\": "\\\\"}


def _is_odd(char: str) -> bool:
    return printable(char) != char


def _escapes(text: str) -> str:
    """Return characters as all three shells write them: above ASCII the short form would be a byte."""
    return "".join(f"\\x{ord(char):02x}" if char.isascii() else f"\\U{ord(char):08x}" for char in text)


def _alone(piece: Piece, shell: Shell) -> str:
    is_command = piece.kind in _IDS and shell == "fish"
    return _fact(piece, shell) if is_command else f'"{_fact(piece, shell)}"'


def _fact(piece: Piece, shell: Shell) -> str:
    """Return what a shell fills in, to stand in double quotes."""
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
