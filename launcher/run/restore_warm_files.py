"""Mark warm containers whose files are damaged as left over; the watcher of a warm app does so."""

from __future__ import annotations

import os

from launcher.core.run.warm_policy import LABEL, Idle
from launcher.engine.wire_engine import WireEngine
from launcher.errors import UserError
from launcher.fast_stdlib import closing, suppress
from launcher.state import warm_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.run.engine_connection import EngineConnection


def restore_damaged_files(reached: EngineConnection, folder: str) -> None:
    """Mark warm containers whose files are damaged as left over, so that no call takes them and they are removed.

    A file is named after its container, and the container's labels say what it is for. Files of containers that the
    engine does not have are deleted. If the engine does not answer, the files stay.
    """
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
