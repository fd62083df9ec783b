"""Find the containers of our launches by their labels, and remove them."""

from __future__ import annotations

import math
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from launcher.core.run.warm_policy import LABEL
from launcher.engine import docker_requests
from launcher.engine.docker_client import ANSWER_TIMEOUT, translate_errors

if TYPE_CHECKING:
    from docker import APIClient

_BROKEN = re.compile(r"getting container from store \"?([0-9a-f]{64})\"?: container not known")
_MAX_BROKEN = 20
_REMOVING = 409  # the engine is already removing it


class Container(NamedTuple):
    """A container that a launch created."""

    id: str
    name: str
    command: str
    """The command that it runs."""
    started: str
    """Start stamp of its launcher, from `process_stamp`."""
    state: str
    """The engine's state: ``running``, ``created``, ``exited``..."""
    is_warm: bool = False
    """Whether it is a warm container, which belongs to no launch."""
    made: float = 0.0
    """Creation time in unix seconds."""
    app: str = ""
    """The app of the command."""


def list_containers(client: APIClient) -> list[Container]:
    """List the containers that launches created, running or not; raises `EngineError`.

    podman 4.3 keeps a partial container if one is removed during its creation. It breaks every listing, so it is
    removed.
    """
    from docker.errors import APIError  # noqa: PLC0415  the client has already loaded it

    raw: Any = client
    with translate_errors("engine"):
        for _ in range(_MAX_BROKEN):
            try:
                return [_parse(data) for data in raw.containers(all=True, filters={"label": "applaunch.run"})]
            except APIError as error:
                if not (broken := _BROKEN.search(str(error.explanation))):
                    raise
                raw.remove_container(broken[1], force=True, v=True)
    return []


def stop_container(client: APIClient, container: Container, seconds: float) -> None:
    """Send a container its stop signal and kill it *seconds* later, unless it is gone; raises `EngineError`."""
    from docker.errors import NotFound  # noqa: PLC0415  the client has already loaded it

    whole = math.ceil(seconds)
    with translate_errors(container.name), suppress(NotFound):
        path, how = "/containers/{0}/stop", {"params": {"t": whole}, "timeout": ANSWER_TIMEOUT + whole}
        docker_requests.check(client, docker_requests.post(client, path, container.id, **how))


def remove_container(client: APIClient, container: Container) -> None:
    """Kill and remove *container* if it still exists; raises `EngineError`."""
    from docker.errors import APIError, NotFound  # noqa: PLC0415  the client has already loaded it

    raw: Any = client
    with translate_errors(container.name):
        try:
            raw.remove_container(container.id, force=True, v=True)
        except NotFound:
            return
        except APIError as error:
            if error.status_code != _REMOVING:
                raise


def _parse(data: dict[str, Any]) -> Container:
    labels = data.get("Labels") or {}
    return Container(
        id=data["Id"],
        name=(data.get("Names") or [data["Id"][:12]])[0].lstrip("/"),
        command=labels.get("applaunch.command", ""),
        started=labels.get("applaunch.started", ""),
        state=data.get("State") or "",
        is_warm=LABEL in labels,
        made=float(data.get("Created") or 0),
        app=labels.get("applaunch.app", ""),
    )
