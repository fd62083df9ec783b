"""Check for leftovers: containers whose launch has died, and unfinished files."""

import os
import re
from collections.abc import Iterator
from functools import partial

from launcher.core.run.liveness import launch_state
from launcher.engine import stale_containers
from launcher.engine.ended_containers import wait_for_removal
from launcher.engine.stale_containers import Container
from launcher.errors import EngineError
from launcher.host import files, process, shims
from launcher.manage.context import Context
from launcher.manage.doctor.finding import Finding, note, ok, repairable
from launcher.run.engine_connection import EngineConnection
from launcher.state import write_launch_file

_NEW = re.compile(r"(?P<name>.+)\.(?P<pid>\d+)\.new", re.ASCII)  # as host/files.py names them
_PART = re.compile(r"(?P<name>.+\.json)\.(?P<pid>\d+)", re.ASCII)  # as engine/detect_traits.py names them
_PATIENCE = 60.0  # seconds to write a file, or to start a container


def check_containers(context: Context) -> Iterator[Finding]:
    """Check for containers without a launch; finds nothing if no engine answers."""
    try:
        reached = context.engine()
        every = stale_containers.list_containers(reached.client)
    except EngineError:
        return
    unstarted = [
        each for each in every if each.is_warm and each.state == "created" and context.now - each.made > _PATIENCE
    ]
    for container in unstarted:
        what = f"the warm container {container.name} was never started"
        yield repairable("containers", what, partial(_remove, reached, container))
    found = [each for each in every if not each.is_warm]
    alive, boot = process.live_stamps()
    fates = [(each, launch_state(each.started, alive, boot)) for each in found]
    fates = [(each, fate) for each, fate in fates if fate != "dead" or not _is_gone(reached, each)]
    for container, liveness in fates:
        described = f"{container.name} ({container.command}) is {container.state}"
        if liveness == "dead":
            yield repairable(
                "containers", f"{described}, and its launch has died", partial(_remove, reached, container)
            )
        elif liveness == "foreign":
            fix = f"if it is not needed: {reached.traits.flavour} rm -f {container.name}"
            yield note(
                "containers", f"{described}, from another machine or container, or from before the last boot", fix
            )
    running = sum(liveness == "alive" for _, liveness in fates)
    if not unstarted and all(liveness == "alive" for _, liveness in fates):
        yield ok("containers", f"none left over, {running} running" if running else "none left over")


def check_unfinished_files(context: Context) -> Iterator[Finding]:
    """Check for files whose writer died while writing, and for a draft of the catalog."""
    left = [*unfinished_launch_files(context), *_unfinished_files(context)]
    for path in left:
        yield repairable("files", f"{context.shown(path)} is unfinished", partial(_unlink, path))
    draft = f"{context.places.user_catalog}.draft"
    if os.path.exists(draft):
        yield note("files", f"{context.shown(draft)} is an unfinished draft", "applaunch edit NAME")
    elif not left:
        yield ok("files", "no unfinished files")


def is_unfinished(name: str) -> bool:
    """Return whether *name* is the name of a file that is being written, or was when its writer died."""
    return _NEW.fullmatch(name) is not None


def unfinished_launch_files(context: Context) -> list[str]:
    """Return the unfinished launch files that nobody is writing now."""
    return [
        path
        for path in write_launch_file.leftovers(context.places.current)
        if context.now - _modified(path) > _PATIENCE
    ]


def _unfinished_files(context: Context) -> list[str]:
    """Return unfinished files of ours: those in folders where only we write such names, and marked ones."""
    where = context.places
    found = [path for path in _matching(where.bin, _NEW) if shims.is_ours(path) or os.path.getsize(path) == 0]
    found += [path for path in _matching(where.config, _NEW) if "/catalog.toml." in path]
    found += [path for folder in (where.known, *_folders(where.copies)) for path in _matching(folder, _NEW)]
    found += [path for folder in _folders(where.accounts) for path in _matching(folder, _NEW)]
    return found + list(_matching(where.traits, _PART))


def _matching(folder: str, pattern: re.Pattern[str]) -> Iterator[str]:
    """Yield the files in *folder* whose name matches *pattern* and whose writer, by its pid, has ended."""
    for name in _list(folder):
        if (fits := pattern.fullmatch(name)) and not process.process_stamp(int(fits["pid"])):
            yield f"{folder}/{name}"


def _folders(folder: str) -> list[str]:
    return [path for name in _list(folder) if os.path.isdir(path := f"{folder}/{name}")]


def _list(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _is_gone(reached: EngineConnection, container: Container) -> bool:
    """Return whether the engine has removed *container* after its program ended; waits while it does so."""
    try:
        return wait_for_removal(reached.client, container.id)
    except EngineError:
        return False


def _remove(reached: EngineConnection, container: Container) -> str:
    stale_containers.remove_container(reached.client, container)
    return "removed"


def _unlink(path: str) -> str:
    files.remove(path)
    return "deleted"


def _modified(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return float("inf")
