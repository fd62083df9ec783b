"""Publish a catalog: check it, add digests to its images, increase its serial, sign it, and write it to its place."""

import os
from collections.abc import Mapping
from typing import NamedTuple

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.publish_rules import refuse_violations
from launcher.core.catalog.publish_text import images, is_same_catalog, published_text
from launcher.core.remotes.keyring import KeysFile
from launcher.core.remotes.source_url import SourceUrl
from launcher.core.remotes.ssh_signature import parse_signatures
from launcher.core.remotes.trust_policy import FOR_CATALOG
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.reference import Reference
from launcher.errors import CatalogError, RemoteError, UsageError, UserError
from launcher.host import files
from launcher.manage.context import Context
from launcher.manage.remotes.lint import advice
from launcher.manage.remotes.registry_access import Catalogs, digest
from launcher.manage.remotes.sign import signatures_of
from launcher.remotes.catalog_files import CATALOG, KEYS, KEYS_SIGNATURE, LARGEST, SIGNATURE, TOGETHER

_ARTIFACT = "oci://"


class PublishOptions(NamedTuple):
    """The options of `catalog publish`."""

    target: str
    """A folder, or ``oci://REGISTRY/NAME:TAG``."""
    file: str = CATALOG
    keys: tuple[str, ...] = ()
    """Paths of private keys; none: it is not signed."""
    serial: int = 0
    """0: one more than what is there."""
    expires: float = 0.0
    """Seconds from now; 0 for never."""
    resolve: bool = True
    dry_run: bool = False


class Published(NamedTuple):
    """The result of `catalog publish`."""

    target: str
    serial: int
    before: int
    """The serial that was there; 0 where there was none."""
    apps: int
    resolved: Mapping[str, str]
    """From each image that was named by a tag alone to what it is called now."""
    files: tuple[str, ...]
    """Names, in the order they were written; none where nothing had to be done."""
    digest: str
    """Of the artifact, where it is one."""
    advice: tuple[str, ...]


def publish_catalog(context: Context, wanted: PublishOptions) -> Published:
    """Publish a catalog; write nothing if the published one is equal. Raises `UserError`."""
    text = files.read(wanted.file)
    if text is None:
        raise CatalogError(wanted.file, "there is no such file", "write one, or name it: --catalog FILE")
    catalog = Catalog.parse(text, "user", wanted.file)
    catalog.check()
    refuse_violations(catalog)
    there = _there(context, wanted)
    before = _serial(there.get(CATALOG))
    resolved = _resolved(context, catalog) if wanted.resolve else {}
    serial = _next(wanted, catalog, before)
    after = published_text(text, resolved, serial, round(context.now + wanted.expires) if wanted.expires else 0)
    made = dict(_keys_beside(wanted.file))
    done = Published(wanted.target, serial, before, len(catalog.apps), resolved, (), "", tuple(advice(catalog)))
    if _is_there(context, there, after, made, wanted):
        return done._replace(serial=before)
    if not wanted.dry_run:
        if wanted.keys:
            made = {
                SIGNATURE: "".join(signatures_of(context, after.encode(), wanted.keys, FOR_CATALOG)).encode()
            } | made
        done = done._replace(digest=_put(context, wanted, made | {CATALOG: after.encode()}))
    return done._replace(files=(*made, CATALOG))


def _there(context: Context, wanted: PublishOptions) -> Mapping[str, bytes]:
    """Return the files that were published before, by name."""
    if wanted.target.startswith(_ARTIFACT):
        ref, registries = _reference(wanted.target), Catalogs(context)
        return registries.pull(ref, TOGETHER) if registries.digest(ref) else {}
    found = {name: files.read_bytes(f"{wanted.target}/{name}") for name in LARGEST}
    return {name: data for name, data in found.items() if data is not None}


def _next(wanted: PublishOptions, catalog: Catalog, before: int) -> int:
    """Return the next serial; a serial never decreases."""
    own = int(catalog.tables.get("catalog", {}).get("serial", 0))
    if not wanted.serial:
        return max(before + 1, own)
    if wanted.serial <= before:
        what = f"serial {wanted.serial} is not above {before}, which is published already"
        raise UsageError("--serial", what, f"--serial {before + 1}, or leave it out")
    return wanted.serial


def _resolved(context: Context, catalog: Catalog) -> dict[str, str]:
    """Return each image that is named by its tag only, with its name that includes the current digest."""
    by_tag = [image for image in images(catalog) if not Reference.parse(image).digest]
    if not by_tag:
        return {}
    return {image: Reference.parse(image).with_digest(digest(context, image)).full for image in by_tag}


def _is_there(
    context: Context, there: Mapping[str, bytes], after: str, made: Mapping[str, bytes], wanted: PublishOptions
) -> bool:
    """Return whether the published files are equal; an expiry date always has to be written again."""
    if CATALOG not in there or wanted.expires or wanted.serial or bool(wanted.keys) != (SIGNATURE in there):
        return False
    if any(there.get(name) != data for name, data in made.items()):
        return False
    if not is_same_catalog(there[CATALOG].decode(errors="replace"), after):
        return False
    if not wanted.keys or wanted.dry_run:
        return True
    anew = "".join(signatures_of(context, there[CATALOG], wanted.keys, FOR_CATALOG))
    return _signers(anew) == _signers(there[SIGNATURE].decode(errors="replace"))


def _signers(text: str) -> set[str]:
    try:
        return {each.key.fingerprint for each in parse_signatures(text)}
    except InvalidValueError:
        return set()


def _keys_beside(file: str) -> Mapping[str, bytes]:
    """Return the key list beside the catalog *file* and its signature; raises `RemoteError` if it is not signed."""
    folder = os.path.dirname(file) or "."
    data, signature = (files.read_bytes(f"{folder}/{name}") for name in (KEYS, KEYS_SIGNATURE))
    if data is None:
        return {}
    KeysFile.parse(data.decode(errors="replace"), f"{folder}/{KEYS}")
    if signature is None:
        fix = f"applaunch catalog sign {folder}/{KEYS} --key FILE, with a key that may sign now"
        raise RemoteError(f"{folder}/{KEYS}", "is not signed", fix)
    return {KEYS_SIGNATURE: signature, KEYS: data}


def _put(context: Context, wanted: PublishOptions, made: Mapping[str, bytes]) -> str:
    """Write each file atomically, the catalog last, after its signature; return the digest of an artifact."""
    if wanted.target.startswith(_ARTIFACT):
        return Catalogs(context).push(_reference(wanted.target), made)
    files.make_folder(wanted.target)
    if SIGNATURE not in made:  # of another catalog
        files.remove(f"{wanted.target}/{SIGNATURE}")
    for name, data in made.items():
        files.write(f"{wanted.target}/{name}", data.decode())
    return ""


def _reference(target: str) -> str:
    try:
        return SourceUrl.parse(target).url
    except InvalidValueError as wrong:
        raise UsageError("", wrong.what, wrong.fix) from None


def _serial(data: bytes | None) -> int:
    """Return the serial of the published catalog, 0 if there is none; raises `CatalogError` if it cannot be read."""
    if data is None:
        return 0
    try:
        catalog = Catalog.parse(data.decode(), "user", CATALOG)
    except (UserError, UnicodeDecodeError):
        what = "is there already, and is no catalog: its serial cannot be counted up"
        raise CatalogError(CATALOG, what, "name another folder, or take it away") from None
    return int(catalog.tables.get("catalog", {}).get("serial", 0))
