"""The memory that a running container uses, calculated as `docker stats` does."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from launcher.engine.wire_queries import WireQueries


def memory_usage(wire: WireQueries, container: str) -> int | None:
    """Return the memory that a container uses in bytes, without reclaimable file cache; None if not reported."""
    return parse_memory_usage(wire.inspect(f"/containers/{container}/stats?stream=false&one-shot=true") or {})


def parse_memory_usage(response: dict[str, Any]) -> int | None:
    """Return the memory use in the engine's *response* by docker's rule: usage minus inactive file cache."""
    memory = response.get("memory_stats") or {}
    usage, details = memory.get("usage"), memory.get("stats") or {}
    if type(usage) is not int or usage <= 0:
        return None
    cache = details.get("total_inactive_file", details.get("inactive_file"))  # cgroup v1, v2
    return usage - cache if type(cache) is int and 0 <= cache < usage else usage
