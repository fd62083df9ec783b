"""Removes containers whose launch is gone: the watcher does so at once, and a sweep once an hour."""

from __future__ import annotations

import os
import time

from launcher.errors import EngineError, EngineLostError, EngineStalledError, UserError
from launcher.fast_stdlib import closing, enable_site_packages, suppress
from launcher.host import process
from launcher.run.engine_connection import EngineConnection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.core.run.warm_policy import Idle
    from launcher.run.launch import Launch

_PAUSE = 0.2
_PAUSES = (*[_PAUSE] * 12, 1.0, 2.0, 4.0)  # a container that was being created when its launch died appears later
_PATIENCE = 60.0  # seconds for one answer; an engine that hangs handles the request once it continues
_STALLED = 600.0  # seconds until we give up on an engine that hangs; a later sweep removes the container
_HOUR = 3600  # seconds between two sweeps


def finish(launch: Launch) -> None:
    """Do what can wait until the program has ended: sweep if it is time, and unpack the image for later calls."""
    sweep_hourly(launch.engine)
    if launch.unpacks:
        enable_site_packages()
        from launcher.run.unpack_later import unpack_later  # noqa: PLC0415  once for an image

        unpack_later(launch)


def remove_container(reached: EngineConnection, name: str) -> None:
    """Remove the container *name*, even if it is still being created; give up if the engine does not answer."""
    retry_patiently(lambda: _removed(reached, name))
    if (
        reached.traits.flavour == "podman"
    ):  # it may leave half of a container that was removed while it was being created
        with suppress(UserError):
            time.sleep(_PAUSE)
            sweep_containers(reached)


def _removed(reached: EngineConnection, name: str) -> bool:
    with closing(EngineConnection(reached.endpoint, reached.traits, reached.places).engines[0]()) as engine:
        return engine.remove(name, _PATIENCE)


def retry_patiently(work: Callable[[], bool]) -> None:
    """Repeat *work* until it returns True: for ten minutes if the engine hangs, for seconds otherwise."""
    until = time.monotonic() + _STALLED
    pauses = iter(_PAUSES)
    while True:
        try:
            if work():
                return
            pause = next(pauses, None)
        except EngineStalledError:
            pause = _PAUSE if time.monotonic() < until else None
        except UserError:
            pause = next(pauses, None)
        if pause is None:
            return
        time.sleep(pause)


def sweep_hourly(reached: EngineConnection) -> None:
    """Remove the containers of dead launches whose watcher died too; do so at most once an hour."""
    stamp = f"{reached.places.state}/swept"
    try:
        due = time.time() - os.stat(stamp).st_mtime > _HOUR
    except OSError:
        due = True
    if not due:
        return
    from launcher.state.warm_store import remove_expired  # noqa: PLC0415  once an hour

    with suppress(UserError, OSError):
        os.close(os.open(stamp, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
        os.utime(stamp)
        remove_expired(reached.places.warm, time.time())
        sweep_containers(reached)


def sweep_containers(reached: EngineConnection) -> None:
    """Remove the containers of dead launches; raises `EngineError`.

    One that the engine does not remove is left to a later sweep; it does not keep the others.
    """
    from launcher.core.run.liveness import launch_state  # noqa: PLC0415  docker-py, once an hour
    from launcher.engine import stale_containers  # noqa: PLC0415  docker-py, once an hour
    from launcher.engine.docker_client import connect  # noqa: PLC0415  docker-py, once an hour

    client = connect(reached.endpoint, reached.traits.api)
    found = stale_containers.list_containers(client)
    alive, boot = process.live_stamps()  # read last, so that a launch that began in between counts as alive
    for container in found:
        if launch_state(container.started, alive, boot) == "dead":
            try:
                stale_containers.remove_container(client, container)
            except EngineLostError:
                raise
            except EngineError:
                continue


def restore_damaged_files(reached: EngineConnection, folder: str) -> None:
    """Mark warm containers whose files are damaged as left over, so that no call takes them and they are removed.

    A file is named after its container, and the container's labels say what it is for. Files of containers that the
    engine does not have are deleted. If the engine does not answer, the files stay.
    """
    from launcher.state import warm_store  # noqa: PLC0415  in the watcher of a warm app

    for path, container in warm_store.list_damaged(folder):
        with suppress(UserError, OSError):
            if found := _waiting(reached, container, os.stat(path).st_mtime):
                goal = warm_store.taken_path(folder, container)
                warm_store.write_record(goal, "", found)
                if path == goal:
                    continue
            warm_store.forget(path)


def _waiting(reached: EngineConnection, container: str, made: float) -> Idle | None:
    """Return the warm *container* from its labels, None if the engine does not have it; raises `EngineError`."""
    from launcher.core.run.warm_policy import LABEL, Idle  # noqa: PLC0415  a file is damaged
    from launcher.engine.wire_engine import WireEngine  # noqa: PLC0415  a file is damaged

    wire = WireEngine(reached.endpoint.socket, reached.traits.api, reached.traits.flavour)
    with closing(wire):
        said = wire.inspect(f"/containers/{container}/json") or {}
    config = said.get("Config") or {}
    labels = config.get("Labels") or {}
    if LABEL not in labels:
        return None
    return Idle(
        container=said["Id"],
        app=labels.get("applaunch.app", ""),
        host=reached.endpoint.host,
        reuse=labels[LABEL],
        made=made,
        expires=made + int(config["Cmd"][0]),
        pid=int(said["State"]["Pid"]),
    )
