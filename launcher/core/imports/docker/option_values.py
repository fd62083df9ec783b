"""Values of options, with known expansions: the current folder, the home, user and group ids, and variables."""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple, Self

from launcher.core.imports.shell.tokens import Part, Word
from launcher.core.values.invalid_value import InvalidValueError

Kind = Literal["text", "pwd", "home", "user", "uid", "gid", "variable"]

_ID = re.compile(r"id (-u|-g|--user|--group)(?: \"?\$(?:USER|\{USER\})\"?)?")
_PWD = re.compile(r"(?:builtin |command )?(?:pwd|PWD)(?: -[LP])?")
_DEFAULT_HOME = re.compile(r"\$(?:HOME\b|\{HOME\})|(?<=:-)~(?=/|$)")
_PROBLEMS = {
    "command": "is a command for a shell; applaunch runs none",
    "arguments": "means the arguments, which applaunch appends",
    "glob": "is a pattern that a shell would expand",
    "strange": "needs a shell to expand it",
}


class Caller(NamedTuple):
    """The user who imports: the values of `$HOME` and `$(id -u)`, which never change for one user."""

    home: str
    uid: int
    gid: int
    user: str = ""
    folder: str = ""  # where relative paths of a file begin


class Piece(NamedTuple):
    """A text or a fact about the caller; a variable's *text* is its name with its default: ``NAME:-default``."""

    kind: Kind
    text: str = ""


class Value(NamedTuple):
    """An option's value in pieces, and its source text."""

    pieces: tuple[Piece, ...]
    source: str = ""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of its pieces, in order."""
        return tuple(piece.kind for piece in self.pieces)

    def split(self, mark: str, most: int = -1) -> list[Self]:
        """Split the texts at each *mark*, at most *most* times."""
        found: list[list[Piece]] = [[]]
        for piece in self.pieces:
            if piece.kind != "text":
                found[-1].append(piece)
                continue
            first, *rest = piece.text.split(mark, max(most - len(found) + 1, 0) if most >= 0 else -1)
            found[-1] += [Piece("text", first)] if first else []
            found += [[Piece("text", text)] if text else [] for text in rest]
        return [self._replace(pieces=tuple(pieces)) for pieces in found]

    def constant(self, caller: Caller) -> str:
        """Return the value as constant text; raises `InvalidValueError` if it changes from call to call."""
        return "".join(_constant(piece, caller) for piece in self.pieces)

    def template(self, caller: Caller, *, unset_is_empty: bool = False) -> str:
        """Return the value with compose's ``${NAME}`` for parts that change from call to call.

        An unset variable is an error at that call, where a shell would use an empty text.
        """
        return "".join(_in_template(piece, caller, unset_is_empty=unset_is_empty) for piece in self.pieces)

    def begins_with(self, text: str) -> bool:
        """Return whether the value begins with *text*."""
        return bool(self.pieces) and self.pieces[0].kind == "text" and self.pieces[0].text.startswith(text)


def text_value(text: str) -> Value:
    """Return *text* as a value."""
    return Value((Piece("text", text),) if text else (), text)


def parse_word(word: Word) -> Value:
    """Return *word* as a value; raises `InvalidValueError` for an unknown expansion."""
    return Value(tuple(map(_piece, word.parts)), word.source)


def join_values(values: Iterable[Value], mark: str) -> Value:
    """Return *values* as one, joined by *mark*."""
    pieces: list[Piece] = []
    for value in values:
        pieces += [Piece("text", mark)] if pieces else []
        pieces += value.pieces
    return Value(tuple(pieces))


def _piece(part: Part) -> Piece:  # noqa: PLR0911  one for each text that is known
    match part:
        case Part("text", text):
            return Piece("text", text)
        case Part("tilde") | Part("variable", "HOME"):
            return Piece("home")
        case Part("variable", "PWD"):
            return Piece("pwd")
        case Part("variable", "USER"):
            return Piece("user")
        case Part("variable", "UID" | "EUID"):
            return Piece("uid")
        case Part("variable", "GID" | "GROUPS") | Part("strange", "GROUPS[0]"):
            return Piece("gid")
        case Part("variable", text):
            return Piece("variable", text)
        case Part("command", text) if _PWD.fullmatch(text):
            return Piece("pwd")
        case Part("command", text) if found := _ID.fullmatch(text):
            return Piece("uid" if found[1] in ("-u", "--user") else "gid")
    raise InvalidValueError(f"{part.source} {_PROBLEMS[part.kind]}")


def _constant(piece: Piece, caller: Caller) -> str:
    match piece.kind:
        case "text":
            return piece.text
        case "home":
            return caller.home
        case "user":
            return caller.user
        case "uid":
            return str(caller.uid)
        case "gid":
            return str(caller.gid)
        case "pwd":
            raise InvalidValueError("the current folder changes from call to call, and this option must be constant")
    name = piece.text.replace("?", ":").partition(":")[0]
    raise InvalidValueError(f"your variable {name} may change, and this option must be constant")


def _in_template(piece: Piece, caller: Caller, *, unset_is_empty: bool) -> str:
    match piece.kind:
        case "text":
            return piece.text.replace("$", "$$")
        case "home":
            return "${HOME}"
        case "user":
            return "${USER}"
        case "pwd":
            return "${PWD}"
        case "variable":
            known = _DEFAULT_HOME.sub(lambda _: caller.home, piece.text)
            return _variable(known, unset_is_empty=unset_is_empty)
    return _constant(piece, caller)


def _variable(text: str, *, unset_is_empty: bool) -> str:
    name, mark, _ = text.partition("?")
    if mark and not name.endswith(":"):
        return f"${{{name}}}"
    return f"${{{text}:-}}" if unset_is_empty and ":" not in text else f"${{{text}}}"
