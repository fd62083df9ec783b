"""Every string field of a catalog with hostile text in it, and what no view may show of that."""

import itertools
import json
import re
import unicodedata
from typing import Any, NamedTuple

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.keys import KEYS
from launcher.errors import UserError, printable
from tests.fuzz.hostile_values import ALL, HAZARDS, accepted, refusal, shapes, strings_of_catalog, toml

IMAGE = "docker.io/library/busybox:latest"
FORGED = "FORGED"
NOT_WITH_IMAGE = ("build", "extends", "image")
"""Keys that need an app of their own: beside others they would be refused, or the whole app would."""


class Field(NamedTuple):
    """One place of a key where a string may stand, a value with hostile text there, and that text."""

    key: str
    place: str
    value: Any
    text: str


def hostile(key, hazard=ALL):
    """Return hostile text that begins with its key's name, so that a view tells whose it shows."""
    return f"{key.replace('_', '')}{hazard}"


def taken():
    """Return the fields that keep hostile text, each with as much of it as its reader takes."""
    found = {}
    for key in KEYS:
        for hazard in (ALL, *HAZARDS.values()):
            text = hostile(key, hazard)
            for place, value in accepted(key, text):
                form = _form(place)
                if hazard == ALL or (key, form, ALL) not in found:
                    found.setdefault((key, form, hazard), Field(key, form, value, text))
    return [*found.values()]


def refused():
    """Return the fields whose reader does not take hostile text: the message of the refusal is what is shown."""
    return [
        Field(key, place, value, hostile(key))
        for key in KEYS
        for place, shape in shapes(key)
        if refusal(key, value := shape(hostile(key))) is not None and place == _form(place)
    ]


def apps(fields, name="a", image=IMAGE):
    """Return tables of apps that hold all *fields* between them, as few as there can be."""
    every = [field for field in fields if field.key not in NOT_WITH_IMAGE]
    by_key = [[each for each in every if each.key == key] for key in dict.fromkeys(field.key for field in every)]
    rows = [[field for field in row if field] for row in itertools.zip_longest(*by_key)]
    found = {f"{name}{at}": {"image": image, **{f.key: f.value for f in row}} for at, row in enumerate(rows)}
    recipes = [field.value for field in fields if field.key == "build" and field.place != "TEXT"]  # that is its context
    return found | {f"{name}-b{at}": {"build": recipe} for at, recipe in enumerate(recipes)}


def head():
    """Return a ``[catalog]`` whose every string is hostile."""
    return "[catalog]\n" + "".join(f"{key} = {toml(hostile(f'catalog{key}'))}\n" for key in strings_of_catalog())


def text_of(tables, more=""):
    """Return a catalog of these *tables* of apps."""
    rows = [f"{key} = {toml(value)}\n" for key, value in tables.items()]
    return f"schema = 1\n{more}[apps]\n{''.join(rows)}"


def broken():
    """Return catalogs that are refused, or advised on, by what is hostile in them: every name, and every shape."""
    word = hostile("x")
    names = {
        "an app's name": f"apps.{toml(word)} = 'x'",
        "an app that is none": f"apps.x = {toml(word)}",
        "a command's name": f"[apps.x]\nimage = 'x'\ncommands = {{ {toml(word)} = {{}} }}",
        "a command that is none": f"[apps.x]\nimage = 'x'\ncommands = {{ y = {toml(word)} }}",
        "commands that are none": f"[apps.x]\nimage = 'x'\ncommands = {toml(word)}",
        "a key's name": f"[apps.x]\n{toml(word)} = 'x'",
        "a key of a command": f"[apps.x.commands.y]\n{toml(word)} = 'x'",
        "a key of the defaults": f"[apps.x]\n[defaults]\n{toml(word)} = 'x'",
        "a key of the catalog": f"[catalog]\n{toml(word)} = 'x'",
        "a serial": f"[catalog]\nserial = {toml(word)}",
        "a table's name": f"[{toml(word)}]",
        "a key at the top": f"{toml(word)} = 1",
        "a recipe's key": f"[apps.x]\nbuild = {{ {toml(word)} = 'x' }}",
        "a volume's key": f"[apps.x]\nvolumes = [{{ {toml(word)} = 'x' }}]",
        "extends": f"[apps.x]\nextends = {toml(word)}",
        "no TOML": f"a = {word}",
        "an escape that is none": 'a = "\\\x1b[2J"',
        "a bare escape": "\x1b[2J = 1",
    }
    texts = {where: f"schema = 1\n{text}\n" for where, text in names.items()} | {"a schema": f"schema = {toml(word)}\n"}
    fields = {f"{f.key} {f.place}": text_of({"x": {"image": "x", f.key: f.value}}) for f in refused()}
    return texts | fields


def line_of(text):
    """Return how *text* is refused, "" where it is not: the place that every view takes the line from."""
    try:
        Catalog.parse(text, "user", "c.toml").check()
    except UserError as trouble:
        return trouble.line
    return ""


def spellings(text):
    """Return how a view may show *text*: escaped, as JSON has it, or as Python and TOML quote it."""
    as_json = json.dumps(text)[1:-1].replace("\x7f", "\\u007f")
    return printable(text), as_json, printable(repr(text)[1:-1]), printable(toml(text)[1:-1])


_OURS = re.compile(r"\r(?=\x1b\[(?:K|\d+B)|[a-z0-9-]+: building)|\x1b\[(?:[0-9;]*m|\d+[AB]|K)")
"""What only a terminal is sent: colours, and a line of a pull's or a build's progress written anew."""


def wrong(said, *, terminal=False):
    """Return what is wrong with the bytes that a view has *said*."""
    text = said.encode("latin-1").decode()
    if terminal:
        text = _OURS.sub("", re.sub(r"\r+\n", "\n", text))
    found = [f"{char!r} raw" for char in dict.fromkeys(text) if char != "\n" and _is_hostile(char)]
    return found + [f"a forged line: {row!r}" for row in re.split(r"[\r\n]", text) if row.startswith(FORGED)]


def _is_hostile(char):
    hidden = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
    is_selector = "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"
    return char in hidden or is_selector or unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _form(place):
    """Return a place without what stands before and behind it there."""
    return re.sub(
        r"^[^\[{T]*", "", place.replace("${A:-", "", 1).removesuffix("}") if place.startswith("${A") else place
    )
