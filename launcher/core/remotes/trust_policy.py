"""The policy for accepting a remote's catalog: which signatures are trusted, and which catalog may follow the last."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from launcher.core.remotes.keyring import KEPT, Keyring
from launcher.core.remotes.ssh_signature import LARGEST, Signature, parse_signatures
from launcher.core.values.invalid_value import InvalidValueError
from launcher.errors import RemoteError

FOR_CATALOG = "applaunch-catalog"
FOR_KEYS = "applaunch-keys"
"""The namespaces of signatures: a signature for another purpose is not valid."""
MAX_SERIAL = 2**53
"""The highest serial: every JSON parser represents it exactly."""
WARN_BEFORE_EXPIRY = 14 * 24 * 3600  # seconds before the expiry date of a catalog
STALE_AFTER = 30 * 24 * 3600  # seconds without a new catalog, if it has no expiry date
REFETCH_AFTER = 7 * 24 * 3600  # seconds for which an answer "unchanged" is accepted without the catalog
_LONGEST_NAME = 64  # characters of a name in a message

_ASK = "ask the publisher"
_INSTALL_NOTHING = f"install nothing from it before you {_ASK}"


class AcceptedCatalog(NamedTuple):
    """The last accepted catalog of a remote."""

    serial: int
    """0 if it has none, which is only allowed without a signature."""
    digest: str
    """The digest of its bytes: ``sha256:...``."""
    at: float
    """When it was accepted, in unix seconds."""
    key: str = ""
    """The fingerprint of the signing key; empty if no signature was required."""
    expires: float = 0.0
    """The expiry date in unix seconds; 0 for never."""
    apps: int = 0


class OfferedCatalog(NamedTuple):
    """A received catalog whose signature is verified."""

    serial: int
    digest: str


def trusted_signatures(
    data: bytes | None, keys: Keyring, namespace: str, name: str, where: str
) -> tuple[Signature, ...]:
    """Return the signatures in *data* by trusted keys for *namespace*; one of them must match the file *name*.

    Raises `RemoteError` with the key and the fix if there is none.
    """
    if data is None:
        fix = f"{_ASK} to sign it: applaunch catalog sign {name} --key FILE"
        raise RemoteError(where, f"{name} is not signed: there is no {name}.sig", fix)
    if len(data) > LARGEST:
        raise RemoteError(where, f"{name}.sig is larger than {LARGEST >> 10} KiB", _ASK)
    try:
        found = parse_signatures(data.decode("ascii", "replace"))
    except InvalidValueError as wrong:
        raise RemoteError(where, f"{name}.sig: {wrong.what}", wrong.fix) from None
    good = tuple(each for each in found if keys.has(each.key.fingerprint) and each.namespace == namespace)
    if not good:
        raise _untrusted(found[0], keys, namespace, name, where)
    return good


def changed_after_signing(tried: Sequence[Signature], name: str, where: str) -> RemoteError:
    """Return the error for a file *name* that none of the signatures *tried* matches."""
    what = f"{_mismatch(tried, name)}: it was changed after it was signed"
    return RemoteError(where, what, f"try again later, then {_ASK}; {KEPT}")


def changed_digests(tried: Sequence[Signature], name: str, line: int, last: AcceptedCatalog, where: str) -> RemoteError:
    """Return the error for a file that only differs from the *last* one in digests, the first of them in *line*."""
    what = f"DANGER: {_mismatch(tried, name)}: line {line} has another digest than in serial {last.serial}"
    return RemoteError(where, what, f"{_INSTALL_NOTHING}; {KEPT}")


def refuse_older(offered: OfferedCatalog, last: AcceptedCatalog | None, where: str, *, signed: bool) -> None:
    """Raise `RemoteError` if *offered* may not replace the *last* accepted catalog."""
    if signed and not 1 <= offered.serial <= MAX_SERIAL:
        raise RemoteError(where, "the catalog has no serial", f"{_ASK}: applaunch catalog publish sets it")
    if last is None:
        return
    if offered.serial < last.serial:
        what = f"serial {offered.serial} is older than {last.serial}, which was accepted on {day(last.at)}"
        raise RemoteError(where, what, f"{_ASK}; {KEPT}")
    if offered.serial == last.serial and offered.digest != last.digest and (signed or offered.serial):
        what = (
            f"DANGER: serial {offered.serial} differs from the one accepted on {day(last.at)}"
            f" ({_short(offered.digest)}, not {_short(last.digest)}): two catalogs have the same serial"
        )
        raise RemoteError(where, what, f"{_INSTALL_NOTHING}; {KEPT}")


def refuse_renamed(name: str, bound: str | None, where: str) -> None:
    """Raise `RemoteError` if a catalog with this *name* was received but the remote is *bound* to another name.

    None means that it is not bound yet.
    """
    if bound is not None and name != bound:
        what = (
            f"DANGER: the server sends another catalog: {_named(name)}, but the one that was added is {_named(bound)}"
        )
        raise RemoteError(where, what, f"{_ASK}; if it was renamed: applaunch remote delete {where}, and add it again")


def refuse_installing(name: str, last: AcceptedCatalog, keys: Keyring, now: float, *, signed: bool) -> None:
    """Raise `RemoteError` if apps may no longer be installed from the remote *name*; *signed*: it must be signed."""
    fix = f"applaunch remote update {name}; if that does not help, {_ASK}"
    if last.expires and now >= last.expires:
        what = f"its catalog (serial {last.serial}) expired on {day(last.expires)}: nothing new is installed from it"
        raise RemoteError(name, what, fix)
    if signed and not keys.has(last.key):
        revoked = keys.revocation(last.key)
        why = f"which was revoked on {revoked.shown}" if revoked else "which is not trusted now"
        by = f"signed by {last.key}, {why}" if last.key else "not signed"
        what = f"its catalog (serial {last.serial}) is {by}: nothing new is installed from it"
        raise RemoteError(name, what, fix)


def expiry_warning(last: AcceptedCatalog, now: float) -> str:
    """Return the warning that a catalog has expired or expires soon, or ""."""
    if not last.expires or now < last.expires - WARN_BEFORE_EXPIRY:
        return ""
    return f"{'expired' if now >= last.expires else 'expires'} on {day(last.expires)}"


def staleness_warning(last: AcceptedCatalog, now: float) -> str:
    """Return the warning that a catalog without expiry date has not changed for a long time, or "".

    An attacker in place of the server can withhold a newer catalog as long as the old one is valid.
    """
    if last.expires or now < last.at + STALE_AFTER:
        return ""
    return f"unchanged since {day(last.at)} and without an expiry date: a newer catalog may be withheld"


def day(seconds: float) -> str:
    """Return the UTC date of unix *seconds*."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")


def _untrusted(found: Signature, keys: Keyring, namespace: str, name: str, where: str) -> RemoteError:
    key = found.key.fingerprint
    if revoked := keys.revocation(key):
        what = f"{name} is signed by the key {key}, which was revoked on {revoked.shown}"
        return RemoteError(where, what, f"{_ASK} to sign it with a current key; {KEPT}")
    if not keys.has(key):
        known = ", ".join(each.fingerprint for each in keys.trusted) or "none"
        what = f"{name} is signed by the key {key}, which is not trusted (trusted keys: {known})"
        return RemoteError(where, what, f"{_ASK}; if that key is right, add it: --key FILE")
    what = f"{name} is signed by {key} for the namespace {found.namespace!r}, not for {namespace!r}"
    return RemoteError(where, what, f"{_ASK} to use: applaunch catalog sign {name} --key FILE")


def _mismatch(tried: Sequence[Signature], name: str) -> str:
    return f"the signature of {tried[0].key.fingerprint} does not match {name}"


def _named(name: str) -> str:
    return f"named {name[:_LONGEST_NAME]!r}" if name else "without a name"


def _short(digest: str) -> str:
    return digest.rpartition(":")[2][:12]
