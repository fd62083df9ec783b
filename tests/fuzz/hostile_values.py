"""What a hostile hand writes where a catalog has a string, and every place of a key where a string may stand."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from launcher.core.catalog.build_recipe import _KEYS as RECIPE
from launcher.core.catalog.catalog_file import CATALOG_KEYS
from launcher.core.catalog.keys import KEYS
from launcher.core.values import mount
from launcher.core.values.invalid_value import InvalidValueError

HAZARDS = {
    "clear": "\x1b[2J\x1b[H",
    "title": "\x1b]0;owned\x07",
    "link": "\x1b]8;;https://evil.example\x1b\\",
    "clipboard": "\x1b]52;c;cm0gLXJmIH4=\x07",
    "csi": "\x9b2K",
    "back": "\b\b\b",
    "return": "\rFORGED",
    "line": "\nFORGED: all is well",
    "separators": "\u2028FORGED\u2029\x85\x0b\x0c",
    "delete": "\x7f",
    "bidi": "\u202efdp.exe\u202c\u2066x\u2069\u200f",
    "hidden": "a\u200bb\ufeffc\u00add\u2060e\u3164f\ufe0fg\U000e0041h",
    "markup": "[red]x[/red][link=https://evil.example]y[/link]",
    "shell": "$(touch owned)`touch owned`;touch owned|&touch owned'\"\\",
}
"""Each in a few characters, by what it would do to a terminal, a reader or a shell."""
ALL = "".join(HAZARDS.values())

_BEFORE = (
    "",
    "/",
    "~/",
    "/a:/",
    "~/",
    "A=",
    "x:/",
    "1000:",
    "docker.io/x/y:",
    "${A:-",
    "https://x/y#" + "0" * 40 + ":",
)
_BEHIND = ("", "}")

Shape = Callable[[str], Any]
"""Gives the value of a key with a text at one place of it."""


def shapes(key: str) -> list[tuple[str, Shape]]:
    """Return every shape that any key of a catalog takes, each with its name; a key's reader refuses most of them."""
    fields = dict.fromkeys((*RECIPE, *mount._LONG_KEYS))  # noqa: SLF001  a field that is new there is here as well
    forms: list[tuple[str, Shape]] = [
        ("TEXT", lambda text: text),
        ("[TEXT]", lambda text: [text]),
        ("[WORD, TEXT]", lambda text: ["x", text]),
        ("{NAME: TEXT}", lambda text: {"NAME": text}),
        ("{TEXT: word}", lambda text: {text: "x"}),
        ("{soft, TEXT}", lambda text: {text: {"soft": 1, "hard": 2}}),
    ]
    if key in ("build", "volumes"):
        forms += [(f"{{{field}: TEXT}}", _field(key, field)) for field in fields]
        forms += [("{args: {NAME: TEXT}}", lambda text: {"dockerfile_inline": "FROM x", "args": {"NAME": text}})]
        forms += [("{args: {TEXT: x}}", lambda text: {"dockerfile_inline": "FROM x", "args": {text: "x"}})]
    return [
        (f"{before}{name}{behind}", _around(form, before, behind)) for name, form in forms for before, behind in _ends()
    ]


def accepted(key: str, text: str) -> Iterator[tuple[str, Any]]:
    """Yield each value of *key* that holds *text* and is taken by the key's reader, with the name of its shape."""
    for name, shape in shapes(key):
        if refusal(key, value := shape(text)) is None:
            yield name, value


def refusal(key: str, value: Any) -> InvalidValueError | None:
    """Return why *key* may not have that *value*; None where it may."""
    try:
        KEYS[key].parse(value)
    except InvalidValueError as wrong:
        return wrong
    return None


def strings_of_catalog() -> list[str]:
    """Return the keys of ``[catalog]`` that are strings."""
    return [key for key, kind in CATALOG_KEYS.items() if kind is str]


def toml(value: Any) -> str:
    """Return a plain *value* as TOML writes it in one line."""
    import json

    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(str(key))} = {toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _ends() -> list[tuple[str, str]]:
    return [(before, behind) for before, behind in product(_BEFORE, _BEHIND) if ("{" in before) == bool(behind)]


def _around(form: Shape, before: str, behind: str) -> Shape:
    return lambda text: form(f"{before}{text}{behind}")


def _field(key: str, field: str) -> Shape:
    rest = {"dockerfile_inline": "FROM x"} if key == "build" else {"source": "/a", "target": "/b"}

    def shaped(text: str) -> Any:
        table = {**rest, field: text}
        if field in ("context", "dockerfile"):
            table = {"context": "/x", field: text}
        if field == "platforms":
            table[field] = [text]  # type: ignore[assignment]  that one is an array
        return table if key == "build" else [table]

    return shaped
