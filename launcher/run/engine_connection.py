"""The engine in force, reached: where it is, what it is, and its images."""

from __future__ import annotations

import os
import sys

from launcher.core.run.container_user import Account
from launcher.core.values.reference import repo_of
from launcher.core.values.resolved_image import ResolvedImage
from launcher.engine import detect_traits as engine_traits
from launcher.engine import endpoint as endpoints
from launcher.errors import EngineError, HostError, ImageMissingError
from launcher.fast_stdlib import suppress
from launcher.host import process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from launcher.core.run.container_user import Identity
    from launcher.core.run.engine_traits import EngineTraits
    from launcher.core.values.invocation import Invocation
    from launcher.engine.engine_protocol import Engine
    from launcher.engine.image_store import ImageStore
    from launcher.engine.local_images import ImageFacts
    from launcher.host.locations import Places


class Reached:
    """One engine that answers; docker-py is loaded when something asks for it."""

    def __init__(self, endpoint: endpoints.Endpoint, traits: EngineTraits, places: Places, client: Any = None) -> None:
        """Keep the facts, and a *client* of docker-py's where one was needed to find them out."""
        self.endpoint = endpoint
        self.traits = traits
        self.places = places
        self._client = client

    @property
    def client(self) -> Any:
        """Docker-py's client; only the engine room looks into it."""
        if self._client is None:
            from launcher.engine.docker_client import connect  # noqa: PLC0415  it loads docker-py

            self._client = connect(self.endpoint, self.traits.api)
        return self._client

    @property
    def store(self) -> ImageStore:
        """Its images."""
        from launcher.engine.image_store import ImageStore  # noqa: PLC0415  docker-py's, like the client

        return ImageStore(self.client)

    @property
    def engines(self) -> tuple[Callable[[], Engine], ...]:
        """What a session may run on, the quickest first; the last knows every answer."""
        return (self._wire, self.sdk) if self.is_wired else (self.sdk,)

    @property
    def is_wired(self) -> bool:
        """Whether requests go straight to a local socket; APPLAUNCH_WIRE=0 turns that off, to find a fault."""
        return self.endpoint.socket != "" and os.environ.get("APPLAUNCH_WIRE") != "0"

    def sdk(self) -> Engine:
        """Return the engine through docker-py."""
        from launcher.engine.sdk_engine import SdkEngine  # noqa: PLC0415  75 to 125 ms, for who needs it

        return SdkEngine(self.client, self.endpoint.host, self.traits.flavour, self.queue)

    def _wire(self) -> Engine:
        from launcher.engine.wire_engine import WireEngine  # noqa: PLC0415  only for a local socket

        return WireEngine(self.endpoint.socket, self.traits.api, self.traits.flavour, self.queue)

    @property
    def queue(self) -> str:
        """Where launches wait for their turn to create a container; "" for an engine that takes many at once."""
        podman = self.traits.flavour == "podman" and self.traits.rootless
        return f"{self.places.traits}/creating" if podman else ""


def reach(call: Invocation, places: Places, *, autostart: bool = False) -> Reached:
    """Return the engine in force (DOCKER_HOST, docker context, usual sockets, our own); raises `EngineError`."""
    try:
        endpoint = endpoints.find_endpoint(call.env, call.home, call.uid, endpoints.private_socket(places.state))
    except EngineError:
        if not autostart or "DOCKER_HOST" in call.env or "DOCKER_CONTEXT" in call.env:
            raise
        from launcher.engine import private_engine  # noqa: PLC0415  a start takes a second anyway

        endpoint = private_engine.start(places.state, call.env.get("XDG_RUNTIME_DIR", ""), call.uid, call.env)
    client = None

    def detect() -> EngineTraits:
        from launcher.engine.docker_client import connect  # noqa: PLC0415  an engine met for the first time

        nonlocal client
        client = connect(endpoint)
        return engine_traits.detect(client)

    return Reached(endpoint, engine_traits.cached_traits(endpoint, places.traits, detect), places, client)


def pulled(reached: Reached, name: str, image: str, call: Invocation, platform: str = "") -> ResolvedImage:
    """Pull *image* for *name*, showing how it goes on stderr, and return what it is held on from now on."""
    from launcher.core.values.reference import Reference  # noqa: PLC0415  a pull waits anyway
    from launcher.engine import credentials  # noqa: PLC0415  as above
    from launcher.host.pull_progress import choose_progress  # noqa: PLC0415  as above

    ref = Reference.parse(image)
    shown = choose_progress(to_stderr, columns_and_rows, tty=process.is_terminal(2), term=call.env.get("TERM", ""))
    shown.begin(name, image)
    login = credentials.find_login(ref, call.env, call.home, call.uid)
    done = reached.store.pull(ref, platform, login, shown.show)
    shown.end(done)
    facts = reached.store.inspect(ref.exact)
    if facts is None:
        raise ImageMissingError(image, "the engine lost it right after the pull", "try again")
    return ResolvedImage(done.digest, facts.id, pulled=True, platform=facts.platform)


def held(facts: ImageFacts, image: str) -> ResolvedImage:
    """Return the pin for an image that the engine had before anybody asked us."""
    return ResolvedImage(facts.digest_in(repo_of(image)), facts.id, platform=facts.platform)


def tagged(reached: Reached, image_id: str, tag: str) -> None:
    """Give an image the own *tag* of its deployment; one that is gone again has no need of it."""
    with suppress(ImageMissingError):
        reached.store.tag(image_id, tag)


def account(reached: Reached, image: str, image_id: str, call: Invocation, who: Identity) -> Account | None:
    """Return the passwd and group files that give the caller a name in *image*, made when they are missing.

    They are kept by image, uid and name, and hold the image's own lines after the caller's.
    """
    uid, gid = who.inside or (call.uid, call.gid)
    key = f"{image_id.rpartition(':')[2][:24]}-{uid}-{gid}"
    folder = f"{reached.places.accounts}/{key}"
    made = Account(f"{folder}/passwd", f"{folder}/group")
    if os.path.exists(made.group):
        return made
    from launcher.core.run.container_user import group, passwd  # noqa: PLC0415  once for an image
    from launcher.engine.accounts import read_accounts  # noqa: PLC0415  as above
    from launcher.host import files  # noqa: PLC0415  as above

    users, groups = read_accounts(reached.client, image)
    try:
        files.create(made.passwd, passwd(users, call, who))  # never over one that another launch mounts just now
        files.create(made.group, group(groups, call, who))  # last: it says that both are there
    except HostError:
        return None  # a cache that cannot be written costs the program its name, not its run
    return made


def hosts(reached: Reached) -> str:
    """Return the /etc/hosts of programs without a network, made when it is missing.

    "" where that cannot be, or where the engine is on another machine.
    """
    path = reached.places.hosts
    if not reached.endpoint.socket or os.path.exists(path):
        return path if reached.endpoint.socket else ""
    from launcher.host import files  # noqa: PLC0415  once for a user

    try:
        files.create(path, _HOSTS)
    except HostError:
        return ""
    return path


_HOSTS = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"


def to_stderr(text: str) -> None:
    """Write *text* for people, at once; a stderr that is gone or full is no trouble."""
    stream = sys.stderr
    if stream is not None:
        with suppress(OSError, ValueError):
            stream.write(text)
            stream.flush()


def columns_and_rows() -> tuple[int, int]:
    """Return the size of the terminal that people look at."""
    rows, columns = process.terminal_size()
    return columns or 80, rows or 24
