"""List the settings, and change one in config.toml."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from launcher.core.catalog import toml_edit
from launcher.core.catalog.settings import SETTINGS, Setting, Settings, parse_tables
from launcher.core.values.names import did_you_mean
from launcher.errors import CatalogError, UsageError
from launcher.host import files
from launcher.manage.context import Context

_FLAGS = {"true": True, "false": False}


class SettingValue(NamedTuple):
    """The value of a setting in config.toml, or its default."""

    key: str
    value: Any
    table: str
    layer: str  # "user" if config.toml sets it, else "default"


def list_settings(context: Context) -> list[SettingValue]:
    """Return all settings in the order of docs/settings.md; raises `CatalogError` for an invalid config.toml."""
    text, path = _read(context)
    Settings.parse(text, path)
    tables = parse_tables(text, path)
    return [
        SettingValue(key, tables[table][key], table, "user")
        if key in tables.get(table, {})
        else SettingValue(key, setting.default, table, "default")
        for table, settings in SETTINGS.items()
        for key, setting in settings.items()
    ]


def change_setting(context: Context, key: str, words: Sequence[str]) -> SettingValue:
    """Set *key* in config.toml; launch files use it at their next call.

    Raises `UsageError` for an invalid key or value, and leaves the file unchanged.
    """
    table, setting = _find_setting(key)
    value = _value(key, setting, words)
    with context.record.alone(context.command_line):
        text, path = _read(context)
        Settings.parse(text, path)
        after = toml_edit.set_setting(text, table, key, value)
        try:
            Settings.parse(after, "config")
        except CatalogError as error:
            raise UsageError("", error.what, error.fix) from None
        files.write(context.places.settings, after, new_mode=files.PRIVATE)
    return SettingValue(key, value, table, "user")


def setting_keys() -> list[str]:
    """Return the keys of all settings."""
    return [key for settings in SETTINGS.values() for key in settings]


def _read(context: Context) -> tuple[str, str]:
    return files.read(context.places.settings) or "", context.shown(context.places.settings)


def _find_setting(key: str) -> tuple[str, Setting]:
    for table, settings in SETTINGS.items():
        if key in settings:
            return table, settings[key]
    known = setting_keys()
    raise UsageError("", f"unknown setting {key!r}", did_you_mean(key, known, f"the settings are {', '.join(known)}"))


def _value(key: str, setting: Setting, words: Sequence[str]) -> Any:
    """Convert the typed *words* to the type of the setting's default, if possible."""
    if isinstance(setting.default, list):
        return list(words)
    if len(words) > 1:
        raise UsageError("", f"{key} takes one value, not {len(words)}", f"applaunch config set {key} {words[0]}")
    (word,) = words
    if word in _FLAGS:
        return _FLAGS[word]
    return int(word) if isinstance(setting.default, int) and word.isascii() and word.isdigit() else word
