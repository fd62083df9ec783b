"""The trusted keys of a remote, and their rotation and revocation by a signed list of keys."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, NoReturn, Self

from launcher.core.remotes.public_key import PublicKey
from launcher.core.values import toml
from launcher.core.values.duration import YEAR_9999
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.names import did_you_mean
from launcher.errors import RemoteError

KEPT = "the last accepted version stays in use"
"""The end of a fix: what a failed update does not change."""

KEYS_FILE = "keys.toml"
LARGEST = 256 * 1024  # bytes of a list of keys
_SCHEMA = 1
_KEYS = ("schema", "serial", "keys", "revoked")
_REVOKED = ("key", "since", "why")


class RevokedKey(NamedTuple):
    """A key that is never trusted again."""

    key: str
    """Its fingerprint."""
    since: float
    """In unix seconds."""
    why: str = ""

    @property
    def shown(self) -> str:
        """The date, and the reason if one was given."""
        day = datetime.fromtimestamp(self.since, UTC).strftime("%Y-%m-%d")
        return f"{day} ({self.why})" if self.why else day


class KeysFile(NamedTuple):
    """A list of keys as it is published."""

    serial: int
    keys: tuple[PublicKey, ...]
    revoked: tuple[RevokedKey, ...]

    @classmethod
    def parse(cls, text: str, where: str) -> Self:
        """Parse its TOML; raises `RemoteError`."""
        try:
            tables = toml.loads(text)
            return cls(_serial(tables), _keys(tables), _revoked(tables))
        except InvalidValueError as wrong:
            raise RemoteError(where, wrong.what, wrong.fix) from None
        except (ValueError, RecursionError) as error:
            raise RemoteError(where, f"is not TOML: {str(error)[:80].lower()}", "fix that line") from None


class Keyring(NamedTuple):
    """The trusted keys: those that the user specified, or their successors."""

    trusted: tuple[PublicKey, ...]
    revoked: tuple[RevokedKey, ...] = ()
    serial: int = 0
    """The serial of the last accepted list of keys; 0 if there was none."""
    digest: str = ""
    """The digest of that list."""

    def has(self, fingerprint: str) -> bool:
        """Tell whether the key with that fingerprint is trusted."""
        return self.revocation(fingerprint) is None and fingerprint in {key.fingerprint for key in self.trusted}

    def revocation(self, fingerprint: str) -> RevokedKey | None:
        """Return the revocation of a key, None if it was not revoked."""
        return next((each for each in self.revoked if each.key == fingerprint), None)

    def to_dict(self) -> dict[str, Any]:
        """Return this as a JSON object."""
        revoked = [each._asdict() for each in self.revoked]
        return self._asdict() | {"trusted": [key.line for key in self.trusted], "revoked": revoked}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """Parse the result of `to_dict`; raises ValueError, TypeError, KeyError or AttributeError for anything else."""
        revoked = tuple(
            RevokedKey(str(each["key"]), float(each["since"]), str(each["why"])) for each in value["revoked"]
        )
        if not all(0 <= each.since < YEAR_9999 for each in revoked):
            raise ValueError("a revocation has no valid date")
        trusted = tuple(map(PublicKey.parse, value["trusted"]))
        return cls(trusted, revoked, int(value["serial"]), str(value["digest"]))


def current_keyring(named: tuple[PublicKey, ...], stored: Keyring | None, stored_from: tuple[str, ...]) -> Keyring:
    """Return the *stored* keyring if it began with the keys that the user has *named*, else a new one from these.

    *stored_from* are the fingerprints that the stored keyring began with. Revocations are always kept.
    """
    if stored and {*stored_from} == {key.fingerprint for key in named}:
        return stored
    return Keyring(named, stored.revoked if stored else ())


def apply_keys_file(before: Keyring, file: KeysFile, digest: str, where: str) -> Keyring:
    """Return the keyring *before* with the list of keys *file* applied, whose signature has been verified.

    Raises `RemoteError` for a list that is older, that differs under the same serial, or that has a revoked key.
    """
    if file.serial < before.serial:
        what = f"serial {file.serial} of the list of keys is older than {before.serial}, which was accepted before"
        raise RemoteError(where, what, _ASK)
    if file.serial == before.serial and digest != before.digest:
        what = f"serial {file.serial} of the list of keys differs from the one that was accepted"
        raise RemoteError(where, what, _ASK)
    for key in file.keys:
        if revoked_key := before.revocation(key.fingerprint):
            what = f"the list of keys contains {key.fingerprint}, which was revoked on {revoked_key.shown}"
            raise RemoteError(where, what, _ASK)
    listed = {each.key for each in file.revoked}
    revoked = (*file.revoked, *(each for each in before.revoked if each.key not in listed))
    return Keyring(file.keys, revoked, file.serial, digest)


_ASK = f"ask the publisher; {KEPT}"


def _serial(tables: dict[str, Any]) -> int:
    if unknown := [key for key in tables if key not in _KEYS]:
        fix = did_you_mean(unknown[0], _KEYS, f"the keys are {', '.join(_KEYS)}")
        raise InvalidValueError(f"unknown key {unknown[0]!r}", fix)
    if tables.get("schema") != _SCHEMA:
        raise InvalidValueError(f"unknown schema {tables.get('schema')!r}", f"begin it with: schema = {_SCHEMA}")
    serial = tables.get("serial")
    if type(serial) is not int or serial < 1:
        raise InvalidValueError(
            "'serial' is not a whole number above 0", "write: serial = 1, and increase it each time"
        )
    return serial


def _keys(tables: dict[str, Any]) -> tuple[PublicKey, ...]:
    lines = tables.get("keys")
    if not isinstance(lines, list) or not lines or not all(isinstance(line, str) for line in lines):
        raise InvalidValueError("'keys' is not an array of public keys", "write: keys = ['ssh-ed25519 AAAA... name']")
    return tuple(map(PublicKey.parse, lines))


def _revoked(tables: dict[str, Any]) -> tuple[RevokedKey, ...]:
    rows = tables.get("revoked", [])
    if not isinstance(rows, list):
        _refuse_row()
    found = tuple(map(_row, rows))
    for key in _keys(tables):
        if key.fingerprint in {each.key for each in found}:
            raise InvalidValueError(f"{key.fingerprint} is in 'keys' and in 'revoked'", "remove it from one of them")
    return found


def _row(row: Any) -> RevokedKey:
    if not isinstance(row, dict) or not {*row} <= {*_REVOKED} or not isinstance(row.get("key"), str):
        _refuse_row()
    key, since, why = row["key"], row.get("since"), row.get("why", "")
    fingerprint = key if key.startswith("SHA256:") else PublicKey.parse(key).fingerprint
    if not isinstance(since, datetime) or not isinstance(why, str):
        _refuse_row()
    return RevokedKey(fingerprint, (since if since.tzinfo else since.replace(tzinfo=UTC)).timestamp(), why)


def _refuse_row() -> NoReturn:
    fix = "write: revoked = [{ key = 'SHA256:...', since = 2027-01-01T00:00:00Z, why = 'lost' }]"
    raise InvalidValueError("'revoked' is not an array of revoked keys", fix)
