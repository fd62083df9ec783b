"""Whether the launch that created a container is still running."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Literal, TypeAlias
Fate: TypeAlias = "Literal['alive', 'dead', 'foreign']"


def launch_state(started: str, alive: Collection[str], boot: str) -> Fate:
    """Return the state of the launch that began at *started*; *alive* are the stamps of all processes.

    A stamp has the pid in the process's own namespace, because the machine sees the processes of its containers under
    other pids. *boot* is the boot's id, and in a container also its namespace: containers see their own processes
    alone. Of another machine, of this one before it was booted, or of a stamp without a pid (an earlier version of
    ours), nothing can be told from here.
    """
    moment, _, seen_from = started.partition("@")
    if not boot or "." not in moment or not (seen_from == boot or seen_from.startswith(f"{boot}:")):
        return "foreign"
    return "alive" if f"{moment}@{boot}" in alive else "dead"
