"""Derives the permissions of entries from the paths of this machine."""

import os
from collections.abc import Iterable
from typing import NamedTuple

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.policy.derive_permissions import permissions
from launcher.core.policy.mount_permissions import bind_paths
from launcher.core.policy.path_reach import MachineFacts, known_paths
from launcher.core.policy.permission import Permission
from launcher.core.values.invocation import Invocation
from launcher.engine import detect_traits
from launcher.engine import endpoint as endpoints
from launcher.errors import EngineError
from launcher.host import process, real_paths
from launcher.host.locations import places


class JudgedEntry(NamedTuple):
    """An entry, and whether its image is built on this machine."""

    entry: CatalogEntry
    built: bool = False


def derive_grants(judged: Iterable[JudgedEntry], call: Invocation) -> list[tuple[Permission, ...]]:
    """Return the permissions of each entry when this user calls it, based on the paths that would really be mounted.

    The engine is not asked: whether it is rootless is cached once it has run a program.
    """
    base = _machine_facts(call)
    paths = known_paths(call, base)
    known = real_paths.real_paths_by_id(paths)
    real = real_paths.resolve_paths(paths, {})
    found = []
    for entry, built in judged:
        facts = base._replace(real_paths=real | real_paths.resolve_paths(bind_paths(entry, call), known))
        found.append(permissions(entry, call, facts, built=built))
    return found


def derive_entry_grants(entry: CatalogEntry, call: Invocation, *, built: bool = False) -> tuple[Permission, ...]:
    """Return the permissions of one entry."""
    return derive_grants([JudgedEntry(entry, built)], call)[0]


def _machine_facts(call: Invocation) -> MachineFacts:
    where = places(call.env, call.home)
    private = endpoints.private_socket(where.state)
    own = (where.config, where.state, where.cache, where.data, where.bin)
    known = None
    sockets = [private] if private else []
    try:
        endpoint = endpoints.find_endpoint(call.env, call.home, call.uid, private, _missing)
    except EngineError:
        pass  # there is no engine: nothing is known about it
    else:
        sockets += [endpoint.socket] if endpoint.socket else []
        known = detect_traits.known_traits(endpoint, where.traits)
    facts = MachineFacts(sockets=tuple(sockets), own=own, homes=process.system_homes())
    return facts._replace(rootless=known.rootless, remapped=known.userns) if known else facts


def _missing(path: str) -> str:
    """Return why *path* cannot be the socket of the engine in use; it is not connected to."""
    return "" if os.path.exists(path) else "it is not there"
