"""Containers that have ended and are being removed: they use an image for a moment longer, and need only be waited for.

A launch ends as soon as its program does (see `WireEngine.wait`). The engine then takes down the network and removes
the container, which takes 20 to 300 ms, and longer on a busy machine.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from launcher.engine import docker_requests
from launcher.engine.docker_client import translate_errors
from launcher.engine.engine_http import NOT_FOUND

if TYPE_CHECKING:
    from docker import APIClient

REMOVAL = 10.0
"""Seconds that the engine has for removing a container that has ended."""
_PAUSE = 0.02
_BEING_REMOVED = frozenset({"removing", "dead"})
_ENDED = frozenset({"exited", "stopping", "stopped"})  # the last two are podman's


def wait_for_removal(client: APIClient, container: str, seconds: float = REMOVAL) -> bool:
    """Wait until a *container* that has ended is removed; raises `EngineError`.

    Return False if it stays: it runs, it was not created with ``--rm``, or *seconds* are over. While the engine takes
    down the network, it lists the container as running, and answers an inspection only afterwards.
    """
    from requests.exceptions import ReadTimeout  # noqa: PLC0415  docker-py has loaded it

    raw: Any = client
    until = time.monotonic() + seconds
    with translate_errors(container):
        while (left := until - time.monotonic()) > 0:
            try:
                answer = docker_requests.get(raw, "/containers/{0}/json", container, timeout=left)
            except ReadTimeout:
                return False
            if answer.status_code == NOT_FOUND:
                return True
            docker_requests.check(raw, answer)
            if not _goes(answer.json()):
                return False
            time.sleep(_PAUSE)
    return False


def _goes(data: dict[str, Any]) -> bool:
    """Return whether the engine removes the container without being asked again."""
    status = data["State"]["Status"]
    return status in _BEING_REMOVED or (status in _ENDED and bool(data["HostConfig"].get("AutoRemove")))
