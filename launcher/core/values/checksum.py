"""JSON objects that carry a checksum of themselves: a file that is torn or altered is told from one that we wrote."""

from __future__ import annotations

from launcher.fast_stdlib import dumps, loads, source_hash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def add_checksum(value: Mapping[str, Any]) -> bytes:
    """Return *value*, which has at least one key, as JSON with a checksum as its first key."""
    rest = dumps(dict(value))[1:]
    return _head(rest) + rest


def verify(data: bytes) -> Any:
    """Return the object that `add_checksum` was given; raises ValueError for anything else.

    It protects against accidents: whoever can write the file can write the checksum as well.
    """
    head, rest = data[:_LENGTH], data[_LENGTH:]
    if head != _head(rest):
        raise ValueError("the checksum does not match")
    return loads(b"{" + rest)


def _head(rest: bytes) -> bytes:
    return b'{"checksum":"%s",' % source_hash(rest).hex().encode()


_LENGTH = len(_head(b""))
