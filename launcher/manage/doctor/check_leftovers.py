"""What was left behind: containers whose launch is dead, and files that were being written when something died."""

import os
import re
from collections.abc import Iterator
from functools import partial

from launcher.core.run.liveness import fate
from launcher.engine import stale_containers
from launcher.engine.stale_containers import Container
from launcher.errors import EngineError
from launcher.host import files, process, shims
from launcher.manage.context import Context
from launcher.manage.doctor.finding import Finding, note, ok, repairable
from launcher.run.engine_connection import EngineConnection
from launcher.state import write_launch_file

_NEW = re.compile(r"(?P<name>.+)\.(?P<pid>\d+)\.new", re.ASCII)  # as host/files.py names what it writes
_PART = re.compile(r"(?P<name>.+\.json)\.(?P<pid>\d+)", re.ASCII)  # as engine/detect_traits.py does
_PATIENCE = 60.0  # seconds that a file without its writer's pid may take to be written, or a container to be started


def check_containers(desk: Context) -> Iterator[Finding]:
    """Look for containers that no launch waits for any more; without an engine there is nothing to say."""
    try:
        reached = desk.engine()
        every = stale_containers.list_containers(reached.client)
    except EngineError:
        return
    never = [each for each in every if each.is_warm and each.state == "created" and desk.now - each.made > _PATIENCE]
    for container in never:
        what = f"{container.name} was to wait for calls, and never started"
        yield repairable("containers", what, partial(_remove, reached, container))
    found = [each for each in every if not each.is_warm]
    alive, boot = process.live_stamps()
    fates = [(each, fate(each.started, alive, boot)) for each in found]
    for container, known in fates:
        words = f"{container.name} ({container.command}) is {container.state}"
        if known == "dead":
            yield repairable("containers", f"{words}, and its launch is dead", partial(_remove, reached, container))
        elif known == "foreign":
            fix = f"if nobody waits for it: {reached.traits.flavour} rm -f {container.name}"
            yield note("containers", f"{words}, of another machine or container, or before the last boot", fix)
    running = sum(known == "alive" for _, known in fates)
    if not never and all(known == "alive" for _, known in fates):
        yield ok("containers", f"none left behind, {running} running" if running else "none left behind")


def check_unfinished_files(desk: Context) -> Iterator[Finding]:
    """Look for files that were being written when their writer died, and for a draft of the catalog."""
    left = [*unfinished_launch_files(desk), *_left_in(desk)]
    for path in left:
        yield repairable("files", f"{desk.shown(path)} was never finished", partial(_unlink, path))
    draft = f"{desk.places.user_catalog}.draft"
    if os.path.exists(draft):
        yield note("files", f"{desk.shown(draft)} waits to be edited further", "applaunch edit NAME")
    elif not left:
        yield ok("files", "nothing half-written")


def is_unfinished(name: str) -> bool:
    """Tell whether a file of that *name* is one that is written now, or was when its writer died."""
    return _NEW.fullmatch(name) is not None


def unfinished_launch_files(desk: Context) -> list[str]:
    """Return the launch files that were never finished, and that nobody is writing now."""
    return [path for path in write_launch_file.leftovers(desk.places.current) if desk.now - _written(path) > _PATIENCE]


def _left_in(desk: Context) -> list[str]:
    """Return the files that our writers left, each in a folder where only we write such names, or marked as ours."""
    where = desk.places
    found = [path for path in _matching(where.bin, _NEW) if shims.is_ours(path) or os.path.getsize(path) == 0]
    found += [path for path in _matching(where.config, _NEW) if "/catalog.toml." in path]
    found += [path for folder in (where.known, *_folders(where.copies)) for path in _matching(folder, _NEW)]
    found += [path for folder in _folders(where.accounts) for path in _matching(folder, _NEW)]
    return found + list(_matching(where.traits, _PART))


def _matching(folder: str, pattern: re.Pattern[str]) -> Iterator[str]:
    """Yield the files of *folder* that fit *pattern* and whose writer, by its pid, is gone."""
    for name in _listed(folder):
        if (fits := pattern.fullmatch(name)) and not process.process_stamp(int(fits["pid"])):
            yield f"{folder}/{name}"


def _folders(folder: str) -> list[str]:
    return [path for name in _listed(folder) if os.path.isdir(path := f"{folder}/{name}")]


def _listed(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _remove(reached: EngineConnection, container: Container) -> str:
    stale_containers.remove_container(reached.client, container)
    return "removed"


def _unlink(path: str) -> str:
    files.remove(path)
    return "deleted"


def _written(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return float("inf")
