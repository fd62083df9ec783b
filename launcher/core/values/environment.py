"""The environment variables of a program: literal values from its entry, and values passed from the caller."""

from __future__ import annotations

from launcher.core.values import interpolate
from launcher.core.values.invalid_value import InvalidValueError
from launcher.fast_stdlib import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

PASSED_BY_DEFAULT = (
    *("TERM", "COLORTERM", "NO_COLOR", "LANG", "LC_*", "TZ"),
    *("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"),
)
"""Names and patterns of variables that every program gets from its caller (catalog-format.md)."""

HARMLESS_VARIABLES = ("HOME", "USER", "LOGNAME", "SHELL", "PWD", "UID", "GID", "XDG_RUNTIME_DIR")
"""More variables without secrets, besides ``XDG_*_HOME``: values may use them without a permission."""

_NAME = pattern(r"[A-Za-z_][A-Za-z0-9_]*")
_PATTERN = pattern(r"[A-Za-z_][A-Za-z0-9_]*\*?")

Variables = tuple[tuple[str, str | None], ...]
"""Names with their literal values. None means passed from the caller; such a name may end in ``*``."""


def read_environment(value: Any) -> Variables:
    """Read compose's two forms of ``environment``."""
    if isinstance(value, dict):
        return tuple((_literal_name(name), _literal(name, literal)) for name, literal in value.items())
    if isinstance(value, list):
        return tuple(_item(item) for item in value)
    raise InvalidValueError(
        f"{value!r} is neither a table nor an array", 'write { NAME = "value" } or ["NAME=value", "TZ"]'
    )


def is_harmless(name: str) -> bool:
    """Tell whether a program may read the variable *name* without a permission."""
    folder = name.startswith("XDG_") and name.endswith("_HOME")
    return folder or name.startswith("LC_") or name in PASSED_BY_DEFAULT or name in HARMLESS_VARIABLES


_UNKNOWN_TERMINALS = (
    *("alacritty", "contour", "foot", "ghostty", "gnome", "konsole", "rio", "st-", "vte", "wezterm"),
    *("xterm-ghostty", "xterm-kitty"),
)
"""How the TERM of terminals begins that understand what xterm does, and that most images know nothing of."""


def known_terminal(term: str) -> str:
    """Return *term*, or ``xterm-256color`` for a terminal like it that most images do not know."""
    return "xterm-256color" if term.startswith(_UNKNOWN_TERMINALS) else term


_LOCALES = (
    *("LANG", "LC_ALL", "LC_CTYPE", "LC_COLLATE", "LC_MESSAGES", "LC_MONETARY", "LC_NUMERIC", "LC_TIME", "LC_PAPER"),
    *("LC_ADDRESS", "LC_IDENTIFICATION", "LC_MEASUREMENT", "LC_NAME", "LC_TELEPHONE"),
)
_EVERYWHERE = ("", "C", "POSIX", "C.UTF-8", "C.utf8")


def uncommon_locales(caller: Mapping[str, str]) -> tuple[str, ...]:
    """Return the locales that the *caller's* variables name and that an image may not have."""
    values = dict.fromkeys([caller[name] for name in _LOCALES if name in caller])
    return tuple([value for value in values if value not in _EVERYWHERE and _is_locale(value)])


def _is_locale(value: str) -> bool:
    """Tell whether *value* is a name, and not a path or nonsense."""
    return value[0].isalpha() and value.isascii() and all(char.isalnum() or char in "_.@-" for char in value)


def select_variables(
    variables: Variables, caller: Mapping[str, str], locales: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the program's environment: the defaults, then the entry's *variables*.

    TERM is one that images know, and *locales* holds those that take the place of others, unless the entry names the
    variable.
    """
    result: dict[str, str] = {}
    for name in PASSED_BY_DEFAULT:
        result |= _from_caller(name, caller)
    if "TERM" in result:
        result["TERM"] = known_terminal(result["TERM"])
    if locales:
        result |= {name: locales.get(result[name], result[name]) for name in _LOCALES if name in result}
    for name, literal in variables:
        result |= _from_caller(name, caller) if literal is None else {name: literal}
    return result


def _from_caller(name: str, caller: Mapping[str, str]) -> dict[str, str]:
    """Return the caller's variables of this *name*, or of the pattern *name*."""
    if not name.endswith("*"):
        return {name: caller[name]} if name in caller else {}
    start = name[:-1]
    return {key: caller[key] for key in caller if key.startswith(start) and key.isascii() and key.isidentifier()}


def _item(item: Any) -> tuple[str, str | None]:
    if not isinstance(item, str):
        raise InvalidValueError(f"{item!r} is not a variable", "write 'NAME=value' or 'NAME'")
    name, equals, literal = item.partition("=")
    if equals:
        return _literal_name(name), interpolate.check(literal)
    if not _PATTERN.fullmatch(name):
        raise InvalidValueError(
            f"{name!r} cannot name a variable", "use letters, digits and _, with a * at the end at most"
        )
    return name, None


def _literal_name(name: str) -> str:
    if _NAME.fullmatch(name):
        return name
    raise InvalidValueError(f"{name!r} cannot name a variable", "use letters, digits and _")


def _literal(name: str, value: Any) -> str:
    if isinstance(value, str):
        return interpolate.check(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise InvalidValueError(f"the variable {name!r} is not a string or a number", "put it in quotes")
