"""The engine that the user has named: DOCKER_HOST or a docker context.

A launch loads this module only if an engine is named.
"""

from __future__ import annotations

import os

from launcher.errors import EngineError
from launcher.fast_stdlib import NamedTuple, loads, socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

DEFAULT_SOCKET = "unix:///var/run/docker.sock"


class Tls(NamedTuple):
    """The files for a TLS connection to an engine; "" for a missing one."""

    ca: str
    cert: str
    key: str
    verify: bool


Named: TypeAlias = "tuple[str, Tls | None, str]"
"""The fields of an `Endpoint`: host, TLS files and origin."""


def from_docker_host(host: str, env: Mapping[str, str], config_dir: str) -> Named:
    """Return the engine at *host*, the value of DOCKER_HOST; raises `EngineError` for an invalid address.

    TLS follows docker's rules: any value of DOCKER_TLS_VERIFY enables it, even "0".
    """
    verify = bool(env.get("DOCKER_TLS_VERIFY"))
    tls = None
    if (verify or env.get("DOCKER_TLS")) and not host.startswith(("unix://", "ssh://")):
        folder = env.get("DOCKER_CERT_PATH") or config_dir
        tls = Tls(f"{folder}/ca.pem", f"{folder}/cert.pem", f"{folder}/key.pem", verify)
    return _complete_host(host, "DOCKER_HOST", tls), tls, "DOCKER_HOST"


def _complete_host(host: str, origin: str, tls: Tls | None) -> str:
    """Fill in what docker allows to omit: the path of the socket, ``tcp://``, the port."""
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
    """Return whether *text* is ``HOST``, ``HOST:PORT`` or ``:PORT``, with an IPv6 address in brackets."""
    if text.startswith("["):
        host, bracket, port = text[1:].partition("]")
        valid = bracket == "]" and _is_ipv6(host) and (not port or port[0] == ":" != port)
        port = port[1:]
    else:
        host, colon, port = text.partition(":")
        valid = host.isprintable() and not set(host) & _INVALID_IN_HOST and bool(host or colon)
        valid = valid and not (colon and not port)
    return valid and (not port or (port.isascii() and port.isdigit() and int(port[:6]) <= _MAX_PORT))


_INVALID_IN_HOST = set(" []/?#@%\\")
_MAX_PORT = 65535


def _is_ipv6(text: str) -> bool:
    try:
        socket.inet_pton(socket.AF_INET6, text.partition("%")[0])
    except (OSError, ValueError):
        return False
    return True


def from_context(name: str, origin: str, config_dir: str) -> Named:
    """Return the engine of the docker context *name*, selected by *origin*; raises `EngineError` if it is unusable."""
    import hashlib  # noqa: PLC0415  not needed for DOCKER_HOST

    where, origin = origin, f"docker context {name!r}"
    key = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    contexts = f"{config_dir}/contexts"
    try:
        with open(f"{contexts}/meta/{key}/meta.json", "rb") as file:
            docker = loads(file.read())["Endpoints"]["docker"]
        host, verify = docker["Host"].strip(), not docker.get("SkipTLSVerify")  # AttributeError if it is not text
    except FileNotFoundError:
        fix = "unset DOCKER_CONTEXT" if where == "DOCKER_CONTEXT" else "docker context use default"
        raise EngineError(where, f"there is no docker context {name!r}", f"docker context ls, or {fix}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise EngineError(where, f"the docker context {name!r} cannot be read", "docker context use default") from None
    tls = _tls_files(f"{contexts}/tls/{key}/docker", verify=verify)
    return _complete_host(host, origin, tls), tls, origin


def _tls_files(folder: str, *, verify: bool) -> Tls | None:
    ca, cert, key = (path if os.path.exists(path := f"{folder}/{name}.pem") else "" for name in ("ca", "cert", "key"))
    return Tls(ca, cert, key, verify) if ca or cert or key else None
