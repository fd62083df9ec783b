"""Create docker-py clients that speak the engine's API version, and translate docker-py's errors.

Importing docker-py costs 75 to 125 ms, so functions import it when they need it.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from launcher.engine import docker_requests, sdk_errors
from launcher.engine.endpoint import probe_socket
from launcher.fast_stdlib import enable_site_packages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import APIClient

    from launcher.engine.endpoint import Endpoint
    from launcher.engine.named_endpoint import Tls

OLDEST_API = "1.41"
"""Docker 20.10 and podman 4, the oldest versions that this code is tested with."""
NEWEST_API = "1.45"
"""The version docker-py 7 is written for (its DEFAULT_DOCKER_API_VERSION); Docker 29 needs 1.44 or later."""
_CONNECT, ANSWER_TIMEOUT = 15, 300  # seconds; a create or a removal may wait for a slow disk
STREAM_TIMEOUT, ARCHIVE_TIMEOUT = 300, 1800
"""Seconds until a stream must begin: that of a pull, and that of an image archive. Then it may take any time."""
_PING, _FAR, _SSH = 5, 15, 60  # seconds for the first answer: on this machine, over TCP, over ssh


def connect(endpoint: Endpoint, api: str | None = None) -> APIClient:
    """Return a docker-py client for *endpoint*, for use inside the engine package only.

    It speaks *api* if given, or else the version that ``/_ping`` (0.5 ms) reports; the ping also proves that the engine
    answers. ``/version`` is never asked: podman takes up to 350 ms for it. Raises `EngineError` if nothing answers
    within seconds.
    """
    if endpoint.socket and (why := probe_socket(endpoint.socket)):  # docker-py leaks a socket if this fails
        raise sdk_errors.no_connection(endpoint.host, why)
    with translate_errors(endpoint.host), ExitStack() as undo:
        client = undo.enter_context(_client(endpoint))
        client.trust_env = False  # else HTTP_PROXY catches tcp:// and REQUESTS_CA_BUNDLE replaces the engine's CA
        patience = _PING if endpoint.socket else _SSH if endpoint.host.startswith("ssh://") else _FAR
        headers = docker_requests.ping(client, patience)
        version = api or negotiate_version(headers.get("Api-Version", ""), endpoint.host)
        docker_requests.set_api_version(client, version)
        undo.pop_all()
    return client


def block_paramiko() -> None:
    """Keep docker-py from importing paramiko (76 ms): we use the system's ssh."""
    modules: dict[str, Any] = sys.modules
    modules.setdefault("paramiko", None)  # the documented way to block an import


def negotiate_version(engine_api: str, where: str) -> str:
    """Return the lower of *engine_api* and our newest version; raises `EngineError` if the engine is too old."""
    if not engine_api:
        raise sdk_errors.not_an_engine(where)
    if _numbers(engine_api) < _numbers(OLDEST_API):
        raise sdk_errors.engine_too_old(where, engine_api, OLDEST_API)
    return min(engine_api, NEWEST_API, key=_numbers)


@contextmanager
def translate_errors(where: str) -> Iterator[None]:
    """Raise `EngineError` or `ImageMissingError` with *where* for errors of docker-py and the libraries below it."""
    try:
        yield
    except Exception as error:
        from launcher.engine.translate_sdk_error import translate_error  # noqa: PLC0415  only on failure

        translated = translate_error(error, where)
        if translated is None:
            raise
        raise translated from error


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))


def _client(endpoint: Endpoint) -> APIClient:
    """Create a client without contacting the engine and without reading config.json, which may be broken."""
    enable_site_packages()
    block_paramiko()
    import docker.api.client as module  # noqa: PLC0415  75 to 125 ms

    with _no_config(module):
        if endpoint.host.startswith("ssh://"):
            from launcher.engine import ssh_transport  # noqa: PLC0415  it imports requests

            return ssh_transport.ssh_client(endpoint.host, OLDEST_API, ANSWER_TIMEOUT)
        timeout: Any = ANSWER_TIMEOUT  # its stub does not have the pair, which requests accepts
        if not endpoint.socket:
            timeout = _CONNECT, ANSWER_TIMEOUT
        return module.APIClient(endpoint.host, version=OLDEST_API, timeout=timeout, tls=_tls(endpoint.tls))


@contextmanager
def _no_config(module: Any) -> Iterator[None]:
    """Keep the constructor from reading config.json: an invalid entry there is fatal, even for a run."""
    kept = module.config, module.auth
    module.config = module.auth = _NoConfig
    try:
        yield
    finally:
        module.config, module.auth = kept


class _NoConfig:
    """Replace docker-py's ``config`` and ``auth`` modules while a client is created."""

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
        import urllib3  # noqa: PLC0415  docker-py has already loaded it

        # The user chose this, and stderr belongs to the program.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    pair = (tls.cert, tls.key) if tls.cert and tls.key else None
    return TLSConfig(client_cert=pair, ca_cert=tls.ca or None, verify=tls.verify)
