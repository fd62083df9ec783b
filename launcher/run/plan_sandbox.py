"""Plans a launch in a sandbox: the same plan as for an engine, then its mounts and program found in the tree."""

from __future__ import annotations

import os

from launcher.core.policy.secret_access import needs_mount_check
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.sandbox.bwrap_command import (
    MASKED,
    SYSTEM_FOLDERS,
    SandboxHost,
    program_words,
    sandbox_environment,
    sandbox_options,
)
from launcher.core.sandbox.mount_layout import Point, bind_option, point_words, tmpfs_point
from launcher.core.sandbox.same_run import OLD_BWRAP
from launcher.core.sandbox.start_program import START_PATH
from launcher.core.sandbox.tree_owner import TreeOwner
from launcher.core.sandbox.writable_places import writable_places
from launcher.errors import SandboxError
from launcher.fast_stdlib import NamedTuple
from launcher.run.plan_facts import Runner, plan_run
from launcher.run.sandbox_files import READ_FILES, network_points, present_locales, read_accounts, start_program_path
from launcher.sandbox.find_program import find_program
from launcher.sandbox.lay_out import lay_out
from launcher.sandbox.run_sandbox import Bind, SandboxStart, Text
from launcher.sandbox.tree_store import tree_folder
from launcher.sandbox.view import View

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from launcher.core.policy.path_args import PathFacts
    from launcher.core.sandbox.tree import ImageConfig
    from launcher.core.values.run_spec import RunSpec
    from launcher.run.sandbox_launch import SandboxLaunch
    from launcher.sandbox.kept_network import Network


class SandboxPlan(NamedTuple):
    """A launch in a sandbox, planned."""

    spec: RunSpec
    facts: PathFacts
    start: SandboxStart
    hostname: str
    own_files: tuple[str, ...]
    """Files of applaunch's own and of this machine that are mounted or were read."""
    is_in_tree: bool
    """Whether the program is a file of the image, and not of a mount."""
    network: Network | None
    """The network of its own."""


def plan_sandbox(launch: SandboxLaunch, network: Network | None = None) -> SandboxPlan:
    """Return what exactly runs, in a *network* of its own if it has one; make the folders that the app keeps.

    Raises `UserError` for a call that no runtime could run, and `SandboxError` if an engine may be able to.
    """
    rootfs = f"{tree_folder(launch.places.trees, launch.tree.image_id)}/rootfs"
    traits = EngineTraits(flavour="bubblewrap", arch=launch.traits.arch)
    image, machine = View(rootfs), network.machine if network else ""
    runner = Runner(traits, "", lambda: read_accounts(image), lambda wanted: present_locales(image, wanted), machine)
    spec, facts = plan_run(launch, runner)
    config, hostname = launch.tree.config, spec.hostname or _hostname(spec)
    spec = spec._replace(working_dir=spec.working_dir or config.working_dir)
    if not launch.traits.binds_descriptors and needs_mount_check(launch.entry, launch.call, facts, spec):
        what, _, fix = OLD_BWRAP.partition("; ")
        raise SandboxError("bubblewrap", f"mounts beside deny: {what}", fix)
    user = TreeOwner(launch.call.uid, launch.call.gid, launch.call.groups)
    layout, view = lay_out(rootfs, _points(launch, spec, hostname, network), spec.working_dir, user)
    if layout.problem:
        raise SandboxError("bubblewrap", layout.problem)
    environment = sandbox_environment(spec, config, hostname)
    word, *arguments = _program_words(spec, config)
    program = find_program(view, word, environment.get("PATH", ""), spec.working_dir)
    before, after = sandbox_options(
        spec, environment.items(), layout, _host(launch, rootfs, hostname, joins=network is not None)
    )
    start = SandboxStart(
        bwrap=launch.traits.bwrap,
        options=(*before, *_mount_options(layout.points, facts), *after),
        program=(START_PATH, program, word, *arguments),
        seccomp=launch.traits.seccomp,
        before=network.words if network else (),
        reads=spec.stdin,
        grace=spec.stop_grace_period,
        is_pid_1=not spec.init,
        limits=tuple([(limit.name, limit.soft, limit.hard) for limit in spec.ulimits]),
        binds_descriptors=launch.traits.binds_descriptors,
    )
    known = {fact.real for fact in facts.values()}
    own = [point.source for point in layout.points if point.source and point.source not in known]
    own_files = (start_program_path(launch.places, launch.traits.arch), *own, *READ_FILES, *_device_nodes(launch))
    is_in_tree = view.find(program).area == ""
    return SandboxPlan(spec, facts, start, hostname, own_files, is_in_tree, network)


def _program_words(spec: RunSpec, config: ImageConfig) -> tuple[str, ...]:
    words = program_words(spec, config)
    if not words:
        raise SandboxError("bubblewrap", "neither the entry nor the image names a program", "add command to the entry")
    return words


def _hostname(spec: RunSpec) -> str:
    """Return the machine's name if the program has its network, else a random one: docker does the same."""
    return os.uname().nodename if spec.network_mode == "host" else os.urandom(6).hex()


def _mount_options(points: Sequence[Point], facts: PathFacts) -> Iterator[str | Bind | Text]:
    """Yield bwrap's options for mounts; what was inspected is mounted only if it is still the same."""
    known = {fact.real: fact.stamp for fact in facts.values() if fact.stamp}
    for point in points:
        if point.text:
            yield Text(point.target, point.text)
        elif point.source in known and not point.device:
            yield Bind(bind_option(point), point.source, point.target, *known[point.source][:2])
        else:
            yield from point_words((point,))


def _points(launch: SandboxLaunch, spec: RunSpec, hostname: str, network: Network | None) -> list[Point]:
    """Return all mounts: of folders that stay writable, of the plan, and of files about names and networks."""
    mounts = [
        Point(each.target, each.source, each.read_only, device=each.source == "/dev/null") for each in spec.mounts
    ]
    mounts += [tmpfs_point(path, options) for path, options in spec.tmpfs]
    mounts += network_points(spec, launch.places, hostname, network)
    writable = writable_places(launch.tree, [point.target for point in mounts], read_only=spec.read_only)
    return [*(Point(each.path, mode=each.mode) for each in writable), *mounts]


_NULL = "/dev/null"


def _device_nodes(launch: SandboxLaunch) -> tuple[str, ...]:
    if launch.call.uid != 0:
        return ()
    from launcher.sandbox import device_nodes  # noqa: PLC0415  only for root

    folder = device_nodes.make_nodes(f"{launch.places.sandbox}/dev")
    return tuple([f"{folder}/{name}" for name in device_nodes.DEVICES])


def _host(launch: SandboxLaunch, rootfs: str, hostname: str, *, joins: bool) -> SandboxHost:
    masked = tuple([(path, os.path.isdir(path)) for path in MASKED if os.path.exists(path)])
    return SandboxHost(
        rootfs=rootfs,
        start=start_program_path(launch.places, launch.traits.arch),
        masked=masked,
        shown=tuple([path for path in SYSTEM_FOLDERS if os.path.isdir(path)]),
        hostname=hostname,
        joins_network=joins,
        is_root=launch.call.uid == 0,
        devices=tuple([(node, f"/dev/{node.rpartition('/')[2]}") for node in _device_nodes(launch)]),
        ids=(launch.call.uid, launch.call.gid),
    )
