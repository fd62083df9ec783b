"""The containers of our launches that the engine holds: found by their labels, and taken away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from launcher.core.run.warm_policy import LABEL
from launcher.engine.docker_client import translate_errors

if TYPE_CHECKING:
    from docker import APIClient

_HALF = re.compile(r"getting container from store \"?([0-9a-f]{64})\"?: container not known")
_HALVES = 20
_REMOVING = 409  # the engine is at it already


class Container(NamedTuple):
    """A container that some launch made."""

    id: str
    name: str
    command: str
    """The command that it runs."""
    started: str
    """Start stamp of its launcher, from `process_stamp`: ticks since boot, ``@``, boot id, pid namespace."""
    state: str
    """The engine's word: ``running``, ``created``, ``exited``..."""
    is_warm: bool = False
    """Whether it was made to wait for calls: no launch is behind it."""
    made: float = 0.0
    """Unix seconds."""


def list_containers(client: APIClient) -> list[Container]:
    """List the containers that launches made, running or not; raises `EngineError`.

    Half a container, which podman 4.3 keeps of one that was removed while it was made, breaks every list: it goes.
    """
    from docker.errors import APIError  # noqa: PLC0415  the client has loaded it

    raw: Any = client
    with translate_errors("engine"):
        for _ in range(_HALVES):
            try:
                return [_read(said) for said in raw.containers(all=True, filters={"label": "applaunch.run"})]
            except APIError as error:
                if not (half := _HALF.search(str(error.explanation))):
                    raise
                raw.remove_container(half[1], force=True, v=True)
    return []


def remove_container(client: APIClient, container: Container) -> None:
    """Kill *container* and take it away; one that is gone is no trouble. Raises `EngineError`."""
    from docker.errors import APIError, NotFound  # noqa: PLC0415  the client has loaded it

    raw: Any = client
    with translate_errors(container.name):
        try:
            raw.remove_container(container.id, force=True, v=True)
        except NotFound:
            return
        except APIError as error:
            if error.status_code != _REMOVING:
                raise


def _read(said: dict[str, Any]) -> Container:
    labels = said.get("Labels") or {}
    return Container(
        id=said["Id"],
        name=(said.get("Names") or [said["Id"][:12]])[0].lstrip("/"),
        command=labels.get("applaunch.command", ""),
        started=labels.get("applaunch.started", ""),
        state=said.get("State") or "",
        is_warm=LABEL in labels,
        made=float(said.get("Created") or 0),
    )
