"""Find bwrap and pasta or slirp4netns on PATH, and start one sandbox as a trial."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from typing import NamedTuple

from launcher.core.sandbox import sandbox_obstacles, system_calls
from launcher.core.sandbox.sandbox_obstacles import OLDEST, SYSCTLS, Surroundings, parse_kernel, parse_version
from launcher.core.sandbox.sandbox_traits import SandboxTraits
from launcher.core.values.system_packages import parse_os_release
from launcher.sandbox import system_call_filter
from launcher.sandbox.make_private import make_private
from launcher.sandbox.trusted_programs import Found, find_trusted


class Probed(NamedTuple):
    """What a probe found."""

    traits: SandboxTraits
    files: list[str]
    """The files that the traits depend on, those that do not exist included."""
    certain: bool
    """Whether only a change of these files or of the kernel can change the traits."""


def probe(folder: str, path: str) -> Probed:
    """Look for the programs on PATH (*path*), start a sandbox, and compile the filter of system calls into *folder*."""
    uid = os.getuid()
    here = _surroundings(uid, path)
    bwrap = find_trusted("bwrap", path, uid)
    version, why_not = _try_bwrap(bwrap, here)
    pasta, slirp = Found() if uid == 0 else find_trusted("pasta", path, uid), find_trusted("slirp4netns", path, uid)
    nsenter = find_trusted("nsenter", path, uid)
    network, why_no_network = _try_network(pasta.path or slirp.path, nsenter.path, here)
    seccomp, why_no_filter = _try_filter(folder, here)
    traits = SandboxTraits(
        bwrap=bwrap.path,
        version=version,
        why_not=why_not,
        network=network,
        seccomp=seccomp,
        arch=_architecture(),
        nsenter=nsenter.path,
        why_no_network=why_no_network,
        binds_descriptors=bool(bwrap.path) and "--bind-fd" in _run([bwrap.path, "--help"])[0],
        why_no_filter=why_no_filter,
    )
    files = [
        *bwrap.candidates,
        *pasta.candidates,
        *(() if pasta.path else slirp.candidates),
        *nsenter.candidates,
        TUN,
        *_MARKS,
    ]
    files.append(seccomp or LIBRARIES)
    return Probed(traits, files, certain=not (bwrap.path and why_not))


def save(folder: str, path: str, data: bytes) -> None:
    """Write the cached traits to *path* in *folder*, and delete old ones; a failure is not reported."""
    part = f"{path}.{os.getpid()}"
    try:
        make_private(folder)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(data)
        os.replace(part, path)
        _delete_old(folder)
    except OSError:
        with suppress(OSError):
            os.unlink(part)


TUN = "/dev/net/tun"
LIBRARIES = "/etc/ld.so.cache"  # written when a library is installed
_MARKS = ("/.dockerenv", "/run/.containerenv", "/run/systemd/container")
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}
_PATIENCE = 10  # seconds for one call of bwrap
_MOST_CACHED = 8  # results, each for one PATH of one user


def _surroundings(uid: int, path: str) -> Surroundings:
    programs = tuple(name for name in ("sudo", "doas") if find_trusted(name, path, uid).path)
    release = _read("/etc/os-release") or _read("/usr/lib/os-release")
    sysctls = {name: _read(f"/proc/sys/{name.replace('.', '/')}") for name in SYSCTLS}
    return Surroundings(
        uid, parse_os_release(release), programs, any(map(os.path.exists, _MARKS)), _is_chroot(), sysctls
    )


def _is_chroot() -> bool:
    """Return whether the root is a folder inside a mount: then no mount is at / (proc(5), mountinfo)."""
    mounts = _read("/proc/self/mountinfo")
    return bool(mounts) and not any(line.split()[4:5] == ["/"] for line in mounts.splitlines())


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return ""


def _try_bwrap(bwrap: Found, here: Surroundings) -> tuple[tuple[int, ...], str]:
    """Return the version of bwrap, and why it cannot start a sandbox, or ""."""
    if os.uname().sysname != "Linux":
        return (), "bubblewrap runs on Linux only"
    if not bwrap.path:
        return (), bwrap.why_not or sandbox_obstacles.not_installed("bubblewrap", "bubblewrap", here)
    answer, line = _run([bwrap.path, "--version"])
    version = parse_version(answer)
    if version < OLDEST:
        return version, sandbox_obstacles.too_old(version) if answer else sandbox_obstacles.refused(line, here)
    user = () if here.uid == 0 else ("--unshare-user", "--uid", str(here.uid), "--gid", str(os.getgid()))
    answer, line = _run([bwrap.path, *user, *_TRIAL, "--", bwrap.path, "--version"])
    return version, "" if parse_version(answer) else sandbox_obstacles.refused(line, here)


_TRIAL = (
    *("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"),
    *("--die-with-parent", "--clearenv", "--cap-drop", "ALL"),
    *("--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"),
    *("--perms", "1777", "--size", "65536", "--tmpfs", "/dev/shm"),
)
"""What every sandbox has, over this machine's own files."""


def _try_network(program: str, nsenter: str, here: Surroundings) -> tuple[str, str]:
    """Return *program* if it can make a network, else why not. As root, pasta becomes the user nobody."""
    if not program:
        missing = ("slirp4netns", "slirp4netns") if here.uid == 0 else ("pasta", "passt")
        return "", sandbox_obstacles.not_installed(*missing, here)
    if "util-linux" not in _run([nsenter, "--version"] if nsenter else ["/nonexistent"])[0]:
        return "", sandbox_obstacles.not_installed("nsenter of util-linux", "util-linux", here)
    try:
        os.close(os.open(TUN, os.O_RDWR | os.O_CLOEXEC))
    except OSError as error:
        return "", sandbox_obstacles.no_tun(error.strerror or str(error), here)
    return program, ""


def _try_filter(folder: str, here: Surroundings) -> tuple[str, str]:
    """Return the path of the compiled filter of system calls, or why there is none."""
    release = os.uname().release
    rules = system_calls.profile(_architecture(), parse_kernel(release))
    if rules is None:
        return "", f"no list of system calls is known for {_architecture()}"
    try:
        return system_call_filter.make_filter(folder, rules), ""
    except system_call_filter.LibraryMissingError:
        return "", sandbox_obstacles.not_installed("libseccomp", "libseccomp", here)
    except system_call_filter.FilterError as error:
        return "", f"libseccomp cannot compile the filter of system calls: {error}"
    except OSError as error:
        return "", f"{folder} cannot be written: {(error.strerror or str(error)).lower()}"


def _architecture() -> str:
    machine = os.uname().machine
    return _ARCHITECTURES.get(machine, machine)


def _run(argv: list[str]) -> tuple[str, str]:
    """Run a program without an environment; return its output, and the last line that it wrote to stderr."""
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, env={}, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return "", "it does not end"
    except OSError as error:
        return "", (error.strerror or str(error)).lower()
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else "", lines[-1] if lines else ""


def _delete_old(folder: str) -> None:
    mine = [
        each for each in os.scandir(folder) if each.name.startswith(f"{os.getuid()}-") and each.name.endswith(".json")
    ]
    for each in sorted(mine, key=lambda found: found.stat().st_mtime)[:-_MOST_CACHED]:
        os.unlink(each.path)
