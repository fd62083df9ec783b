"""The settings: what each is now, and one of them changed in config.toml."""

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
    """One setting as config.toml has it, or its default."""

    key: str
    value: Any
    table: str
    layer: str  # "user" where config.toml says it, else "default"


def list_settings(desk: Context) -> list[SettingValue]:
    """Return every setting, in the order docs/settings.md lists them; raises `CatalogError` for a bad config.toml."""
    text, path = _read(desk)
    Settings.parse(text, path)
    said = parse_tables(text, path)
    return [
        SettingValue(key, said[table][key], table, "user")
        if key in said.get(table, {})
        else SettingValue(key, setting.default, table, "default")
        for table, settings in SETTINGS.items()
        for key, setting in settings.items()
    ]


def change_setting(desk: Context, key: str, words: Sequence[str]) -> SettingValue:
    """Set *key* in config.toml to what was typed; launch files notice it at their next call.

    Raises `UsageError` for a key or value that is none, and leaves the file as it was.
    """
    table, setting = _found(key)
    value = _value(key, setting, words)
    with desk.record.alone(desk.command_line):
        text, path = _read(desk)
        Settings.parse(text, path)
        after = toml_edit.set_setting(text, table, key, value)
        try:
            Settings.parse(after, "config")
        except CatalogError as error:
            raise UsageError("", error.what, error.fix) from None
        files.write(desk.places.settings, after, new_mode=files.PRIVATE)
    return SettingValue(key, value, table, "user")


def setting_keys() -> list[str]:
    """Return the keys of all settings."""
    return [key for settings in SETTINGS.values() for key in settings]


def _read(desk: Context) -> tuple[str, str]:
    return files.read(desk.places.settings) or "", desk.shown(desk.places.settings)


def _found(key: str) -> tuple[str, Setting]:
    for table, settings in SETTINGS.items():
        if key in settings:
            return table, settings[key]
    known = setting_keys()
    raise UsageError("", f"unknown setting {key!r}", did_you_mean(key, known, f"the settings are {', '.join(known)}"))


def _value(key: str, setting: Setting, words: Sequence[str]) -> Any:
    """Return typed words as TOML would have them: of the kind that the default is, where they can be that."""
    if isinstance(setting.default, list):
        return list(words)
    if len(words) > 1:
        raise UsageError("", f"{key} takes one value, not {len(words)}", f"applaunch config set {key} {words[0]}")
    (word,) = words
    if word in _FLAGS:
        return _FLAGS[word]
    return int(word) if isinstance(setting.default, int) and word.isascii() and word.isdigit() else word
