"""What an engine tells of itself to a person who asks; a launch never does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from launcher.engine.docker_client import translate_errors

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from docker import APIClient


class EngineInfo(NamedTuple):
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
    unenforced: tuple[str, ...]
    """The keys of a catalog that limit a program, and that this engine takes without a word and does not enforce."""


def read_engine_info(client: APIClient, flavour: str) -> EngineInfo:
    """Ask the engine; raises `EngineError`."""
    raw: Any = client
    with translate_errors("engine"):
        said = raw.info()
        controllers = _controllers(raw) if flavour == "podman" else None
    return EngineInfo(
        name=str(said.get("Name") or ""),
        system=str(said.get("OperatingSystem") or ""),
        storage=str(said.get("Driver") or ""),
        root=str(said.get("DockerRootDir") or ""),
        images=int(said.get("Images") or 0),
        containers=int(said.get("Containers") or 0),
        running=int(said.get("ContainersRunning") or 0),
        unenforced=unenforced_limits(said, controllers),
    )


def unenforced_limits(info: Mapping[str, Any], controllers: Collection[str] | None) -> tuple[str, ...]:
    """Return the keys that are not enforced: by docker's ``/info``, or by the cgroup *controllers* podman may use."""
    if controllers is not None:
        return tuple(key for key, controller, _ in _LIMITS if controller not in controllers)
    return tuple(key for key, _, flag in _LIMITS if info.get(flag) is False)


_LIMITS = (("mem_limit", "memory", "MemoryLimit"), ("cpus", "cpu", "CpuCfsQuota"), ("pids_limit", "pids", "PidsLimit"))


def _controllers(raw: Any) -> Collection[str] | None:
    """Ask podman in its own words: in docker's it tells what the kernel has, whoever may use that (4.3)."""
    answer = raw.get(f"{raw.base_url}/v4.0.0/libpod/info", timeout=raw.timeout)
    if not answer.ok:
        return None
    found = answer.json().get("host", {}).get("cgroupControllers")
    return found if isinstance(found, list) else None
