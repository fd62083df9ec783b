"""Resource limits of a program: memory, processors, processes and open files."""

from __future__ import annotations

from launcher.core.values.invalid_value import InvalidValueError
from launcher.fast_stdlib import NamedTuple, pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SIZE = pattern(r"(?i)([0-9]{1,18})\s*([bkmgt]?)(?:i?b)?")
_LARGEST = (1 << 63) - 1  # engines use int64
_UNITS = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_MOST_CPUS = 1e5


class Ulimit(NamedTuple):
    """A kernel limit for each process (setrlimit(2)), as in docker's ``--ulimit``."""

    name: str
    soft: int
    hard: int


def read_size(value: Any) -> int:
    """Parse ``"512m"``, ``"2g"`` or a plain number of bytes (docker's units) and return the bytes."""
    size = value if type(value) is int else 0
    if isinstance(value, str) and (found := _SIZE.fullmatch(value)):
        size = int(found[1]) * _UNITS[found[2].lower()]
    if not 0 < size <= _LARGEST:
        raise InvalidValueError(f"{value!r} is not a size", "write a number of bytes, or '512m', '2g'")
    return size


def read_cpus(value: Any) -> float:
    """Parse a number of processors: 1.5 or "1.5"."""
    try:
        cpus = float(value) if not isinstance(value, bool) else 0.0
    except (TypeError, ValueError, OverflowError):
        cpus = 0.0
    if not 0 < cpus < _MOST_CPUS:  # false for nan and infinity, too
        raise InvalidValueError(f"{value!r} is not a number of processors", "write 2 or 1.5")
    return cpus


def read_ulimits(value: Any) -> tuple[Ulimit, ...]:
    """Parse compose's table ``{ nofile = 1024, nproc = { soft = 10, hard = 20 } }``."""
    if not isinstance(value, dict):
        raise InvalidValueError(f"{value!r} is not a table of limits", "write { nofile = 1024 }")
    return tuple(_ulimit(name, limit) for name, limit in value.items())


def _ulimit(name: str, limit: Any) -> Ulimit:
    table = limit if isinstance(limit, dict) else {"soft": limit, "hard": limit}
    soft, hard = table.get("soft"), table.get("hard")
    if type(soft) is not int or type(hard) is not int or len(table) != len(("soft", "hard")):
        raise InvalidValueError(f"the limit {name!r} is not a number", "write 1024 or { soft = 1024, hard = 2048 }")
    return Ulimit(name, soft, hard)
