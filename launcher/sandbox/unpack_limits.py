"""Limits for unpacking an image."""

from typing import NamedTuple


class UnpackLimits(NamedTuple):
    """How much one image may take; whatever needs more is not unpacked."""

    size: int = 20_000_000_000
    """Bytes of its archives, unpacked."""
    files: int = 500_000
    """Files, folders and links, counted in each layer."""
    keep_free: int = 0
    """Bytes of the disk that stay free; checked while the files are written."""


USUAL_LIMITS = UnpackLimits()
