"""Parsers for the catalog keys that have a syntax of their own, such as volumes, ports and users."""

import re
from typing import Any

from launcher.core.catalog.deny import RIGHTS
from launcher.core.catalog.value_parsers import choice, duration, pairs, text, words
from launcher.core.values import interpolate, names
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.mount import Mount
from launcher.core.values.port import ALL_PORTS, LARGEST_PORT, Port, parse_ports
from launcher.core.values.reference import Reference

_SHORTEST_WARM, _LONGEST_WARM = 5, 24 * 3600  # seconds
_WARM_FIX = "write '5m', or '0' to turn it off"
RUNTIMES = ("auto", "engine", "bubblewrap")
runtime = choice(*RUNTIMES)
"""Parses the way in which programs run."""

_CAPABILITY = re.compile(r"(?:CAP_)?[A-Z][A-Z_]*[A-Z]")
_USER = re.compile(r"(?:[a-zA-Z_][\w.-]*|[0-9]+)(?::(?:[a-zA-Z_][\w.-]*|[0-9]+))?|.*\$\{.*", re.ASCII)


def home_paths(value: Any) -> tuple[str, ...]:
    """Parse an array of paths in the home, ``.`` for the whole home (flatpak's ``persistent``)."""
    paths = tuple(path.removeprefix("~/").rstrip("/") or "." for path in words(value))
    if bad := [path for path in paths if path.startswith(("/", "~")) or ".." in path.split("/")]:
        raise InvalidValueError(
            f"{bad[0]!r} is not a path under the home", "write '.config/tool', or '.' for all of it"
        )
    return paths


def file_names(value: Any) -> tuple[str, ...]:
    """Parse an array of names of files or folders, without a path."""
    if bad := [name for name in words(value) if "/" in name or name in ("", ".", "..")]:
        raise InvalidValueError(f"{bad[0]!r} is not a file name", "write 'go.mod'")
    return words(value)


def deny(value: Any) -> tuple[str, ...]:
    """Parse an array of rights and paths to deny."""
    for word in words(value):
        right, colon, name = word.partition(":")
        if not (word[:1] in ("/", "~") or (right in RIGHTS and (not colon or (right == "environment" and name)))):
            raise InvalidValueError(
                f"{word!r} cannot be denied", f"write a path, or one of {', '.join(RIGHTS)}, environment:NAME"
            )
    return words(value)


def extends(value: Any) -> str | bool:
    """Parse the name of the app that this one extends, or false to ignore the layers below."""
    if value is False:
        return False
    if isinstance(value, bool):
        raise InvalidValueError(f"{value!r} is not an app", "name an app, or write false")
    return text(value)


def path_args(value: Any) -> str | tuple[str, ...]:
    """Parse ``ro``, ``rw``, ``none``, or an array of options whose values are paths."""
    return words(value) if isinstance(value, list) else str(choice("ro", "rw", "none")(value))


def warm(value: Any) -> float:
    """Parse how long a warm container is kept, in seconds; false and ``"0"`` disable it and give 0."""
    if value is False or value == "0":
        return 0.0
    if not isinstance(value, str):
        raise InvalidValueError(f"{value!r} is not a duration", _WARM_FIX)
    seconds = duration(value)
    if seconds and not _SHORTEST_WARM <= seconds <= _LONGEST_WARM:
        raise InvalidValueError(f"{value!r} is not between 5s and 24h", _WARM_FIX)
    return seconds


def command_names(value: Any) -> tuple[str, ...]:
    """Parse an array of command names."""
    return tuple(map(names.check_command_name, words(value)))


def volumes(value: Any) -> tuple[Mount, ...]:
    """Parse compose's ``volumes``, each in its short or long form."""
    if not isinstance(value, list) or not all(isinstance(item, (str, dict)) for item in value):
        raise InvalidValueError(f"{value!r} is not an array of volumes", "write ['SOURCE:TARGET']")
    mounts = tuple(map(Mount.parse, value))
    for mount in mounts:
        interpolate.check(mount.source)
    return mounts


def ports(value: Any) -> tuple[Port, ...]:
    """Parse compose's ``ports`` in their short form."""
    items = [str(item) if type(item) is int else item for item in value] if isinstance(value, list) else value
    return tuple(port for item in words(items) for port in parse_ports(item))


def localhost(value: Any) -> tuple[int | str, ...]:
    """Parse an array of TCP ports of this machine's localhost, or ``host`` for all of them."""
    items = [value] if value == ALL_PORTS else value
    if not isinstance(items, list):
        raise InvalidValueError(f"{value!r} is not an array of ports", "write [5432], or 'host' for all ports")
    numbers = [int(item) if isinstance(item, str) and item.isdecimal() else item for item in items]
    if bad := [item for item in numbers if not _is_port(item)]:
        raise InvalidValueError(f"{bad[0]!r} is not a port of localhost", "write a number from 1 to 65535, or 'host'")
    return tuple(dict.fromkeys(numbers))


def _is_port(item: Any) -> bool:
    return item == ALL_PORTS or (type(item) is int and 1 <= item <= LARGEST_PORT)


def labels(value: Any) -> tuple[tuple[str, str], ...]:
    """Parse labels of the container; labels that applaunch itself uses are refused."""
    result = pairs(value)
    if reserved := [name for name, _ in result if name.lower().startswith("applaunch")]:
        raise InvalidValueError(f"the label {reserved[0]!r} is reserved for applaunch", "give it another name")
    return result


def tmpfs(value: Any) -> tuple[tuple[str, str], ...]:
    """Parse compose's ``tmpfs``: paths, each with mount options after a colon."""
    items = [value] if isinstance(value, str) else value
    result = tuple((path, options) for path, _, options in (word.partition(":") for word in words(items)))
    if bad := [path for path, _ in result if not path.startswith("/")]:
        raise InvalidValueError(f"{bad[0]!r} is not an absolute path")
    return result


def capabilities(value: Any) -> tuple[str, ...]:
    """Parse names of Linux capabilities, with or without ``CAP_``."""
    items = words(value)
    if bad := [word for word in items if not _CAPABILITY.fullmatch(word)]:
        raise InvalidValueError(f"{bad[0]!r} is not a capability", "write them as 'NET_ADMIN'")
    return tuple(word.removeprefix("CAP_") for word in items)


def image(value: Any) -> str:
    """Parse the reference of an image."""
    try:
        Reference.parse(text(value))
    except ValueError as error:
        if isinstance(error, InvalidValueError):
            raise
        raise InvalidValueError(str(error)) from None
    return str(value)


def user(value: Any) -> str:
    """Parse ``host``, ``image``, a name, or ``UID[:GID]``."""
    if type(value) is int:
        raise InvalidValueError(f"{value} is a number", f'write "{value}"')
    if _USER.fullmatch(interpolate.check(text(value))):
        return str(value)
    raise InvalidValueError(f"{value!r} is not a user", "write 'host' (the caller), 'image', or 'UID:GID'")


def network(value: Any) -> str:
    """Parse ``bridge``, ``none``, ``host`` or the name of a network; joining a container's network is refused."""
    if re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*", text(value)):
        return str(value)
    raise InvalidValueError(f"{value!r} is not a network", "choose bridge, none, host, or a network's name")


def folder(value: Any) -> str:
    """Parse an absolute path in the container."""
    if interpolate.check(text(value)).startswith(("/", "${", "~/")):
        return str(value)
    raise InvalidValueError(f"{value!r} is not an absolute path", "start it with /")
