"""Notes on services of this machine that a program was told to use, and could not reach from its own network."""

from __future__ import annotations

from launcher.core.policy.masked_paths import is_in
from launcher.fast_stdlib import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from launcher.core.catalog.entry import CatalogEntry
    from launcher.core.values.invocation import Invocation
    from launcher.core.values.mount import Mount
    from launcher.core.values.run_spec import RunSpec

_LOOPBACK = pattern(
    r"(?i)(?:^|//|[@=,]|^tcp:|^-[A-Za-z])(localhost|127(?:\.\d{1,3}){3}|\[::1\]|::1(?![\d:]))(?=$|[:/,;?\s])"
)
"""An address of the loopback interface, in the forms of options, URLs and connection strings."""
_ADDRESSES = ("HOST", "HOSTADDR", "HOSTS", "_URL", "_URI", "_DSN", "_ADDR", "_ADDRESS", "_ENDPOINT", "_SERVER")
"""How the names of variables end whose values say where a service is."""


def unreachable_services(entry: CatalogEntry, call: Invocation, spec: RunSpec) -> list[str]:
    """Return a note if an argument, or else a variable, names this machine's loopback and the program has another.

    The value of a variable is not shown: it may hold a password.
    """
    if spec.network_mode == "host" or "network" in entry.deny:
        return []
    fix = f"applaunch override {entry.app} --network host"
    if any(_LOOPBACK.search(arg) for arg in call.args):
        return [f"localhost is not this machine there; {fix}"]
    return [
        f"{name} names {found[1]}, which is not this machine there; {fix}"
        for name, value in spec.environment
        if name.upper().endswith(_ADDRESSES) and (found := _LOOPBACK.search(value))
    ]


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
