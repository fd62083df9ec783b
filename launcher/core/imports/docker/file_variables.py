"""Parse variables in texts of compose, whalebrew and devcontainer files."""

import posixpath
import re
from collections.abc import Mapping

from launcher.core.imports.docker.option_values import Caller, Piece, Value, text_value
from launcher.core.imports.shell.sh_lexer import tokenize
from launcher.core.imports.shell.tokens import Mark, Word
from launcher.core.values.invalid_value import InvalidValueError

_DOLLAR = re.compile(r"\$(?:(?P<escaped>\$)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|\{(?P<braced>[^{}]*)\})?")
_BRACED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:(?::-|:\?|\?)[^${}]*)?")
_LOCAL = re.compile(r"\$\{([^{}]*)\}")
_SET = re.compile(r"localEnv:([A-Za-z_][A-Za-z0-9_]*)(?::([^${}]*))?")
_KNOWN = {"HOME": Piece("home"), "PWD": Piece("pwd"), "USER": Piece("user")}


def parse_value(text: str) -> Value:
    """Read ``$NAME``, ``${NAME}``, ``${NAME:-default}``, ``${NAME:?message}``, ``$$``; raises `InvalidValueError`."""
    pieces: list[Piece] = []
    end = 0
    for found in _DOLLAR.finditer(text):
        pieces.append(Piece("text", text[end : found.start()]))
        end = found.end()
        inside = found["name"] or found["braced"]
        if found["escaped"]:
            pieces.append(Piece("text", "$"))
        elif inside and _BRACED.fullmatch(inside):
            pieces.append(_KNOWN.get(inside, Piece("variable", inside)))
        else:
            raise InvalidValueError(f"{found[0]!r} is not supported; use ${{NAME}} or ${{NAME:-default}}")
    return _merge_pieces([*pieces, Piece("text", text[end:])], text)


def settle(value: Value) -> tuple[Value, str]:
    """Return *value* with the defaults of its variables, for a key that is constant, and a remark about them."""
    pieces, remarks = [], []
    for piece in value.pieces:
        name, mark, default = piece.text.partition(":-")
        if piece.kind == "variable" and mark:
            pieces.append(Piece("text", default))
            remarks.append(f"{name} has its default, {default or 'an empty text'}: this key is constant")
        else:
            pieces.append(piece)
    return _merge_pieces(pieces, value.source), "; ".join(dict.fromkeys(remarks))


def set_defaults(text: str, settings: Mapping[str, str]) -> str:
    """Return *text* with the values of a ``.env`` file (*settings*) as the defaults of its variables."""
    return _DOLLAR.sub(lambda found: _with_setting(found, settings), text)


def _with_setting(found: re.Match[str], settings: Mapping[str, str]) -> str:
    name = (found["name"] or found["braced"] or "").replace("?", ":").partition(":")[0]
    said = settings.get(name)
    if said is None or any(sign in said for sign in "${}"):
        return found[0]
    return f"${{{name}:-{said}}}"


def parse_local(text: str) -> Value:
    """Read a devcontainer's ``${localEnv:NAME}`` and ``${localWorkspaceFolder}``; raises `InvalidValueError`."""
    pieces: list[Piece] = []
    end = 0
    for found in _LOCAL.finditer(text):
        pieces.append(Piece("text", text[end : found.start()]))
        end = found.end()
        if found[1] == "localWorkspaceFolder":
            pieces.append(Piece("pwd"))
        elif variable := _SET.fullmatch(found[1]):
            default = f":-{variable[2]}" if variable[2] is not None else ""
            pieces.append(_KNOWN.get(variable[1] + default, Piece("variable", variable[1] + default)))
        else:
            raise InvalidValueError(f"{found[0]!r} is set by an editor")
    return _merge_pieces([*pieces, Piece("text", text[end:])], text)


def resolve_relative(path: Value, caller: Caller) -> Value:
    """Return *path*, made absolute from the folder of its file if it begins with a dot."""
    if not path.pieces or path.pieces[0].kind != "text":
        return path
    first = path.pieces[0].text
    if first == "~" or first.startswith("~/"):
        return path._replace(pieces=(Piece("home"), *text_value(first[1:]).pieces, *path.pieces[1:]))
    if not (first in (".", "..") or first.startswith(("./", "../"))):
        return path
    if path.kinds != ("text",):
        raise InvalidValueError("a path relative to its file, with a variable in it")
    return text_value(posixpath.normpath(posixpath.join(caller.folder or "/", first)))


def split_command(text: str) -> list[str]:
    """Split a command into words as compose does, with shell quotes; raises `InvalidValueError` for anything more."""
    found = tokenize(text)
    words = [token.literal if isinstance(token, Word) else None for token in found if token != Mark("\n", token.line)]
    said = [word for word in words if word is not None]
    if len(said) != len(words):
        raise InvalidValueError(f"{text!r} would need a shell; write an array of words")
    return said


def _merge_pieces(pieces: list[Piece], text: str) -> Value:
    merged: list[Piece] = []
    for piece in pieces:
        if piece.kind == "text" and merged and merged[-1].kind == "text":
            merged[-1] = Piece("text", merged[-1].text + piece.text)
        elif piece.kind != "text" or piece.text:
            merged.append(piece)
    return Value(tuple(merged), text)
