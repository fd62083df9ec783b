"""Why a program may have failed that would not have failed outside: said after it has, and only then."""

from __future__ import annotations

from launcher.core.path_args import Facts, named, unseen
from launcher.errors import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.call import Invocation
    from launcher.core.entry import CatalogEntry
    from launcher.core.spec import RunSpec

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY")
_HERE = ("localhost", "127.0.0.1", "[::1]")


def hints(entry: CatalogEntry, call: Invocation, facts: Facts, spec: RunSpec) -> tuple[str, ...]:
    """Return one line for each thing of this machine that the program asked for and could not reach."""
    return tuple(
        printable(f"applaunch: {entry.name}: note: {words}") for words in (*_paths(call, facts, spec), *_proxies(spec))
    )


def _paths(call: Invocation, facts: Facts, spec: RunSpec) -> list[str]:
    """Name the existing paths among the arguments that were not mounted."""
    current = {mount.source for mount in spec.mounts}
    paths = [path for path in named(call.args, "ro", call.cwd) if not (call.cwd in current and _in(path, call.cwd))]
    return [
        f"{path} is there, and was not mounted; set path_args = 'ro' for it"
        for path in unseen(paths, facts, spec.mounts)
    ]


def _proxies(spec: RunSpec) -> list[str]:
    """Name the proxies of this machine's own loopback, which a container's is not."""
    if spec.network_mode in ("host", "none"):
        return []
    return [
        f"{name} is {value}, which is this machine's own and out of reach; set network_mode = 'host' for it"
        for name, value in spec.environment
        if name.upper() in _PROXIES and _host(value) in _HERE
    ]


def _host(url: str) -> str:
    address = url.partition("://")[2] or url
    address = address.partition("/")[0].rpartition("@")[2]
    return address.partition("]")[0] + "]" if address.startswith("[") else address.partition(":")[0]


def _in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
