"""The connection to the engine in use: its address, its properties and its images."""

from __future__ import annotations

import os

from launcher.engine import detect_traits as engine_traits
from launcher.engine import endpoint as endpoints
from launcher.errors import EngineError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from launcher.core.run.engine_traits import EngineTraits
    from launcher.core.values.invocation import Invocation
    from launcher.engine.engine_protocol import Engine
    from launcher.engine.image_store import ImageStore
    from launcher.host.locations import Places


class EngineConnection:
    """An engine that answers; docker-py is only loaded when it is needed."""

    def __init__(self, endpoint: endpoints.Endpoint, traits: EngineTraits, places: Places, client: Any = None) -> None:
        """Keep the facts, and docker-py's *client* if it was needed to find them out."""
        self.endpoint = endpoint
        self.traits = traits
        self.places = places
        self._client = client

    @property
    def client(self) -> Any:
        """Docker-py's client; only the engine room uses its methods."""
        if self._client is None:
            from launcher.engine.docker_client import connect  # noqa: PLC0415  it loads docker-py

            self._client = connect(self.endpoint, self.traits.api)
        return self._client

    @property
    def store(self) -> ImageStore:
        """The images of the engine."""
        from launcher.engine.image_store import ImageStore  # noqa: PLC0415  it loads docker-py

        return ImageStore(self.client)

    @property
    def engines(self) -> tuple[Callable[[], Engine], ...]:
        """The engines that a session may run on, the fastest first; the last one understands every answer."""
        return (self._wire, self.sdk) if self.is_wired else (self.sdk,)

    @property
    def is_wired(self) -> bool:
        """Whether requests go directly to a local socket; APPLAUNCH_WIRE=0 turns that off, to find a fault."""
        return self.endpoint.socket != "" and os.environ.get("APPLAUNCH_WIRE") != "0"

    def sdk(self) -> Engine:
        """Return the engine through docker-py."""
        from launcher.engine.sdk_engine import SdkEngine  # noqa: PLC0415  it takes 75 to 125 ms

        return SdkEngine(self.client, self.endpoint.host, self.traits.flavour, self.queue)

    def _wire(self) -> Engine:
        from launcher.engine.wire_engine import WireEngine  # noqa: PLC0415  only for a local socket

        return WireEngine(self.endpoint.socket, self.traits.api, self.traits.flavour, self.queue)

    @property
    def queue(self) -> str:
        """The file where launches queue to create a container; "" if the engine creates several at once."""
        podman = self.traits.flavour == "podman" and self.traits.rootless
        return f"{self.places.traits}/creating" if podman else ""


def connect_engine(call: Invocation, places: Places, *, autostart: bool = False) -> EngineConnection:
    """Connect to the engine in use (DOCKER_HOST, context, usual sockets, private one); raises `EngineError`."""
    try:
        endpoint = endpoints.find_endpoint(call.env, call.home, call.uid, endpoints.private_socket(places.state))
    except EngineError:
        if not autostart or "DOCKER_HOST" in call.env or "DOCKER_CONTEXT" in call.env:
            raise
        from launcher.engine import private_engine  # noqa: PLC0415  a start takes a second anyway

        endpoint = private_engine.start(places.state, call.env.get("XDG_RUNTIME_DIR", ""), call.uid, call.env)
    client = None

    def detect() -> EngineTraits:
        from launcher.engine.docker_client import connect  # noqa: PLC0415  the first time with an engine

        nonlocal client
        client = connect(endpoint)
        return engine_traits.detect(client)

    return EngineConnection(endpoint, engine_traits.cached_traits(endpoint, places.traits, detect), places, client)
