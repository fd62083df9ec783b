"""The lock: the very image behind each app's name, for each platform, as TOML (catalog-format.md)."""

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
    """One image: what a registry calls it, and what it is."""

    digest: str
    """Of the registry, ``sha256:...``; empty for an image that came from none."""
    image_id: str
    """The checksum of its configuration, which no way through an engine changes."""


class LockedApp(NamedTuple):
    """One app as a lock has it."""

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
    """Return what *app* is held on, empty where no lock is about this *ref* and *platform*.

    The engine's own name of the image is left open: not every store calls it by its configuration.
    """
    held = next((each.platforms.get(platform) for each in locks if (each.app, each.ref) == (app, ref)), None)
    return ResolvedImage(held.digest, "", platform=platform) if held and held.digest else ResolvedImage()


def lock_text(locks: Iterable[LockedApp]) -> str:
    """Return the lock of these apps, sorted by their names."""
    return f"version = {_VERSION}\n" + "".join(map(_app_text, sorted(locks)))


def read_lock(text: str) -> tuple[LockedApp, ...]:
    """Read what `lock_text` gave, or somebody wrote; raises `InvalidValueError`."""
    try:
        tables = toml.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidValueError(f"the lock is not TOML: {str(error).lower()}") from None
    if tables.get("version") != _VERSION or type(tables["version"]) is not int:
        raise InvalidValueError(
            f"the lock is of version {tables.get('version')!r}, and this applaunch knows 1", "update applaunch"
        )
    apps = tables.get("apps", {})
    if not isinstance(apps, dict) or not {*tables} <= {"version", "apps"}:
        raise InvalidValueError("the lock holds something else than apps")
    return tuple(_locked(name, entries) for name, entries in sorted(apps.items()))


def _app_text(lock: LockedApp) -> str:
    key = lock.app if _BARE.fullmatch(lock.app) else json.dumps(lock.app)
    text = f"\n[[apps.{key}]]\nref = {json.dumps(lock.ref)}\nconfig = {json.dumps(lock.config)}\n"
    for platform, held in sorted(lock.platforms.items()):
        digest = f"digest = {json.dumps(held.digest)}\n" if held.digest else ""
        text += f"[apps.{key}.platforms.{json.dumps(platform)}]\n{digest}image_id = {json.dumps(held.image_id)}\n"
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
    held = {platform: _held(name, platform, table) for platform, table in sorted(entry["platforms"].items())}
    return LockedApp(name, str(entry["ref"]), _digest(name, entry["config"]), held)


def _held(name: str, platform: str, table: Any) -> LockedImage:
    if not _PLATFORM.fullmatch(platform):
        raise InvalidValueError(f"the lock of {name!r}: {platform!r} is no platform such as linux/amd64")
    if not isinstance(table, dict) or "image_id" not in table or not {*table} <= {"digest", "image_id"}:
        raise InvalidValueError(f"the lock of {name!r} for {platform} is not a table of digest and image_id")
    return LockedImage(_digest(name, table["digest"]) if "digest" in table else "", _digest(name, table["image_id"]))


def _digest(name: str, value: Any) -> str:
    if isinstance(value, str) and _DIGEST.fullmatch(value):
        return value
    raise InvalidValueError(f"the lock of {name!r}: {value!r} is no digest such as sha256:0123...")
