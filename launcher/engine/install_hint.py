"""How to get a container engine on this system if none answers."""

from __future__ import annotations

import os
from typing import NamedTuple

PACKAGES = {
    "debian": "apt install podman",
    "ubuntu": "apt install podman",
    "fedora": "dnf install podman",
    "rhel": "dnf install podman",
    "centos": "dnf install podman",
    "amzn": "dnf install docker",
    "suse": "zypper install podman",
    "opensuse": "zypper install podman",
    "arch": "pacman -S podman",
    "alpine": "apk add podman",
    "gentoo": "emerge app-containers/podman",
    "void": "xbps-install podman",
    "nixos": "nix-env -iA nixos.podman",
    "darwin": "brew install podman && podman machine init --now",
}
CONTAINER_FIX = (
    "this is a container: run applaunch outside, or mount the engine's socket"
    " (-v /var/run/docker.sock:/var/run/docker.sock)"
)
GENERIC_FIX = "install podman or docker: https://podman.io/docs/installation"
PROBED_PROGRAMS = ("podman", "dockerd", "sudo", "doas")


class Machine(NamedTuple):
    """The facts that the advice depends on."""

    programs: frozenset[str]
    """Which of ``PROBED_PROGRAMS`` are installed."""
    systems: tuple[str, ...]
    """``ID`` and then ``ID_LIKE`` of /etc/os-release; ``darwin`` on macOS."""
    uid: int
    container: bool = False
    """Whether this is a container: docker's or podman's marker file exists."""


def startable_engine(machine: Machine) -> str:
    """Return the program that can serve as a private engine, ``podman`` or ``dockerd``, or ""."""
    if "darwin" in machine.systems:
        return ""
    if "podman" in machine.programs:
        return "podman"
    return "dockerd" if "dockerd" in machine.programs and machine.uid == 0 else ""


def engine_fix(machine: Machine) -> str:
    """Return what to do: start the installed engine, leave the container, or install an engine."""
    if startable_engine(machine):
        return "applaunch engine start"
    if machine.container:
        return CONTAINER_FIX
    if "darwin" in machine.systems and "podman" in machine.programs:
        return "podman machine start"
    if "dockerd" in machine.programs:
        return _as_root("systemctl start docker", machine)
    for system in machine.systems:
        if command := PACKAGES.get(system.split("-")[0]):
            return command if system == "darwin" else _as_root(command, machine)
    return GENERIC_FIX


def inspect_machine(uid: int, path: str | None = None) -> Machine:
    """Read *path* (default: PATH), /etc/os-release, and the marker files of engines."""
    import shutil  # noqa: PLC0415  only needed if there is no engine
    import sys  # noqa: PLC0415  as above

    programs = frozenset(name for name in PROBED_PROGRAMS if shutil.which(name, path=path))
    container = any(os.path.exists(mark) for mark in ("/.dockerenv", "/run/.containerenv"))
    return Machine(
        programs, ("darwin",) if sys.platform == "darwin" else parse_os_release(_os_release()), uid, container
    )


def parse_os_release(os_release: str) -> tuple[str, ...]:
    """Return ``ID`` and ``ID_LIKE`` of os-release(5): this system first, then similar ones."""
    pairs = dict(line.split("=", 1) for line in os_release.splitlines() if "=" in line)
    words = f"{pairs.get('ID', '')} {pairs.get('ID_LIKE', '')}"
    return tuple(words.replace('"', "").replace("'", "").split())


def _os_release() -> str:
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            continue
    return ""


def _as_root(command: str, machine: Machine) -> str:
    if machine.uid == 0:
        return command
    if "sudo" not in machine.programs and "doas" in machine.programs:
        return f"doas {command}"
    return f"sudo {command}"
