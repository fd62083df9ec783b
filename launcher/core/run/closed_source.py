"""A mount that the engine refuses because it cannot see or enter the folder, in the engine's words and in ours."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_REASONS = (
    *("does not exist", "no such file or directory", "permission denied", "not permitted"),
    *("input/output error", "not connected", "stale file handle"),
)


def closed_source(what: str, sources: Iterable[str]) -> str:
    """Return the one of *sources* that an engine says *what* about, if it cannot be entered; else "".

    Docker: ``bind source path does not exist: /x``; runc: ``error mounting "/x" to rootfs``, ``chdir to cwd ("/x")``;
    podman: ``statfs /x: permission denied``.
    """
    if not any(reason in what.lower() for reason in _REASONS):
        return ""
    return max((source for source in sources if _names(what, source)), key=len, default="")


def _names(what: str, source: str) -> bool:
    """Tell whether *source* stands in *what* as a whole word."""
    padded = f" {what} "
    return any(f"{before}{source}{after}" in padded for before in ' "' for after in (" ", '"', ": ", '")'))
