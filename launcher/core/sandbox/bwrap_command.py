"""The command line of bwrap for a `RunSpec`: the same isolation that docker gives, in bwrap's words."""

from __future__ import annotations

from launcher.core.sandbox.mount_layout import Point, depth, folder_words, point_words, root_words, seal_words
from launcher.core.sandbox.start_program import START_PATH
from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from launcher.core.sandbox.mount_layout import Layout
    from launcher.core.sandbox.tree import ImageConfig
    from launcher.core.values.run_spec import RunSpec

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""The PATH of a container whose image has none (moby, oci/defaults)."""

SHM_SIZE = 64 << 20
"""Bytes of /dev/shm, as docker has it."""

MASKED = (
    *("/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list"),
    *("/proc/timer_stats", "/proc/sched_debug", "/proc/scsi"),
)
"""What docker hides in /proc (moby, oci/defaults). Its /sys/firmware is not in a sandbox's /sys at all."""

SYSTEM_FOLDERS = ("/sys/block", "/sys/bus", "/sys/class", "/sys/dev", "/sys/devices", "/sys/kernel/mm")
"""What a sandbox shows of /sys. The rest is of no use to a program, or tells about other programs."""


class SandboxHost(NamedTuple):
    """The facts of this machine and this launch that bwrap's command line needs."""

    rootfs: str
    """The folder of the unpacked image."""
    start: str
    """The path of the start program."""
    masked: tuple[tuple[str, bool], ...] = ()
    """Those of `MASKED` that this kernel has, and whether each is a folder."""
    shown: tuple[str, ...] = ()
    """Those of `SYSTEM_FOLDERS` that this kernel has."""
    hostname: str = ""
    is_root: bool = False
    devices: tuple[tuple[str, str], ...] = ()
    """Device nodes of the sandbox's own, with their places: for root, who could change the machine's."""
    joins_network: bool = False
    """Whether the sandbox starts inside the network namespace that it is to have."""
    ids: tuple[int, int] = (0, 0)
    """The caller's uid and gid."""


def sandbox_options(
    spec: RunSpec, environment: Iterable[tuple[str, str]], layout: Layout, host: SandboxHost
) -> tuple[tuple[str, ...], tuple[str, ...]]:  # fmt: skip
    """Return bwrap's options for *spec*, those that go before the mounts of *layout* and those that go after them.

    They hold the environment, so pass them by ``--args``: a command line is visible to all users.
    """
    before = (*_namespaces(spec, host), *root_words(host.rootfs, layout), *folder_words(layout), *_kernel(spec, host))
    after = [*seal_words(layout), *(() if host.is_root else ("--remount-ro", "/dev")), "--clearenv"]
    for name, value in environment:
        after += ["--setenv", name, value]
    after += ["--chdir", spec.working_dir or "/"]
    return before, tuple(after)


def _namespaces(spec: RunSpec, host: SandboxHost) -> Iterator[str]:
    yield from ("--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try", "--die-with-parent")
    yield from ("--hostname", host.hostname)
    if spec.network_mode != "host" and not host.joins_network:
        yield "--unshare-net"
    if not spec.init:
        yield "--as-pid-1"
    if host.is_root:
        yield from ("--cap-drop", "ALL")
        for capability in spec.cap_add:
            yield from ("--cap-add", f"CAP_{capability.removeprefix('CAP_')}")
        return
    if host.joins_network:  # the caller is root in that namespace, and bwrap would keep root's bounding set
        yield from ("--cap-drop", "ALL")
    uid, gid = host.ids
    yield from ("--unshare-user", "--uid", str(uid), "--gid", str(gid))


def _kernel(spec: RunSpec, host: SandboxHost) -> Iterator[str]:
    """Yield the options for /proc, /dev and /sys."""
    yield from ("--proc", "/proc")
    nodes = {place: node for node, place in host.devices}
    for path, is_folder in host.masked:
        hide = ("--perms", "0555", "--tmpfs", path, "--remount-ro", path)
        yield from hide if is_folder else ("--dev-bind", nodes.get("/dev/null", "/dev/null"), path)
    yield from ("--dev", "/dev")
    for node, place in host.devices:
        yield from ("--dev-bind", node, place)
    yield from ("--mqueue", "/dev/mqueue", "--ro-bind", host.start, START_PATH)
    yield from point_words((Point("/dev/shm", mode=0o1777, size=spec.shm_size or SHM_SIZE),))
    yield from ("--perms", "0555", "--tmpfs", "/sys")
    for path in host.shown:
        if depth(path) > _TOP:
            yield from ("--dir", path.rpartition("/")[0])
        yield from ("--ro-bind", path, path)
    if spec.network_mode != "host" and "/sys/class" in host.shown:
        yield from ("--tmpfs", "/sys/class/net", "--remount-ro", "/sys/class/net")
    yield from ("--remount-ro", "/sys")


_TOP = 2  # /sys/block; deeper ones need a folder above, which bwrap would make for its owner only


def sandbox_environment(spec: RunSpec, config: ImageConfig, hostname: str) -> dict[str, str]:
    """Return the environment of a program: the image's, then the plan's, and what docker adds to both."""
    image = dict([variable.partition("=")[::2] for variable in config.environment])
    defaults = {"PATH": DEFAULT_PATH, "HOSTNAME": hostname} | ({"TERM": "xterm"} if spec.tty else {})
    return defaults | image | dict(spec.environment)


def program_words(spec: RunSpec, config: ImageConfig) -> tuple[str, ...]:
    """Return the program and its arguments, from the plan and the image (docker's rules for ENTRYPOINT and CMD).

    As in docker, an entrypoint of one empty word means no entrypoint (moby, daemon/container.go).
    """
    entrypoint = config.entrypoint if spec.entrypoint is None else spec.entrypoint
    entrypoint = () if entrypoint == ("",) else entrypoint
    inherited = config.command if spec.entrypoint is None else ()
    return (*entrypoint, *(inherited if spec.command is None else spec.command))
