"""Small replacements for parts of the standard library that are slow to import, for use in a launch.

Importing ``typing``, ``enum`` (through ``re``, ``signal`` and ``socket``), ``json``, ``collections``, ``contextlib``
and ``os`` takes 20 ms, as long as the rest of a launch. Each replacement does as much of the original as a launch
needs; type checkers see the originals.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    import signal
    import socket
    from contextlib import closing, suppress
    from importlib.util import source_hash
    from re import compile as pattern
    from typing import Any, NamedTuple
else:
    from _collections import _tuplegetter

    try:
        import _signal as signal  # the public module only adds enums
    except ImportError:
        import signal

    if "os" in sys.modules or "posix" not in sys.builtin_module_names:
        import os
    else:
        import posix

        def _is_link(path):
            try:
                return posix.lstat(path).st_mode & 0o170000 == 0o120000  # noqa: PLR2004  stat.h
            except (OSError, ValueError):
                return False

        _codec = sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()
        os = type(sys)("os")  # posix, and the part of os that a repeated launch uses
        os.__dict__.update(vars(posix), path=type(sys)("os.path"), devnull="/dev/null", SEEK_SET=0, SEEK_END=2)
        os.path.islink = _is_link
        os.path.samestat = lambda one, other: (one.st_ino, one.st_dev) == (other.st_ino, other.st_dev)
        os.fsencode = lambda name: name.encode(*_codec)
        os.__dict__["environ"] = {name.decode(*_codec): value.decode(*_codec) for name, value in posix.environ.items()}

    def __getattr__(name):
        """Import ``socket`` at its first use: a sandbox needs none."""
        if name != "socket":
            raise AttributeError(name)
        try:
            import _socket as socket  # noqa: PLC0415  the public module only adds enums
        except ImportError:
            import socket  # noqa: PLC0415  as above
        globals()[name] = socket
        return socket

    try:
        from _imp import source_hash as _keyed_hash
    except ImportError:
        from importlib.util import source_hash
    else:

        def source_hash(source_bytes):
            """importlib.util.source_hash with a fixed key: the original's key changes with each Python version."""
            return _keyed_hash(_KEY, source_bytes)

    _KEY = 0x6170706C61756E63

    class _Record(type):
        """Creates a named tuple from the annotations in a class body, like typing.NamedTuple."""

        def __new__(cls, name, bases, namespace):
            if not bases:
                return type.__new__(cls, name, (tuple,), namespace)
            fields = tuple(namespace.get("__annotations__", ()))
            if not fields:
                raise TypeError(f"{name}: a record needs fields, and its module `from __future__ import annotations`")
            defaults = {field: namespace.pop(field) for field in fields if field in namespace}
            getters = {field: _tuplegetter(place, "") for place, field in enumerate(fields)}
            ours = {"_fields": fields, "_field_defaults": defaults, "__match_args__": fields, "__slots__": ()}
            return type.__new__(cls, name, bases, namespace | ours | getters)

    class NamedTuple(metaclass=_Record):
        """typing.NamedTuple without the import of typing: a tuple with named items and defaults."""

        __slots__ = ()
        _fields = ()

        def __new__(cls, *args, **named):
            fields = cls._fields
            if len(args) == len(fields) and not named:
                return tuple.__new__(cls, args)
            values = cls._field_defaults | dict(zip(fields, args, strict=False)) | named
            missing = [field for field in fields if field not in values]
            twice = [field for field in fields[: len(args)] if field in named]
            if missing or twice or len(args) > len(fields) or len(values) > len(fields):
                raise TypeError(f"{cls.__name__} takes {', '.join(fields)}; given {len(args)} and {sorted(named)}")
            return tuple.__new__(cls, [values[field] for field in fields])

        @classmethod
        def _make(cls, items):
            return cls(*items)

        def _replace(self, **changes):
            if changes.keys() - set(self._fields):
                raise ValueError(f"{type(self).__name__} has no {sorted(changes.keys() - set(self._fields))}")
            pairs = zip(self._fields, self, strict=True)
            return tuple.__new__(type(self), [changes.get(field, value) for field, value in pairs])

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def __getnewargs__(self):
            return tuple(self)

        def __repr__(self):
            shown = ", ".join(f"{field}={value!r}" for field, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({shown})"

    class _Suppress:
        """contextlib.suppress."""

        def __init__(self, *kinds):
            self._kinds = kinds

        def __enter__(self):
            return None

        def __exit__(self, kind, error, trace):
            return kind is not None and issubclass(kind, self._kinds)

    class _Closing:
        """contextlib.closing."""

        def __init__(self, thing):
            self._thing = thing

        def __enter__(self):
            return self._thing

        def __exit__(self, *_):
            self._thing.close()

    class _LazyPattern:
        """re.compile at the first use: few launches use a regular expression at all."""

        def __init__(self, text, flags=0):
            self._source = text, flags

        def __getattr__(self, name):
            import re  # noqa: PLC0415  most launches never need it

            found = getattr(re.compile(*self._source), name)
            self.__dict__[name] = found
            return found

    closing, pattern, suppress = _Closing, _LazyPattern, _Suppress


__all__ = [
    "NamedTuple",
    "closing",
    "dumps",
    "enable_site_packages",
    "loads",
    "os",
    "pattern",
    "signal",
    "socket",
    "source_hash",
    "suppress",
]


def enable_site_packages() -> None:
    """Make installed packages importable: a shim starts Python without ``site``, which takes 3 ms."""
    if sys.flags.no_site and "site" not in sys.modules:
        import site  # noqa: PLC0415  a launch starts without it to save time

        site.main()


def loads(data: bytes) -> Any:
    """Parse the JSON text *data* (UTF-8), like json.loads; raises ValueError if it is invalid."""
    text = data.decode().strip(_WHITESPACE)
    try:
        value, end = _scanner(text, 0)
    except (StopIteration, SystemError):  # SystemError: before 3.13 the scanner needs json.decoder for its own error
        raise ValueError("not JSON") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if end != len(text):
        raise ValueError("more than JSON")
    return value


def dumps(value: Any) -> bytes:
    """Return *value* as compact JSON in ASCII, like json.dumps; raises TypeError for a type that JSON does not have."""
    return _to_json(value).encode("ascii")


_WHITESPACE = " \t\n\r"


def _to_json(value: Any) -> str:
    if value is None or value is True or value is False:
        return "null" if value is None else "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, dict):
        return "{" + ",".join([f"{_quoted(name)}:{_to_json(each)}" for name, each in value.items()]) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join([_to_json(each) for each in value]) + "]"
    raise TypeError(f"{value!r} cannot be written as JSON")


class _DecoderSettings:
    """The attributes that the C scanner of json.decoder reads from its decoder."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float, parse_int, parse_constant = float, int, float


if TYPE_CHECKING:
    from json.encoder import encode_basestring_ascii as _quoted
    from json.scanner import make_scanner

    _scanner: Any = make_scanner
else:
    try:
        from _json import encode_basestring_ascii as _quoted
        from _json import make_scanner
    except ImportError:
        from json.encoder import encode_basestring_ascii as _quoted
        from json.scanner import make_scanner

    _scanner = make_scanner(_DecoderSettings)
