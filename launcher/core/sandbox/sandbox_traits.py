"""What this machine offers to sandboxes: the facts that decide whether bubblewrap can run a program."""

from __future__ import annotations

from launcher.fast_stdlib import NamedTuple


class SandboxTraits(NamedTuple):
    """The facts about bubblewrap on this machine; found out once and cached until the programs or the kernel change."""

    bwrap: str = ""  # the path of bwrap; "": it is not installed
    version: tuple[int, ...] = ()  # of bwrap: (0, 8, 0)
    why_not: str = ""  # why no sandbox can be started here, in one line with what to do; "": it can
    network: str = ""  # the path of pasta or slirp4netns; "": a program cannot have a network of its own
    seccomp: str = ""  # the path of the compiled filter of system calls; "": it cannot be made
    arch: str = ""  # as images write it: "amd64"
    nsenter: str = ""  # the path of nsenter, by which a program joins a network
    why_no_network: str = ""  # one line with what to do, if `network` is ""
    binds_descriptors: bool = False  # whether bwrap can mount what a descriptor refers to (``--bind-fd``, 0.10.1)
    why_no_filter: str = ""  # one line with what to do, if `seccomp` is ""

    @property
    def overlays(self) -> bool:
        """Whether bwrap can put a writable layer over a folder (``--overlay-src``, since 0.11)."""
        return self.version >= (0, 11)
