"""JSON objects with a checksum of themselves, so that a truncated or altered file is detected."""

from __future__ import annotations

from launcher.fast_stdlib import dumps, loads, source_hash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def add_checksum(value: Mapping[str, Any]) -> bytes:
    """Return *value* as JSON with a checksum as its first key; *value* has at least one key."""
    rest = dumps(dict(value))[1:]
    return _head(rest) + rest


def verify(data: bytes) -> Any:
    """Return the object that was passed to `add_checksum`; raises ValueError for anything else.

    This protects against accidents, not attacks: anyone who can write the file can also write the checksum.
    """
    head, rest = data[:_LENGTH], data[_LENGTH:]
    if head != _head(rest):
        raise ValueError("the checksum does not match")
    return loads(b"{" + rest)


def _head(rest: bytes) -> bytes:
    return b'{"checksum":"%s",' % source_hash(rest).hex().encode()


_LENGTH = len(_head(b""))
