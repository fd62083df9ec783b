"""Whether somebody else's catalog is taken: whose signature counts, and what may follow what was accepted before."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from launcher.core.remotes.keyring import Keyring
from launcher.core.remotes.ssh_signature import LARGEST, Signature, signatures
from launcher.core.values.invalid_value import InvalidValueError
from launcher.errors import RemoteError

FOR_CATALOG = "applaunch-catalog"
FOR_KEYS = "applaunch-keys"
"""The namespaces that signatures are made for: one of another purpose does not count."""
HIGHEST = 2**53
"""No serial is higher: it can be counted up, and every reader of JSON knows the number."""
SOON = 14 * 24 * 3600  # seconds before a catalog expires, from which on it is told
QUIET = 30 * 24 * 3600  # seconds without a new catalog, from which on a remote is told whose catalog never expires
REPEAT = 7 * 24 * 3600  # seconds for which a server is believed that its catalog is unchanged; then it must send it
_LONGEST_NAME = 64  # characters of a name in a message

_ASK = "ask who publishes it"
_KEPT = "what was accepted last goes on"
_INSTALL_NOTHING = f"install nothing from it before you {_ASK}"


class Accepted(NamedTuple):
    """The catalog of a remote that was accepted last."""

    serial: int
    """0 where it has none, which only one that nobody signs may."""
    digest: str
    """Of its exact bytes: ``sha256:...``."""
    at: float
    """When, in unix seconds."""
    key: str = ""
    """The fingerprint of who signed it; empty where nobody had to."""
    expires: float = 0.0
    """In unix seconds; 0 for never."""
    apps: int = 0


class Offered(NamedTuple):
    """A catalog that came, its signature checked."""

    serial: int
    digest: str


def candidates(data: bytes | None, keys: Keyring, namespace: str, name: str, where: str) -> tuple[Signature, ...]:
    """Return the signatures in the file *data* that could count for the file *name*: one has to fit its bytes.

    They are of keys that may sign, and for *namespace*. Raises `RemoteError`, which names the key and what to do.
    """
    if data is None:
        fix = f"{_ASK} to sign it: applaunch catalog sign {name} --key FILE"
        raise RemoteError(where, f"{name} is not signed: there is no {name}.sig", fix)
    if len(data) > LARGEST:
        raise RemoteError(where, f"{name}.sig is larger than {LARGEST >> 10} KiB", _ASK)
    try:
        found = signatures(data.decode("ascii", "replace"))
    except InvalidValueError as wrong:
        raise RemoteError(where, f"{name}.sig: {wrong.what}", wrong.fix) from None
    good = tuple(each for each in found if keys.has(each.key.fingerprint) and each.namespace == namespace)
    if not good:
        raise _refused(found[0], keys, namespace, name, where)
    return good


def unfit(tried: Sequence[Signature], name: str, where: str) -> RemoteError:
    """Return the refusal of a file *name* that none of the signatures *tried* fits."""
    what = f"{_no_fit(tried, name)}: it was changed after it was signed"
    return RemoteError(where, what, f"try again later, then {_ASK}; {_KEPT}")


def other_images(tried: Sequence[Signature], name: str, line: int, last: Accepted, where: str) -> RemoteError:
    """Return the refusal of one that is the *last* but for its digests, the first of them in *line*."""
    what = f"DANGER: {_no_fit(tried, name)}: line {line} has another digest than serial {last.serial} had"
    return RemoteError(where, what, f"{_INSTALL_NOTHING}; {_KEPT}")


def refuse_older(offered: Offered, last: Accepted | None, where: str, *, signed: bool) -> None:
    """Raise `RemoteError` where *offered* must not follow what was accepted *last*."""
    if signed and not 1 <= offered.serial <= HIGHEST:
        raise RemoteError(where, "the catalog has no serial", f"{_ASK}: applaunch catalog publish counts it up")
    if last is None:
        return
    if offered.serial < last.serial:
        what = f"serial {offered.serial} is older than {last.serial}, which was accepted on {day(last.at)}"
        raise RemoteError(where, what, f"{_ASK}; {_KEPT}")
    if offered.serial == last.serial and offered.digest != last.digest and (signed or offered.serial):
        what = (
            f"DANGER: serial {offered.serial} has other bytes than those accepted on {day(last.at)}"
            f" ({_short(offered.digest)}, not {_short(last.digest)}): two catalogs go about under one number"
        )
        raise RemoteError(where, what, f"{_INSTALL_NOTHING}; {_KEPT}")


def refuse_renamed(name: str, bound: str | None, where: str) -> None:
    """Raise `RemoteError` where a catalog of this *name* came and the remote is *bound* to another; None: to any."""
    if bound is not None and name != bound:
        what = f"DANGER: another catalog is served there: {_called(name)}, and the one that was added {_called(bound)}"
        raise RemoteError(where, what, f"{_ASK}; if it was renamed: applaunch remote delete {where}, and add it again")


def refuse_new(name: str, last: Accepted, keys: Keyring, now: float, *, signed: bool) -> None:
    """Raise `RemoteError` where nothing new may be installed from the remote *name* any more; *signed*: it must be."""
    if last.expires and now >= last.expires:
        what = f"its catalog (serial {last.serial}) expired on {day(last.expires)}: nothing new is installed from it"
        raise RemoteError(name, what, f"applaunch remote update {name}; if it stays so, {_ASK}")
    if signed and not keys.has(last.key):
        gone = keys.revocation(last.key)
        why = f"which was revoked on {gone.shown}" if gone else "which is none of those that may sign now"
        by = f"signed by {last.key}, {why}" if last.key else "not signed"
        what = f"its catalog (serial {last.serial}) is {by}: nothing new is installed from it"
        raise RemoteError(name, what, f"applaunch remote update {name}; if it stays so, {_ASK}")


def soon(last: Accepted, now: float) -> str:
    """Return the warning that a catalog has expired or is about to, "" where it is not."""
    if not last.expires or now < last.expires - SOON:
        return ""
    return f"{'expired' if now >= last.expires else 'expires'} on {day(last.expires)}"


def quiet(last: Accepted, now: float) -> str:
    """Return the warning that nothing new has come for long, "" where it came or the catalog says when it expires.

    Whoever answers for the server can hold back a newer catalog for as long as the old one is valid.
    """
    if last.expires or now < last.at + QUIET:
        return ""
    return f"nothing new since {day(last.at)}, and no day when it expires: a newer catalog may be held back"


def day(seconds: float) -> str:
    """Return unix *seconds* as a day in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")


def _refused(found: Signature, keys: Keyring, namespace: str, name: str, where: str) -> RemoteError:
    key = found.key.fingerprint
    if gone := keys.revocation(key):
        what = f"{name} is signed by the key {key}, which was revoked on {gone.shown}"
        return RemoteError(where, what, f"{_ASK} to sign it with a current key; {_KEPT}")
    if not keys.has(key):
        known = ", ".join(each.fingerprint for each in keys.trusted) or "none"
        what = f"{name} is signed by the key {key}, which is none of those that may ({known})"
        return RemoteError(where, what, f"{_ASK}; where that key is right, name it: --key FILE")
    what = f"{name} is signed by {key} for the namespace {found.namespace!r}, not for {namespace!r}"
    return RemoteError(where, what, f"{_ASK} to use: applaunch catalog sign {name} --key FILE")


def _no_fit(tried: Sequence[Signature], name: str) -> str:
    return f"the signature of {tried[0].key.fingerprint} does not fit {name}"


def _called(name: str) -> str:
    return f"is called {name[:_LONGEST_NAME]!r}" if name else "has no name"


def _short(digest: str) -> str:
    return digest.rpartition(":")[2][:12]
