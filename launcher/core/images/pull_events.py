"""Progress and result of a pull, in the same form for every engine."""

from __future__ import annotations

from typing import NamedTuple


class PullEvent(NamedTuple):
    """One progress report of a pull."""

    id: str
    """The layer's short id (the tag, in docker's first event), or "" for a line about the whole image."""
    status: str
    """The engine's status: ``Downloading``, ``Pull complete``, ``Pulling from library/jq``..."""
    current: int = 0
    """Bytes done, 0 if the engine does not report it."""
    total: int = 0
    """Total bytes, 0 if the engine does not report it."""
    text: str = ""
    """The progress in another unit than bytes: ``3 s``."""


class PullResult(NamedTuple):
    """The result of a pull."""

    digest: str
    """The digest of the reference in the registry, ``sha256:...``; "" if the engine does not know it."""
    status: str
    """Docker's last line without ``Status: ``: ``Downloaded newer image for docker.io/library/jq:latest``."""
