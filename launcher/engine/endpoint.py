"""Find the engine: the one that the environment or a docker context names, or the first socket that answers.

The order is docker's (DOCKER_HOST, DOCKER_CONTEXT, ``docker context use``), followed by the sockets where engines
usually listen. Every launch loads this module, so it imports as little as possible.
"""

from __future__ import annotations

import os

from launcher.errors import EngineError, NoEngineError
from launcher.fast_stdlib import NamedTuple, closing, loads, socket, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from launcher.engine.named_endpoint import Tls

    Probe = Callable[[str], str]

MAX_SOCKET_PATH = 100  # sun_path holds 108 bytes on Linux
_DOCKER_SOCKET = "/var/run/docker.sock"
JOIN_DOCKER_GROUP = "sudo usermod -aG docker $USER && newgrp docker"


class Endpoint(NamedTuple):
    """Where an engine listens, and how it was found."""

    host: str
    """``unix:///path``, ``tcp://host:port`` or ``ssh://[user@]host[:port]``."""
    tls: Tls | None = None
    origin: str = ""
    """For messages: ``DOCKER_HOST``, ``docker context 'work'``, ``the usual socket``."""

    @property
    def socket(self) -> str:
        """The path of a local socket, or "" for an engine that is reached otherwise."""
        return self.host.removeprefix("unix://") if self.host.startswith("unix://") else ""


def probe_socket(path: str) -> str:
    """Return "" if something accepts connections on the socket *path*, or else the error message."""
    try:
        with closing(socket.socket(socket.AF_UNIX)) as probe:
            probe.settimeout(5)
            probe.connect(path)
    except OSError as error:
        return (os.strerror(error.errno) if error.errno else str(error)).lower()
    return ""


def find_endpoint(
    env: Mapping[str, str], home: str, uid: int, private_socket: str = "", probe: Probe = probe_socket
) -> Endpoint:  # fmt: skip
    """Return the engine to use.

    Raises `EngineError` for an unknown context and for a named local socket that does not answer, and `NoEngineError`
    if none is named and no engine answers anywhere.
    """
    named = _named_endpoint(env, home)
    if not named:
        return _first_that_answers(env, home, uid, private_socket, probe)
    if named.socket and (why := probe(named.socket)):
        raise EngineError("engine", f"cannot connect to {named.host}: {why}", _fix(named, why))
    return named


def _named_endpoint(env: Mapping[str, str], home: str) -> Endpoint | None:
    """Return the engine of DOCKER_HOST or of the selected docker context; None if it is the default one."""
    host = env.get("DOCKER_HOST", "").strip()
    context, origin = "" if host else env.get("DOCKER_CONTEXT", ""), "DOCKER_CONTEXT"
    if not host and not context:
        selected, origin = read_docker_config(env, home).get("currentContext"), "docker context use"
        context = selected if isinstance(selected, str) else ""
    if not host and context in ("", "default"):
        return None
    from launcher.engine import named_endpoint  # noqa: PLC0415  only if an engine is named

    if host:
        return Endpoint(*named_endpoint.from_docker_host(host, env, _config_dir(env, home)))
    return Endpoint(*named_endpoint.from_context(context, origin, _config_dir(env, home)))


def remote_engine(env: Mapping[str, str], home: str) -> str:
    """Return the address of the engine that the caller chose, if it is not a local socket; "" for any other.

    Nothing is asked. Raises `EngineError` for an unknown context.
    """
    named = _named_endpoint(env, home)
    return named.host if named and not named.socket else ""


def private_socket(state_dir: str) -> str:
    """Return where a private engine listens; costs a launch at most one ``readlink``."""
    path = f"{state_dir}/engine/engine.sock"
    if len(path.encode()) <= MAX_SOCKET_PATH:
        return path
    with suppress(OSError):
        return os.readlink(path)
    return ""


def read_docker_config(env: Mapping[str, str], home: str) -> dict[str, Any]:
    """Return docker's config.json, or an empty dict if it is missing or invalid."""
    try:
        with open(f"{_config_dir(env, home)}/config.json", "rb") as file:
            config = loads(file.read())
    except (OSError, ValueError):
        return {}
    return config if isinstance(config, dict) else {}


def read_proxies(env: Mapping[str, str], home: str, host: str = "") -> dict[str, str]:
    """Return the variables that docker gives to containers of the engine at *host* ("": the default) for its proxies.

    Most users have none, and then the file is not even parsed.
    """
    try:
        with open(f"{_config_dir(env, home)}/config.json", "rb", 0) as file:
            if b'"proxies"' not in file.read():
                return {}
    except OSError:
        return {}
    from launcher.core.run.docker_proxies import proxy_variables  # noqa: PLC0415  few users

    host = host or env.get("DOCKER_HOST", "").strip() or f"unix://{_DOCKER_SOCKET}"
    return proxy_variables(read_docker_config(env, home), host)


def _config_dir(env: Mapping[str, str], home: str) -> str:
    return env.get("DOCKER_CONFIG") or f"{home}/.docker"


def _first_that_answers(env: Mapping[str, str], home: str, uid: int, private_socket: str, probe: Probe) -> Endpoint:
    denied = False
    for path, origin in _usual_sockets(env, home, uid, private_socket):
        if not (why := probe(path)):
            return Endpoint(f"unix://{path}", None, origin)
        denied = denied or (why == "permission denied" and path == _DOCKER_SOCKET)
    from launcher.engine import install_hint  # noqa: PLC0415  only needed if there is no engine

    fix = install_hint.engine_fix(install_hint.inspect_machine(uid, env.get("PATH")))
    if denied:
        what = f"no container engine answers, and you have no access to unix://{_DOCKER_SOCKET}"
        raise NoEngineError("engine", what, f"{JOIN_DOCKER_GROUP}, or {fix}")
    raise NoEngineError("engine", "no container engine answers", fix)


def _usual_sockets(env: Mapping[str, str], home: str, uid: int, private_socket: str) -> list[tuple[str, str]]:
    runtime = env.get("XDG_RUNTIME_DIR") or f"/run/user/{uid}"
    return [
        (_DOCKER_SOCKET, "the usual socket"),
        (f"{runtime}/docker.sock", "rootless docker's socket"),
        (f"{home}/.docker/run/docker.sock", "Docker Desktop's socket"),
        (f"{home}/.docker/desktop/docker.sock", "Docker Desktop's socket"),
        (f"{home}/.colima/default/docker.sock", "colima's socket"),
        (f"{home}/.orbstack/run/docker.sock", "OrbStack's socket"),
        (f"{runtime}/podman/podman.sock", "podman's socket"),
        ("/run/podman/podman.sock", "podman's socket"),
        *([(private_socket, "applaunch's own engine")] if private_socket else []),
    ]


def _fix(endpoint: Endpoint, why: str) -> str:
    if why == "permission denied":
        return JOIN_DOCKER_GROUP
    if endpoint.origin == "DOCKER_HOST":
        return "is the engine running? start it, or unset DOCKER_HOST"
    return "is the engine running? start it, or docker context use default"
