"""The engine in force, as people ask for it, and the private one started and stopped."""

from typing import NamedTuple

from launcher.engine import private_engine
from launcher.engine.endpoint import private_socket
from launcher.engine.engine_info import read_engine_info
from launcher.engine.private_engine import Status
from launcher.manage.context import Context


class EngineStatus(NamedTuple):
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


def engine_status(desk: Context) -> EngineStatus:
    """Ask the engine in force; raises `EngineError` where none answers."""
    reached = desk.engine()
    said, traits = read_engine_info(reached.client, reached.traits.flavour), reached.traits
    return EngineStatus(
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


def start(desk: Context) -> Status:
    """Start the private engine, or find it running; raises `EngineError` where nothing to start is installed."""
    private_engine.start(desk.places.state, desk.call.env.get("XDG_RUNTIME_DIR", ""), desk.call.uid, desk.call.env)
    return private_engine.status(desk.places.state)


def stop(desk: Context) -> bool:
    """Stop the private engine and what runs in it; False where it did not run."""
    return private_engine.stop(desk.places.state, desk.call.env)


def _is_ours(desk: Context, socket: str) -> bool:
    return socket != "" and socket == private_socket(desk.places.state)
