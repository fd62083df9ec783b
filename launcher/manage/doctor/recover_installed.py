"""Recover what is installed from launch files and shims if the record is lost."""

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress

from launcher.core.catalog.merge import owner_of
from launcher.core.catalog.published_snapshot import with_snapshot
from launcher.core.deploy.record import Command, Deployment
from launcher.core.values.deployment_tag import number_of
from launcher.core.values.duration import iso
from launcher.core.values.invalid_value import InvalidValueError
from launcher.errors import UserError
from launcher.manage.change.plan_deployment import propose_deployment
from launcher.manage.context import Context
from launcher.manage.gather_evidence import list_own_shims
from launcher.run.compile_launch_file import needs_approval
from launcher.state import launch_files, write_launch_file
from launcher.state.launch_files import DeployedImage, LaunchFile
from launcher.state.salvage import Salvaged


def read_launch_files(context: Context) -> list[list[LaunchFile]]:
    """Return the launch files, grouped by app."""
    found: dict[str, list[LaunchFile]] = {}
    for name in write_launch_file.list_commands(context.places.current):
        if known := launch_files.read(context.places.current, name):
            found.setdefault(known.app, []).append(known)
    return [*found.values()]


def apps_from_shims(context: Context, others: Iterable[Deployment]) -> list[Deployment]:
    """Return apps that are known only by their shims, as the catalogs define them.

    Excludes the *others*, and apps that request permissions that need approval.
    """
    known, apps = {command.name for each in others for command in each.commands}, {each.app for each in others}
    found: dict[str, Deployment] = {}
    for name in map(os.path.basename, list_own_shims(context.places.bin)):
        if name in known:
            continue
        with suppress(UserError, InvalidValueError):
            loaded = context.read_catalogs()
            app = owner_of(loaded.catalogs, name)
            made = propose_deployment(context, app.name, loaded, None)
            is_unambiguous = len(loaded.tied(app.name)) < _TIE and not needs_approval(name, app, loaded.catalogs)
            if is_unambiguous and app.name not in apps and name in {each.name for each in made.commands}:
                found[app.name] = made
    return [*found.values()]


_TIE = 2  # remotes that have the same app with the same priority


def deployment_from_launch_files(context: Context, known: Sequence[LaunchFile]) -> Deployment:
    """Return the deployment that the launch files of one app belong to; a later edit may have changed some of them."""
    first = known[0]
    image, pin, tag = newest_image(known)
    made = _by_catalogs(context, first) or _by_itself(context, known)
    targets = {command.name: command.target for command in made.commands}
    names = first.commands or tuple(each.command for each in known)
    return made._replace(
        image=image,
        number=number_of(tag),
        tag=tag,
        pinned=any(each.pinned for each in known),
        commands=tuple(Command(name, f"{context.places.bin}/{name}", targets.get(name, name)) for name in names),
    ).with_image(pin)


def complete_from_old_record(found: Deployment, left: Salvaged) -> Deployment:
    """Return what the old record says about the deployment that was *found*, if it is the same one."""
    known = left.deployments if found.number else left.deployed  # an edited catalog leaves a launch file without a tag
    same = [each for each in known if (each.app, each.image) == (found.app, found.image)]
    was = next((each for each in same if not found.number or each.tag == found.tag), None)
    return was._replace(pinned=found.pinned).with_image(found.pin if found.pin.image_id else was.pin) if was else found


def newest_image(known: Sequence[LaunchFile]) -> DeployedImage:
    """Return the newest deployed image in the launch files of one app."""
    return max((each.deployed for each in known), key=lambda each: (number_of(each.tag), each.pin.image_id))


def _by_catalogs(context: Context, known: LaunchFile) -> Deployment | None:
    """Return the app as its catalogs define it, or None if they cannot be read."""
    try:
        loaded = context.read_catalogs(published=False)
        frozen = loaded._replace(catalogs=with_snapshot(loaded.catalogs, known.published))
        return propose_deployment(context, known.app, frozen, None)
    except (UserError, InvalidValueError):
        return None


def _by_itself(context: Context, known: Sequence[LaunchFile]) -> Deployment:
    """Return the app as its launch files define it."""
    entries = {each.command: each.entry.to_json() for each in known}
    commands = tuple(Command(each.command, "", each.entry.name) for each in known)
    return Deployment(
        app=known[0].app,
        image="",
        digest="",
        image_id="",
        pulled=False,
        source="",
        entry_hash="",
        commands=commands,
        created=iso(context.now),
        entries=entries,
        published=known[0].published,
    )
