"""The lock: the exact image of each app for each platform, as TOML (catalog-format.md)."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from launcher.core.values import names, toml
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.reference import Reference
from launcher.core.values.resolved_image import ResolvedImage

_VERSION = 1
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_PLATFORM = re.compile(r"[a-z0-9]+(?:/[a-z0-9_.-]+){1,2}")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


class LockedImage(NamedTuple):
    """One image: its digest in the registry and its id."""

    digest: str
    """The registry's digest, ``sha256:...``; empty for an image that did not come from a registry."""
    image_id: str
    """The digest of its configuration, which is the same in every engine."""


class LockedApp(NamedTuple):
    """One app in a lock."""

    app: str
    ref: str
    config: str
    """The checksum of its resolved table: see `checksum`."""
    platforms: Mapping[str, LockedImage]


def checksum(table: Any) -> str:
    """Return the checksum of an app's table, whatever the order of its keys."""
    text = json.dumps(table, sort_keys=True, default=str)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def locked_image(locks: Iterable[LockedApp], app: str, ref: str, platform: str) -> ResolvedImage:
    """Return the locked image of *app*, an empty one if no lock has this *ref* and *platform*.

    Its image id is left empty, because not every engine uses the digest of the configuration as the id.
    """
    found = next((each.platforms.get(platform) for each in locks if (each.app, each.ref) == (app, ref)), None)
    return ResolvedImage(found.digest, "", platform=platform) if found and found.digest else ResolvedImage()


def lock_text(locks: Iterable[LockedApp]) -> str:
    """Return the text of a lock, sorted by app name."""
    return f"version = {_VERSION}\n" + "".join(map(_app_text, sorted(locks)))


def read_lock(text: str) -> tuple[LockedApp, ...]:
    """Parse a lock written by `lock_text` or by hand; raises `InvalidValueError`."""
    try:
        tables = toml.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidValueError(f"the lock is not TOML: {str(error).lower()}") from None
    if tables.get("version") != _VERSION or type(tables["version"]) is not int:
        raise InvalidValueError(
            f"the lock is of version {tables.get('version')!r}, but this applaunch only supports 1", "update applaunch"
        )
    apps = tables.get("apps", {})
    if not isinstance(apps, dict) or not {*tables} <= {"version", "apps"}:
        raise InvalidValueError("the lock contains other tables than apps")
    return tuple(_locked(name, entries) for name, entries in sorted(apps.items()))


def _app_text(lock: LockedApp) -> str:
    key = lock.app if _BARE.fullmatch(lock.app) else json.dumps(lock.app)
    text = f"\n[[apps.{key}]]\nref = {json.dumps(lock.ref)}\nconfig = {json.dumps(lock.config)}\n"
    for platform, image in sorted(lock.platforms.items()):
        digest = f"digest = {json.dumps(image.digest)}\n" if image.digest else ""
        text += f"[apps.{key}.platforms.{json.dumps(platform)}]\n{digest}image_id = {json.dumps(image.image_id)}\n"
    return text


def _locked(name: str, entries: Any) -> LockedApp:
    names.check_app_name(name)
    entry = entries[0] if isinstance(entries, list) and len(entries) == 1 else None
    if not isinstance(entry, dict) or {*entry} != {"ref", "config", "platforms"}:
        raise InvalidValueError(f"the lock of {name!r} is not one table of ref, config and platforms")
    try:
        Reference.parse(str(entry["ref"]))
    except ValueError as error:
        raise InvalidValueError(f"the lock of {name!r}: {error}") from None
    if not isinstance(entry["platforms"], dict) or not entry["platforms"]:
        raise InvalidValueError(f"the lock of {name!r} names no platform")
    images = {platform: _image(name, platform, table) for platform, table in sorted(entry["platforms"].items())}
    return LockedApp(name, str(entry["ref"]), _digest(name, entry["config"]), images)


def _image(name: str, platform: str, table: Any) -> LockedImage:
    if not _PLATFORM.fullmatch(platform):
        raise InvalidValueError(f"the lock of {name!r}: {platform!r} is not a platform such as linux/amd64")
    if not isinstance(table, dict) or "image_id" not in table or not {*table} <= {"digest", "image_id"}:
        raise InvalidValueError(f"the lock of {name!r} for {platform} is not a table of digest and image_id")
    return LockedImage(_digest(name, table["digest"]) if "digest" in table else "", _digest(name, table["image_id"]))


def _digest(name: str, value: Any) -> str:
    if isinstance(value, str) and _DIGEST.fullmatch(value):
        return value
    raise InvalidValueError(f"the lock of {name!r}: {value!r} is not a digest such as sha256:0123...")
