"""What a launch uses in the place of heavier parts of the standard library, whose imports it would pay at each call.

Together ``typing``, ``enum`` (through ``re``, ``signal`` and ``socket``), ``json``, ``collections`` and ``contextlib``
cost a launch 20 ms, as much as the rest of it. Each stand-in here does what its original does, as far as a launch
needs it; the types are the originals'.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    import socket
    from contextlib import closing, suppress
    from importlib.util import source_hash
    from re import compile as pattern
    from typing import Any, NamedTuple
else:
    from _collections import _tuplegetter

    try:
        import _signal as signal  # the public ones only add names for people: enums
        import _socket as socket
    except ImportError:
        import signal
        import socket

    try:
        from _imp import source_hash as _keyed_hash
    except ImportError:
        from importlib.util import source_hash
    else:

        def source_hash(source_bytes):
            """importlib.util.source_hash (the key is ours: the original's changes with each Python)."""
            return _keyed_hash(_KEY, source_bytes)

    _KEY = 0x6170706C61756E63

    class _Record(type):
        """Makes a record of a class body's annotations, as typing.NamedTuple does."""

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
        """A tuple whose items have names, and defaults: typing.NamedTuple without the import of typing."""

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

    class suppress:  # noqa: N801  contextlib's name
        """contextlib.suppress."""

        def __init__(self, *kinds):
            self._kinds = kinds

        def __enter__(self):
            return None

        def __exit__(self, kind, error, trace):
            return kind is not None and issubclass(kind, self._kinds)

    class closing:  # noqa: N801  contextlib's name
        """contextlib.closing."""

        def __init__(self, thing):
            self._thing = thing

        def __enter__(self):
            return self._thing

        def __exit__(self, *_):
            self._thing.close()

    class pattern:  # noqa: N801  reads as re.compile does
        """A regular expression (re.compile) that is compiled when it is first asked: few launches ever ask one."""

        def __init__(self, text, flags=0):
            self._said = text, flags

        def __getattr__(self, name):
            import re  # noqa: PLC0415  that is the point

            found = getattr(re.compile(*self._said), name)
            self.__dict__[name] = found
            return found


__all__ = [
    "NamedTuple",
    "closing",
    "dumps",
    "loads",
    "packages",
    "pattern",
    "signal",
    "socket",
    "source_hash",
    "suppress",
]


def enable_site_packages() -> None:
    """Make installed packages importable: a shim's interpreter starts without ``site``, which costs 3 ms."""
    if sys.flags.no_site and "site" not in sys.modules:
        import site  # noqa: PLC0415  the import itself does nothing under -S

        site.main()


def loads(data: bytes) -> Any:
    """Return what the JSON text *data* (UTF-8) says; raises ValueError for anything else (json.loads)."""
    text = data.decode().strip(_BLANK)
    try:
        value, end = _scanner(text, 0)
    except (StopIteration, SystemError):  # before 3.13 the scanner names its error after a module that is not loaded
        raise ValueError("not JSON") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if end != len(text):
        raise ValueError("more than JSON")
    return value


def dumps(value: Any) -> bytes:
    """Return *value* as compact JSON in ASCII; raises TypeError for what JSON has no word for (json.dumps)."""
    return _written(value).encode("ascii")


_BLANK = " \t\n\r"


def _written(value: Any) -> str:
    if value is None or value is True or value is False:
        return "null" if value is None else "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, dict):
        return "{" + ",".join([f"{_quoted(name)}:{_written(each)}" for name, each in value.items()]) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join([_written(each) for each in value]) + "]"
    raise TypeError(f"{value!r} is nothing that JSON can say")


class _AsPlainJson:
    """What the C half of json.decoder asks of the decoder it works for."""

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

    _scanner = make_scanner(_AsPlainJson)
