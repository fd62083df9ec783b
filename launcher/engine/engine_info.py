"""What an engine reports about itself; used by status commands, never by a launch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from launcher.engine.docker_client import translate_errors

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from docker import APIClient


class EngineInfo(NamedTuple):
    """The parts of ``/info`` that people look for."""

    name: str
    """The host name that the engine reports."""
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
    """The catalog keys for resource limits that this engine accepts but does not enforce."""


def read_engine_info(client: APIClient, flavour: str) -> EngineInfo:
    """Ask the engine; raises `EngineError`."""
    raw: Any = client
    with translate_errors("engine"):
        info = raw.info()
        controllers = _controllers(raw) if flavour == "podman" else None
    return EngineInfo(
        name=str(info.get("Name") or ""),
        system=str(info.get("OperatingSystem") or ""),
        storage=str(info.get("Driver") or ""),
        root=str(info.get("DockerRootDir") or ""),
        images=int(info.get("Images") or 0),
        containers=int(info.get("Containers") or 0),
        running=int(info.get("ContainersRunning") or 0),
        unenforced=unenforced_limits(info, controllers),
    )


def unenforced_limits(info: Mapping[str, Any], controllers: Collection[str] | None) -> tuple[str, ...]:
    """Return the keys that are not enforced, from docker's ``/info`` or podman's available cgroup *controllers*."""
    if controllers is not None:
        return tuple(key for key, controller, _ in _LIMITS if controller not in controllers)
    return tuple(key for key, _, flag in _LIMITS if info.get(flag) is False)


_LIMITS = (("mem_limit", "memory", "MemoryLimit"), ("cpus", "cpu", "CpuCfsQuota"), ("pids_limit", "pids", "PidsLimit"))


def _controllers(raw: Any) -> Collection[str] | None:
    """Ask podman's own API: its docker API reports the kernel's controllers, even if it may not use them (4.3)."""
    answer = raw.get(f"{raw.base_url}/v4.0.0/libpod/info", timeout=raw.timeout)
    if not answer.ok:
        return None
    found = answer.json().get("host", {}).get("cgroupControllers")
    return found if isinstance(found, list) else None
