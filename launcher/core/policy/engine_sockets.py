"""The names of engines' sockets: whoever reaches one controls the machine."""

from __future__ import annotations

SOCKETS = (
    *("docker.sock", "docker.raw.sock", "podman.sock", "containerd.sock", "crio.sock", "cri-dockerd.sock"),
    *("buildkitd.sock", "k3s.sock", "containerd.sock.ttrpc"),
)
"""The file names of engine sockets, in any folder."""


def is_engine_socket(path: str) -> bool:
    """Return whether *path* has the name of an engine's socket."""
    return path.rpartition("/")[2] in SOCKETS
