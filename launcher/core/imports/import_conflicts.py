"""Proposals resolved against the existing catalogs, so that what is written means what was shown."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.entry import CatalogEntry
from launcher.core.catalog.merge import resolve
from launcher.core.imports.docker.proposal import Note, Proposal, sort_keys

_RAW: dict[str, Any] = {
    key: CatalogEntry._field_defaults[key]
    for key in (
        "mount_cwd",
        "path_args",
        "user",
        "network_mode",
        "tty",
        "stdin",
        "init",
        "read_only",
        "pull_policy",
        "reuse",
    )
}
"""Defaults that can be written explicitly."""


class ResolvedProposal(NamedTuple):
    """A proposal to write, its entries by command, and whether its name is taken."""

    proposal: Proposal
    entries: Mapping[str, CatalogEntry]
    taken: str = ""  # the file that has it


def resolve_conflicts(proposal: Proposal, own: Catalog, others: Sequence[Catalog]) -> ResolvedProposal:
    """Return *proposal* so that it means the same in the user's *own* catalog, merged over the *others*.

    ``extends = false`` keeps what lower layers say of an app of that name out of it, and a key of `[defaults]` is
    written over. Raises `CatalogError` where the proposal cannot be followed.
    """
    name = proposal.name
    taken = next((each.path for each in (own, *others) if each.layer == "user" and name in each.apps), "")
    lower = [each for each in others if each.layer != "user" and each.rank <= own.rank]
    wanted = _entries(proposal, own._replace(tables={"schema": 1}), [])
    known = next((each.layer for each in reversed(lower) if name in each.apps), "")
    if known and _entries(proposal, own, lower) != wanted:
        note = Note(
            "(its name)", "explained", "", f"the {known} catalog has another {name}: extends = false keeps it out"
        )
        proposal = _with(proposal, {"extends": False})._replace(notes=(*proposal.notes, note))
    if (got := _entries(proposal, own, lower)) != wanted:
        proposal = _with(proposal, _explicit_defaults(wanted, got))
    if (got := _entries(proposal, own, lower)) != wanted:
        keys = ", ".join(
            sorted({key for command in wanted for key in _differing_keys(wanted[command], got.get(command))})
        )
        note = Note("[defaults]", "explained", "", f"your own [defaults] add to it: {keys}")
        proposal = proposal._replace(notes=(*proposal.notes, note))
    return ResolvedProposal(proposal, got, taken)


def _with(proposal: Proposal, keys: Mapping[str, Any]) -> Proposal:
    return proposal._replace(table=sort_keys({**proposal.table, **keys}))


def _entries(proposal: Proposal, own: Catalog, lower: Sequence[Catalog]) -> dict[str, CatalogEntry]:
    """Return the entries of the proposal's commands in *own*, merged over the *lower* catalogs."""
    alone = own._replace(tables={**own.tables, "apps": {proposal.name: proposal.table}})
    app = resolve([*lower, alone], proposal.name)
    return {command: app.entry(command) for command in app.command_names}


def _explicit_defaults(wanted: Mapping[str, CatalogEntry], got: Mapping[str, CatalogEntry]) -> dict[str, Any]:
    """Return the keys that have their default in *wanted* and another value in *got*."""
    command = next(iter(wanted))
    differing = _differing_keys(wanted[command], got.get(command))
    return {key: _RAW[key] for key in differing if key in _RAW and getattr(wanted[command], key) == _RAW[key]}


def _differing_keys(one: CatalogEntry, other: CatalogEntry | None) -> list[str]:
    if other is None:
        return ["commands"]
    return [key for key in one._fields if getattr(one, key) != getattr(other, key)]
