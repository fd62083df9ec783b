"""Verify the files of a remote before anything reads them: first its key list, then its catalog.

Checked are the signature of the exact bytes, then their content, then whether they may follow the accepted files.
"""

from collections.abc import Sequence
from datetime import UTC
from typing import NamedTuple

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.publish_rules import refuse_violations
from launcher.core.remotes.digest_tampering import first_changed_digest
from launcher.core.remotes.keyring import Keyring, KeysFile, apply_keys_file, current_keyring
from launcher.core.remotes.public_key import PublicKey
from launcher.core.remotes.remote import Remote, RemoteState
from launcher.core.remotes.trust_policy import (
    FOR_CATALOG,
    FOR_KEYS,
    AcceptedCatalog,
    OfferedCatalog,
    changed_after_signing,
    changed_digests,
    refuse_older,
    refuse_renamed,
    trusted_signatures,
)
from launcher.errors import CatalogError, UserError
from launcher.manage.context import Context
from launcher.remotes import catalog_cache, signatures
from launcher.remotes.catalog_files import CATALOG, KEYS, KEYS_SIGNATURE, SIGNATURE, Fetched


class Judged(NamedTuple):
    """The result of the verification: the new state of the remote, and its catalog if it is new."""

    known: RemoteState
    catalog: Catalog | None = None
    data: bytes = b""
    trouble: UserError | None = None
    refused: bool = True
    """Whether it came, and did not pass; else it could not be had."""


def judged(context: Context, remote: Remote, known: RemoteState, came: Fetched, named: Sequence[PublicKey]) -> Judged:
    """Verify what *came*: the key list, then the catalog; a new key list is accepted even if the catalog is not."""
    keys = current_keyring(tuple(named), known.ring, known.named)
    turned_to = known
    try:
        if remote.verify:
            keys = _turned(remote, keys, came)
            turned_to = known._replace(ring=keys, named=tuple(key.fingerprint for key in named))
        if CATALOG in came.unchanged and known.accepted:
            return Judged(_checked(context, remote, turned_to, known.accepted, came))
        data = came.files[CATALOG]
        key = _signer(context, remote, known, keys, came)
        catalog = _read(remote, data)
        refuse_renamed(_name(catalog), known.catalog, remote.name)
        offered = OfferedCatalog(_serial(catalog), catalog_cache.checksum(data))
        refuse_older(offered, known.accepted, remote.name, signed=remote.verify)
    except UserError as trouble:
        return Judged(turned_to, trouble=trouble)
    turned_to = turned_to._replace(verified=context.now, catalog=_name(catalog))
    if known.accepted and known.accepted.digest == offered.digest and _is_kept(context, remote, known):
        return Judged(_checked(context, remote, turned_to, known.accepted._replace(key=key), came))
    accepted = AcceptedCatalog(offered.serial, offered.digest, context.now, key, _expires(catalog), len(catalog.apps))
    return Judged(_checked(context, remote, turned_to, accepted, came), catalog, data)


def _turned(remote: Remote, keys: Keyring, came: Fetched) -> Keyring:
    """Return the trusted keys after a key list *came* that is signed by a key trusted before."""
    if KEYS not in came.files:
        return keys
    data = came.files[KEYS]
    digest = catalog_cache.checksum(data)
    if digest == keys.digest:
        return keys
    found = trusted_signatures(came.files.get(KEYS_SIGNATURE), keys, FOR_KEYS, KEYS, remote.name)
    if not signatures.find_valid(found, data):
        raise changed_after_signing(found, KEYS, remote.name)
    where = f"{remote.name}/{KEYS}"
    return apply_keys_file(keys, KeysFile.parse(_text(data, where), where), digest, where)


def _signer(context: Context, remote: Remote, known: RemoteState, keys: Keyring, came: Fetched) -> str:
    """Return the fingerprint of the key that signed the catalog, "" if none has to; raises `RemoteError`."""
    if not remote.verify:
        return ""
    data = came.files[CATALOG]
    found = trusted_signatures(came.files.get(SIGNATURE), keys, FOR_CATALOG, CATALOG, remote.name)
    if fit := signatures.find_valid(found, data):
        return fit.key.fingerprint
    good = catalog_cache.read_accepted(context.places.copies, remote.name, known)
    if known.accepted and good is not None and (line := first_changed_digest(good, data)):
        raise changed_digests(found, CATALOG, line, known.accepted, remote.name)
    raise changed_after_signing(found, CATALOG, remote.name)


def _read(remote: Remote, data: bytes) -> Catalog:
    """Parse *data*, whose signature was verified; raises `CatalogError`.

    Apps that this applaunch cannot read fail only when they are used; the others work.
    """
    path = f"{remote.name}/{CATALOG}"
    catalog = Catalog.parse(_text(data, path), remote.name, path)
    refuse_violations(catalog)
    return catalog


def _text(data: bytes, path: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise CatalogError(
            path, "is not UTF-8 text", "ask the publisher; the last accepted version stays in use"
        ) from None


def _name(catalog: Catalog) -> str:
    return str(catalog.tables.get("catalog", {}).get("name", ""))


def _serial(catalog: Catalog) -> int:
    return int(catalog.tables.get("catalog", {}).get("serial", 0))


def _expires(catalog: Catalog) -> float:
    expires = catalog.tables.get("catalog", {}).get("expires")
    return (expires if expires.tzinfo else expires.replace(tzinfo=UTC)).timestamp() if expires else 0.0


def _is_kept(context: Context, remote: Remote, known: RemoteState) -> bool:
    return catalog_cache.read_accepted(context.places.copies, remote.name, known) is not None


def _checked(
    context: Context, remote: Remote, known: RemoteState, accepted: AcceptedCatalog, came: Fetched
) -> RemoteState:
    """Return the *known* state with *accepted* confirmed as the newest."""
    return known._replace(
        accepted=accepted, url=remote.url, tags=came.tags, checked=context.now, trouble="", refused=False
    )
