"""The properties of an engine that change how a container is requested."""

from __future__ import annotations

from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Self


class EngineTraits(NamedTuple):
    """The facts about an engine that plans depend on (engine-notes 4.2 and 4.3)."""

    flavour: str = "docker"
    """``docker`` or ``podman``."""
    rootless: bool = False
    """Whether it runs as an ordinary user: root in its containers is that user."""
    userns: bool = False
    """A dockerd with ``--userns-remap``: its containers' users are nobody on the host."""
    selinux: bool = False
    """Whether bind mounts need a label."""
    desktop: bool = False
    """Docker Desktop: containers live in a virtual machine and shared files belong to the desktop's user."""
    api: str = "1.41"
    """The version of the docker API to speak: the lower of ours and the engine's."""
    arch: str = ""
    """As the engine writes it: ``x86_64``, ``aarch64`` (docker), ``amd64`` (podman)."""
    os: str = "linux"
    """``linux`` or ``windows``."""
    version: str = ""
    """The engine's own version: ``20.10.24``."""

    @property
    def platform(self) -> str:
        """As an image index writes it: ``linux/amd64``."""
        return machine_platform(self.arch, self.os)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return the traits from the output of ``to_json``; raises ValueError for anything else."""
        if set(values) != set(cls._fields):
            raise ValueError("these are not an engine's traits")
        traits = cls(**values)
        if any(type(value) is not type(example) for value, example in zip(traits, cls(), strict=True)):
            raise ValueError("these are not an engine's traits")
        return traits

    def to_json(self) -> dict[str, str | bool]:
        """Return these traits as plain JSON."""
        return self._asdict()


def machine_platform(machine: str, system: str = "linux") -> str:
    """Return the platform of images for a *machine* in the kernel's words: ``linux/amd64`` for ``x86_64``."""
    return f"{system}/{_ARCHES.get(machine, machine)}"


_ARCHES = {"x86_64": "amd64", "aarch64": "arm64", "armv6l": "arm", "armv7l": "arm", "i386": "386", "i686": "386"}
"""The kernel's words, and those of images."""
