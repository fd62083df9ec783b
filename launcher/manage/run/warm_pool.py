"""The warm containers: list them, measure their memory, and remove them."""

import os
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import Literal, NamedTuple

from launcher.core.deploy.record import Deployment
from launcher.core.run.warm_policy import Idle
from launcher.core.values.names import did_you_mean
from launcher.engine.container_stats import memory_usage
from launcher.errors import EngineError, NotFoundError, UserError
from launcher.manage.context import Context
from launcher.run.engine_connection import EngineConnection
from launcher.run.remove_warm import end_left_program
from launcher.run.restore_warm_files import restore_damaged_files
from launcher.run.sleeping_container import open_wire
from launcher.state import launch_files, shared_runs, warm_store

Program = tuple[str, str, Idle]
"""The path of a program's record, its id at the engine, and its container."""

State = Literal["waiting", "in use", "ending"]


class WarmStatus(NamedTuple):
    """One container of a warm app."""

    app: str
    reuse: str
    state: State
    """``ending``: its run is over, and its launch removes it; if that was killed, `warm clear` removes it."""
    seconds: int
    """Seconds until it expires."""
    memory: int | None
    """Bytes, or None if the engine does not report it."""
    container: str
    engine: str
    """The engine's address."""


class Entry(NamedTuple):
    """One container as its file describes it."""

    path: str
    idle: Idle
    state: State

    def describe(self, now: float, used: int | None = None) -> WarmStatus:
        """Return it for display, with *used* bytes of memory."""
        idle = self.idle
        left = max(0, round(idle.expires - now))
        return WarmStatus(idle.app, idle.reuse, self.state, left, used, idle.container, idle.host)


def list_entries(context: Context) -> list[Entry]:
    """Return the containers in the files by app and age, without unfinished ones; expired ones are removed."""
    folder = context.places.warm
    if warm_store.list_damaged(folder):
        with suppress(EngineError):  # without an engine they are left alone
            restore_damaged_files(context.engine(), folder)
    warm_store.remove_expired(folder, time.time())
    found = [Entry(path, idle, _state(folder, path, idle)) for path, idle in warm_store.list_idle(folder)]
    made = [each for each in found if each.idle.pid or each.state == "ending"]
    return sorted(made, key=lambda each: (each.idle.app, each.idle.made))


def list_containers(context: Context) -> tuple[list[WarmStatus], UserError | None]:
    """Return all warm containers, and the error if the engine cannot be asked; files of missing ones are deleted."""
    found = list_entries(context)
    if not found:
        return [], None
    try:
        reached = context.engine()
        gone = [each for each in found if is_gone(reached, each)]
        for each in gone:
            forget(each)
        return [each.describe(time.time(), _memory(reached, each)) for each in found if each not in gone], None
    except UserError as error:
        return [each.describe(time.time()) for each in found], error


def clear_containers(context: Context, names: Sequence[str]) -> tuple[list[WarmStatus], list[WarmStatus]]:
    """Remove the idle containers of the apps *names*, or of all, and those that killed processes left over.

    Returns the removed and the remaining ones, which are in use or on another engine. Raises `NotFoundError` and
    `EngineError`.
    """
    found = list_entries(context)
    apps = {_app(context, found, name) for name in names}
    if programs := programs_left(context):
        end_programs(context.engine(), programs)
    return remove_entries(context.engine, [each for each in found if not apps or each.idle.app in apps])


def programs_left(context: Context) -> list[Program]:
    """Return the programs that still run in shared containers although their launchers were killed."""
    return shared_runs.left_programs(context.places.warm)


def end_programs(reached: EngineConnection, programs: Sequence[Program]) -> None:
    """End *programs* and all processes that they started."""
    for note, program, idle in programs:
        if idle.host == reached.endpoint.host:
            end_left_program(reached, note, program, idle)


def unneeded(context: Context) -> list[Entry]:
    """Return the containers that no call will use: of apps that were removed or changed, and ended ones."""
    deployed = context.record.deployed()
    return [
        each
        for each in list_entries(context)
        if each.state == "ending"
        or (each.state == "waiting" and not _is_current(context.places.current, deployed.get(each.idle.app), each.idle))
    ]


def entries_of_apps(context: Context, apps: Collection[str]) -> list[Entry]:
    """Return the containers of *apps*."""
    return [each for each in list_entries(context) if each.idle.app in apps]


def remove_entries(
    engine: Callable[[], EngineConnection], found: Sequence[Entry]
) -> tuple[list[WarmStatus], list[WarmStatus]]:
    """Remove the unused containers of *found*; return the removed and the remaining ones. Raises `EngineError`."""
    gone: list[WarmStatus] = []
    stays: list[WarmStatus] = []
    reached = engine() if found else None
    for each in found:
        shown = each.describe(time.time())
        if reached is None or shown.engine != reached.endpoint.host or each.state == "in use":
            stays.append(shown)
        elif _remove(reached, each):
            gone.append(shown)
    return gone, stays


def short_id(container: str) -> str:
    """Return a container's id for display; a container that was never created has only its name."""
    return container if container.startswith("applaunch-") else container[:12]


def is_gone(reached: EngineConnection, entry: Entry) -> bool:
    """Return whether the engine no longer has the container; raises `EngineError`."""
    made = entry.idle.pid != 0  # otherwise its launcher was killed before starting it
    return made and entry.idle.host == reached.endpoint.host and not open_wire(reached).pid(entry.idle.container)


def forget(entry: Entry) -> None:
    """Delete the file of a missing container."""
    warm_store.forget(entry.path)


def _remove(reached: EngineConnection, entry: Entry) -> bool:
    """Claim a container so that no call can use it, and remove it unless a call was faster."""
    folder = reached.places.warm
    claimed = warm_store.claim(folder, entry.path, entry.idle.container)
    if not claimed or not warm_store.is_free(claimed):
        return False
    gone = open_wire(reached).remove(entry.idle.container)
    warm_store.forget(claimed)
    return gone


def _is_current(folder: str, deployment: Deployment | None, idle: Idle) -> bool:
    """Return whether some command of the app is unchanged since the container was created."""
    for command in deployment.commands if deployment else ():
        known = launch_files.read(folder, command.name)
        if known and not launch_files.is_stale(known) and os.stat(f"{folder}/{command.name}").st_mtime <= idle.made:
            return True
    return False


def _memory(reached: EngineConnection, entry: Entry) -> int | None:
    return memory_usage(open_wire(reached), entry.idle.container) if entry.idle.host == reached.endpoint.host else None


def _state(folder: str, path: str, idle: Idle) -> State:
    if warm_store.is_taken(folder, path):
        return "ending" if warm_store.is_free(path) else "in use"
    return "waiting" if idle.reuse == "fresh" or warm_store.is_free(path) else "in use"


def _app(context: Context, found: Sequence[Entry], name: str) -> str:
    """Return the app *name*, or the app with that command."""
    apps = {each.idle.app for each in found}
    deployed = context.record.deployed()
    if name in apps or name in deployed:
        return name
    for app, deployment in deployed.items():
        if name in [command.name for command in deployment.commands]:
            return app
    raise NotFoundError(
        name, "is not installed", did_you_mean(name, [*deployed, *apps], "list installed apps with: applaunch list")
    )
