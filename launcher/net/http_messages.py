"""HTTP requests and responses as values, and the limits of their size and time."""

from collections.abc import Mapping
from typing import NamedTuple

SMALL = 4 << 20
"""Bytes: the limit of a manifest, a config or a page of tags."""
REDIRECTS = (301, 302, 303, 307, 308)
"""Statuses of a response that names another URL."""


class Timeouts(NamedTuple):
    """How long to wait for a server."""

    connect: float = 10.0
    """Seconds until a connection is made."""
    read: float = 30.0
    """Seconds from one piece of a response to the next."""
    total: float = 60.0
    """Seconds for a small response from beginning to end, redirects included."""
    slowest: float = 100_000.0
    """Bytes a second: a larger response may take as long as it needs at this rate."""

    def seconds_for(self, size: int) -> float:
        """Return how long an exchange of *size* bytes may take."""
        return max(self.total, size / self.slowest)


USUAL = Timeouts()


class Request(NamedTuple):
    """One HTTP request."""

    method: str
    url: str
    headers: Mapping[str, str] = {}
    body: bytes | None = None
    largest: int = SMALL
    """Bytes: a longer response is a failure."""


class Response(NamedTuple):
    """What a server answered, whatever its status."""

    status: int
    headers: Mapping[str, str]
    """By names in lower case."""
    body: bytes
    url: str
    """Where it came from, after redirects."""
