"""What the user chose in config.toml."""

import tomllib
from typing import Any, NamedTuple, Self

from launcher.core.moment import parse_duration
from launcher.core.names import did_you_mean
from launcher.core.protected import SECRETS
from launcher.errors import CatalogError

_YEAR = 365 * 24 * 3600


class Settings(NamedTuple):
    """The user's settings; docs/settings.md lists them."""

    autostart: bool = False
    """Start a private engine unasked where none answers."""
    arguments: bool = False
    """Keep the arguments of runs in the journal, secrets masked."""
    keep: int = _YEAR
    """How long runs are kept, in seconds."""
    cover: tuple[str, ...] = ()
    """Further secrets of the home, as paths under it."""
    show: tuple[str, ...] = ()
    """Secrets that are not to be covered."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What is covered where the whole home is mounted, as paths under it."""
        return tuple(path for path in dict.fromkeys((*SECRETS, *self.cover)) if path not in self.show)

    @classmethod
    def parse(cls, text: str, path: str) -> Self:
        """Read config.toml; raises `CatalogError` naming table and key."""
        try:
            tables = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise CatalogError(path, f"is not TOML: {str(error).lower()}", "mend that line") from None
        except (ValueError, RecursionError):
            raise CatalogError(path, "holds a number that is too long, or nests too deeply", "shorten it") from None
        values = {}
        for table, keys in tables.items():
            if table not in _KEYS or not isinstance(keys, dict):
                raise CatalogError(path, f"unknown table {table!r}", did_you_mean(table, _KEYS, "see docs/settings.md"))
            for key, value in keys.items():
                values[key] = _read(path, table, key, value)
        return cls(**values)


_KEYS: dict[str, dict[str, type]] = {
    "engine": {"autostart": bool},
    "runs": {"arguments": bool, "keep": str},
    "home": {"cover": list, "show": list},
}
_SHAPES: dict[type, str] = {bool: "true or false", str: "a string", list: "an array of paths under your home"}


def _read(path: str, table: str, key: str, value: Any) -> Any:
    where = f"{path}: [{table}]"
    wanted = _KEYS[table].get(key)
    if wanted is None:
        raise CatalogError(where, f"unknown key {key!r}", did_you_mean(key, _KEYS[table], "see docs/settings.md"))
    if not isinstance(value, wanted):
        raise CatalogError(where, f"{key}: {value!r} is not {_SHAPES[wanted]}")
    if isinstance(value, list):
        return tuple(_under_home(where, key, each) for each in value)
    if key != "keep":
        return value
    try:
        return int(parse_duration(str(value)))
    except ValueError as error:
        raise CatalogError(where, f"keep: {error}") from None
    except OverflowError:
        raise CatalogError(where, "keep: that is for ever", "write 100000d at most") from None


def _under_home(where: str, key: str, value: Any) -> str:
    path = value.removeprefix("~/").rstrip("/") if isinstance(value, str) else ""
    if not path or path.startswith(("/", "~")) or ".." in path.split("/"):
        raise CatalogError(where, f"{key}: {value!r} is not a path under your home", "write '.config/tool'")
    return path
