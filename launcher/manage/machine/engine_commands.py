"""The engine's status, and starting and stopping the private engine."""

from typing import NamedTuple

from launcher.engine import private_engine
from launcher.engine.endpoint import private_socket
from launcher.engine.engine_info import read_engine_info
from launcher.engine.private_engine import Status
from launcher.manage.context import Context


class EngineStatus(NamedTuple):
    """The engine in use and what it reports about itself."""

    host: str
    origin: str
    """How it was selected: ``DOCKER_HOST``, ``docker context 'work'``, ``the usual socket``."""
    private: bool
    """Whether it is the private engine of this user."""
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


def engine_status(context: Context) -> EngineStatus:
    """Return the status of the engine in use; raises `EngineError` if none answers."""
    reached = context.engine()
    info, traits = read_engine_info(reached.client, reached.traits.flavour), reached.traits
    return EngineStatus(
        host=reached.endpoint.host,
        origin=reached.endpoint.origin,
        private=_is_private(context, reached.endpoint.socket),
        flavour=traits.flavour,
        version=traits.version,
        api=traits.api,
        rootless=traits.rootless,
        userns=traits.userns,
        arch=traits.arch,
        system=info.system,
        storage=info.storage,
        root=info.root,
        images=info.images,
        containers=info.containers,
        running=info.running,
    )


def start(context: Context) -> Status:
    """Start the private engine unless it is running; raises `EngineError` if nothing suitable is installed."""
    private_engine.start(
        context.places.state, context.call.env.get("XDG_RUNTIME_DIR", ""), context.call.uid, context.call.env
    )
    return private_engine.status(context.places.state)


def stop(context: Context) -> bool:
    """Stop the private engine and its containers; return False if it was not running."""
    return private_engine.stop(context.places.state, context.call.env)


def _is_private(context: Context, socket: str) -> bool:
    return socket != "" and socket == private_socket(context.places.state)
