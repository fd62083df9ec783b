"""What a running container uses now, as `docker stats` counts it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from launcher.engine.wire_engine import WireEngine


def memory_usage(wire: WireEngine, container: str) -> int | None:
    """Return the bytes of memory a container uses, file cache that can be given up left out; None where untold."""
    return parse_memory_usage(wire.inspect(f"/containers/{container}/stats?stream=false&one-shot=true") or {})


def parse_memory_usage(said: dict[str, Any]) -> int | None:
    """Return the memory that an engine's *said* statistics tell of, by docker's rule: less the inactive file cache."""
    told = said.get("memory_stats") or {}
    usage, parts = told.get("usage"), told.get("stats") or {}
    if type(usage) is not int or usage <= 0:
        return None
    spare = parts.get("total_inactive_file", parts.get("inactive_file"))  # cgroup v1, v2
    return usage - spare if type(spare) is int and 0 <= spare < usage else usage
