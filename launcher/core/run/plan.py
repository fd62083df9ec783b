"""The plan of a launch: the complete `RunSpec`, decided before anything runs."""

from __future__ import annotations

from launcher.core.catalog import deny
from launcher.core.run.container_user import ROOT_CAPABILITIES, home_of
from launcher.core.run.expand import expand_variables, refuse_all_bytes
from launcher.core.run.host_names import host_names
from launcher.core.run.mount_plan import plan_mounts, without_taken_targets
from launcher.core.run.shim_chain import VARIABLE, extend_chain
from launcher.core.values.environment import select_variables
from launcher.core.values.mount import Mount
from launcher.core.values.run_spec import RunSpec
from launcher.errors import CannotRunError
from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.core.catalog.entry import CatalogEntry
    from launcher.core.policy.path_args import PathFacts
    from launcher.core.run.container_user import ContainerUser
    from launcher.core.run.engine_traits import EngineTraits
    from launcher.core.values.invocation import Invocation


ENGINES = ("docker", "podman")
"""The flavours whose requests are JSON, which cannot hold bytes that are not UTF-8."""


NO_PROXIES: Mapping[str, str] = {}
NO_LOCALES: Mapping[str, str] = {}


class HostFacts(NamedTuple):
    """What a plan needs to know about this machine and its engine."""

    traits: EngineTraits
    paths: PathFacts
    image: str = ""
    """The digest or id of the image that the app is held on; "" for the image in the entry."""
    hosts: str = ""
    """The path of an /etc/hosts for a program without a network."""
    machine: str = ""
    """The address of this machine in the program's network; "": the engine finds it, or nobody does."""
    run: str = ""
    proxies: Mapping[str, str] = NO_PROXIES
    """The variables for the proxies of docker's configuration."""
    locales: Mapping[str, str] = NO_LOCALES
    """For locales of the caller that the image does not have, those that programs get."""


def plan(entry: CatalogEntry, call: Invocation, who: ContainerUser, host: HostFacts) -> RunSpec:
    """Return how to run *entry*, whose `user` is filled in and resolves to *who*, for this *call*.

    Raises `CannotRunError` if the source of a volume is missing or the current folder must not be mounted.
    """
    traits = host.traits
    seen = plan_mounts(entry, call, host.paths, traits)
    environment = _environment(entry, call, who, host)
    if traits.flavour in ENGINES:
        _refuse_forwards(entry)
        inside = [call.cwd] if call.project else []  # the program starts there
        refuse_all_bytes(entry, call, [*inside, *(mount.source for mount in seen.mounts)], environment)
    mounts = (*seen.mounts, *without_taken_targets(seen.mounts, _account(who, traits)))
    return RunSpec(
        image=host.image or entry.image,
        name=f"applaunch-{_name_of(entry.name)}-{host.run}" if host.run else "",
        entrypoint=entry.entrypoint,
        command=_command(entry, call),
        mounts=mounts,
        tmpfs=(*_home(entry, call, who, traits, mounts), *seen.tmpfs, *entry.tmpfs),
        user=who.user,
        userns_mode=who.userns_mode,
        group_add=(*who.group_add, *entry.group_add),
        working_dir=seen.working_dir,
        environment=environment,
        network_mode=entry.network_mode,
        hosts=_hosts(entry, traits, host.hosts, mounts),
        ports=entry.ports,
        tty=entry.tty if isinstance(entry.tty, bool) else call.is_interactive,
        stdin=entry.stdin == "always" or (entry.stdin == "auto" and call.stdin_open),
        init=entry.init,
        read_only=entry.read_only,
        cap_add=(*(ROOT_CAPABILITIES if entry.user == "host" and call.uid == 0 else ()), *entry.cap_add),
        cap_drop=entry.cap_drop if entry.cap_drop is not None else ("ALL",) if entry.user != "image" else (),
        security_opt=_security(entry),
        shm_size=entry.shm_size,
        ulimits=entry.ulimits,
        mem_limit=entry.mem_limit,
        cpus=entry.cpus,
        pids_limit=entry.pids_limit,
        stop_signal=entry.stop_signal,
        stop_grace_period=entry.stop_grace_period,
        hostname=entry.hostname,
        dns=entry.dns,
        extra_hosts=host_names(entry, traits, host.machine),
        platform=entry.platform,
        labels=_labels(entry, call, host.run),
        size=(call.rows, call.columns),
        secrets=seen.secrets,
    )


def _refuse_forwards(entry: CatalogEntry) -> None:
    """Refuse ports of this machine's localhost: in a container, only the image could bring them to the program's own.

    An ordinary user cannot enter the network of an engine's container, and a relay on the engine's bridge would open
    the service to all containers.
    """
    if entry.forwards_ports:
        what = f"an engine cannot bring localhost = {[*entry.localhost]} of this machine into a container"
        fix = f"applaunch override {entry.app} --runtime bubblewrap, or: applaunch override {entry.app} --network host"
        raise CannotRunError(entry.name, what, fix)


def is_apart(entry: CatalogEntry, traits: EngineTraits) -> bool:
    """Tell whether docker may leave the network out: its own ``none`` starts a program of dockerd's in each launch.

    That costs 60 to 150 ms (moby's libnetwork-setkey hook), and gives the program nothing but its /etc/hosts.
    """
    plain = entry.network_mode == "none" and not (entry.extra_hosts or entry.dns or entry.ports)
    return plain and traits.flavour == "docker"


def _hosts(entry: CatalogEntry, traits: EngineTraits, path: str, mounts: tuple[Mount, ...]) -> Mount | None:
    taken = any(mount.target == _HOSTS for mount in mounts)
    return _own(path, _HOSTS, traits) if path and is_apart(entry, traits) and not taken else None


_HOSTS = "/etc/hosts"


def _name_of(name: str) -> str:
    """Return *name* with only the characters of a container name (docker: ``[a-zA-Z0-9][a-zA-Z0-9_.-]+``)."""
    return "".join([char if char.isascii() and (char.isalnum() or char in "_.-") else "_" for char in name])


def _command(entry: CatalogEntry, call: Invocation) -> tuple[str, ...] | None:
    """Return argv after the entrypoint; None keeps the image's CMD, which any argument replaces (docker)."""
    command = (*(entry.command or ()), *call.args)
    return command or (() if entry.entrypoint is not None else None)


def _account(who: ContainerUser, traits: EngineTraits) -> tuple[Mount, ...]:
    if who.account is None:
        return ()
    files = zip(who.account, ("/etc/passwd", "/etc/group"), strict=True)
    return tuple([_own(path, target, traits) for path, target in files if path])


def _own(path: str, target: str, traits: EngineTraits) -> Mount:
    """Return the mount of a file that applaunch made."""
    return Mount(path, target, read_only=True, relabel="z" if traits.selinux else "")


def _home(
    entry: CatalogEntry, call: Invocation, who: ContainerUser, traits: EngineTraits, mounts: tuple[Mount, ...]
) -> tuple[tuple[str, str], ...]:
    """Return a tmpfs as the caller's home, unless a mount is there or it is /root, which every image has."""
    home = home_of(call)
    taken = {mount.target.rstrip("/") for mount in mounts} | {path.rstrip("/") for path, _ in entry.tmpfs}
    if who.inside is None or home in taken or (home == "/root" and who.inside[0] == 0):
        return ()
    uid, gid = who.inside
    podman = traits.flavour == "podman"  # it knows no uid=, and docker no U: the owner is the container's user
    return ((home, "U,mode=0700,exec" if podman else f"uid={uid},gid={gid},mode=0700,exec"),)


def _environment(
    entry: CatalogEntry, call: Invocation, who: ContainerUser, host: HostFacts
) -> tuple[tuple[str, str], ...]:
    variables = tuple(
        (name, value if value is None else expand_variables(entry, value, call)) for name, value in entry.environment
    )
    own = {"HOME": home_of(call)} if who.inside else {}
    passed = {**host.proxies, **select_variables(variables, call.env, host.locales)}
    literal = {name for name, value in variables if value is not None}
    for pattern in deny.denied_variables(entry.deny):
        passed = {name: value for name, value in passed.items() if name in literal or not deny.matches(name, pattern)}
    result = own | passed | {VARIABLE: extend_chain(entry.name, call.env)}
    return tuple(result.items())


def _security(entry: CatalogEntry) -> tuple[str, ...]:
    if any(option.startswith("no-new-privileges") for option in entry.security_opt):
        return entry.security_opt
    return ("no-new-privileges:true", *entry.security_opt)


def _labels(entry: CatalogEntry, call: Invocation, run: str) -> tuple[tuple[str, str], ...]:
    ours = {
        "applaunch.app": entry.app,
        "applaunch.command": entry.name,
        "applaunch.run": run,
        "applaunch.pid": str(call.pid),
        "applaunch.started": call.started,
    }
    return tuple((dict(entry.labels) | ours).items())
