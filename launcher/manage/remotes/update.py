"""Update remotes: fetch, verify and keep their catalogs. Installed apps and the last good copy stay."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from launcher import __version__
from launcher.core.remotes.remote import Remote, RemoteState, remote_status
from launcher.core.remotes.trust_policy import REFETCH_AFTER, AcceptedCatalog
from launcher.core.values.invalid_value import InvalidValueError
from launcher.errors import RemoteError, UserError
from launcher.manage.context import Context
from launcher.manage.remotes import remote_config, verify_remote
from launcher.manage.remotes.registry_access import Catalogs
from launcher.manage.remotes.remote_config import Modified
from launcher.manage.remotes.verify_remote import Judged
from launcher.net.deadline import run_together
from launcher.remotes import catalog_cache
from launcher.remotes.catalog_files import Artifacts, Fetched
from launcher.remotes.fetch import fetch
from launcher.run import remote_catalogs


class Updated(NamedTuple):
    """The result of updating one remote."""

    name: str
    before: AcceptedCatalog | None
    after: AcceptedCatalog | None
    new: tuple[str, ...] = ()
    """Names of apps."""
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    turned: bool = False
    """Whether its list of keys is another one now."""
    warning: str = ""
    trouble: UserError | None = None
    """Why it was refused, or could not be had; what was accepted before goes on."""
    refused: bool = False
    """Whether it came, and did not pass."""


def add_remote(context: Context, name: str, address: str, modified: Modified) -> Updated:
    """Add a remote; write nothing if its catalog is missing or invalid. Raises `UserError`."""
    remote, keys = remote_config.described(context, name, address, modified)
    came = _fetched(remote, {}, Catalogs(context))
    if isinstance(came, UserError):
        raise came
    with context.record.alone(context.command_line):
        judged = verify_remote.judged(context, remote, RemoteState(), came, keys)
        if judged.trouble:
            raise judged.trouble
        remote_config.settle(context, remote, keys)
        return _kept(context, remote, RemoteState(), judged)


def update_remotes(context: Context, names: Sequence[str] = ()) -> list[Updated]:
    """Fetch the newest catalogs of the remotes *names*, or of all that are enabled; raises `NotFoundError`."""
    chosen = [remote_config.find(context, name) for name in dict.fromkeys(names)]
    every = chosen or [remote for remote in remote_config.remotes(context) if remote.enabled]
    came = _all_fetched(context, every)
    with context.record.alone(context.command_line):
        return [_taken(context, remote, came[remote.name]) for remote in every]


def _all_fetched(context: Context, every: Sequence[Remote]) -> dict[str, Fetched | UserError]:
    """Fetch *every* remote in parallel; git remotes one after the other, because they may ask for a passphrase."""
    registries = Catalogs(context)

    work = {each.name: partial(_fetched_for, context, each, registries) for each in every}
    asking = [each.name for each in every if each.address.kind == "git"]
    found = run_together({name: each for name, each in work.items() if name not in asking})
    return found | {name: work[name]() for name in asking}


def _fetched_for(context: Context, remote: Remote, registries: Artifacts) -> Fetched | UserError:
    try:
        return _fetched(remote, _tags(context, remote), registries)
    except UserError as trouble:
        return trouble


def _fetched(remote: Remote, tags: Mapping[str, str], registries: Artifacts) -> Fetched | UserError:
    try:
        return fetch(remote.address, tags, registries)
    except InvalidValueError as wrong:
        return RemoteError(remote.name, wrong.what, wrong.fix)
    except UserError as trouble:
        return trouble


def _tags(context: Context, remote: Remote) -> Mapping[str, str]:
    """Return the version that the server gave to the files of the copy.

    Return none if the files are missing, have another source, or are signed by a key that is no longer trusted, and
    from time to time, so that a server that always answers "unchanged" has to send the catalog again, or is reported.
    """
    known = catalog_cache.read_state(context.places.known, remote.name)
    there = (
        known.url == remote.url and catalog_cache.read_accepted(context.places.copies, remote.name, known) is not None
    )
    keys = remote_catalogs.read_keyring(context.places, remote.name, known)
    trusted = not remote.verify or (known.accepted and keys == known.ring and keys.has(known.accepted.key))
    recent = 0 <= context.now - known.verified < REFETCH_AFTER
    return known.tags if there and trusted and recent else {}


def _taken(context: Context, remote: Remote, came: Fetched | UserError) -> Updated:
    """Verify what *came*, and keep what is accepted."""
    try:
        known = catalog_cache.read_state(context.places.known, remote.name)
    except UserError as trouble:
        return Updated(remote.name, None, None, trouble=trouble)
    if isinstance(came, UserError):
        judged = Judged(known, trouble=came, refused=False)
    else:
        try:
            judged = verify_remote.judged(
                context, remote, known, came, remote_catalogs.read_named_keys(context.places, remote.name)
            )
        except UserError as trouble:
            judged = Judged(known, trouble=trouble)
    return _kept(context, remote, known, judged)


def _kept(context: Context, remote: Remote, before: RemoteState, judged: Judged) -> Updated:
    """Write the result: first the copy, then the state, which refers to it."""
    known, old = judged.known, None
    if judged.trouble:
        told = str(judged.trouble).removeprefix(f"{remote.name}: ")
        known = known._replace(trouble=told, refused=judged.refused)
    if judged.catalog:
        old = remote_catalogs.read_catalog(context.places, remote.name)
        compiled = catalog_cache.store(
            context.places.copies, remote.name, judged.data, judged.catalog.tables, __version__
        )
        known = known._replace(compiled=compiled)
    catalog_cache.write_state(context.places.known, remote.name, known)
    if judged.catalog and known.accepted:
        catalog_cache.remove_others(context.places.copies, remote.name, known.accepted.digest)
    was, now = (each.apps if each else {} for each in (old, judged.catalog))
    how = remote_status(remote, known._replace(trouble=""), context.now)
    return Updated(
        name=remote.name,
        before=before.accepted,
        after=known.accepted,
        new=tuple(name for name in now if name not in was),
        changed=tuple(name for name, table in now.items() if name in was and was[name] != table),
        gone=tuple(name for name in was if name not in now) if judged.catalog else (),
        turned=known.ring is not None and before.ring is not None and known.ring.serial != before.ring.serial,
        warning=how.words if how.state in ("warning", "refused") else "",
        trouble=judged.trouble,
        refused=judged.trouble is not None and judged.refused,
    )
