"""Conflicts about names on PATH: between two apps, or between an app and a program of this machine."""

import os
from collections.abc import Mapping, Sequence

from launcher.core.catalog.catalog_file import BUILT_IN
from launcher.core.catalog.merge import resolve
from launcher.core.catalog.published_snapshot import with_snapshot
from launcher.core.deploy.record import Command, Deployment
from launcher.core.policy.permission import Permission
from launcher.errors import HostError, UserError
from launcher.host import shims
from launcher.manage.context import Context


def find_conflict(context: Context, made: Sequence[Deployment], before: Mapping[str, Deployment]) -> UserError | None:
    """Return why the deployments *made* cannot have the names of their commands, None if they can.

    Another app or a file that is not ours has the name, or a published catalog would hide a program with it.
    """
    going = {each.app for each in made}
    owners = {command.name: app for app, each in before.items() if app not in going for command in each.commands}
    for each in made:
        for command in each.commands:
            owner = owners.setdefault(command.name, each.app)
            if owner != each.app:
                fix = f"applaunch remove {owner}, or use: --as OTHERNAME"
                return HostError(each.app, f"the command {command.name!r} belongs to the app {owner!r}", fix)
            if os.path.lexists(command.shim) and not shims.is_ours(command.shim):
                return shims.foreign_file_error(command.shim)
        for name, program in find_shadowed_programs(context, before.get(each.app), each).items():
            what = f"its catalog would have it take the name {name!r} from {program}"
            return HostError(each.app, what, f"applaunch add {each.app} --allow-shadow {name}, or use: --as OTHERNAME")
    return None


def find_shadowed_programs(context: Context, before: Deployment | None, after: Deployment) -> dict[str, str]:
    """Return the programs of this machine whose names *after* takes and *before* did not, by name.

    Only names that remotes, bundles and projects ask for count: the built-in catalog came with applaunch, and what the
    user's own catalog says or allows (`allow_shadow`) is the user's wish.
    """
    had = {command.name for command in before.commands} if before else set()
    own = after.own.get("allow_shadow", ()) if isinstance(after.own, dict) else ()
    theirs = _names_from_others(after) - had - {*own}
    found = {}
    for command in after.commands if theirs else ():
        strange = [
            each
            for each, _ in same_named_programs(command, context.call.env.get("PATH", ""))
            if not shims.is_ours(each)
        ]
        if strange and command.name in theirs:
            found[command.name] = strange[0]
    return found


def name_requests(context: Context, before: Deployment, after: Deployment) -> list[Permission]:
    """Return the names of programs that an upgrade would take, as permissions that need approval."""
    return [
        Permission("high", f"take the name {name} from {program}", "commands")
        for name, program in find_shadowed_programs(context, before, after).items()
    ]


def same_named_programs(command: Command, path: str) -> list[tuple[str, bool]]:
    """Return the other programs of that name on *path*, and whether a shell finds each before our shim.

    The shim need not exist yet.
    """
    folders = path.split(":")
    home = os.path.realpath(os.path.dirname(command.shim))
    at = next((at for at, folder in enumerate(folders) if folder and os.path.realpath(folder) == home), len(folders))
    first = shims.find_programs(command.name, ":".join(folders[:at]))
    return [(each, each in first) for each in shims.find_programs(command.name, path) if each != command.shim]


def _names_from_others(deployment: Deployment) -> set[str]:
    catalogs = [each for each in with_snapshot((), deployment.published) if each.layer != BUILT_IN]
    if not any(deployment.app in each.apps for each in catalogs):
        return set()
    return {*resolve(catalogs, deployment.app).exposed_names}
