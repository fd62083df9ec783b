"""The containers that wait for calls: which there are, what they cost, and how they are cleared away."""

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
from launcher.run.cleanup import restore
from launcher.run.engine_connection import EngineConnection
from launcher.run.remove_warm import end_left_program
from launcher.run.sleeping_container import open_wire
from launcher.state import launch_files as currents
from launcher.state import shared_runs
from launcher.state import warm_store as state

Program = tuple[str, str, Idle]
"""The path of a program's note, its id at the engine, and the container that it runs in."""

State = Literal["waiting", "in use", "ending"]


class WarmContainer(NamedTuple):
    """One container of a warm app."""

    app: str
    reuse: str
    state: State
    """``ending``: its run is over, and whoever ran it removes it next; where that was killed, `warm clear` does."""
    seconds: int
    """How long until its time is over."""
    memory: int | None
    """Bytes, None where the engine does not tell."""
    container: str
    engine: str
    """The engine's address."""


class Entry(NamedTuple):
    """One container as its file has it."""

    path: str
    idle: Idle
    state: State

    def describe(self, now: float, used: int | None = None) -> WarmContainer:
        """Return it as it is shown, *used* bytes large."""
        idle = self.idle
        left = max(0, round(idle.expires - now))
        return WarmContainer(idle.app, idle.reuse, self.state, left, used, idle.container, idle.host)


def list_entries(desk: Context) -> list[Entry]:
    """Return what the files tell, by app and age, but those in the making; those whose time is over are forgotten."""
    folder = desk.places.warm
    if state.damaged(folder):
        with suppress(EngineError):  # without an engine they stay as they are
            restore(desk.engine(), folder)
    state.tidy(folder, time.time())
    found = [Entry(path, idle, _state(folder, path, idle)) for path, idle in state.every(folder)]
    made = [each for each in found if each.idle.pid or each.state == "ending"]
    return sorted(made, key=lambda each: (each.idle.app, each.idle.made))


def list_containers(desk: Context) -> tuple[list[WarmContainer], UserError | None]:
    """Return all of them, and why the engine could not be asked; files of containers that are gone are dropped."""
    found = list_entries(desk)
    if not found:
        return [], None
    try:
        reached = desk.engine()
        gone = [each for each in found if is_gone(reached, each)]
        for each in gone:
            forget(each)
        return [each.describe(time.time(), _memory(reached, each)) for each in found if each not in gone], None
    except UserError as trouble:
        return [each.describe(time.time()) for each in found], trouble


def clear_containers(desk: Context, names: Sequence[str]) -> tuple[list[WarmContainer], list[WarmContainer]]:
    """Remove the containers that wait, of the apps *names* or all, and those that killed processes left.

    Returns what is gone and what stays: in use, or on another engine. Raises `NotFoundError` and `EngineError`.
    """
    found = list_entries(desk)
    apps = {_app(desk, found, name) for name in names}
    if programs := programs_left(desk):
        end_programs(desk.engine(), programs)
    return remove_entries(desk.engine, [each for each in found if not apps or each.idle.app in apps])


def programs_left(desk: Context) -> list[Program]:
    """Return the programs that still run in shared containers, and whose launchers were killed."""
    return shared_runs.left(desk.places.warm)


def end_programs(reached: EngineConnection, programs: Sequence[Program]) -> None:
    """End *programs* that were left, with all that they started."""
    for note, program, idle in programs:
        if idle.host == reached.endpoint.host:
            end_left_program(reached, note, program, idle)


def unneeded(desk: Context) -> list[Entry]:
    """Return those that no call will use: of apps not installed, or changed since, and those whose run is over."""
    deployed = desk.record.deployed()
    return [
        each
        for each in list_entries(desk)
        if each.state == "ending"
        or (each.state == "waiting" and not _is_current(desk.places.current, deployed.get(each.idle.app), each.idle))
    ]


def entries_of_apps(desk: Context, apps: Collection[str]) -> list[Entry]:
    """Return those of *apps*."""
    return [each for each in list_entries(desk) if each.idle.app in apps]


def remove_entries(
    engine: Callable[[], EngineConnection], found: Sequence[Entry]
) -> tuple[list[WarmContainer], list[WarmContainer]]:
    """Remove those of *found* that nobody uses; returns what is gone and what stays. Raises `EngineError`."""
    gone: list[WarmContainer] = []
    stays: list[WarmContainer] = []
    reached = engine() if found else None
    for each in found:
        told = each.describe(time.time())
        if reached is None or told.engine != reached.endpoint.host or each.state == "in use":
            stays.append(told)
        elif _removed(reached, each):
            gone.append(told)
    return gone, stays


def short_id(container: str) -> str:
    """Return a container's id as people see it; one that was never made has only its name."""
    return container if container.startswith("applaunch-") else container[:12]


def is_gone(reached: EngineConnection, entry: Entry) -> bool:
    """Tell whether the engine does not have that container any more; raises `EngineError`."""
    made = entry.idle.pid != 0  # else its launcher was killed before it started
    return made and entry.idle.host == reached.endpoint.host and not open_wire(reached).pid(entry.idle.container)


def forget(entry: Entry) -> None:
    """Delete the file of a container that is gone."""
    state.forget(entry.path)


def _removed(reached: EngineConnection, entry: Entry) -> bool:
    """Take a container from all calls and remove it, unless a call was faster."""
    folder = reached.places.warm
    goal = state.claim(folder, entry.path, entry.idle.container)
    if not goal or not state.free(goal):
        return False
    gone = open_wire(reached).remove(entry.idle.container)
    state.forget(goal)
    return gone


def _is_current(folder: str, deployment: Deployment | None, idle: Idle) -> bool:
    """Tell whether some command of an app stands for the same as when the container was made."""
    for command in deployment.commands if deployment else ():
        known = currents.read(folder, command.name)
        if known and not currents.is_stale(known) and os.stat(f"{folder}/{command.name}").st_mtime <= idle.made:
            return True
    return False


def _memory(reached: EngineConnection, entry: Entry) -> int | None:
    return memory_usage(open_wire(reached), entry.idle.container) if entry.idle.host == reached.endpoint.host else None


def _state(folder: str, path: str, idle: Idle) -> State:
    if state.is_taken(folder, path):
        return "ending" if state.free(path) else "in use"
    return "waiting" if idle.reuse == "fresh" or state.free(path) else "in use"


def _app(desk: Context, found: Sequence[Entry], name: str) -> str:
    """Return the app *name*, or the one whose command that is."""
    apps = {each.idle.app for each in found}
    deployed = desk.record.deployed()
    if name in apps or name in deployed:
        return name
    for app, deployment in deployed.items():
        if name in [command.name for command in deployment.commands]:
            return app
    raise NotFoundError(
        name, "is not installed", did_you_mean(name, [*deployed, *apps], "applaunch list shows what is")
    )
