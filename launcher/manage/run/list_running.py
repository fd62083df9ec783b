"""What runs now, by either runtime: the caller's launchers, and the containers that they started."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from launcher.core.sandbox.choose_runtime import BUBBLEWRAP, ENGINE
from launcher.core.values.duration import iso
from launcher.engine import stale_containers
from launcher.engine.stale_containers import Container
from launcher.errors import EngineError
from launcher.host import process, process_table, running_launches
from launcher.host.running_launches import RunningLaunch
from launcher.manage.context import Context
from launcher.state import launch_files


class RunningProgram(NamedTuple):
    """One program that runs, as `applaunch ps` shows it."""

    pid: int
    """The pid of its launcher, whom its caller waits for."""
    app: str
    command: str
    runtime: str
    since: str
    """When it was called."""
    folder: str
    """The folder that it was called in."""
    container: str = ""
    """The id of its own container; empty in a sandbox, in a warm container, or if the engine does not answer."""


class Running(NamedTuple):
    """One program that runs, and how to reach it."""

    shown: RunningProgram
    launch: RunningLaunch
    container: Container | None


def list_running(context: Context) -> list[Running]:
    """Return what this user's launchers run, the oldest first."""
    launches = running_launches.list_launches(context.call.home, context.places)
    containers = {each.started: each for each in _list_containers(context, launches)}
    known = {each.stamp for each in launches}
    launches += _unknown_launchers(context, [each for stamp, each in containers.items() if stamp not in known])
    return [_describe(context, each, containers.get(each.stamp)) for each in launches]


def _describe(context: Context, launch: RunningLaunch, container: Container | None) -> Running:
    file = launch_files.read(context.places.current, launch.command)
    shown = RunningProgram(
        pid=launch.pid,
        app=container.app if container else file.app if file else launch.command,
        command=launch.command,
        runtime=BUBBLEWRAP if launch.sandbox else ENGINE,
        since=iso(launch.since),
        folder=launch.folder,
        container=container.id if container else "",
    )
    return Running(shown, launch, container)


def _list_containers(context: Context, launches: Sequence[RunningLaunch]) -> list[Container]:
    """Return the containers of launches; none if all run in sandboxes, or no engine answers."""
    if launches and all(each.sandbox for each in launches):
        return []
    try:
        found = stale_containers.list_containers(context.engine().client)
    except EngineError:
        return []
    return [each for each in found if not each.is_warm and each.started]


def _unknown_launchers(context: Context, containers: Iterable[Container]) -> list[RunningLaunch]:
    """Return the launches of *containers* whose launchers do not look like launchers, but run and are this user's."""
    wanted = {each.started: each for each in containers}
    if not wanted:
        return []
    table = process_table.list_processes()
    own = [each for each in table.values() if each.uid == context.call.uid]
    stamps = {each.pid: process.process_stamp(each.pid) for each in own}
    return [
        running_launches.describe_launch(each, wanted[stamps[each.pid]].command, table)
        for each in own
        if stamps[each.pid] in wanted
    ]
