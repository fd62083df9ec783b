"""Fetching: what every way to a remote's files gives, and which way an address takes."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from launcher.core.remotes import keyring, ssh_signature
from launcher.core.remotes.source_url import Address

CATALOG = "catalog.toml"
SIGNATURE = "catalog.toml.sig"
KEYS = keyring.FILE
KEYS_SIGNATURE = f"{keyring.FILE}.sig"
LARGEST = {
    CATALOG: 5 * 1024 * 1024,
    SIGNATURE: ssh_signature.LARGEST,
    KEYS: keyring.LARGEST,
    KEYS_SIGNATURE: ssh_signature.LARGEST,
}
"""The files of a published folder, each with the most bytes it may have; only the first must be there."""
TOGETHER = sum(LARGEST.values())
"""Bytes that all of them may have together."""
LONGEST = 60.0
"""Seconds that all of them together may take."""


class Fetched(NamedTuple):
    """What an address has now."""

    files: Mapping[str, bytes]
    """By the names above, whatever the catalog is called there."""
    unchanged: frozenset[str] = frozenset()
    """Those that are what their tags say, and so were not sent; nor was the signature of one."""
    tags: Mapping[str, str] = {}
    """What the other side calls each file's content, for the next time."""


class Artifacts(Protocol):
    """A registry that holds catalogs beside images, as this room needs it."""

    def digest(self, ref: str) -> str:
        """Return the digest that *ref* has now, "" where there is no such artifact; raises `UserError`."""

    def pull(self, ref: str, largest: int) -> Mapping[str, bytes]:
        """Return the files of the artifact *ref* by name, of at most *largest* bytes together; raises `UserError`."""

    def push(self, ref: str, files: Mapping[str, bytes]) -> str:
        """Make *files* the artifact *ref* and return its digest; raises `UserError`."""


def fetch(address: Address, tags: Mapping[str, str], artifacts: Artifacts) -> Fetched:
    """Return what is at *address*, where *tags* tell what we have already; raises `RemoteError`.

    Nothing of it is believed yet.
    """
    match address.kind:
        case "web":
            from launcher.remotes import web_source  # noqa: PLC0415  requests is heavy, and this caller waits anyway

            return web_source.fetch(address, tags)
        case "git":
            from launcher.remotes import git_source  # noqa: PLC0415  only for git's

            return git_source.fetch(address)
        case "artifact":
            from launcher.remotes import registry_source  # noqa: PLC0415  only for a registry's

            return registry_source.fetch(address, tags, artifacts)
        case "folder":
            from launcher.remotes import folder_source  # noqa: PLC0415  only for this machine's

            return folder_source.fetch(address)


def named(address: Address, name: str) -> str:
    """Return how the file *name* is called at *address*, where the catalog may have a name of its own."""
    return address.file + name.removeprefix(CATALOG) if name in (CATALOG, SIGNATURE) else name
