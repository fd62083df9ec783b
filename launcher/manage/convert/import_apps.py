"""Importing apps from files, stdin and image labels into the user's own catalog."""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from launcher.core.catalog import toml_edit
from launcher.core.catalog.catalog_file import Catalog
from launcher.core.deploy.transaction_plan import Plan
from launcher.core.imports.docker.option_values import Caller
from launcher.core.imports.docker.proposal import SAME, Found, Note, Skipped
from launcher.core.imports.import_conflicts import ResolvedProposal, resolve_conflicts
from launcher.core.imports.labels.image_labels import FAMILIES
from launcher.core.policy.permission import Permission
from launcher.core.values.invalid_value import InvalidValueError
from launcher.errors import HostError, UsageError, UserError
from launcher.host import files
from launcher.manage.apps.add import AppToAdd, plan_add
from launcher.manage.change.carry_out import Applied, Deployed, carry_out
from launcher.manage.change.choose_source import refuse_to_choose
from launcher.manage.context import Context
from launcher.manage.convert.read_sources import KINDS, of_file, of_image
from launcher.run.grants import JudgedEntry, derive_grants

_MOST_APPS = 1000


class ImportRequest(NamedTuple):
    """The arguments of `applaunch import`."""

    paths: tuple[str, ...]
    image: str = ""
    kind: str = ""  # of the files, or the family of the labels; "": detect it
    only: tuple[str, ...] = ()
    new_name: str = ""  # --as


class ImportedApp(NamedTuple):
    """One app to write: where it was read, its TOML, what became of each part, and its permissions."""

    name: str
    origin: str
    line: int
    toml: str
    notes: tuple[Note, ...]
    permissions: tuple[Permission, ...]
    taken: str  # the user's file that has the name already; "" if none does


class Reading(NamedTuple):
    """Everything that was read, and the tables to write."""

    apps: tuple[ImportedApp, ...]
    left: tuple[Skipped, ...]
    path: str  # of the user's catalog
    before: str | None
    tables: Mapping[str, Any]


def read_imports(context: Context, wanted: ImportRequest) -> Reading:
    """Read what is *wanted*; write nothing and run nothing. Raises `UserError`."""
    _check_request(wanted)
    caller = Caller(context.call.home, context.call.uid, context.call.gid, context.call.user)
    found = of_image(context, wanted.image, wanted.kind, caller) if wanted.image else Found()
    for path in wanted.paths:
        found += of_file(context, path, wanted.kind, caller)
    found = _rename(_select(found, wanted), wanted)
    if len(found.proposals) > _MOST_APPS:
        raise HostError("", f"the input has more than {_MOST_APPS} apps", "choose some: --only NAME")
    path = context.places.user_catalog
    before = files.read(path)
    own = Catalog.parse(before or toml_edit.EMPTY_CATALOG, "user", context.shown(path))
    others = [each for each in context.read_catalogs().catalogs if each.path != own.path]
    apps, lost = [], []
    tables: dict[str, Any] = {}
    for proposal in found.proposals:
        try:
            one = resolve_conflicts(proposal, own, others)
            if own.apps.get(one.proposal.name) == one.proposal.table:
                lost.append(Skipped(proposal.origin, proposal.line, proposal.name, "", SAME))
                continue
            apps.append(_describe(context, one))
            tables[one.proposal.name] = one.proposal.table
        except UserError as trouble:
            lost.append(Skipped(proposal.origin, proposal.line, proposal.name, "", f"{trouble.what}; {trouble.fix}"))
    return Reading(tuple(apps), (*found.skipped, *lost), path, before, tables)


def write_imports(context: Context, reading: Reading) -> None:
    """Write everything that was read into the user's own catalog, or nothing. Raises `UserError`."""
    with context.record.alone(context.command_line):
        _refuse_changed(context, reading)
        text = toml_edit.append_apps(reading.before or toml_edit.EMPTY_CATALOG, reading.tables)
        Catalog.parse(text, "user", context.shown(reading.path)).check()
        files.write(reading.path, text, new_mode=files.PRIVATE)


def add_imports(context: Context, reading: Reading) -> Applied:
    """Write what was read into the user's own catalog and install the apps, in one transaction. Raises `UserError`."""
    return carry_out(context, partial(plan_import, context, reading))


def plan_import(context: Context, reading: Reading, deployed: Deployed) -> Plan:
    """Return the plan that adds the apps that were read."""
    _refuse_changed(context, reading)
    wishes = [AppToAdd(name, "", "", name, table) for name, table in reading.tables.items()]
    return plan_add(context, wishes, (), refuse_to_choose, deployed)


def _refuse_changed(context: Context, reading: Reading) -> None:
    """Raise `HostError` if a catalog has one of the names already, or if the user's own one was changed since."""
    if taken := [each for each in reading.apps if each.taken]:
        names_of = ", ".join(each.name for each in taken)
        fix = "write it under another name: --as NAME" + ("" if len(reading.apps) == 1 else ", with --only NAME")
        raise HostError("", f"{names_of} is in {taken[0].taken} already", fix)
    if files.read(reading.path) != reading.before:
        raise HostError(context.shown(reading.path), "was changed meanwhile", "import again")


def _check_request(wanted: ImportRequest) -> None:
    if not wanted.paths and not wanted.image:
        raise UsageError("", "no input given", "applaunch import FILE, or - for stdin, or --image REF")
    if wanted.paths and wanted.image:
        raise UsageError("", "FILE and --image exclude each other", "leave one of them out")
    kinds = FAMILIES if wanted.image else KINDS
    if wanted.kind and wanted.kind not in kinds:
        raise UsageError("", f"unknown format {wanted.kind!r}", f"--from takes {', '.join(kinds)}")


def _select(found: Found, wanted: ImportRequest) -> Found:
    """Return the apps that `--only` names; raises `HostError` if one is missing or nothing was found."""
    known = [each.name for each in found.proposals]
    if missing := [name for name in wanted.only if name not in known]:
        raise HostError("", f"the input has no app {missing[0]!r}", f"it has {', '.join(known) or 'none'}")
    kept = tuple(each for each in found.proposals if each.name in (wanted.only or known))
    last = {each.name: each for each in kept}
    again = [
        Skipped(each.origin, each.line, each.name, "", f"{last[each.name].origin} has the same name, and counts")
        for each in kept
        if last[each.name] is not each
    ]
    return Found(tuple(each for each in kept if last[each.name] is each), (*found.skipped, *again))


def _rename(found: Found, wanted: ImportRequest) -> Found:
    if not wanted.new_name:
        return found
    if len(found.proposals) != 1:
        known = ", ".join(each.name for each in found.proposals) or "none"
        raise UsageError(
            "--as", f"it names one app, and there are {len(found.proposals)}: {known}", "choose with --only NAME"
        )
    try:
        return found._replace(proposals=(found.proposals[0].named(wanted.new_name),))
    except InvalidValueError as wrong:
        raise UsageError("--as", wrong.what, wrong.fix) from None


def _describe(context: Context, one: ResolvedProposal) -> ImportedApp:
    proposal = one.proposal
    built = "build" in proposal.table
    every = derive_grants([JudgedEntry(entry, built) for entry in one.entries.values()], context.call)
    may = dict.fromkeys(each for found in every for each in found)
    toml = toml_edit.render_apps({proposal.name: proposal.table})
    return ImportedApp(proposal.name, proposal.origin, proposal.line, toml, proposal.notes, tuple(may), one.taken)
