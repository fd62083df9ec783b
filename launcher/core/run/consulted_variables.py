"""The variables of the caller's environment that a plan may depend on."""

from __future__ import annotations

from launcher.core.run.shim_chain import VARIABLE
from launcher.core.values.environment import PASSED_BY_DEFAULT
from launcher.core.values.interpolate import names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from launcher.core.catalog.entry import CatalogEntry

_OURS = (
    *("HOME", "PATH", "TZ", "APPLAUNCH_ETC", VARIABLE, "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG"),
    *("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_BIN_HOME", "XDG_RUNTIME_DIR"),
)
"""What decides where files are, which runtime is used, and how deep calls are nested."""


def consulted_variables(entry: CatalogEntry) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the variables that a plan for *entry* may use, and beginnings of names, all of which it may.

    It may be more than it does use, never less.
    """
    passed = [*PASSED_BY_DEFAULT, *(name for name, value in entry.environment if value is None)]
    names = [name for name in passed if not name.endswith("*")]
    prefixes = [name[:-1] for name in passed if name.endswith("*")]
    for text in _texts(entry):
        names += names_in(text)
    return tuple(dict.fromkeys((*_OURS, *names))), tuple(dict.fromkeys(prefixes))


def _texts(entry: CatalogEntry) -> Iterator[str]:
    """Yield the values that may hold ``${VAR}``."""
    yield from (entry.user, entry.working_dir)
    for mount in entry.volumes:
        yield from (mount.source, mount.target)
    for _, value in entry.environment:
        yield value or ""
