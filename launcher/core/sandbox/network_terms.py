"""The terms on which an app gets its network."""

from __future__ import annotations

from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from launcher.core.values.port import Port


class NetworkTerms(NamedTuple):
    """The settings of an app's network: who shares it, how long it is kept, and how many networks are kept."""

    share: bool = True
    """Whether the runs of the app share one."""
    ports: Sequence[Port] = ()
    """What is published; such a network is of one run only."""
    localhost: Sequence[int | str] = ()
    """Which ports of the machine's localhost are in the program's."""
    seconds: int = 300
    """How long a network is kept after the last run that used it; 0: it ends with that run."""
    most: int = 4
    """How many are kept; beyond that, the oldest that no run uses ends."""


def network_name(app: str, localhost: Sequence[int | str]) -> str:
    """Return the name of the network of *app*: with other ports of the machine's *localhost* it is another."""
    return "-".join([f"{app}@localhost", *map(str, sorted(localhost, key=str))]) if localhost else app
