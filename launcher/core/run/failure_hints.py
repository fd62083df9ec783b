"""Hints after a program failed: reasons why it may fail in a container but not outside."""

from __future__ import annotations

from launcher.core.policy.masked_paths import is_in, is_shared, under_home
from launcher.core.policy.path_args import TOO_LARGE, PathFacts, hidden_sockets, invisible_paths, named_paths
from launcher.errors import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.catalog.entry import CatalogEntry
    from launcher.core.values.invocation import Invocation
    from launcher.core.values.run_spec import RunSpec

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY")
_HERE = ("localhost", "127.0.0.1", "[::1]")


def failure_hints(entry: CatalogEntry, call: Invocation, facts: PathFacts, spec: RunSpec) -> tuple[str, ...]:
    """Return a line for each resource of this machine that the program was given but could not reach."""
    found = (
        *(_secrets(call, facts, spec) or _paths(call, facts, spec)),
        *_read_only(call, spec),
        *_proxies(spec),
        *(_services(entry, call, spec) or _network(entry, call, spec)),
    )
    return tuple(printable(f"applaunch: {entry.name}: note: {words}") for words in found)


def single_files(call: Invocation, facts: PathFacts, spec: RunSpec) -> dict[str, str]:
    """Return a hint for each file, by its path on this machine, that the program may write but not replace.

    Many programs write a new file and rename it over the old one, which fails for a mount (EBUSY).
    """
    files = [
        mount.source
        for mount in spec.mounts
        if mount.kind == "bind" and not mount.read_only and mount.source in facts and facts[mount.source].kind == "file"
    ]
    return {
        path: f"{path} was mounted without its folder, so it cannot be replaced; {_fix(path, call)}" for path in files
    }


def _fix(path: str, call: Invocation) -> str:
    folder = path.rpartition("/")[0] or "/"
    if folder in TOO_LARGE or is_in(call.home, folder) or is_shared(folder, call.home):
        return "move it to a folder of its own, and mount that"
    return "name its folder in volumes"


def _paths(call: Invocation, facts: PathFacts, spec: RunSpec) -> list[str]:
    """Yield a hint for each existing path among the arguments that was not mounted."""
    current = {mount.source for mount in spec.mounts}
    paths = [
        path for path in named_paths(call.args, "ro", call.cwd) if not (call.cwd in current and _in(path, call.cwd))
    ]
    sockets = hidden_sockets(paths, facts, spec.mounts)
    every = dict.fromkeys((*invisible_paths(paths, facts, spec.mounts), *sockets))
    found = [(path, facts[path].kind) for path in every]
    return [_why(path, _SOCKETS if path in sockets and kind == "folder" else kind) for path, kind in found]


_SOCKETS = "folder of sockets"


def _why(path: str, kind: str) -> str:
    if kind in ("file", "folder"):
        return f"{path} is there, and was not mounted; set path_args = 'ro' for it"
    return f"{path} is a {kind}, which arguments do not bring in; name it in volumes"


def _read_only(call: Invocation, spec: RunSpec) -> list[str]:
    """Return a hint for each path after an option for output that is in a read-only mount of an argument."""
    named = named_paths(call.args, "ro", call.cwd)
    found = []
    for path in named_paths(_outputs(call.args), "ro", call.cwd):
        above = [mount for mount in spec.mounts if is_in(path, mount.target)]
        deepest = max(above, key=lambda mount: len(mount.target), default=None)
        if deepest and deepest.read_only and deepest.target in named:
            found.append(f"{path} was mounted read-only; set path_args = 'rw' for it")
    return found


def _outputs(args: tuple[str, ...]) -> list[str]:
    """Return the words of *args* that an option such as ``-o`` or ``--output=`` names as outputs."""
    pairs = zip(args, (*args, "")[1:], strict=True)
    following = [word for option, word in pairs if option == "-o" or (option.startswith(_OUTPUT) and "=" not in option)]
    return following + [arg.partition("=")[2] for arg in args if arg.startswith(_OUTPUT) and "=" in arg]


_OUTPUT = ("--output", "--outfile", "--out-file", "--out=")


def _secrets(call: Invocation, facts: PathFacts, spec: RunSpec) -> list[str]:
    """Yield a hint for each secret among the arguments that was hidden in the current folder."""
    secrets = under_home(call.home, call.secrets)
    empty = {
        **{mount.target: mount.source == "/dev/null" for mount in spec.mounts},
        **dict.fromkeys(dict(spec.tmpfs), True),
    }
    return [
        f"{path} is a secret, and was covered; name it in volumes"
        for path in named_paths(call.args, "ro", call.cwd)
        if path in facts
        and any(is_in(facts[path].real, secret) for secret in secrets)
        and empty.get(max((target for target in empty if is_in(path, target)), key=len, default=""))
    ]


def _proxies(spec: RunSpec) -> list[str]:
    """Yield a hint for each proxy on this machine's loopback, which a container cannot reach."""
    if spec.network_mode in ("host", "none"):
        return []
    return [
        f"{name} is {url}, which is this machine's own and out of reach; set network_mode = 'host' for it"
        for name, url in [(name, _without_login(value)) for name, value in spec.environment]
        if name.upper() in _PROXIES and _host(url) in _HERE
    ]


def _services(entry: CatalogEntry, call: Invocation, spec: RunSpec) -> list[str]:
    """Return the notes on services of this machine, by address or by socket."""
    values = [value for _, value in spec.environment]
    sockets = [variable for variable in spec.environment if variable[0].endswith(_SOCKET_VARIABLES)]
    if not (sockets or any(mark in text for text in (*call.args, *values) for mark in _LOCAL)):
        return []
    from launcher.core.run.local_services import unreachable_services, unreachable_sockets  # noqa: PLC0415  few calls

    return [*unreachable_services(entry, call, spec), *unreachable_sockets(sockets, spec.mounts)]


_LOCAL = ("ocalhost", "OCALHOST", "127.", "::1")
_SOCKET_VARIABLES = ("PGHOST", "_SOCK", "_SOCKET", "_UNIX_PORT")
"""How the names of variables end whose values may be the path of a socket."""


def _network(entry: CatalogEntry, call: Invocation, spec: RunSpec) -> list[str]:
    """Yield a hint for a URL without a network."""
    if "network" in entry.deny:
        return []
    values = [arg.partition("=")[2] if arg.startswith("-") and "=" in arg else arg for arg in call.args]
    if spec.network_mode == "none" and any(_is_url(value) for value in values):
        return [f"it has no network for the URL; applaunch override {entry.app} --network bridge"]
    return []


def _is_url(text: str) -> bool:
    scheme, found, rest = text.partition("://")
    return bool(found and rest) and scheme.isascii() and scheme.isalnum() and scheme.lower() != "file"


def _without_login(url: str) -> str:
    before, at, address = url.rpartition("@")
    return f"{before.partition('://')[0]}://{address}" if at and "://" in before else address


def _host(url: str) -> str:
    address = url.partition("://")[2] or url
    address = address.partition("/")[0].rpartition("@")[2]
    return address.partition("]")[0] + "]" if address.startswith("[") else address.partition(":")[0]


def _in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
