"""What is done about containers whose launcher is gone: by its watcher at once, by a sweep now and then."""

from __future__ import annotations

import os
import time

from launcher.errors import Trouble
from launcher.host import process
from launcher.lean import closing, suppress
from launcher.reached import Reached

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.warm import Idle
    from launcher.engine.leftovers import Container

_TRIES, _PAUSE = 12, 0.2  # a container that was being created when its launcher died appears within this time
_HOUR = 3600  # seconds between two sweeps


def clear(reached: Reached, name: str) -> None:
    """Remove the container *name*, which may still be in the making; an engine that is gone has removed it too."""
    for _ in range(_TRIES):
        with suppress(Trouble):
            if Reached(reached.endpoint, reached.traits, reached.places).engines[0]().remove(name):
                break
        time.sleep(_PAUSE)
    if reached.traits.flavour == "podman":  # it may keep half of a container whose removal met its making
        with suppress(Trouble):
            time.sleep(_PAUSE)
            sweep(reached)


def sweep_now_and_then(reached: Reached) -> None:
    """Remove the containers of dead launches, once an hour: those whose watcher died with them."""
    stamp = f"{reached.places.state}/swept"
    try:
        due = time.time() - os.stat(stamp).st_mtime > _HOUR
    except OSError:
        due = True
    if not due:
        return
    from launcher.state.warm import tidy  # noqa: PLC0415  once an hour

    with suppress(Trouble, OSError):
        os.close(os.open(stamp, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
        os.utime(stamp)
        tidy(reached.places.warm, time.time())
        sweep(reached)


def sweep(reached: Reached) -> list[Container]:
    """Remove the containers of dead launches and return them; raises `EngineError`."""
    from launcher.core.fate import fate  # noqa: PLC0415  docker-py, once an hour
    from launcher.engine import leftovers  # noqa: PLC0415  as above
    from launcher.engine.client import connect  # noqa: PLC0415  as above

    client = connect(reached.endpoint, reached.traits.api)
    alive, boot = process.alive()
    dead = [each for each in leftovers.containers(client) if fate(each.started, alive, boot) == "dead"]
    for container in dead:
        leftovers.remove(client, container)
    return dead


def restore(reached: Reached, folder: str) -> None:
    """Mark the warm containers whose files are damaged as left over: no call takes them, and they are removed next.

    A file is named after its container, and the engine tells from its labels what that is. One that the engine does not
    know is forgotten. Without an answer, the files stay.
    """
    from launcher.state import warm  # noqa: PLC0415  in the watcher of a warm app

    for path, container in warm.damaged(folder):
        with suppress(Trouble, OSError):
            if found := _waiting(reached, container, os.stat(path).st_mtime):
                goal = warm.taken(folder, container)
                warm.record(goal, "", found)
                if path == goal:
                    continue
            warm.forget(path)


def _waiting(reached: Reached, container: str, made: float) -> Idle | None:
    """Return the warm *container* as the engine knows it, None where it does not; raises `EngineError`."""
    from launcher.core.warm import LABEL, Idle  # noqa: PLC0415  a file is damaged
    from launcher.engine.wire import Wire  # noqa: PLC0415  as above

    wire = Wire(reached.endpoint.socket, reached.traits.api, reached.traits.flavour)
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
