"""The user's remotes: add, change, show and remove them. Each has its own file."""

import os
from collections.abc import Sequence
from typing import Any, NamedTuple

from launcher.core.catalog.published_snapshot import source_of
from launcher.core.remotes.public_key import KINDS, PublicKey, parse_keys
from launcher.core.remotes.remote import (
    PRIORITY,
    Remote,
    RemoteState,
    RemoteStatus,
    check_remote_name,
    parse_priority,
    parse_url,
    remote_status,
)
from launcher.core.remotes.source_url import redact_url
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.names import did_you_mean
from launcher.errors import NotFoundError, RemoteError, UsageError
from launcher.host import files
from launcher.manage.context import Context
from launcher.remotes import catalog_cache
from launcher.run import remote_catalogs

PRIVATE = 0o600


class Seen(NamedTuple):
    """One remote, as `remote list` shows it."""

    name: str
    url: str
    """Without what may be a password."""
    priority: int
    verify: bool
    enabled: bool
    state: str
    words: str
    serial: int | None
    apps: int | None
    accepted: float | None
    """When the copy in use was accepted, in unix seconds."""
    checked: float | None
    """When it was last seen to be the newest."""
    verified: float | None
    """When its bytes last came and were checked, in unix seconds."""
    expires: float | None
    key: str
    """The fingerprint of who signed it."""


class Modified(NamedTuple):
    """The options of `remote modify`; None leaves a setting unchanged."""

    url: str | None = None
    keys: tuple[str, ...] = ()
    priority: int | None = None
    verify: bool | None = None
    enabled: bool | None = None


def remotes(context: Context) -> tuple[Remote, ...]:
    """Return every remote, the highest priority first; raises `CatalogError` for an invalid file."""
    return remote_catalogs.read_remotes(context.places)[::-1]


def find(context: Context, name: str) -> Remote:
    """Return the remote *name*; raises `NotFoundError`."""
    every = remotes(context)
    for remote in every:
        if remote.name == name:
            return remote
    fix = did_you_mean(name, [each.name for each in every], f"applaunch remote add {name} URL --key FILE")
    raise NotFoundError(name, "there is no such remote", fix)


def described(context: Context, name: str, address: str, modified: Modified) -> tuple[Remote, tuple[PublicKey, ...]]:
    """Return the new remote of `remote add` and its keys; write nothing. Raises `UsageError`."""
    try:
        new = Remote(check_remote_name(name), parse_url(located(context, address)))
        new = new._replace(priority=parse_priority(PRIORITY if modified.priority is None else modified.priority))
        keys = read_keys(context, modified.keys)
    except InvalidValueError as wrong:
        raise UsageError(name, wrong.what, wrong.fix) from None
    if os.path.lexists(_file(context, name)):
        raise UsageError(
            name, "there is such a remote already", f"applaunch remote modify {name}, or remote delete {name}"
        )
    if modified.verify is not False and not keys:
        fix = "--key FILE (or 'ssh-ed25519 ...'), or --no-verify to take whatever is there"
        raise UsageError(name, "no trusted key given", fix)
    return new._replace(verify=modified.verify is not False), keys


def modify(context: Context, name: str, modified: Modified) -> Remote:
    """Change the settings of the remote *name*; its accepted state stays. Raises `UsageError`, `NotFoundError`."""
    with context.record.alone(context.command_line):
        before = find(context, name)
        after = before
        try:
            if modified.url is not None:
                after = after._replace(url=parse_url(located(context, modified.url)))
            if modified.priority is not None:
                after = after._replace(priority=parse_priority(modified.priority))
            keys = read_keys(context, modified.keys)
        except InvalidValueError as wrong:
            raise UsageError(name, wrong.what, wrong.fix) from None
        if modified.verify is not None:
            after = after._replace(verify=modified.verify)
        if modified.enabled is not None:
            after = after._replace(enabled=modified.enabled)
        if after.verify and not keys and not remote_catalogs.read_named_keys(context.places, name):
            raise UsageError(name, "no trusted key given", f"applaunch remote modify {name} --key FILE")
        settle(context, after, keys)
    return after


def settle(context: Context, remote: Remote, keys: Sequence[PublicKey]) -> None:
    """Write the settings of *remote*, and its *keys* if there are any."""
    if keys:
        files.write(_key_file(context, remote.name), "".join(f"{key.line}\n" for key in keys), PRIVATE)
    files.write(_file(context, remote.name), remote.text(), PRIVATE)


def delete(context: Context, name: str) -> list[str]:
    """Remove the remote *name* and its accepted state; return the installed apps that came from it, which stay.

    Its file may be broken. Raises `NotFoundError`.
    """
    try:
        check_remote_name(name)  # it becomes part of a path
    except InvalidValueError as wrong:
        raise NotFoundError(name, wrong.what, wrong.fix) from None
    with context.record.alone(context.command_line):
        if not os.path.lexists(_file(context, name)):
            find(context, name)
        files.remove(_file(context, name))
        files.remove(_key_file(context, name))
        catalog_cache.remove(context.places.known, context.places.copies, name)
    return [app for app, each in context.deployed().items() if source_of(each.published, app) == name]


def seen(context: Context, remote: Remote) -> Seen:
    """Return *remote* as `remote list` shows it; send no request."""
    known, damaged = _known(context, remote.name)
    how = RemoteStatus("refused", damaged) if damaged else stands(context, remote, known)
    last = known.accepted
    return Seen(
        name=remote.name,
        url=redact_url(remote.url),
        priority=remote.priority,
        verify=remote.verify,
        enabled=remote.enabled,
        state=how.state,
        words=how.words,
        serial=last.serial if last else None,
        apps=last.apps if last else None,
        accepted=last.at if last else None,
        checked=known.checked or None,
        verified=known.verified or None,
        expires=(last.expires or None) if last else None,
        key=last.key if last else "",
    )


def _known(context: Context, name: str) -> tuple[RemoteState, str]:
    """Return the accepted state of the remote *name*, and the error if its file is damaged."""
    try:
        return catalog_cache.read_state(context.places.known, name), ""
    except RemoteError as error:
        return RemoteState(), f"{context.shown(error.where)}: {error.what}; {error.fix}"


def stands(context: Context, remote: Remote, known: RemoteState) -> RemoteStatus:
    """Return the status of *remote*, including that of its copy."""
    how = remote_status(remote, known, context.now)
    if known.accepted and remote.enabled and remote_catalogs.read_catalog(context.places, remote.name) is None:
        what = f"its copy is gone, or is not what was accepted: applaunch remote update {remote.name}"
        return RemoteStatus("empty", what)
    return how


def about(context: Context, name: str) -> dict[str, Any]:
    """Return the details of the remote *name*: its status, its keys, and the apps that are installed from it."""
    remote = find(context, name)
    keys = remote_catalogs.read_keyring(context.places, name, _known(context, name)[0])
    installed = [app for app, each in context.deployed().items() if source_of(each.published, app) == name]
    return seen(context, remote)._asdict() | {
        "keys": [{"fingerprint": key.fingerprint, "comment": key.comment} for key in keys.trusted],
        "keys_serial": keys.serial,
        "revoked": [each._asdict() for each in keys.revoked],
        "installed": installed,
        "file": _file(context, name),
    }


def read_keys(context: Context, given: Sequence[str]) -> tuple[PublicKey, ...]:
    """Return the *given* keys, each a line or the path of a file of lines; raises `InvalidValueError`."""
    found: dict[bytes, PublicKey] = {}
    for each in given:
        is_key = each.strip().partition(" ")[0] in KINDS
        text = each if is_key else files.read(os.path.join(context.call.cwd, os.path.expanduser(each)))
        if text is None:
            raise InvalidValueError(
                f"{each!r} is neither a key nor a file", "write FILE, or 'ssh-ed25519 AAAA...' in quotes"
            )
        found |= {key.blob: key for key in parse_keys(text)}
    return tuple(found.values())


def located(context: Context, address: str) -> str:
    """Return *address* with a local path made absolute, relative to the current folder."""
    if "://" in address or address.startswith("-"):
        return address
    path = os.path.join(context.call.cwd, os.path.expanduser(address))
    return os.path.normpath(path) if address.startswith((".", "/", "~")) or os.path.exists(path) else address


def _file(context: Context, name: str) -> str:
    return f"{context.places.remotes}/{name}.toml"


def _key_file(context: Context, name: str) -> str:
    return f"{context.places.keys}/{name}.pub"
