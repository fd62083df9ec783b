"""The published files of a remote's catalog: their names and limits, and what a transport returns."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from launcher.core.remotes import keyring, ssh_signature
from launcher.core.remotes.source_url import SourceUrl
from launcher.errors import RemoteError

CATALOG = "catalog.toml"
SIGNATURE = "catalog.toml.sig"
KEYS = keyring.KEYS_FILE
KEYS_SIGNATURE = f"{keyring.KEYS_FILE}.sig"
LARGEST = {
    CATALOG: 5 * 1024 * 1024,
    SIGNATURE: ssh_signature.LARGEST,
    KEYS: keyring.LARGEST,
    KEYS_SIGNATURE: ssh_signature.LARGEST,
}
"""The files of a published folder, each with its largest size in bytes; only the first is required."""
TOGETHER = sum(LARGEST.values())
"""Bytes of all of them together."""
LONGEST = 60.0
"""Seconds for all of them together."""
KEPT = keyring.KEPT


class Fetched(NamedTuple):
    """What a remote publishes now."""

    files: Mapping[str, bytes]
    """By the names above, whatever the catalog is called there."""
    unchanged: frozenset[str] = frozenset()
    """Those that still match their tags, and were not sent; nor was the signature of such a file."""
    tags: Mapping[str, str] = {}
    """How the other side identifies the content of each file, for the next time."""


class Artifacts(Protocol):
    """A registry that holds catalogs beside images, as this room needs it."""

    def digest(self, ref: str) -> str:
        """Return the digest that *ref* has now, "" if there is no such artifact; raises `UserError`."""

    def pull(self, ref: str, largest: int) -> Mapping[str, bytes]:
        """Return the files of the artifact *ref* by name, at most *largest* bytes together; raises `UserError`."""

    def push(self, ref: str, files: Mapping[str, bytes]) -> str:
        """Push *files* as the artifact *ref* and return its digest; raises `UserError`."""


def name_at(address: SourceUrl, name: str) -> str:
    """Return what the file *name* is called at *address*, where the catalog may have another name."""
    return address.file + name.removeprefix(CATALOG) if name in (CATALOG, SIGNATURE) else name


def too_large(where: str, largest: int) -> RemoteError:
    """Return the error for a file of more than *largest* bytes."""
    size = f"{largest >> 20} MiB" if largest >= 1 << 20 else f"{largest >> 10} KiB"
    return RemoteError(where, f"is larger than {size}", f"ask the publisher to split it; {KEPT}")
