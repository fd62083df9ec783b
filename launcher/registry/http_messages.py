"""What is asked of a registry and what comes back, as values, and how much and how long that may be."""

from collections.abc import Mapping
from typing import NamedTuple

SMALL = 4 << 20
"""Bytes: what a manifest, a config, a page of tags may have."""
MOVED = (301, 302, 303, 307, 308)
"""Statuses of an answer that is somewhere else."""


class Patience(NamedTuple):
    """How long a registry is waited for."""

    connect: float = 10.0
    """Seconds until a connection stands."""
    read: float = 30.0
    """Seconds from one piece of an answer to the next."""
    whole: float = 60.0
    """Seconds for a small answer from the first word to the last, all redirects with it."""
    slowest: float = 100_000.0
    """Bytes a second: what is larger than small may take as long as it would at that pace."""


USUAL = Patience()


class Asked(NamedTuple):
    """One question."""

    where: str
    """What it is about, as the failures of it say: ``jq:1.7``."""
    method: str
    url: str
    headers: Mapping[str, str] = {}
    body: bytes | None = None
    largest: int = SMALL
    """Bytes: a longer answer is a failure."""


class Answer(NamedTuple):
    """What came back, whatever it says."""

    status: int
    headers: Mapping[str, str]
    """By names in lower case."""
    body: bytes
    url: str
    """Where it came from in the end: redirects may have led elsewhere."""
