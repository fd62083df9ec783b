"""The door to docker-py: a client that speaks the engine's version, and docker-py's failures in our words.

Importing docker-py costs 75 to 125 ms, so it happens inside the functions, where someone is waiting anyway.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from launcher.engine import sdk_errors
from launcher.engine.endpoint import probe_socket
from launcher.fast_stdlib import enable_site_packages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import APIClient

    from launcher.engine.endpoint import Endpoint, Tls

OLDEST_API = "1.41"
"""Docker 20.10 and podman 4: what this code is tested with."""
NEWEST_API = "1.45"
"""The version docker-py 7 is written for (its DEFAULT_DOCKER_API_VERSION); Docker 29 takes 1.44 and later."""
_CONNECT, _ANSWER = 15, 300  # seconds; a create or a removal may wait for a slow disk
STREAM_TIMEOUT, ARCHIVE_TIMEOUT = 300, 1800
"""Seconds until a stream begins, which then may take any time: a pull's, and that of an image's whole archive."""
_PING, _FAR, _SSH = 5, 15, 60  # seconds for the first answer of all: on this machine, over TCP, with a login by ssh


def connect(endpoint: Endpoint, api: str | None = None) -> APIClient:
    """Return a docker-py client for *endpoint*, for use inside the engine room only.

    It speaks *api* when that is known; else what a ``/_ping`` (0.5 ms) tells, which shows in any case that the engine
    answers. ``/version`` is never asked: podman takes up to 350 ms for it. Raises EngineError when nothing answers in
    seconds, in words.
    """
    if endpoint.socket and (why := probe_socket(endpoint.socket)):  # docker-py leaks a socket where this fails
        raise sdk_errors.no_connection(endpoint.host, why)
    with translate_errors(endpoint.host), ExitStack() as undo:
        client = undo.enter_context(_client(endpoint))
        client.trust_env = False  # else HTTP_PROXY catches tcp:// and REQUESTS_CA_BUNDLE replaces the engine's CA
        speaking: Any = client
        headers = ping(client, _PING if endpoint.socket else _SSH if endpoint.host.startswith("ssh://") else _FAR)
        speaking._version = api or negotiate_version(headers.get("Api-Version", ""), endpoint.host)  # noqa: SLF001  docker-py's one place for it
        undo.pop_all()
    return client


def ping(client: APIClient, seconds: float = _ANSWER) -> dict[str, str]:
    """Ask ``/_ping`` and return its headers: ``Api-Version``, ``Server``, ``Libpod-Api-Version``, ``Ostype``."""
    raw: Any = client
    answer = raw._get(raw._url("/_ping", versioned_api=False), timeout=seconds)  # noqa: SLF001  docker-py's ping() drops the headers
    raw._raise_for_status(answer)  # noqa: SLF001  as above
    return dict(answer.headers)


def remove_timeout(answer: Any) -> None:
    """Let a streamed *answer*, whose head has come, take any time from now on."""
    with suppress(AttributeError):  # it is complete already
        answer.raw._fp.fp.raw._sock.settimeout(None)  # noqa: SLF001  no layer above offers it


def negotiate_version(theirs: str, where: str) -> str:
    """Return the lower of our version and *theirs*; raises EngineError for an engine that is too old."""
    if not theirs:
        raise sdk_errors.not_an_engine(where)
    if _numbers(theirs) < _numbers(OLDEST_API):
        raise sdk_errors.engine_too_old(where, theirs, OLDEST_API)
    return min(theirs, NEWEST_API, key=_numbers)


@contextmanager
def translate_errors(where: str) -> Iterator[None]:
    """Raise EngineError or ImageMissing, saying *where*, for whatever docker-py and its layers raise inside."""
    try:
        yield
    except Exception as error:
        trouble = sdk_errors.translate_error(error, where)
        if trouble is None:
            raise
        raise trouble from error


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))


def _client(endpoint: Endpoint) -> APIClient:
    """Construct one without a word to the engine and without docker's config.json, which may be broken."""
    enable_site_packages()
    sys.modules.setdefault("paramiko", None)  # type: ignore[arg-type]  # the documented way to block an import; it costs 76 ms, and ssh here is the system's own
    import docker.api.client as module  # noqa: PLC0415  75 to 125 ms

    with _no_config(module):
        if endpoint.host.startswith("ssh://"):
            from launcher.engine import ssh_transport  # noqa: PLC0415  it imports requests

            return ssh_transport.ssh_client(endpoint.host, OLDEST_API, _ANSWER)
        timeout: Any = _ANSWER if endpoint.socket else (_CONNECT, _ANSWER)  # requests takes the pair; the stub does not
        return module.APIClient(endpoint.host, version=OLDEST_API, timeout=timeout, tls=_tls(endpoint.tls))


@contextmanager
def _no_config(module: Any) -> Iterator[None]:
    """Keep the constructor from reading config.json: a malformed entry there is fatal, even for a run."""
    kept = module.config, module.auth
    module.config = module.auth = _NoConfig
    try:
        yield
    finally:
        module.config, module.auth = kept


class _NoConfig:
    """Stands for docker-py's ``config`` and ``auth`` modules while a client is made."""

    @staticmethod
    def load_general_config() -> dict[str, Any]:
        return {}

    @staticmethod
    def load_config(config_dict: dict[str, Any], credstore_env: None) -> dict[str, Any]:
        del config_dict, credstore_env
        return {}


def _tls(tls: Tls | None) -> Any:
    if tls is None:
        return False
    from docker.tls import TLSConfig  # noqa: PLC0415  75 to 125 ms

    if not tls.verify:
        import urllib3  # noqa: PLC0415  docker-py has loaded it already

        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # the user said so; stderr is the program's
    pair = (tls.cert, tls.key) if tls.cert and tls.key else None
    return TLSConfig(client_cert=pair, ca_cert=tls.ca or None, verify=tls.verify)
