"""Detect the properties of the engine once, and cache them in a file until the engine changes."""

from __future__ import annotations

import os

from launcher.core.run.engine_traits import EngineTraits
from launcher.core.values.checksum import add_checksum, verify
from launcher.fast_stdlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from docker import APIClient

    from launcher.engine.endpoint import Endpoint


def detect(client: APIClient) -> EngineTraits:
    """Ask the engine: one ``/_ping`` and one ``/info`` (80 to 350 ms on podman, so use `cached_traits`)."""
    from launcher.engine import docker_requests  # noqa: PLC0415  not needed for cached traits
    from launcher.engine.docker_client import ANSWER_TIMEOUT, negotiate_version, translate_errors  # noqa: PLC0415  not needed for cached traits

    with translate_errors("engine"):
        headers = docker_requests.ping(client, ANSWER_TIMEOUT)
        version = negotiate_version(headers.get("Api-Version", ""), "engine")
        return parse_traits(version, headers, client.info())


def parse_traits(api: str, ping: dict[str, str], info: dict[str, Any]) -> EngineTraits:
    """Return the traits found in the headers of ``/_ping`` and the answer to ``/info``."""
    options = {word for option in info.get("SecurityOptions") or () for word in str(option).split(",")}
    return EngineTraits(
        flavour="podman" if "Libpod-Api-Version" in ping or "Libpod" in ping.get("Server", "") else "docker",
        rootless="name=rootless" in options or info.get("Rootless") is True,  # podman 4.3 reports only the second
        userns="name=userns" in options,
        selinux="name=selinux" in options,
        desktop=info.get("OperatingSystem") == "Docker Desktop",
        api=api,
        arch=str(info.get("Architecture") or ""),
        os=str(info.get("OSType") or "linux"),
        version=str(info.get("ServerVersion") or ""),
    )


def cached_traits(endpoint: Endpoint, folder: str, detect: Callable[[], EngineTraits]) -> EngineTraits:
    """Return the traits that *folder* holds for this engine, or else call *detect* and cache the result.

    An engine that is not on a local socket is asked every time. A folder that cannot be written only costs time.
    """
    identity = _identity(endpoint)
    path = f"{folder}/{_file_name(endpoint)}"
    if identity and (known := _load(path, identity)):
        return known
    traits = detect()
    if identity:
        _save(folder, path, {"engine": identity, "traits": traits.to_json()})
    return traits


def known_traits(endpoint: Endpoint, folder: str) -> EngineTraits | None:
    """Return the traits that *folder* holds for this engine, or None; the engine is not asked."""
    identity = _identity(endpoint)
    return _load(f"{folder}/{_file_name(endpoint)}", identity) if identity else None


def forget_traits(endpoint: Endpoint, folder: str) -> None:
    """Delete the cached traits after the engine gave an answer that shows a change."""
    try:
        os.unlink(f"{folder}/{_file_name(endpoint)}")
    except OSError:
        return


def _identity(endpoint: Endpoint) -> list[int]:
    """Return what identifies one run of the engine: its socket, and the pid file that dockerd writes at each start.

    The socket alone is not enough: systemd keeps docker's socket open while docker is upgraded.
    """
    if not endpoint.socket:
        return []
    try:
        socket = os.stat(endpoint.socket)
    except OSError:
        return []
    identity = [socket.st_ino, socket.st_ctime_ns]
    try:
        pid = os.stat(f"{endpoint.socket.removesuffix('.sock')}.pid")
    except OSError:
        return identity
    return [*identity, pid.st_ino, pid.st_ctime_ns]


def _file_name(endpoint: Endpoint) -> str:
    return endpoint.host.replace("%", "%25").replace("/", "%2F") + ".json"


def _load(path: str, identity: list[int]) -> EngineTraits | None:
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            record = verify(file.read())
        if status.st_mode & _OTHERS_WRITE or status.st_uid not in (os.getuid(), 0):
            return None  # detect again
        return EngineTraits.from_json(record["traits"]) if record["engine"] == identity else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


_OTHERS_WRITE = 0o022


def make_private_folder(folder: str) -> None:
    """Create *folder* and missing parents with mode 0700; raises OSError."""
    if not os.path.isdir(folder):
        make_private_folder(os.path.dirname(folder))
        with suppress(FileExistsError):
            os.mkdir(folder, 0o700)


def _save(folder: str, path: str, value: dict[str, Any]) -> None:
    part = f"{path}.{os.getpid()}"
    try:
        make_private_folder(folder)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(add_checksum(value))
        os.replace(part, path)
    except OSError:
        return
