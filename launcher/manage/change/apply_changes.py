"""Applying changes as one transaction: images, then the user's own catalog, launch files and shims; all or nothing."""

import os
from collections.abc import Mapping, Sequence
from functools import partial

from launcher.core.catalog import toml_edit
from launcher.core.deploy.record import Change, Command, Deployment
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import StateError
from launcher.host import files, shims
from launcher.manage.change.ensure_image import switch_image
from launcher.manage.context import Context, Undo
from launcher.run.catalog_set import CatalogSet, watched_paths
from launcher.run.compile_launch_file import compile_deployed
from launcher.state import launch_files, write_launch_file
from launcher.state.launch_files import LaunchFile, Source, stamp_sources


def apply_changes(
    context: Context, changes: Sequence[Change], images: Mapping[str, ResolvedImage] | None = None
) -> tuple[int, Sequence[Change]]:
    """Apply *changes* as one transaction; return its number (0 if there are none) and the changes as recorded.

    The engine has all images first, those of *images* under the names given there by app; then the user's own catalog
    is written, then the launch files and shims. If a step fails, all steps are undone in reverse. Raises `StateError`
    if that catalog is not what a change takes it for.
    """
    if not changes:
        return 0, ()
    for command in (command for change in changes if change.after for command in change.after.commands):
        shims.check(os.path.dirname(command.shim), command.name)
    done: list[Change] = []
    path = context.places.user_catalog
    before = files.read(path)
    text = _edit_catalog(changes, before or toml_edit.EMPTY_CATALOG, context.shown(path))

    def work(undo: Undo, planned: Sequence[Change]) -> None:
        done[:] = [switch_image(context, change, (images or {}).get(change.app)) for change in planned]
        if text:
            undo.append(partial(files.remove, path) if before is None else partial(files.write, path, before))
            files.write(path, text, new_mode=files.PRIVATE)
        sources = stamp_sources(watched_paths(context.places, published=False))
        catalog_set = context.read_catalogs(published=False)
        for _, _, old, new, _ in done:
            if new:
                _install(context, new, catalog_set, sources, undo)
            stay = {command.name for command in new.commands} if new else set()
            for command in old.commands if old else ():
                if command.name not in stay:
                    _remove_command(context, command, undo)

    return context.transact(changes, work), done


def _edit_catalog(changes: Sequence[Change], text: str, shown: str) -> str:
    """Return the text of the user's own catalog after *changes*, "" if they do not change it."""
    tables = {change.app: change.own for change in changes if change.own}
    for app, (before, _) in tables.items():
        if toml_edit.app_table(text, app) != before:
            what = f"[apps.{app}] was changed after this transaction"
            raise StateError(shown, what, f"change it by hand: applaunch edit {app}")
    if not tables:
        return ""
    new = {app: after for app, (before, after) in tables.items() if before is None and isinstance(after, dict)}
    text = toml_edit.set_apps(text, {app: after for app, (_, after) in tables.items() if app not in new})
    return toml_edit.append_apps(text, new)


def _install(
    context: Context, deployment: Deployment, catalog_set: CatalogSet, sources: tuple[Source, ...], undo: Undo
) -> None:
    for command in deployment.commands:
        _write_launch_file(
            context, compile_deployed(command.name, deployment, catalog_set)._replace(sources=sources), undo
        )
        _write_shim(command, undo)


def _write_launch_file(context: Context, current: LaunchFile, undo: Undo) -> None:
    folder = context.places.current
    before = launch_files.read(folder, current.command)
    undo.append(
        partial(write_launch_file.write, folder, before)
        if before
        else partial(write_launch_file.remove, folder, current.command)
    )
    write_launch_file.write(folder, current)


def _write_shim(command: Command, undo: Undo) -> None:
    if not os.path.lexists(command.shim):
        undo.append(partial(shims.remove, command.shim))
    shims.write(os.path.dirname(command.shim), command.name)


def _remove_command(context: Context, command: Command, undo: Undo) -> None:
    """Remove one command: its launch file, and its shim if that is ours."""
    known = launch_files.read(context.places.current, command.name)
    if shims.is_ours(command.shim):
        undo.append(partial(shims.write, os.path.dirname(command.shim), command.name))
        shims.remove(command.shim)
    if known:
        undo.append(partial(write_launch_file.write, context.places.current, known))
    write_launch_file.remove(context.places.current, command.name)
