"""A service's `build` as the recipe of an entry: the same keys, with an absolute context."""

import posixpath
from typing import Any

from launcher.core.catalog.build_recipe import Build
from launcher.core.imports.compose.field_readers import strings, text
from launcher.core.imports.docker.file_variables import parse_value
from launcher.core.imports.docker.option_converters import Converted
from launcher.core.imports.docker.option_values import Caller
from launcher.core.values.invalid_value import InvalidValueError

_TEXTS = ("context", "dockerfile", "dockerfile_inline", "target")
_FLAGS = ("pull", "no_cache")
_SCHEMES = ("://", "git@")


def build(raw: Any, caller: Caller) -> list[Converted]:
    """Read compose's short form (a context) or its table; raises `InvalidValueError` for what a catalog cannot hold."""
    table = {"context": raw} if isinstance(raw, str) else raw
    if not isinstance(table, dict):
        raise InvalidValueError("is not a recipe")
    if strange := [key for key in table if key not in (*_TEXTS, *_FLAGS, "args", "platforms")]:
        raise InvalidValueError(f"a recipe of the catalog has no {strange[0]!r}")
    found = {key: parse_value(text(table[key])).constant(caller) for key in _TEXTS if key in table}
    if "dockerfile_inline" not in found or "context" in found:
        found["context"] = _absolute_context(found.get("context", "."), caller)
    recipe = found | {key: table[key] for key in _FLAGS if key in table}
    if "args" in table:
        recipe["args"] = _args(table["args"], caller)
    if "platforms" in table:
        recipe["platforms"] = [parse_value(each).constant(caller) for each in strings(table["platforms"])]
    Build.parse(recipe)
    return [Converted({"build": recipe})]


def _absolute_context(context: str, caller: Caller) -> str:
    if any(scheme in context for scheme in _SCHEMES):
        return context
    return posixpath.normpath(posixpath.join(caller.folder or "/", context))


def _args(raw: Any, caller: Caller) -> dict[str, str]:
    pairs = raw.items() if isinstance(raw, dict) else [_pair(each) for each in strings(raw)]
    if unsaid := [name for name, said in pairs if said is None]:
        raise InvalidValueError(
            f"the argument {unsaid[0]!r} has no value: it would be whatever the environment says when it is built"
        )
    return {str(name): parse_value(text(said)).constant(caller) for name, said in pairs}


def _pair(word: str) -> tuple[str, str | None]:
    name, equals, said = word.partition("=")
    return name, said if equals else None
