"""Whether the launch that made a container is still there."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Literal, TypeAlias
Fate: TypeAlias = "Literal['alive', 'dead', 'foreign']"


def fate(started: str, alive: Collection[str], boot: str) -> Fate:
    """Tell what became of the launch that began at *started*, where *alive* are the stamps of all processes.

    Processes are told by their stamp and not by their pid, which is another one in another pid namespace. Of another
    machine, or of this one before it was booted, nothing can be told from here.
    """
    if started and started in alive:
        return "alive"
    return "dead" if boot and started.endswith(f"@{boot}") else "foreign"
