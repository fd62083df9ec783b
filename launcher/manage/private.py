"""The engine in force, as people ask for it, and the private one started and stopped."""

from typing import NamedTuple

from launcher.engine.facts import facts
from launcher.manage.desk import Desk


class Standing(NamedTuple):
    """The engine in force, and what it tells of itself."""

    host: str
    origin: str
    """Who named it: ``DOCKER_HOST``, ``docker context 'work'``, ``the usual socket``."""
    private: bool
    """Whether it is the one that applaunch started for this user."""
    flavour: str
    version: str
    api: str
    rootless: bool
    userns: bool
    arch: str
    system: str
    storage: str
    root: str
    images: int
    containers: int
    running: int


def standing(desk: Desk) -> Standing:
    """Ask the engine in force; raises `EngineError` where none answers."""
    reached = desk.engine()
    said, traits = facts(reached.client), reached.traits
    return Standing(
        host=reached.endpoint.host,
        origin=reached.endpoint.origin,
        private=_is_ours(desk, reached.endpoint.socket),
        flavour=traits.flavour,
        version=traits.version,
        api=traits.api,
        rootless=traits.rootless,
        userns=traits.userns,
        arch=traits.arch,
        system=said.system,
        storage=said.storage,
        root=said.root,
        images=said.images,
        containers=said.containers,
        running=said.running,
    )


def _is_ours(desk: Desk, socket: str) -> bool:
    from launcher.engine import private  # noqa: PLC0415  as in reached.py

    if not hasattr(private, "socket_of"):
        return False
    return bool(socket) and socket == private.socket_of(desk.places.engine, desk.call.env, desk.call.uid)
