"""Lines of a program's /etc/hosts beside those that every container has: its entry's, and the name of this machine."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.catalog.entry import CatalogEntry
    from launcher.core.run.engine_traits import EngineTraits

MACHINE = "host.docker.internal"
"""The name of this machine in all containers and sandboxes that have a network of their own: Docker Desktop's."""
GATEWAY = "host-gateway"
"""Docker's word for the address of its own machine, since 20.10."""
_FIRST_API = (1, 41)  # of docker 20.10


def host_names(entry: CatalogEntry, traits: EngineTraits, machine: str) -> tuple[str, ...]:
    """Return the ``NAME:IP`` lines for a program of *entry*.

    *machine* is the address of this machine if the engine does not find it itself; "": unknown, or the engine does.
    With the machine's own network, or with none, there are only the lines of the entry: any other would replace the
    machine's own /etc/hosts, and lead nowhere.
    """
    names = entry.extra_hosts
    if entry.network_mode in ("none", "host"):
        return names
    knows = machine or finds_itself(traits)
    if knows and not any(each.partition(":")[0].lower() == MACHINE for each in names):
        names = (f"{MACHINE}:{GATEWAY}", *names)
    return tuple([_with_address(each, machine) for each in names]) if machine else names


def _with_address(line: str, machine: str) -> str:
    return line.removesuffix(GATEWAY) + machine if line.endswith(f":{GATEWAY}") else line


def finds_itself(traits: EngineTraits) -> bool:
    """Return whether the engine puts the address of this machine in the place of ``host-gateway``.

    podman 4.3 writes that word into /etc/hosts, and rootless docker the address of its own namespace.
    """
    api = tuple(int(part) for part in traits.api.split(".") if part.isdecimal())
    return traits.flavour == "docker" and not traits.rootless and api >= _FIRST_API
