"""The options of pasta about addresses and ports, and which ports it can publish."""

from __future__ import annotations

from launcher.core.values.port import ALL_PORTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from launcher.core.values.port import Port

_PASTA = "pasta"
_FIRST_FREE = 1024  # ports below it are the system's, ip(7): pasta runs as the caller


def unpublishable(ports: Sequence[Port], program: str) -> tuple[str, ...]:
    """Return those of *ports*, as docker writes them, that an engine can publish and *program* cannot.

    The engine chooses a free port where an app leaves it to it, and tells which. slirp4netns publishes none. Datagrams
    of the machine itself do not arrive through the pasta of Debian 12.
    """
    return tuple([port.text for port in ports if not (is_pasta(program) and _can_publish(port))])


def is_pasta(program: str) -> bool:
    """Return whether *program*, a path, is pasta and not slirp4netns."""
    return program.rpartition("/")[2] == _PASTA


def _can_publish(port: Port) -> bool:
    return port.protocol == "tcp" and port.host_port >= _FIRST_FREE and ":" not in port.host_ip


def publish_options(ports: Sequence[Port]) -> tuple[str, ...]:
    """Return the options by which pasta publishes *ports*, and no others."""
    specs = [f"{port.host_ip}/{port.host_port}:{port.container}" for port in ports] or ["none"]
    return ("--udp-ports", "none", *[word for spec in specs for word in ("--tcp-ports", spec)])


def forward_options(localhost: Sequence[int | str]) -> tuple[str, ...]:
    """Return the options by which *localhost*, ports of the machine's, are in the program's, and no others."""
    specs = ["auto"] if ALL_PORTS in localhost else [str(port) for port in localhost] or ["none"]
    return tuple([word for spec in specs for word in ("--tcp-ns", spec)])


def address_options(machine: str) -> tuple[str, ...]:
    """Return the options by which a program has another address than the *machine*, so that it can reach the machine.

    It is the one that slirp4netns gives.
    """
    net = "10.0.3" if machine.startswith("10.0.2.") else "10.0.2"
    return ("--address", f"{net}.100", "--netmask", "24", "--gateway", f"{net}.2") if machine else ()
