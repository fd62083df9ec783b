"""Sign files for publishing, and verify them as `remote update` does."""

import os
from collections.abc import Sequence
from typing import NamedTuple

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.publish_rules import refuse_violations
from launcher.core.remotes import keyring
from launcher.core.remotes.keyring import Keyring, KeysFile
from launcher.core.remotes.public_key import PublicKey
from launcher.core.remotes.ssh_signature import parse_signatures
from launcher.core.remotes.trust_policy import FOR_CATALOG, FOR_KEYS, changed_after_signing, trusted_signatures
from launcher.core.values.invalid_value import InvalidValueError
from launcher.errors import CatalogError, UsageError
from launcher.host import files
from launcher.manage.context import Context
from launcher.manage.remotes.remote_config import read_keys
from launcher.remotes import signatures as signing


class Signed(NamedTuple):
    """A file and its signature."""

    file: str
    signature: str
    """The path of the file that holds it."""
    keys: tuple[str, ...]
    """The fingerprints of who signed it."""
    namespace: str
    serial: int


def sign_file(context: Context, file: str, keys: Sequence[str]) -> Signed:
    """Sign a catalog or a list of keys with each of the private *keys*, which are paths; raises `UserError`."""
    data, serial = _checked(file)
    text = "".join(signatures_of(context, data, keys, _namespace(file)))
    files.write(f"{file}.sig", text)
    return _signed(file, text, serial)


def verify_file(context: Context, file: str, keys: Sequence[str], signature: str = "") -> Signed:
    """Check the signature of *file* by the public *keys*, as `remote update` would; raises `RemoteError`."""
    data = _bytes(file)
    try:
        trusted = read_keys(context, keys)
    except InvalidValueError as wrong:
        raise UsageError("", wrong.what, wrong.fix) from None
    if not trusted:
        raise UsageError("", "no trusted key given", "--key FILE, or --key 'ssh-ed25519 AAAA...'")
    fit = check_signature(data, files.read_bytes(signature or f"{file}.sig"), trusted, file)
    _, serial = _checked(file)
    return Signed(file, signature or f"{file}.sig", (fit.fingerprint,), _namespace(file), serial)


def check_signature(data: bytes, signature: bytes | None, trusted: Sequence[PublicKey], file: str) -> PublicKey:
    """Return the key of those *trusted* that signed *data*, the bytes of *file*; raises `RemoteError`."""
    name = os.path.basename(file)
    found = trusted_signatures(signature, Keyring(tuple(trusted)), _namespace(file), name, name)
    fit = signing.find_valid(found, data)
    if fit is None:
        raise changed_after_signing(found, name, name)
    return next(key for key in trusted if key.blob == fit.key.blob)


def signatures_of(context: Context, data: bytes, keys: Sequence[str], namespace: str) -> list[str]:
    """Return the signatures of the private *keys* over *data*, one after the other; raises `RemoteError`."""
    if not keys:
        raise UsageError("", "no signing key given", "--key ~/.ssh/id_ed25519")
    paths = [os.path.join(context.call.cwd, os.path.expanduser(key)) for key in keys]
    if missing := [path for path in paths if not os.path.exists(path)]:
        raise UsageError("", f"there is no key {missing[0]}", f"ssh-keygen -t ed25519 -f {missing[0]}")
    return [signing.sign(path, data, namespace) for path in paths]


def _checked(file: str) -> tuple[bytes, int]:
    """Return the bytes of *file* and its serial; raises `UserError` if it may not be published."""
    data = _bytes(file)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise CatalogError(file, "is not UTF-8 text", "save it as UTF-8") from None
    if _namespace(file) == FOR_KEYS:
        return data, KeysFile.parse(text, file).serial
    catalog = Catalog.parse(text, "user", file)
    catalog.check()
    refuse_violations(catalog)
    serial = int(catalog.tables.get("catalog", {}).get("serial", 0))
    if serial < 1:
        raise CatalogError(f"{file}: [catalog]", "the key 'serial' is missing", "write: serial = 1, and count up")
    return data, serial


def _signed(file: str, text: str, serial: int) -> Signed:
    keys = tuple(each.key.fingerprint for each in parse_signatures(text))
    return Signed(file, f"{file}.sig", keys, _namespace(file), serial)


def _namespace(file: str) -> str:
    return FOR_KEYS if os.path.basename(file) == keyring.KEYS_FILE else FOR_CATALOG


def _bytes(file: str) -> bytes:
    data = files.read_bytes(file)
    if data is None:
        raise CatalogError(file, "there is no such file", "check its path")
    return data
