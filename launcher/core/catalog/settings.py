"""The user's settings in config.toml."""

from typing import Any, NamedTuple, Self

from launcher.core.catalog import key_parsers, value_parsers
from launcher.core.values import limits, toml
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.names import did_you_mean
from launcher.errors import CatalogError

_YEAR = 365 * 24 * 3600
_DAY = 24 * 3600
_GIB = 1 << 30


class Settings(NamedTuple):
    """The user's settings; docs/settings.md lists them."""

    autostart: bool = False
    """Start a private engine automatically if no engine runs."""
    warm: float = 0.0
    """How long a warm container is kept if no catalog sets it, in seconds; 0 disables it."""
    warm_idle: int = 8
    """How many idle containers the user may have."""
    runtime: str = "auto"
    """How programs run if no catalog sets it: `auto`, `engine` or `bubblewrap`."""
    unpack_limit: int = 2 * _GIB
    """The largest image that is unpacked in the background, in bytes."""
    free_disk: int = 5 * _GIB
    """Free disk space that unpacking in the background leaves, in bytes."""
    network_keep: int = 300
    """How long the network of an app is kept after a run in a sandbox, in seconds; 0 disables it."""
    networks: int = 4
    """How many networks of apps are kept."""
    arguments: bool = False
    """Record the arguments of runs in the journal, with secrets masked."""
    keep: int = _YEAR
    """How long runs are recorded, in seconds."""
    cover: tuple[str, ...] = ()
    """Additional secrets to mask, as paths in the home."""
    show: tuple[str, ...] = ()
    """Secrets that are not masked, and startup files that are not read-only."""

    @property
    def app_defaults(self) -> dict[str, Any]:
        """Default values of keys, for every app of every catalog."""
        return {"warm": self.warm} if self.warm else {}

    @classmethod
    def parse(cls, text: str, path: str) -> Self:
        """Parse config.toml; raises `CatalogError` with table and key."""
        values = {}
        for table, keys in parse_tables(text, path).items():
            if table not in SETTINGS or not isinstance(keys, dict):
                fix = did_you_mean(table, SETTINGS, "see docs/settings.md")
                raise CatalogError(path, f"unknown table {table!r}", fix)
            for key, value in keys.items():
                values[key] = _read(path, table, key, value)
        return cls(**values)


def parse_tables(text: str, path: str) -> dict[str, Any]:
    """Return the tables of config.toml; raises `CatalogError` if it is not TOML."""
    try:
        return toml.loads(text)
    except toml.TOMLDecodeError as error:
        raise CatalogError(path, f"is not TOML: {str(error).lower()}", "fix that line") from None
    except (ValueError, RecursionError):
        raise CatalogError(path, "contains a number that is too long, or is nested too deeply", "shorten it") from None


class Setting(NamedTuple):
    """One key of config.toml: its parser, and its default as a TOML value."""

    parse: value_parsers.Parser
    default: Any


def _period(value: Any) -> int:
    try:
        return int(value_parsers.duration(value))
    except OverflowError:
        raise InvalidValueError("the duration is too long", "write 100000d at most") from None


def _kept(value: Any) -> int:
    if value is False or value == "0":
        return 0
    seconds = _period(value)
    if seconds > _DAY:
        raise InvalidValueError(f"{value!r} is more than 24h", "write '5m', or '0' to turn it off")
    return seconds


def _under_home(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(map(_one_under_home, value))
    raise InvalidValueError(f"{value!r} is not an array of paths under your home")


def _one_under_home(value: Any) -> str:
    path = value.removeprefix("~/").rstrip("/") if isinstance(value, str) else ""
    if not path or path.startswith(("/", "~")) or ".." in path.split("/"):
        raise InvalidValueError(f"{value!r} is not a path under your home", "write '.config/tool'")
    return path


SETTINGS: dict[str, dict[str, Setting]] = {
    "engine": {"autostart": Setting(value_parsers.flag, False)},
    "launch": {
        "warm": Setting(key_parsers.warm, "0"),
        "warm_idle": Setting(value_parsers.number, 8),
        "runtime": Setting(key_parsers.runtime, "auto"),
    },
    "sandbox": {
        "unpack_limit": Setting(limits.read_size, "2g"),
        "free_disk": Setting(limits.read_size, "5g"),
        "network_keep": Setting(_kept, "5m"),
        "networks": Setting(value_parsers.number, 4),
    },
    "runs": {"arguments": Setting(value_parsers.flag, False), "keep": Setting(_period, "365d")},
    "home": {"cover": Setting(_under_home, []), "show": Setting(_under_home, [])},
}
"""The keys of config.toml by table; each key name is unique among all tables."""


def _read(path: str, table: str, key: str, value: Any) -> Any:
    where = f"{path}: [{table}]"
    setting = SETTINGS[table].get(key)
    if setting is None:
        fix = did_you_mean(key, SETTINGS[table], "see docs/settings.md")
        raise CatalogError(where, f"unknown key {key!r}", fix)
    try:
        return setting.parse(value)
    except InvalidValueError as wrong:
        raise CatalogError(where, f"{key}: {wrong.what}", wrong.fix) from None
