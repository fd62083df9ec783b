"""What is done about containers whose launcher is gone: by its watcher at once, by a sweep now and then."""

from __future__ import annotations

import os
import time

from launcher.errors import EngineStalledError, UserError
from launcher.fast_stdlib import closing, suppress
from launcher.host import process
from launcher.run import bundle
from launcher.run.engine_connection import EngineConnection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from launcher.core.run.warm_policy import Idle
    from launcher.engine.stale_containers import Container

_PAUSE = 0.2
_PAUSES = (*[_PAUSE] * 12, 1.0, 2.0, 4.0)  # a container that was being created when its launcher died appears meanwhile
_PATIENCE = 60.0  # seconds for one answer; the request waits with an engine that hangs, and is done when it goes on
_STALLED = 600.0  # seconds until an engine that hangs is left alone; a sweep of a later launch does the rest
_HOUR = 3600  # seconds between two sweeps


def clean_up(engine: EngineConnection) -> None:
    """Do what can wait until the program has ended: sweep, if that is due, and make a bundle that is missing."""
    sweep_hourly(engine)
    bundle.remake()


def remove_container(reached: EngineConnection, name: str) -> None:
    """Remove the container *name*, which may still be in the making; an engine that is gone has removed it too."""
    retry_patiently(lambda: _removed(reached, name))
    if reached.traits.flavour == "podman":  # it may keep half of a container whose removal met its making
        with suppress(UserError):
            time.sleep(_PAUSE)
            sweep_containers(reached)


def _removed(reached: EngineConnection, name: str) -> bool:
    with closing(EngineConnection(reached.endpoint, reached.traits, reached.places).engines[0]()) as engine:
        return engine.remove(name, _PATIENCE)


def retry_patiently(work: Callable[[], bool]) -> None:
    """Do *work* again and again until it is done; an engine that hangs is given minutes, any other seconds."""
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
    """Remove the containers of dead launches, once an hour: those whose watcher died with them."""
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


def sweep_containers(reached: EngineConnection) -> list[Container]:
    """Remove the containers of dead launches and return them; raises `EngineError`."""
    from launcher.core.run.liveness import launch_state  # noqa: PLC0415  docker-py, once an hour
    from launcher.engine import stale_containers  # noqa: PLC0415  as above
    from launcher.engine.docker_client import connect  # noqa: PLC0415  as above

    client = connect(reached.endpoint, reached.traits.api)
    found = stale_containers.list_containers(client)
    alive, boot = process.live_stamps()  # asked last: a launch that begins in between is alive then
    dead = [each for each in found if launch_state(each.started, alive, boot) == "dead"]
    for container in dead:
        stale_containers.remove_container(client, container)
    return dead


def restore_damaged_files(reached: EngineConnection, folder: str) -> None:
    """Mark the warm containers whose files are damaged as left over: no call takes them, and they are removed next.

    A file is named after its container, and the engine tells from its labels what that is. One that the engine does not
    know is forgotten. Without an answer, the files stay.
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
    """Return the warm *container* as the engine knows it, None where it does not; raises `EngineError`."""
    from launcher.core.run.warm_policy import LABEL, Idle  # noqa: PLC0415  a file is damaged
    from launcher.engine.wire_engine import WireEngine  # noqa: PLC0415  as above

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
