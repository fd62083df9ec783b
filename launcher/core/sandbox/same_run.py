"""The same run, or none: whether bubblewrap gives a call what the engine would, and if not, why not."""

from __future__ import annotations

from launcher.core.policy.denied_mounts import denied_paths
from launcher.core.policy.engine_sockets import is_engine_socket
from launcher.core.policy.masked_paths import is_in
from launcher.core.policy.secret_access import ROOT_OWNED
from launcher.core.sandbox.choose_runtime import NO_TREE
from launcher.core.sandbox.pasta_options import is_pasta, unpublishable
from launcher.core.sandbox.writable_places import is_hidden, writable_places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from launcher.core.catalog.entry import CatalogEntry
    from launcher.core.sandbox.sandbox_traits import SandboxTraits
    from launcher.core.sandbox.tree import Tree
    from launcher.core.values.invocation import Invocation
    from launcher.core.values.mount import Mount

_ENGINES_ADDRESS = "host-gateway"  # docker's word for the machine's address on its bridge
_CONFINED = ("no-new-privileges", "no-new-privileges:true", "no-new-privileges=true")
BRIDGES = ("bridge", "default")
"""The network modes that give a program a network of its own."""


def why_engine(  # noqa: PLR0913  the facts of two machines' ways
    entry: CatalogEntry,
    call: Invocation,
    tree: Tree | None,
    traits: SandboxTraits,
    *,
    context: str = "",
    hard_limits: Mapping[str, int] | None = None,
) -> str:
    """Return "" if bubblewrap gives the same run, else the first reason why not, as one line that names the key.

    It reads well after "runs with the engine: "; what to do about this machine follows a semicolon. The user of
    *entry* is filled in (`with_user`). *context* is the address of an engine that the caller has chosen and that is not
    on this machine. *hard_limits* are the caller's own by the names of `ulimits` (-1: unlimited); limits that are not
    in it are left to the engine.
    """
    if context:
        return f"the chosen engine is at {context}"
    if traits.why_not or not traits.bwrap:
        return traits.why_not or "bubblewrap is not installed"
    if not traits.seccomp:
        return traits.why_no_filter or "the filter of system calls cannot be made here"
    return (
        next(_reasons_of_entry(entry, call, traits), "")
        or ("" if traits.binds_descriptors else next(_unchecked_mounts(entry, call), ""))
        or next(_reasons_of_limits(entry, hard_limits or {}), "")
        or (next(_reasons_of_tree(entry, call, tree, traits), "") if tree else NO_TREE)
    )


def _reasons_of_entry(entry: CatalogEntry, call: Invocation, traits: SandboxTraits) -> Iterator[str]:
    if entry.user not in ("host", "image") and not _is_caller(entry.user, call):
        yield f"user = {entry.user!r}"
    groups = [group for group in entry.group_add if not (group.isdecimal() and int(group) in (call.gid, *call.groups))]
    if groups:
        yield f"group_add = {groups}"
    yield from _network_reasons(entry, traits)
    yield from _volume_reasons(entry, call)
    if entry.cap_add:
        yield f"cap_add = {[*entry.cap_add]}"
    if call.uid == 0 and entry.cap_drop is not None and "ALL" not in entry.cap_drop:
        yield f"cap_drop = {[*entry.cap_drop]}, without ALL"
    if options := [each for each in entry.security_opt if each.strip().lower() not in _CONFINED]:
        yield f"security_opt = {options}"
    if entry.platform and not _is_native(entry.platform, traits):
        yield f"platform = {entry.platform!r}"
    if entry.pull_policy == "always":
        yield "pull_policy = 'always'"
    if call.uid == 0 and not entry.read_only:
        yield "read_only = false as root"
    yield from _terminal_reasons(entry, call)


def _volume_reasons(entry: CatalogEntry, call: Invocation) -> Iterator[str]:
    if volumes := [mount.source for mount in entry.volumes if mount.kind == "volume"]:
        yield f"volumes = {volumes}, which the engine keeps"
    sockets = [mount.source for mount in entry.volumes if is_engine_socket(mount.source)]
    if sockets and any(group != call.gid for group in call.groups):
        yield f"volumes = {sockets}: it may need your groups, and a sandbox hides their numbers"


def _unchecked_mounts(entry: CatalogEntry, call: Invocation) -> Iterator[str]:
    """Yield the reason for volumes that somebody could exchange, while bwrap starts, for a path that is denied.

    Only a bwrap that mounts what a descriptor refers to is safe from that. The plan checks the other mounts, which
    depend on arguments and links (`needs_mount_check`).
    """
    denied = denied_paths(entry.deny, call.home)
    if sources := [mount.source for mount in entry.volumes if denied and _is_unchecked(mount, denied, call)]:
        yield f"volumes = {sources} beside deny: {OLD_BWRAP}"


def _is_unchecked(mount: Mount, denied: Iterable[str], call: Invocation) -> bool:
    source = _absolute(mount.source, call)
    is_known = mount.kind == "bind" and mount.required and source.startswith("/") and "$" not in source
    is_safe = source == call.cwd or source.startswith(ROOT_OWNED) or any(is_in(source, path) for path in denied)
    return is_known and not is_safe


OLD_BWRAP = "bubblewrap is too old to check them; install 0.10.1 or later"
"""Why an app with denied paths is left to the engine, with the fix."""


def _network_reasons(entry: CatalogEntry, traits: SandboxTraits) -> Iterator[str]:
    if entry.forwards_ports and entry.network_mode not in BRIDGES:
        yield f"localhost = {[*entry.localhost]}: it needs network_mode = 'bridge'"
    hosts = [each for each in entry.extra_hosts if each.endswith(f":{_ENGINES_ADDRESS}")]
    if hosts and entry.network_mode not in BRIDGES:
        yield f"extra_hosts = {hosts}, an address of the engine"
    if entry.network_mode in BRIDGES:
        if not traits.network:
            yield f"network_mode = {entry.network_mode!r}: {traits.why_no_network or 'it needs passt or slirp4netns'}"
        if entry.localhost and not is_pasta(traits.network):
            yield f"localhost = {[*entry.localhost]}: it needs pasta (package passt), which does not work for root"
        if ports := unpublishable(entry.ports, traits.network):
            yield f"ports = {[*ports]}"
    elif entry.network_mode not in ("none", "host"):
        yield f"network_mode = {entry.network_mode!r}"


def _terminal_reasons(entry: CatalogEntry, call: Invocation) -> Iterator[str]:
    """Yield the reason for a terminal that the program would get and the caller does not have, or the reverse."""
    if entry.tty is True and not call.is_interactive:
        yield "tty = true without a terminal"
    if entry.tty is False and (call.stdout_tty or (call.stdin_tty and entry.stdin != "never")):
        yield "tty = false on a terminal"


def _reasons_of_limits(entry: CatalogEntry, hard_limits: Mapping[str, int]) -> Iterator[str]:
    for key, value in (("mem_limit", entry.mem_limit), ("cpus", entry.cpus), ("pids_limit", entry.pids_limit)):
        if value:
            yield f"{key} = {value}"
    for limit in entry.ulimits:
        if limit.name not in hard_limits:
            yield f"ulimits: {limit.name} is set by an engine only"
        elif (allowed := hard_limits[limit.name]) != -1 and (limit.hard == -1 or limit.hard > allowed):
            yield f"ulimits: {limit.name} = {limit.hard} is above your own limit, {allowed}"


def _reasons_of_tree(entry: CatalogEntry, call: Invocation, tree: Tree, traits: SandboxTraits) -> Iterator[str]:
    if tree.config.platform and not _is_native(tree.config.platform, traits):
        yield f"platform: its image is for {tree.config.platform}"
    if entry.user == "image" and (call.uid == 0 or not _is_caller(tree.config.user, call)):
        yield f"user = 'image', which is {tree.config.user or 'root'}"
    if entry.user != "host" and not _has_home(entry, tree):
        yield f"user = {entry.user!r}, whose home only the image knows"
    targets = [_absolute(target, call) for target in _targets(entry, call)]
    if call.uid == 0:
        empty = [path.path for path in tree.writable if path.empty]
        for volume in tree.config.volumes:
            if volume not in empty and not is_hidden(volume, targets, [volume]):
                yield f"the volume {volume} of its image"
    for path in writable_places(tree, targets, read_only=entry.read_only or call.uid == 0):
        if not path.empty:
            key = "" if entry.read_only else "read_only = false: "
            yield f"{key}its image has a writable {path.path} with contents"


def _targets(entry: CatalogEntry, call: Invocation) -> Iterator[str]:
    """Yield the targets that the run will certainly mount, as far as the entry defines them."""
    folder = entry.working_dir or call.cwd
    if entry.user == "host" and call.uid != 0:
        yield call.home
    if entry.mount_cwd != "none" and "$" not in folder:
        yield folder
    yield from (target for target, _ in entry.tmpfs)
    yield from (mount.target for mount in entry.volumes if mount.required)


def _absolute(target: str, call: Invocation) -> str:
    return call.home + target[1:] if target.startswith("~/") else target


def _is_caller(user: str, call: Invocation) -> bool:
    """Tell whether *user*, an image's or an entry's, is the caller by number: its uid, gid and no other groups.

    Without a gid the image decides which groups the program has, and a sandbox cannot give up the caller's groups.
    """
    return user == f"{call.uid}:{call.gid}" and all(group == call.gid for group in call.groups)


def _has_home(entry: CatalogEntry, tree: Tree) -> bool:
    """Tell whether HOME is set without a look into the image's passwd file, as docker does it."""
    return any(name == "HOME" and value is not None for name, value in entry.environment) or any(
        each.startswith("HOME=") for each in tree.config.environment
    )


def _is_native(platform: str, traits: SandboxTraits) -> bool:
    """Tell whether a *platform* as images write it, such as ``linux/arm64/v8``, is this machine's."""
    system, _, arch = platform.partition("/")
    return system == "linux" and (not traits.arch or arch.partition("/")[0] in ("", traits.arch))
