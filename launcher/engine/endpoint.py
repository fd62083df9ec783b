"""Which engine: the one the environment names, the docker context in force, or the first socket that answers.

The order is docker's own (DOCKER_HOST, DOCKER_CONTEXT, ``docker context use``), and then the places where
engines are known to listen. Only stdlib, and as little of it as can be: every launch comes through here.
"""

from __future__ import annotations

import os

from launcher.errors import EngineError
from launcher.fast_stdlib import NamedTuple, closing, loads, socket, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Reach = Callable[[str], str]

MAX_SOCKET_PATH = 100  # sun_path holds 108 bytes on Linux
DEFAULT_SOCKET = "unix:///var/run/docker.sock"
JOIN_DOCKER_GROUP = "sudo usermod -aG docker $USER && newgrp docker"


class Tls(NamedTuple):
    """The files a TLS connection to an engine needs; "" for one that there is none of."""

    ca: str
    cert: str
    key: str
    verify: bool


class Endpoint(NamedTuple):
    """Where an engine listens, and who said so."""

    host: str
    """``unix:///path``, ``tcp://host:port`` or ``ssh://[user@]host[:port]``."""
    tls: Tls | None = None
    origin: str = ""
    """Words for messages: ``DOCKER_HOST``, ``docker context 'work'``, ``the usual socket``."""

    @property
    def socket(self) -> str:
        """The path of a local socket, "" for an engine that is reached another way."""
        return self.host.removeprefix("unix://") if self.host.startswith("unix://") else ""


def probe_socket(path: str) -> str:
    """Return "" when something accepts connections on the socket *path*, else why not, in a few words."""
    try:
        with closing(socket.socket(socket.AF_UNIX)) as probe:
            probe.settimeout(5)
            probe.connect(path)
    except OSError as error:
        return (os.strerror(error.errno) if error.errno else str(error)).lower()
    return ""


def find_endpoint(
    env: Mapping[str, str], home: str, uid: int, private_socket: str = "", reach: Reach = probe_socket
) -> Endpoint:  # fmt: skip
    """Decide which engine to talk to.

    Raises EngineError for a context that is unknown, for a named local socket that does not answer, and when
    no engine answers anywhere.
    """
    named = _from_host(env, home) or _from_context(env, home)
    if not named:
        return _first_that_answers(env, home, uid, private_socket, reach)
    if named.socket and (why := reach(named.socket)):
        raise EngineError("engine", f"cannot connect to {named.host}: {why}", _mend(named, why))
    return named


def private_socket(state_dir: str) -> str:
    """Return where the private engine listens, should there be one; one ``readlink`` at most, for the launch path."""
    path = f"{state_dir}/engine/engine.sock"
    if len(path.encode()) <= MAX_SOCKET_PATH:
        return path
    with suppress(OSError):
        return os.readlink(path)
    return ""


def read_docker_config(env: Mapping[str, str], home: str) -> dict[str, Any]:
    """Read docker's config.json; whatever is wrong with it, what comes back is a dict."""
    try:
        with open(f"{_config_dir(env, home)}/config.json", "rb") as file:
            config = loads(file.read())
    except (OSError, ValueError):
        return {}
    return config if isinstance(config, dict) else {}


def _config_dir(env: Mapping[str, str], home: str) -> str:
    return env.get("DOCKER_CONFIG") or f"{home}/.docker"


def _from_host(env: Mapping[str, str], home: str) -> Endpoint | None:
    """DOCKER_HOST, with TLS as docker reads it: any value of DOCKER_TLS_VERIFY turns it on, "0" too."""
    if not (host := env.get("DOCKER_HOST", "").strip()):
        return None
    verify = bool(env.get("DOCKER_TLS_VERIFY"))
    tls = None
    if (verify or env.get("DOCKER_TLS")) and not host.startswith(("unix://", "ssh://")):
        folder = env.get("DOCKER_CERT_PATH") or _config_dir(env, home)
        tls = Tls(f"{folder}/ca.pem", f"{folder}/cert.pem", f"{folder}/key.pem", verify)
    return Endpoint(_completed(host, "DOCKER_HOST", tls), tls, "DOCKER_HOST")


def _completed(host: str, origin: str, tls: Tls | None) -> str:
    """Fill in what docker lets people leave out: the socket's path, ``tcp://``, the port."""
    scheme, separator, rest = host.partition("://")
    if not separator:
        scheme, rest = "tcp", host
    match scheme:
        case "unix" if "\0" not in rest:
            return f"unix://{rest}" if rest else DEFAULT_SOCKET
        case "ssh" if _is_address(rest.partition("/")[0].rpartition("@")[2]):
            return host
        case "tcp" | "http" | "https" if _is_address(rest := rest.rstrip("/") or "localhost"):
            port = "" if rest.rpartition("]")[2].count(":") else ":2376" if tls or scheme == "https" else ":2375"
            return f"tcp://{rest}{port}"
    raise EngineError(
        origin, f"{host!r} is not an engine's address", f"such as {DEFAULT_SOCKET}, tcp://HOST:2376 or ssh://HOST"
    )


def _is_address(text: str) -> bool:
    """Tell whether *text* is ``HOST``, ``HOST:PORT`` or ``:PORT``, an IPv6 address in brackets."""
    if text.startswith("["):
        host, bracket, port = text[1:].partition("]")
        sound = bracket == "]" and _is_ipv6(host) and (not port or port[0] == ":" != port)
        port = port[1:]
    else:
        host, colon, port = text.partition(":")
        sound = host.isprintable() and not set(host) & _NO_HOST and bool(host or colon)
        sound = sound and not (colon and not port)
    return sound and (not port or (port.isascii() and port.isdigit() and int(port[:6]) <= _LAST_PORT))


_NO_HOST = set(" []/?#@%\\")
_LAST_PORT = 65535


def _is_ipv6(text: str) -> bool:
    try:
        socket.inet_pton(socket.AF_INET6, text.partition("%")[0])
    except (OSError, ValueError):
        return False
    return True


def _from_context(env: Mapping[str, str], home: str) -> Endpoint | None:
    """DOCKER_CONTEXT, else the context chosen with ``docker context use``; None for the default one."""
    name, said_by = env.get("DOCKER_CONTEXT", ""), "DOCKER_CONTEXT"
    if not name:
        chosen, said_by = read_docker_config(env, home).get("currentContext"), "docker context use"
        name = chosen if isinstance(chosen, str) else ""
    if not name or name == "default":
        return None
    import hashlib  # noqa: PLC0415  only who named a context pays

    origin = f"docker context {name!r}"
    key = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    contexts = f"{_config_dir(env, home)}/contexts"
    try:
        with open(f"{contexts}/meta/{key}/meta.json", "rb") as file:
            docker = loads(file.read())["Endpoints"]["docker"]
        host, verify = docker["Host"].strip(), not docker.get("SkipTLSVerify")  # AttributeError for what is no text
    except FileNotFoundError:
        fix = "unset DOCKER_CONTEXT" if said_by == "DOCKER_CONTEXT" else "docker context use default"
        raise EngineError(said_by, f"there is no docker context {name!r}", f"docker context ls, or {fix}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise EngineError(
            said_by, f"the docker context {name!r} cannot be read", "docker context use default"
        ) from None
    tls = _tls_of(f"{contexts}/tls/{key}/docker", verify=verify)
    return Endpoint(_completed(host, origin, tls), tls, origin)


def _tls_of(folder: str, *, verify: bool) -> Tls | None:
    ca, cert, key = (path if os.path.exists(path := f"{folder}/{name}.pem") else "" for name in ("ca", "cert", "key"))
    return Tls(ca, cert, key, verify) if ca or cert or key else None


def _first_that_answers(env: Mapping[str, str], home: str, uid: int, private_socket: str, reach: Reach) -> Endpoint:
    shut = False
    for path, origin in _usual_places(env, home, uid, private_socket):
        if not (why := reach(path)):
            return Endpoint(f"unix://{path}", None, origin)
        shut = shut or (why == "permission denied" and DEFAULT_SOCKET.endswith(path))
    from launcher.engine import install_hint  # noqa: PLC0415  only someone without an engine waits for it

    fix = install_hint.engine_fix(install_hint.inspect_machine(uid, env.get("PATH")))
    if shut:
        raise EngineError(
            "engine",
            f"no container engine answers, and {DEFAULT_SOCKET} is not open to you",
            f"{JOIN_DOCKER_GROUP}, or {fix}",
        )
    raise EngineError("engine", "no container engine answers", fix)


def _usual_places(env: Mapping[str, str], home: str, uid: int, private_socket: str) -> list[tuple[str, str]]:
    runtime = env.get("XDG_RUNTIME_DIR") or f"/run/user/{uid}"
    return [
        ("/var/run/docker.sock", "the usual socket"),
        (f"{runtime}/docker.sock", "rootless docker's socket"),
        (f"{home}/.docker/run/docker.sock", "Docker Desktop's socket"),
        (f"{home}/.docker/desktop/docker.sock", "Docker Desktop's socket"),
        (f"{home}/.colima/default/docker.sock", "colima's socket"),
        (f"{home}/.orbstack/run/docker.sock", "OrbStack's socket"),
        (f"{runtime}/podman/podman.sock", "podman's socket"),
        ("/run/podman/podman.sock", "podman's socket"),
        *([(private_socket, "applaunch's own engine")] if private_socket else []),
    ]


def _mend(endpoint: Endpoint, why: str) -> str:
    if why == "permission denied":
        return JOIN_DOCKER_GROUP
    if endpoint.origin == "DOCKER_HOST":
        return "is the engine running? start it, or unset DOCKER_HOST"
    return "is the engine running? start it, or docker context use default"
