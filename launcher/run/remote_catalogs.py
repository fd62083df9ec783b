"""Reads the configured remotes and the accepted copy of each catalog."""

import os

from launcher import __version__
from launcher.core.catalog.catalog_file import Catalog
from launcher.core.remotes import trust_policy
from launcher.core.remotes.keyring import Keyring, current_keyring
from launcher.core.remotes.public_key import PublicKey, parse_keys
from launcher.core.remotes.remote import Remote, RemoteState, check_remote_name
from launcher.core.values.invalid_value import InvalidValueError
from launcher.errors import RemoteError
from launcher.host import strict_read
from launcher.host.locations import Places
from launcher.remotes import catalog_cache


def read_remotes(places: Places) -> tuple[Remote, ...]:
    """Return the configured remotes, the lowest priority first, those of the same priority by name.

    Raises `CatalogError` if the file of a remote is invalid.
    """
    found = []
    for name in _names(places):
        path = f"{places.remotes}/{name}.toml"
        if (text := strict_read.read(path, _home(places))) is not None:
            found.append(Remote.parse(name, text, path))
            strict_read.check_ownership(f"{places.known}/{name}.json", _home(places))
    return tuple(sorted(found, key=lambda each: (each.priority, each.name)))


def read_catalog(places: Places, name: str) -> Catalog | None:
    """Return the catalog of the remote *name* as last accepted; None if no copy matches what was accepted."""
    try:
        known = catalog_cache.read_state(places.known, name)
    except RemoteError:  # `remote list` and `doctor` report it
        return None
    found = catalog_cache.read_copy(places.copies, name, known, __version__)
    if found is None:
        return None
    path = f"{name}/catalog.toml"
    if found.tables is not None:
        return Catalog(name, path, "", dict(found.tables))
    return Catalog.parse(found.text, name, path)


def refuse_new(places: Places, remote: Remote, now: float) -> None:
    """Raise `RemoteError` if no new app may be used from *remote*: its catalog has expired, or its key was revoked."""
    known = catalog_cache.read_state(places.known, remote.name)
    if known.accepted:
        trust_policy.refuse_installing(
            remote.name, known.accepted, read_keyring(places, remote.name, known), now, signed=remote.verify
        )


def read_keyring(places: Places, name: str, known: RemoteState) -> Keyring:
    """Return the trusted keys of the remote *name*; raises `RemoteError` if its key file is invalid."""
    return current_keyring(read_named_keys(places, name), known.ring, known.named)


def read_named_keys(places: Places, name: str) -> tuple[PublicKey, ...]:
    """Return the keys that the user specified for the remote *name*; raises `RemoteError`."""
    path = f"{places.keys}/{name}.pub"
    try:
        return () if (text := strict_read.read(path, _home(places))) is None else parse_keys(text)
    except InvalidValueError as wrong:
        raise RemoteError(path, wrong.what, wrong.fix) from None


def watched_remote_paths(places: Places) -> tuple[str, ...]:
    """Return the paths whose `stat` shows that a remote was changed or has a new catalog."""
    each = [(f"{places.remotes}/{name}.toml", f"{places.known}/{name}.json") for name in _names(places)]
    return (places.remotes, *(path for pair in each for path in pair))


def _home(places: Places) -> str:
    """Return the folder where ownership checks end: the home, unless XDG_CONFIG_HOME is elsewhere."""
    return os.path.realpath(os.path.dirname(os.path.dirname(places.config)))


def _names(places: Places) -> list[str]:
    try:
        names = sorted(name[:-5] for name in os.listdir(places.remotes) if name.endswith(".toml"))
    except OSError:
        return []
    return [name for name in names if _is_remote(name)]


def _is_remote(name: str) -> bool:
    try:
        return bool(check_remote_name(name))
    except InvalidValueError:
        return False
