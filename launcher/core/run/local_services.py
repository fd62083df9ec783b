"""Notes on services of this machine that a program was told to use, and could not reach from its own network."""

from __future__ import annotations

from launcher.core.policy.masked_paths import is_in
from launcher.core.values.port import ALL_PORTS
from launcher.fast_stdlib import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from launcher.core.catalog.entry import CatalogEntry
    from launcher.core.values.invocation import Invocation
    from launcher.core.values.mount import Mount
    from launcher.core.values.run_spec import RunSpec

_LOOPBACK = pattern(
    r"(?i)(?:^|//|[@=,]|^tcp:|^-[A-Za-z])(localhost|127(?:\.\d{1,3}){3}|\[::1\]|::1(?![\d:]))(?=$|[:/,;?\s])(?:[:,](\d{1,5}))?"
)
"""An address of the loopback interface, in the forms of options, URLs and connection strings."""
_ADDRESSES = ("HOST", "HOSTADDR", "HOSTS", "_URL", "_URI", "_DSN", "_ADDR", "_ADDRESS", "_ENDPOINT", "_SERVER")
"""How the names of variables end whose values say where a service is."""


def unreachable_services(entry: CatalogEntry, call: Invocation, spec: RunSpec) -> list[str]:
    """Return a note if an argument, or else a variable, names this machine's loopback and the program has another.

    The value of a variable is not shown: it may hold a password.
    """
    if spec.network_mode == "host" or ALL_PORTS in entry.localhost or "network" in entry.deny:
        return []
    if ports := [found[2] for arg in call.args if (found := _LOOPBACK.search(arg))]:
        return [
            f"localhost is not this machine there; {_fix(entry, port)}" for port in ports if _is_missing(entry, port)
        ][:1]
    variables = [each for each in spec.environment if each[0].upper().endswith(_ADDRESSES)]
    return [
        f"{name} names {found[1]}, which is not this machine there; {_fix(entry, found[2])}"
        for name, value in variables
        if (found := _LOOPBACK.search(value)) and _is_missing(entry, found[2])
    ]


def _is_missing(entry: CatalogEntry, port: str | None) -> bool:
    """Return whether *port* of this machine's localhost, or any if none is named, is not in the program's own."""
    return int(port) not in entry.localhost if port else not entry.localhost


def _fix(entry: CatalogEntry, port: str | None) -> str:
    by_port = f"--localhost {port or 'PORT'}, or --network host"
    return f"applaunch override {entry.app} {'--network host' if entry.network_mode == 'none' else by_port}"


def unreachable_sockets(variables: Iterable[tuple[str, str]], mounts: Iterable[Mount]) -> list[str]:
    """Return a note for each of the *variables* that names a socket, or a folder of sockets, that is in no mount."""
    targets = [mount.target for mount in mounts]
    return [
        f"{name} is {value}, which was not mounted; name it in volumes"
        for name, value in variables
        if _is_hidden(value.removeprefix("unix:").replace("//", "/"), targets)
    ]


def _is_hidden(path: str, targets: Iterable[str]) -> bool:
    return path.startswith("/") and not any(is_in(path, target) for target in targets)
