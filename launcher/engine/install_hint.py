"""How to get a container engine on this system if none answers."""

from __future__ import annotations

import os
from typing import NamedTuple

from launcher.core.values.system_packages import as_root, install_command, parse_os_release

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
        return as_root("systemctl start docker", machine.uid, machine.programs)
    return _install(machine)


def _install(machine: Machine) -> str:
    if not (command := install_command("podman", machine.systems)):
        return GENERIC_FIX
    if "darwin" in machine.systems:
        return f"{command} && podman machine init --now"
    return as_root(command, machine.uid, machine.programs)


def inspect_machine(uid: int, path: str | None = None) -> Machine:
    """Read *path* (default: PATH), /etc/os-release, and the marker files of engines."""
    import shutil  # noqa: PLC0415  only needed if there is no engine
    import sys  # noqa: PLC0415  as above

    programs = frozenset(name for name in PROBED_PROGRAMS if shutil.which(name, path=path))
    container = any(os.path.exists(mark) for mark in ("/.dockerenv", "/run/.containerenv"))
    return Machine(
        programs, ("darwin",) if sys.platform == "darwin" else parse_os_release(_os_release()), uid, container
    )


def _os_release() -> str:
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            continue
    return ""
