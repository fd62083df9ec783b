"""A pull as it is told: what an engine reports layer by layer, and what it ends with."""

from __future__ import annotations

from typing import NamedTuple


class PullEvent(NamedTuple):
    """One step of a pull; the same shape whatever the engine's own words were."""

    id: str
    """The layer's short id (the tag, in docker's first event), or "" for a line about the whole image."""
    status: str
    """The engine's words: ``Downloading``, ``Pull complete``, ``Pulling from library/jq``..."""
    current: int = 0
    """Bytes done, 0 when the engine does not say."""
    total: int = 0
    """Bytes in all, 0 when the engine does not say."""
    text: str = ""
    """What stands for the bytes where the engine counts something else: ``3 s``."""


class PullResult(NamedTuple):
    """What a pull ended with."""

    digest: str
    """``sha256:...`` of what the name stands for in the registry; "" when the engine does not know it."""
    status: str
    """Docker's closing words, without ``Status: ``: ``Downloaded newer image for docker.io/library/jq:latest``."""
