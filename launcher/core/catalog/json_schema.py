"""The JSON Schema of catalogs, generated from the keys that the parsers accept.

It accepts a little more than the parsers, which also check the content of strings: `catalog lint` is authoritative.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from launcher.core.catalog import key_parsers, value_parsers
from launcher.core.catalog.build_recipe import Build
from launcher.core.catalog.catalog_file import CATALOG_KEYS
from launcher.core.catalog.keys import KEYS
from launcher.core.catalog.value_parsers import Choice, Parser
from launcher.core.values import environment, limits, names

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_WORDS: Schema = {"type": "array", "items": _TEXT}
_NUMBER: Schema = {"type": "integer", "minimum": 1}
_NAME: Schema = {"type": "string", "pattern": f"^(?:{names.COMMAND_NAME.pattern})$"}
_PAIRS: Schema = {"type": "object", "additionalProperties": _TEXT}
_LIMIT: Schema = {"type": "integer", "minimum": -1}
_VOLUME: Schema = {
    "type": "object",
    "properties": {
        "type": {"enum": ["bind", "volume"]},
        "source": _TEXT,
        "target": _TEXT,
        "read_only": {"type": "boolean"},
        "required": {"type": "boolean"},
    },
    "required": ["source", "target"],
    "additionalProperties": False,
}
_BUILD: Schema = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("context", "dockerfile", "dockerfile_inline", "target"), _TEXT),
        "args": {"type": ["object", "array"]},
        "platforms": _WORDS,
        "pull": {"type": "boolean"},
        "no_cache": {"type": "boolean"},
    },
    "additionalProperties": False,
}


def _any_of(*schemas: Schema) -> Schema:
    return {"anyOf": [*schemas]}


SHAPES: Mapping[Parser, Schema] = {
    key_parsers.image: _TEXT,
    value_parsers.text: _TEXT,
    value_parsers.words: _WORDS,
    value_parsers.flag: {"type": "boolean"},
    value_parsers.number: _NUMBER,
    value_parsers.duration: _TEXT,
    key_parsers.network: _TEXT,
    key_parsers.folder: _TEXT,
    key_parsers.user: _TEXT,
    key_parsers.capabilities: _WORDS,
    key_parsers.command_names: {"type": "array", "items": _NAME},
    key_parsers.home_paths: _WORDS,
    key_parsers.deny: _WORDS,
    key_parsers.file_names: _WORDS,
    key_parsers.extends: _any_of(_TEXT, {"const": False}),
    Build.parse: _any_of(_TEXT, _BUILD),
    key_parsers.warm: _any_of(_TEXT, {"const": False}),
    key_parsers.path_args: _any_of({"enum": ["ro", "rw", "none"]}, _WORDS),
    key_parsers.volumes: {"type": "array", "items": _any_of(_TEXT, _VOLUME)},
    key_parsers.ports: {"type": "array", "items": _any_of(_TEXT, {"type": "integer"})},
    key_parsers.localhost: _any_of({"const": "host"}, {"type": "array", "items": {"type": ["integer", "string"]}}),
    key_parsers.tmpfs: _any_of(_TEXT, _WORDS),
    key_parsers.labels: _any_of(_PAIRS, _WORDS),
    environment.read_environment: _any_of(
        {"type": "object", "additionalProperties": {"type": ["string", "number"]}}, _WORDS
    ),
    limits.read_size: _any_of(_NUMBER, _TEXT),
    limits.read_cpus: _any_of({"type": "number", "exclusiveMinimum": 0}, _TEXT),
    limits.read_ulimits: {
        "type": "object",
        "additionalProperties": _any_of(
            _LIMIT,
            {
                "type": "object",
                "properties": {"soft": _LIMIT, "hard": _LIMIT},
                "required": ["soft", "hard"],
                "additionalProperties": False,
            },
        ),
    },
}
"""The schema of what each parser accepts; without an entry here, a key accepts anything."""

_ABOUT: Mapping[type, Schema] = {
    str: _TEXT,
    int: {"type": "integer"},
    datetime: {"type": "string", "format": "date-time"},
}


def schema(meanings: Mapping[str, str]) -> Schema:
    """Return the JSON Schema (draft 7) of a catalog; *meanings* are descriptions of the keys."""
    below = {name: _described(name, meanings) for name, key in KEYS.items() if not key.app_only}
    app = {name: _described(name, meanings) for name in KEYS}
    commands = {"type": "object", "additionalProperties": False, "description": meanings.get("commands", "")}
    commands["patternProperties"] = {f"^(?:{names.COMMAND_NAME.pattern})$": _table(below)}
    either = _any_of(_TEXT, _table(app | {"commands": commands}))
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "applaunch catalog",
        "type": "object",
        "required": ["schema"],
        "additionalProperties": False,
        "properties": {
            "schema": {"const": 1},
            "catalog": _table({name: _ABOUT[kind] for name, kind in CATALOG_KEYS.items()}),
            "defaults": _table(below),
            "apps": {
                "type": "object",
                "additionalProperties": False,
                "patternProperties": {f"^(?:{names.APP_NAME.pattern})$": either},
            },
        },
    }


def shape(parse: Parser) -> Schema:
    """Return the schema of what the parser *parse* accepts."""
    return {"enum": [*parse.allowed]} if isinstance(parse, Choice) else SHAPES.get(parse, {})


def _described(name: str, meanings: Mapping[str, str]) -> Schema:
    return shape(KEYS[name].parse) | ({"description": meanings[name]} if name in meanings else {})


def _table(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False}
