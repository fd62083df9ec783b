"""What an engine tells of itself to a person who asks; a launch never does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from launcher.engine.client import translated

if TYPE_CHECKING:
    from docker import APIClient


class EngineFacts(NamedTuple):
    """The parts of ``/info`` that people look for."""

    name: str
    """The host's name, as the engine knows it."""
    system: str
    """The engine's operating system: ``Debian GNU/Linux 12 (bookworm)``."""
    storage: str
    """The storage driver: ``overlay2``."""
    root: str
    """The folder that holds images and containers, on the engine's machine."""
    images: int
    containers: int
    running: int


def facts(client: APIClient) -> EngineFacts:
    """Ask the engine; raises `EngineError`."""
    raw: Any = client
    with translated("engine"):
        said = raw.info()
    return EngineFacts(
        name=str(said.get("Name") or ""),
        system=str(said.get("OperatingSystem") or ""),
        storage=str(said.get("Driver") or ""),
        root=str(said.get("DockerRootDir") or ""),
        images=int(said.get("Images") or 0),
        containers=int(said.get("Containers") or 0),
        running=int(said.get("ContainersRunning") or 0),
    )
