"""Catalogs, and texts of other tools, as a hostile hand writes them: of the keys, and of what is there already."""

import json
import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from launcher.core.catalog.keys import KEYS, NOT_YET, RENAMED
from launcher.core.imports.compose import compose_services
from launcher.core.imports.labels import devcontainer, image_labels, whalebrew
from tests.fuzz import fuzz_import
from tests.fuzz.hostile_values import HAZARDS, accepted, shapes, strings_of_catalog, toml

PROGRAMS = (
    "/bin/sh",
    "/usr/bin/id",
    "sh -c id",
    "#!/bin/sh\nid",
    "$(id)",
    "`id`",
    "|id",
    ";id",
    "&& id",
    "!id",
    "%(id)s",
)
TEMPLATES = (
    "${HOME}",
    "${HOME:-$(id)}",
    "${A:?`id`}",
    "${A:-b}",
    "$$(id)",
    "{{.Id}}",
    "%s",
    "${",
    "$HOME",
    "${A:-${B}}",
)
NAMES = ("x", "youtube-dl", "jq", "y", "g++")
TEXTS = (*HAZARDS.values(), *PROGRAMS, *TEMPLATES, *fuzz_import.NASTY)
FIELDS = {
    "compose": tuple(compose_services.FIELDS),
    "whalebrew": tuple(whalebrew.FIELDS),
    "labels": (
        *image_labels._ABOUT,  # noqa: SLF001  the very table that is read
        "RUN",
        devcontainer.LABEL,
        *(whalebrew.PREFIX + field for field in whalebrew.FIELDS),
    ),
}
STARTER = Path(__file__).parents[2] / "catalog.toml"


def text(rng: random.Random) -> str:
    """Return a string for a catalog: hostile, or two that are, or one in something harmless."""
    return rng.choice(("{}", "{}", "a{}", "{}b", "a {} b")).format(rng.choice(TEXTS)) + rng.choice(
        ("", "", rng.choice(TEXTS))
    )


@cache
def taken(key: str) -> tuple[Any, ...]:
    """Return values of *key* that are taken with something hostile in them, and such that hold nothing of the kind."""
    said = [value for each in (*HAZARDS.values(), *PROGRAMS, *TEMPLATES, *_PLAIN) for _, value in accepted(key, each)]
    return (*said, *(value for value in (True, False, 1, 2.5, "5m", "1g") if not _is_refused(key, value)))


def value(rng: random.Random, key: str) -> Any:
    """Return a value of *key*: most times one that is taken, else anything."""
    if key in KEYS and rng.randrange(8) and taken(key):
        return rng.choice(taken(key))
    _, shape = rng.choice(shapes(key))
    return rng.choice((shape(text(rng)), shape(text(rng)), [], {}, [[]], 0, -1, 1e308, True, [{}, "x"], 10**30))


def table(rng: random.Random, keys: Sequence[str]) -> dict[str, Any]:
    """Return a table of a few keys, most of which there are."""
    odd = (*NOT_YET, *RENAMED, "commands", text(rng))
    return {key: value(rng, key) for key in (fuzz_import.mostly(rng, keys, odd) for _ in range(rng.randrange(5)))}


def app(rng: random.Random) -> Any:
    """Return what a catalog says of an app."""
    if rng.randrange(12) == 0:
        return text(rng)
    own = {"image": "docker.io/library/x:1"} if rng.randrange(8) else {}
    own |= table(rng, tuple(KEYS))
    if rng.randrange(3) == 0:
        names = [fuzz_import.mostly(rng, NAMES, fuzz_import.BAD_NAMES) for _ in range(2)]
        own["commands"] = {name: table(rng, tuple(KEYS)) for name in names}
    return own


def catalog(rng: random.Random) -> str:
    """Return the text of a catalog: of the keys, or a piece of the built-in one that somebody had a hand in."""
    said = _of_keys(rng) if rng.randrange(3) else _starter(rng)
    for _ in range(rng.choice((0, 0, 0, 0, 0, 1, 3))):
        at = rng.randrange(len(said) + 1)
        said = said[:at] + rng.choice(TEXTS) + said[at + rng.randrange(4) :]
    return said


def _of_keys(rng: random.Random) -> str:
    lines = ["schema = 1"]
    if rng.randrange(6) == 0:
        lines += ["[catalog]", *(f"{key} = {toml(text(rng))}" for key in strings_of_catalog())]
    if rng.randrange(6) == 0:
        lines += ["[defaults]", *_lines(table(rng, tuple(KEYS)))]
    for name in dict.fromkeys(
        fuzz_import.mostly(rng, NAMES, fuzz_import.BAD_NAMES) for _ in range(rng.randrange(1, 4))
    ):
        said = app(rng)
        lines += (
            [f"[apps.{toml(name)}]", *_lines(said)] if isinstance(said, dict) else [f"apps.{toml(name)} = {toml(said)}"]
        )
    return "\n".join(lines) + "\n"


def _lines(values: dict[str, Any]) -> list[str]:
    return [f"{toml(key)} = {toml(each)}" for key, each in values.items()]


def _starter(rng: random.Random) -> str:
    """Return some apps of the built-in catalog, with the strings of one of them changed."""
    apps = _pieces()
    chosen = [rng.choice(apps) for _ in range(rng.randrange(1, 3))]
    rows = "".join(dict.fromkeys(chosen)).split("\n")
    for _ in range(rng.randrange(4)):
        at = rng.randrange(len(rows))
        before, quote, _ = rows[at].partition('"')
        rows[at] = f"{before}{toml(text(rng))}" if quote else rows[at]
    return "schema = 1\n" + "\n".join(rows)


@cache
def _pieces() -> list[str]:
    return [f"\n[apps.{piece}" for piece in STARTER.read_text().split("\n[apps.")[1:]]


def foreign(rng: random.Random) -> tuple[str, str]:
    """Return what kind of a text it is, and a text to import."""
    kind = rng.choice(("sh", "fish", "compose", "whalebrew", "labels"))
    if kind in ("sh", "fish"):
        return kind, fuzz_import.text(rng)
    fields = FIELDS[kind]
    said: Any = {fuzz_import.mostly(rng, fields, TEXTS): _any(rng) for _ in range(rng.randrange(1, 6))}
    if kind == "compose":
        said = {
            "services": {rng.choice(NAMES): {"image": "x", **said}},
            **({"x": _any(rng)} if rng.randrange(4) == 0 else {}),
        }
    if kind == "whalebrew":
        said = {"image": "x", **said}
    written = json.dumps(said)  # which is YAML, too
    for _ in range(rng.choice((0, 0, 0, 1, 3)) if kind != "labels" else 0):
        at = rng.randrange(len(written) + 1)
        written = written[:at] + rng.choice(TEXTS) + written[at + rng.randrange(4) :]
    return kind, written


def _any(rng: random.Random) -> Any:
    one = text(rng)
    return rng.choice(
        (
            one,
            one,
            [one],
            [one, text(rng)],
            {one: text(rng)},
            rng.choice(fuzz_import.VALUES),
            [{"source": one, "target": "/x"}],
            1,
            True,
            None,
        )
    )


def _is_refused(key: str, given: Any) -> bool:
    try:
        KEYS[key].parse(given)
    except ValueError:
        return True
    return False


_PLAIN = (
    "x",
    "rw",
    "ro",
    "none",
    "host",
    "auto",
    "always",
    "NET_ADMIN",
    "8080:80",
    "jq",
    "nofile",
    "1.5",
    "512m",
    "10s",
)
